"""A record as JSON, turned into what a schema of ours wants of it: the moments are written otherwise."""

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def as_avro(schema, value, named=None):
    """The value as the schema has it."""
    named = {} if named is None else named
    if isinstance(schema, str):
        known = named.get(schema)
        return as_avro(known, value, named) if known else value
    if isinstance(schema, list):
        # Visited even for null: a type that is named here may be meant further on.
        whole = [branch for branch in schema if branch != "null"]
        if value is None:
            for branch in whole:
                learn(branch, named)
            return None
        (branch,) = whole
        return as_avro(branch, value, named)
    learn(schema, named)
    if schema["type"] == "array":
        return [as_avro(schema["items"], one, named) for one in value]
    if schema["type"] != "record":
        return value
    if schema["name"].split(".")[-1] == "Moment":
        return moment(value)
    return {
        field["name"]: as_avro(field["type"], value.get(field["name"]), named)
        for field in schema["fields"]
    }


def learn(schema, named):
    """Remembers the types that a schema names."""
    if isinstance(schema, list):
        for branch in schema:
            learn(branch, named)
    elif isinstance(schema, dict):
        if "name" in schema and schema["type"] in ("record", "enum", "fixed"):
            named[schema["name"]] = schema
            named["uk.truecount." + schema["name"]] = schema
        for field in schema.get("fields", []):
            learn(field["type"], named)
        learn(schema.get("items"), named)


def moment(text):
    """An instant with how finely it is told; a day or month starts in London."""
    if "T" in text:
        instant = datetime.fromisoformat(text)
        # After the hour and the minute stand the seconds or the offset.
        precision = "second" if text.split("T")[1][5:6] == ":" else "minute"
    else:
        whole = text if len(text) == 10 else text + "-01"
        precision = "day" if len(text) == 10 else "month"
        instant = datetime.fromisoformat(whole).replace(tzinfo=LONDON)
    instant = instant.astimezone(timezone.utc)
    millis = round(instant.timestamp() * 1000)
    return {"at": millis, "precision": precision}
