//! Writes one field of a contract record by its path, as a scenario line does: `core.basis=state`,
//! `disclosures.d1.at=2026-04-01T09:04`. It walks the shapes the records are declared with, so a
//! path or word that the contract does not have is refused. Start at [`put`].

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use truecount::domain::Moment;
use truecount::domain::shape::{Field, Shape, StructShape};

/// What a line gives for a path; a quoted text is taken as it is.
#[derive(Clone, Copy, Debug)]
pub struct Given<'t> {
    pub text: &'t str,
    pub quoted: bool,
}

/// Sets the field at `path` of a record whose fields these are.
pub fn put(
    record: &mut Value,
    fields: &[&'static [Field]],
    path: &str,
    given: Given<'_>,
) -> Result<(), String> {
    let mut steps = path.split('.');
    let first = steps.next().unwrap_or_default();
    let field = fields
        .iter()
        .copied()
        .flatten()
        .find(|field| field.name == first);
    let field = field.ok_or(format!("a record has no field `{first}`"))?;
    let group = record.as_object_mut().ok_or("a record is an object")?;
    let slot = group.entry(first).or_insert(Value::Null);
    let steps: Vec<&str> = steps.collect();
    put_at(slot, &field.shape, &steps, given).map_err(|problem| format!("{path}: {problem}"))
}

fn put_at(slot: &mut Value, shape: &Shape, steps: &[&str], given: Given<'_>) -> Result<(), String> {
    let Some((step, rest)) = steps.split_first() else {
        *slot = value_of(shape, given, slot)?;
        return Ok(());
    };
    match shape {
        Shape::Struct(group) => {
            let field = group
                .field(step)
                .ok_or(format!("no field `{step}` in {}", group.name))?;
            let slot = object(slot).entry(*step).or_insert(Value::Null);
            put_at(slot, &field.shape, rest, given)
        }
        Shape::List(entry) => put_at(entry_of(slot, entry, step)?, entry, rest, given),
        _ => Err(format!("`{step}` lies under a field that has no parts")),
    }
}

fn object(slot: &mut Value) -> &mut Map<String, Value> {
    if !slot.is_object() {
        *slot = json!({});
    }
    slot.as_object_mut().expect("an object was just put there")
}

/// The entry of a list that a word names: by its id, else by its place, counted from 1.
fn entry_of<'v>(slot: &'v mut Value, entry: &Shape, word: &str) -> Result<&'v mut Value, String> {
    if !slot.is_array() {
        *slot = json!([]);
    }
    let list = slot.as_array_mut().expect("a list was just put there");
    let at = match id_of(entry) {
        Some(id) => {
            let found = list.iter().position(|entry| entry[id] == word);
            found.unwrap_or_else(|| {
                list.push(json!({ id: word }));
                list.len() - 1
            })
        }
        None => {
            let place: usize = word.parse().map_err(|_| format!("`{word}` is no place"))?;
            if place == 0 || place > list.len() + 1 {
                return Err(format!(
                    "the list has {} entries, so none at {place}",
                    list.len()
                ));
            }
            if place == list.len() + 1 {
                list.push(if matches!(entry, Shape::Struct(_)) {
                    json!({})
                } else {
                    Value::Null
                });
            }
            place - 1
        }
    };
    Ok(&mut list[at])
}

fn id_of(entry: &Shape) -> Option<&'static str> {
    let Shape::Struct(group) = entry else {
        return None;
    };
    group
        .fields
        .iter()
        .find(|field| field.required)
        .map(|field| field.name)
}

fn value_of(shape: &Shape, given: Given<'_>, held: &Value) -> Result<Value, String> {
    let Given { text, quoted } = given;
    if quoted {
        return Ok(json!(text));
    }
    match (text, shape) {
        ("null", _) if has_id(shape, held) => Err("an entry is there or is not".to_owned()),
        ("null", _) => Ok(Value::Null),
        ("[]", Shape::List(_)) => Ok(json!([])),
        ("{}", Shape::Struct(group)) => Ok(emptied(group, held)),
        (_, Shape::Bool) => text
            .parse::<bool>()
            .map(Value::from)
            .map_err(|_| refused(shape, text)),
        (_, Shape::Integer) => text
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_| refused(shape, text)),
        (_, Shape::Moment) => london(text).map(Value::from),
        (_, Shape::Symbol(symbols)) if !symbols.words.contains(&text) => Err(format!(
            "{}; a word that the contract does not have is written in quotes",
            refused(shape, text)
        )),
        (_, Shape::Text | Shape::Symbol(_)) => Ok(json!(text)),
        (_, Shape::Struct(_) | Shape::List(_)) => Err(refused(shape, text)),
    }
}

fn has_id(shape: &Shape, held: &Value) -> bool {
    id_of(shape).is_some_and(|id| held.get(id).is_some())
}

fn refused(shape: &Shape, text: &str) -> String {
    format!("expected {}, found `{text}`", shape.expected())
}

/// The group of which nothing but its ids is told.
fn emptied(group: &StructShape, held: &Value) -> Value {
    let ids = group.fields.iter().filter(|field| field.required);
    let kept = ids.filter_map(|id| Some((id.name.to_owned(), held.get(id.name)?.clone())));
    Value::Object(kept.collect())
}

/// The moment with London's offset where the text has none; days and months stay what they are.
pub fn london(text: &str) -> Result<String, String> {
    if Moment::parse(text).is_ok() {
        return Ok(text.to_owned());
    }
    let unreadable = || format!("`{text}` is no moment");
    let local: DateTime = text.parse().map_err(|_| unreadable())?;
    let zone = TimeZone::get("Europe/London").map_err(|_| unreadable())?;
    let zoned = zone.to_ambiguous_zoned_datetime(local).unambiguous();
    let zoned = zoned.map_err(|_| format!("`{text}` exists twice or never: give its offset"))?;
    let minutes = zoned.offset().seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
    Ok(format!("{text}{sign}{hours:02}:{minutes:02}"))
}

/// A claim or the start of a coverage: an instant, or a day, which stands for its first instant.
pub fn instant(text: &str) -> Result<String, String> {
    if text.len() == "2026-04-01".len() {
        return london(&format!("{text}T00:00:00"));
    }
    london(text)
}

#[cfg(test)]
mod tests {
    use truecount::domain::records::CRIME_FIELDS;

    use super::*;

    #[test]
    fn a_path_finds_groups_ids_and_places() {
        assert_eq!(
            written("core.basis", "state"),
            json!({"core": {"basis": "state"}})
        );
        assert_eq!(
            written("outcomes.o1.rationale.present", "true"),
            json!({"outcomes": [{"id": "o1", "rationale": {"present": true}}]})
        );
        assert_eq!(
            written(
                "victim_care.v:k1:01.referrals.1.sent_at",
                "2026-04-02T10:00"
            ),
            json!({"victim_care": [{"victim_ref": "v:k1:01",
                "referrals": [{"sent_at": "2026-04-02T10:00+01:00"}]}]})
        );
        assert_eq!(
            written("victims.v:k1:01.enhanced_declared.1", "vulnerable"),
            json!({"victims": [{"victim_ref": "v:k1:01", "enhanced_declared": ["vulnerable"]}]})
        );
    }

    #[test]
    fn the_shape_says_what_a_value_is() {
        assert_eq!(
            written("victims.v:1.age_at_offence", "17"),
            json!({"victims": [{"victim_ref": "v:1", "age_at_offence": 17}]})
        );
        assert_eq!(
            written("core.n_code", "17"),
            json!({"core": {"n_code": "17"}})
        );
        assert_eq!(written("core", "{}"), json!({"core": {}}));
        assert_eq!(
            written("outcomes.o1", "{}"),
            json!({"outcomes": [{"id": "o1"}]})
        );
        assert_eq!(written("outcomes", "[]"), json!({"outcomes": []}));
        assert_eq!(
            written("core.reported_at", "null"),
            json!({"core": {"reported_at": null}})
        );
    }

    #[test]
    fn what_the_contract_does_not_have_is_refused() {
        for (path, text) in [
            ("kern.basis", "state"),
            ("core.base", "state"),
            ("core.basis", "the_state"),
            ("core.hate", "no"),
            ("core.basis.kind", "state"),
            ("origin.3.incident", "NP-1"),
            ("core.reported_at", "yesterday"),
            ("outcomes", "none"),
        ] {
            let given = Given {
                text,
                quoted: false,
            };
            assert!(
                put(&mut json!({}), &[CRIME_FIELDS], path, given).is_err(),
                "{path}={text}"
            );
        }
    }

    #[test]
    fn a_local_time_takes_londons_offset_of_that_day() {
        assert_eq!(
            london("2026-01-01T09:00"),
            Ok("2026-01-01T09:00+00:00".to_owned())
        );
        assert_eq!(
            london("2026-07-01T09:00:30"),
            Ok("2026-07-01T09:00:30+01:00".to_owned())
        );
        assert_eq!(
            london("2026-07-01T09:00:00Z"),
            Ok("2026-07-01T09:00:00Z".to_owned())
        );
        assert_eq!(london("2026-07"), Ok("2026-07".to_owned()));
        assert!(london("2026-10-25T01:30").is_err());
        assert!(london("2026-03-29T01:30").is_err());
    }

    fn written(path: &str, text: &str) -> Value {
        let mut record = json!({});
        let given = Given {
            text,
            quoted: false,
        };
        put(&mut record, &[CRIME_FIELDS], path, given).expect("the contract has this field");
        record
    }
}
