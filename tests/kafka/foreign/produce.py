"""Sends records to Kafka as a force's systems would, by a client that shares no code with Truecount.

Reads a plan (JSON) from the standard input and prints what was sent:

  client     settings of the client
  records    a file, one record a line, in the order of their commits
  topics     for each feed ("source", or "force/source") its topics: name, partitions, encoding if another
  encoding   json, avro (id in front), avro-id-header, avro-guid-header
  schemas    for avro: for each kind of record its path, id and guid
  seed       what chance follows from
  shuffle    true: a record moves anywhere between the two heartbeats of its feed that enclose it
  silent     feeds whose heartbeats are not sent
  heartbeats only every so many of each feed is sent, and its last; it then counts for those left out
  rate       records a second, if not as fast as it goes

Every heartbeat goes to every partition of its feed's topics, behind everything it speaks of.
"""

import json
import random
import sys
import time
import uuid
from io import BytesIO

import fastavro
from confluent_kafka import Producer

from moments import as_avro


def main():
    plan = json.load(sys.stdin)
    chance = random.Random(plan.get("seed", 0))
    with open(plan["records"], encoding="utf-8") as file:
        records = thinned([json.loads(line) for line in file if line.strip()], plan.get("heartbeats", 1))
    encode = {name: Encoder(name, plan.get("schemas", {})) for name in ENCODINGS}
    failed = []
    producer = Producer(
        {"enable.idempotence": True, "linger.ms": 5, **plan["client"]}
    )
    sent = {}
    started = time.monotonic()
    for number, (feed, record) in enumerate(ordered(records, plan, chance)):
        if plan.get("rate"):
            time.sleep(max(0.0, started + number / plan["rate"] - time.monotonic()))
        for topic, partition in places(feed, record, plan, chance):
            value, headers = encode[topic.get("encoding", plan["encoding"])](record)
            send(producer, topic["name"], partition, record["reference"], value, headers, failed)
            sent[topic["name"]] = sent.get(topic["name"], 0) + 1
    producer.flush()
    if failed:
        sys.exit(f"{len(failed)} records were not delivered; the first: {failed[0]}")
    json.dump({"records": len(records), "sent": sent}, sys.stdout)


def feed_of(record, plan):
    whole = f"{record['force']}/{record['source']}"
    return whole if whole in plan["topics"] else record["source"]


def thinned(records, every):
    """The records with only some of their heartbeats."""
    ends = {}
    for at, record in enumerate(records):
        if record["record"] == "heartbeat":
            ends[record["force"], record["source"]] = at
    seen, left, kept = {}, {}, []
    for at, record in enumerate(records):
        feed = record["force"], record["source"]
        if record["record"] == "heartbeat":
            seen[feed] = seen.get(feed, 0) + 1
            left[feed] = left.get(feed, 0) + (record.get("records_since_last") or 0)
            if seen[feed] % every and at != ends[feed]:
                continue
            if record.get("records_since_last") is not None:
                record["records_since_last"] = left.pop(feed)
        kept.append(record)
    return kept


def ordered(records, plan, chance):
    """Pairs of feed and record in the order in which they are sent."""
    if not plan.get("shuffle"):
        return [(feed_of(record, plan), record) for record in records]
    feeds = {}
    for record in records:
        # Two forces may share topics; their heartbeats speak of their own records only.
        feeds.setdefault((record["force"], record["source"]), []).append(record)
    lines = [shuffled(feeds[feed], chance) for feed in sorted(feeds)]
    # The feeds go on beside each other, now one ahead and now another.
    mixed = []
    while lines:
        line = chance.choices(lines, weights=[len(line) for line in lines])[0]
        record = line.pop()
        mixed.append((feed_of(record, plan), record))
        lines = [line for line in lines if line]
    return mixed


def shuffled(records, chance):
    """The records of a feed, last first, shuffled between its heartbeats; what follows the last
    heartbeat, and a feed without any, keeps its order."""
    done, segment = [], []
    for record in records:
        if record["record"] == "heartbeat":
            chance.shuffle(segment)
            done += segment + [record]
            segment = []
        else:
            segment.append(record)
    return list(reversed(done + segment))


def places(feed, record, plan, chance):
    """The topics and partitions that a record is written to."""
    topics = plan["topics"][feed]
    if record["record"] == "heartbeat":
        if record["source"] in plan.get("silent", []):
            return []
        return [(topic, at) for topic in topics for at in range(topic["partitions"])]
    if plan.get("shuffle"):
        topic = chance.choice(topics)
        return [(topic, chance.randrange(topic["partitions"]))]
    # By its reference, as systems do that want the versions of a thing in order.
    place = sum(record["reference"].encode())
    topic = topics[place % len(topics)]
    return [(topic, place // len(topics) % topic["partitions"])]


def send(producer, topic, partition, key, value, headers, failed):
    def delivered(fault, _):
        if fault:
            failed.append(str(fault))

    while True:
        try:
            producer.produce(
                topic, value, key, partition, headers=headers, on_delivery=delivered
            )
            producer.poll(0)
            return
        except BufferError:
            producer.poll(0.1)


ENCODINGS = ["json", "avro", "avro-id-header", "avro-guid-header"]


class Encoder:
    """Makes bytes and headers of a record."""

    def __init__(self, encoding, schemas):
        self.encoding = encoding
        self.schemas = {}
        for kind, schema in schemas.items():
            with open(schema["path"], encoding="utf-8") as file:
                read = json.load(file)
            self.schemas[kind] = (read, fastavro.parse_schema(read), schema)

    def __call__(self, record):
        if self.encoding == "json":
            return json.dumps(record, separators=(",", ":")).encode(), None
        written, parsed, schema = self.schemas[record["record"]]
        out = BytesIO()
        fastavro.schemaless_writer(out, parsed, as_avro(written, record))
        number = (schema["id"]).to_bytes(4, "big")
        if self.encoding == "avro":
            return b"\x00" + number + out.getvalue(), None
        if self.encoding == "avro-id-header":
            return out.getvalue(), [("__value_schema_id", b"\x00" + number)]
        guid = uuid.UUID(schema["guid"]).bytes
        return out.getvalue(), [("__value_schema_id", b"\x01" + guid)]


main()
