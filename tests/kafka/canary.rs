//! A canary in every text field of the input, in records that can be read and in spoilt ones: it
//! appears in no topic but `quarantine`, in no line of the log, no metric and no answer to whoever asks
//! over HTTP.
//!
//! What the contract publishes as it stands is told apart (contracts.md 1.7 and 6): references, ids,
//! codes and units. A canary there is a reference or a code: it is kept and judged, and appears in no
//! line of the log, no metric and no answer on the listener of machines.

use std::fs;
use std::time::Duration;

use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use serde_json::{Map, Value, json};
use truecount::domain::records::{CRIME_FIELDS, DECISION_FIELDS, INCIDENT_FIELDS, fields_of};
use truecount::domain::shape::{Field, Shape};

use crate::month::{FROM, Month, apply_topics};
use crate::plan::Plan;
use crate::readers::{Isolation, Seen, dump};
use crate::rig::broker::free_ports;
use crate::rig::{Rig, tools};
use crate::serving::Serving;

/// A name, an address and a date of birth of nobody.
const CANARIES: [&str; 3] = [
    "Zephyrine Quillfeather",
    "17 Gossamer Lane, Ashby Parva",
    "born 09/03/1987",
];
/// Where the contract has a reference, an id, a code or a unit.
const CODE: &str = "Quennell Brackenbury";
const KEY: &str = "a key of thirty-two bytes or more for the tests";
const TOKEN: &str = "a token of thirty-two signs or more for the tests";
const HEAD: [&str; 8] = [
    "record",
    "force",
    "source",
    "reference",
    "version",
    "committed_at",
    "extracted_at",
    "deleted",
];
const PEOPLE: [&str; 3] = ["victim_ref", "suspect_ref", "staff_ref"];

#[test]
fn a_canary_is_seen_in_quarantine_and_nowhere_else() {
    let access = Rig::shared().access();
    let plan = Plan::generated(access, &["kent"], FROM, 1, 1, "json");
    // What was proved before anything was set aside: so there are exceptions to search.
    let _ = Month::generated(&["kent"], 30).produce(&plan, &json!({}));
    apply_topics(&plan);
    let aviary = Aviary::filled();
    assert!(aviary.cages.len() > 300, "every field has its own");
    aviary.send(&plan);
    let [admin_port, console_port] = free_ports();
    let config = guarded(&plan, admin_port, console_port);
    let mut serving = Serving::launch_with(&config, admin_port, None);
    serving.wait_until_ready();
    plan.wait_until_judged();

    for name in [
        "case-events",
        "case-state",
        "exceptions",
        "exceptions-current",
        "measures",
    ] {
        let seen = dump(access, &plan.output(name), Isolation::Committed);
        assert!(!seen.is_empty(), "{name}: there is something to search");
        for one in &seen {
            is_free(name, &bytes_of(one), &CANARIES);
        }
    }
    let set_aside = dump(access, &plan.output("quarantine"), Isolation::Committed);
    let kept = |canary: &str| {
        let kept = |seen: &&Seen| bytes_of(seen).contains(canary);
        set_aside.iter().filter(kept).count()
    };
    let kept: Vec<usize> = CANARIES.iter().map(|canary| kept(canary)).collect();
    assert!(
        kept.iter().all(|kept| *kept > 30),
        "what was spoilt is kept: {kept:?}"
    );
    let every = [&CANARIES[..], &[CODE]].concat();
    for one in &set_aside {
        // The reasons stand in headers, and say nothing of what was found but its class.
        let says = |name: &str| ["truecount-found", "truecount-more"].contains(&name);
        let reasons = one.headers.iter().filter(|(name, _)| says(name));
        let reasons: Vec<String> = reasons.map(|(_, value)| text(value.as_deref())).collect();
        assert!(!reasons.is_empty(), "it says why");
        reasons
            .iter()
            .for_each(|reason| is_free("a reason", reason, &every));
    }
    for page in ["metrics", "live", "ready", "stuck"] {
        let (_, body) = serving.ask(page).expect("it answers");
        is_free(page, &body, &every);
    }
    for reference in ["valid-incident", "valid-crime"] {
        for page in ["cases", "explain"] {
            let body = asked(console_port, &format!("{page}/kent/{reference}"));
            is_free(page, &body, &CANARIES);
        }
    }
    assert_eq!(serving.stop(), Some(0));
    serving
        .said()
        .lines()
        .for_each(|line| is_free("the log", line, &every));
}

/// Fails if a text has a canary in it.
fn is_free(of: &str, text: &str, canaries: &[&str]) {
    for canary in canaries {
        // A part of it would do harm too.
        for part in canary.split([' ', ',']).filter(|part| part.len() > 5) {
            assert!(!text.contains(part), "{part:?} in {of}:\n{text}");
        }
    }
}

fn bytes_of(seen: &Seen) -> String {
    let headers = seen.headers.iter();
    let headers = headers.map(|(name, value)| format!("{name}: {}\n", text(value.as_deref())));
    let (key, value) = (text(seen.key.as_deref()), text(seen.value.as_deref()));
    format!("{key}\n{value}\n{}", headers.collect::<String>())
}

fn text(bytes: Option<&[u8]>) -> String {
    String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned()
}

/// The configuration with a key for pseudonyms and a listener for people.
fn guarded(plan: &Plan, admin_port: u16, console_port: u16) -> String {
    let folder = tools::folder("canary");
    let (key, token) = (folder.join("key"), folder.join("token"));
    fs::write(&key, KEY).expect("the folder is there");
    fs::write(&token, TOKEN).expect("the folder is there");
    let config = plan.config("0", admin_port);
    format!(
        "{config}\n[intake.pseudonyms]\nkey_id = \"k1\"\nkey_file = {key:?}\n\
         [admin.console]\nlisten = \"127.0.0.1:{console_port}\"\ntoken_file = {token:?}\n"
    )
}

/// What the listener for people answers.
fn asked(port: u16, page: &str) -> String {
    let url = format!("http://127.0.0.1:{port}/{page}");
    let bearer = format!("Bearer {TOKEN}");
    let answer = ureq::get(url).header("Authorization", bearer).call();
    let mut answer = answer.unwrap_or_else(|fault| panic!("{page}: {fault}"));
    answer.body_mut().read_to_string().expect("it is text")
}

/// A record with a canary in it.
struct Cage {
    feed: &'static str,
    key: String,
    value: String,
    header: Option<&'static str>,
}

/// Every record with a canary.
#[derive(Default)]
struct Aviary {
    cages: Vec<Cage>,
}

impl Aviary {
    fn filled() -> Aviary {
        let mut aviary = Aviary::default();
        for (kind, fields, feed, of) in [
            ("incident", INCIDENT_FIELDS, "cad", "valid-incident"),
            ("crime", CRIME_FIELDS, "rms", "valid-crime"),
            ("crime", CRIME_FIELDS, "victim-hub", "valid-crime"),
            ("decision", DECISION_FIELDS, "desk", "valid-decision"),
        ] {
            let is_own = |field: &&Field| match feed {
                "rms" => field.name != "victim_care",
                "victim-hub" => field.name == "victim_care",
                _ => true,
            };
            let beside = fields_of(fields).filter(|field| !HEAD.contains(&field.name));
            let own: Vec<&Field> = beside.filter(is_own).collect();
            let base = whole(&own, kind, feed);
            aviary.fields(&base, &own, feed, of);
        }
        aviary.heads();
        aviary
    }

    /// One record for each place of a record of this kind, and one with a stranger beside every field.
    fn fields(&mut self, base: &Value, own: &[&Field], feed: &'static str, of: &str) {
        let mut strange = base.clone();
        strange["reference"] = of.into();
        stranger(&mut strange);
        self.cage(feed, &strange);
        let mut paths = Vec::new();
        for field in own {
            places(field, &mut vec![field.name], &mut paths);
        }
        for (number, (path, shape)) in paths.iter().enumerate() {
            let name = path.last().copied().unwrap_or_default();
            let is_code = *shape == Shape::Text && !PEOPLE.contains(&name);
            let canaries: &[&str] = if is_code { &[CODE] } else { &CANARIES };
            for (which, canary) in canaries.iter().enumerate() {
                let mut record = base.clone();
                record["reference"] = format!("{feed}-{number}-{which}").into();
                *at(&mut record, path) = (*canary).into();
                self.cage(feed, &record);
            }
        }
    }

    /// Heads, envelopes, keys and bytes that are wrong.
    fn heads(&mut self) {
        for canary in CANARIES {
            for name in HEAD.into_iter().filter(|name| *name != "reference") {
                let mut record = whole(&[], "incident", "cad");
                record[name] = canary.into();
                self.cage("cad", &record);
            }
            let record = whole(&[], "incident", "cad").to_string();
            let cut = record.len() - 1;
            for value in [
                canary.to_owned(),
                format!("\"{canary}\""),
                format!("{}, \"note\": \"{canary}\"", &record[..cut]),
                format!(
                    "{}, \"note\": \"{canary}\", \"note\": \"{canary}\"}}",
                    &record[..cut]
                ),
                format!("[\"{canary}\"]"),
            ] {
                self.push("cad", canary, value, None);
            }
            self.push("cad", canary, record.clone(), Some("note"));
            self.push("cad", canary, record.clone(), Some("ce_subject"));
            self.push("cad", canary, record, Some("ce_type"));
        }
    }

    fn cage(&mut self, feed: &'static str, record: &Value) {
        self.push(feed, CANARIES[0], record.to_string(), None);
    }

    fn push(&mut self, feed: &'static str, key: &str, value: String, header: Option<&'static str>) {
        let key = key.to_owned();
        self.cages.push(Cage {
            feed,
            key,
            value,
            header,
        });
    }

    /// Sends everything, behind what is there: each readable one breaks a promise, which is alarmed.
    fn send(&self, plan: &Plan) {
        let producer: ThreadedProducer<DefaultProducerContext> =
            plan.access.client().create().expect("settings");
        let feeds = &plan.forces[0].feeds;
        let topic = |feed: &str| {
            let of = feeds.iter().find(|of| of.name == feed);
            &of.expect("it is declared").topics[0].name
        };
        for cage in &self.cages {
            let headers = cage.header.map(|key| {
                OwnedHeaders::new().insert(Header {
                    key,
                    value: Some(CANARIES[0]),
                })
            });
            let record = BaseRecord::to(topic(cage.feed))
                .key(&cage.key)
                .payload(&cage.value);
            let record = match headers {
                Some(headers) => record.headers(headers),
                None => record,
            };
            producer
                .send(record)
                .map_err(|(fault, _)| fault)
                .expect("there is room");
        }
        producer
            .flush(Duration::from_secs(30))
            .expect("all are written");
    }
}

/// A record with every field of these.
fn whole(fields: &[&Field], kind: &str, feed: &str) -> Value {
    let mut record = json!({"record": kind, "force": "kent", "source": feed,
        "reference": format!("{feed}-whole"), "version": 1,
        "committed_at": "2026-05-02T10:00:00+01:00"});
    for field in fields {
        record[field.name] = value_of(&field.shape);
    }
    record
}

fn value_of(shape: &Shape) -> Value {
    match shape {
        Shape::Bool => true.into(),
        Shape::Integer => 1.into(),
        Shape::Text => "c1".into(),
        Shape::Moment => "2026-05-02T09:00:00+01:00".into(),
        Shape::Symbol(symbols) => symbols.words[0].into(),
        Shape::List(of) => json!([value_of(of)]),
        Shape::Struct(of) => {
            let fields = of.fields.iter();
            let fields = fields.map(|field| (field.name.to_owned(), value_of(&field.shape)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
    }
}

/// Every place of a field: its leaves, and where a list or a group is expected.
fn places(
    field: &Field,
    path: &mut Vec<&'static str>,
    found: &mut Vec<(Vec<&'static str>, Shape)>,
) {
    found.push((path.clone(), field.shape));
    let mut shape = field.shape;
    let mut within = path.len();
    while let Shape::List(of) = shape {
        path.push("0");
        within += 1;
        found.push((path.clone(), *of));
        shape = *of;
    }
    if let Shape::Struct(of) = shape {
        for inner in of.fields {
            path.push(inner.name);
            places(inner, path, found);
            path.truncate(within);
        }
    }
}

/// The place in a record.
fn at<'a>(record: &'a mut Value, path: &[&str]) -> &'a mut Value {
    path.iter().fold(record, |value, step| match value {
        Value::Array(list) => &mut list[step.parse::<usize>().expect("a place in a list")],
        other => &mut other[*step],
    })
}

/// Puts a field that the contract does not have beside every other.
fn stranger(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(stranger),
        Value::Object(fields) => {
            fields.values_mut().for_each(stranger);
            let strange = json!([CANARIES[0], {"address": CANARIES[1]}, CANARIES[2]]);
            let _ = fields.insert("remarks".to_owned(), strange);
        }
        _ => {}
    }
}
