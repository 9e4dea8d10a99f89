"""Reads a topic from its beginning to its end as a consumer of ours would: committed records only. Reads JSON from
the standard input: client, topic, and schema if each value is to be held against one; prints each record as JSON."""

import json
import sys

import fastavro
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition
from fastavro.validation import validate

from moments import as_avro

asked = json.load(sys.stdin)
written = schema = None
if asked.get("schema"):
    with open(asked["schema"], encoding="utf-8") as file:
        written = json.load(file)
    schema = fastavro.parse_schema(written)
consumer = Consumer(
    {
        "group.id": "foreign-reader",
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        **asked["client"],
    }
)
partitions = consumer.list_topics(asked["topic"], timeout=30).topics[asked["topic"]].partitions
unread = set(partitions)
consumer.assign([TopicPartition(asked["topic"], at, OFFSET_BEGINNING) for at in partitions])
while unread:
    record = consumer.poll(30)
    if record is None:
        sys.exit(f"{asked['topic']} cannot be read to its end")
    if record.error():
        if record.error().code() != KafkaError._PARTITION_EOF:
            sys.exit(str(record.error()))
        unread.discard(record.partition())
        continue
    value = json.loads(record.value()) if record.value() else None
    if schema is not None and value is not None:
        unknown = set(value) - {field["name"] for field in written["fields"]}
        if unknown:
            sys.exit(f"{asked['topic']} has fields that its schema has not: {sorted(unknown)}")
        validate(as_avro(written, value), schema)
    key = record.key().decode() if record.key() else None
    seen = {"partition": record.partition(), "offset": record.offset(), "key": key, "value": value}
    print(json.dumps(seen))
consumer.close()
