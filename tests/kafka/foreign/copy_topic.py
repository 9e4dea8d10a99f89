"""Copies a topic into another one, as a backup that is brought back would stand there: committed records only, each
in its partition, in order. Reads JSON from the standard input: client, from, to; prints how many there were."""

import json
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Producer, TopicPartition

asked = json.load(sys.stdin)
consumer = Consumer(
    {
        "group.id": "foreign-copier",
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        **asked["client"],
    }
)
producer = Producer({**asked["client"], "enable.idempotence": True})
partitions = consumer.list_topics(asked["from"], timeout=30).topics[asked["from"]].partitions
unread = set(partitions)
consumer.assign([TopicPartition(asked["from"], at, OFFSET_BEGINNING) for at in partitions])
copied = 0
while unread:
    record = consumer.poll(30)
    if record is None:
        sys.exit(f"{asked['from']} cannot be read to its end")
    if record.error():
        if record.error().code() != KafkaError._PARTITION_EOF:
            sys.exit(str(record.error()))
        unread.discard(record.partition())
        continue
    producer.produce(
        asked["to"],
        key=record.key(),
        value=record.value(),
        headers=record.headers(),
        partition=record.partition(),
    )
    producer.poll(0)
    copied += 1
if producer.flush(30):
    sys.exit("some records were not taken")
consumer.close()
print(copied)
