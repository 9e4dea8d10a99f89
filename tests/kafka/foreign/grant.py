"""Grants rights on a secured broker. Reads JSON from the standard input: client, and grants as rows of
user, kind (topic, group, transactional_id), name, pattern (literal, prefixed), operation."""

import json
import sys

from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

asked = json.load(sys.stdin)
acls = [
    AclBinding(
        ResourceType[grant["kind"].upper()],
        grant["name"],
        ResourcePatternType[grant["pattern"].upper()],
        f"User:{grant['user']}",
        "*",
        AclOperation[grant["operation"].upper()],
        AclPermissionType.ALLOW,
    )
    for grant in asked["grants"]
]
admin = AdminClient(asked["client"])
for made in admin.create_acls(acls).values():
    made.result(timeout=30)
