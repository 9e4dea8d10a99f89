"""Changes a topic as its owner could. Reads JSON from the standard input: client, topic, and one of
partitions (how many it is to have) and delete_below (a partition and an offset: retention ate what is below)."""

import json
import sys

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions

asked = json.load(sys.stdin)
admin = AdminClient(asked["client"])
if "partitions" in asked:
    done = admin.create_partitions([NewPartitions(asked["topic"], asked["partitions"])])
else:
    partition, offset = asked["delete_below"]
    done = admin.delete_records([TopicPartition(asked["topic"], partition, offset)])
for one in done.values():
    one.result(timeout=30)
