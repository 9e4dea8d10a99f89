//! `truecount quarantine` beside a running service: what was set aside is listed and shown without
//! what it says, released by a decision, and sent again once the configuration knows its feed.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::{Value, json};

use crate::plan::{Feed, Plan};
use crate::readers::{Isolation, Seen, dump};
use crate::rig::broker::free_ports;
use crate::rig::{Access, Rig, tools};
use crate::serving::Serving;

/// Stands wherever a record says something.
const CANARY: &str = "Canary Jane";
/// Enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);
/// More than the client library sends unless it is told to, and than records may have.
const OVERSIZE: usize = 2 << 20;

#[test]
fn what_is_set_aside_is_listed_shown_released_and_sent_again() {
    let ground = Ground::new();
    let empty = ground.quarantine(&["list"]);
    assert_eq!(empty.code, 0, "{}", empty.told);
    assert!(
        empty.out.ends_with("is empty: nothing is set aside\n"),
        "{}",
        empty.out
    );

    let mut serving = ground.serve();
    let times = ground.spoil();
    let listed = ground.wait_for_listed(6);
    is_listed_with_its_reason(&ground, &listed);
    is_shown_masked(&ground, &listed);
    is_refused_in_words(&ground, &listed);
    releases_what_it_holds(&ground, &serving, &listed, times);
    assert_eq!(serving.stop(), Some(0));
    assert!(
        !serving.said().contains(CANARY),
        "the log has no text of a record"
    );

    let ground = ground.with_annex();
    let mut serving = ground.serve();
    is_sent_again(&ground, &listed);
    assert_eq!(serving.stop(), Some(0));
    assert!(!serving.said().contains(CANARY));
}

fn is_listed_with_its_reason(ground: &Ground, listed: &[Value]) {
    let mut told: Vec<String> = listed
        .iter()
        .map(|one| {
            let [reason, feed, reference, stage] = ["reason", "feed", "reference", "stage"]
                .map(|name| one[name].as_str().unwrap_or("–"));
            format!("{reason} {feed} {reference} {stage}")
        })
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            "block_not_owned victim-hub 46/KT/2 form",
            // Its head stands behind the text that makes it too large.
            "oversize – – read",
            "unknown_feed annex 46/KT/3 form",
            "unmapped_key – – read",
            "unreadable_json rms 46/KT/1 read",
            "version_conflict victim-hub 46/KT/6 version",
        ]
    );
    let table = ground.quarantine(&["list"]).out;
    assert!(table.starts_with("position  arrival "), "{table}");
    assert!(table.contains("\n6 records set aside:\n"), "{table}");
    let of_rms = ground
        .quarantine(&["list", "--feed", "rms", "--since", "2026-05-01"])
        .out;
    assert!(of_rms.contains("\n1 record set aside:\n"), "{of_rms}");
    assert!(of_rms.contains("unreadable_json"), "{of_rms}");
    let none = ground.quarantine(&["list", "--reason", "too_deep"]).out;
    assert!(none.contains("has 6 records"), "{none}");
    assert!(!(table + &of_rms).contains(CANARY));
}

fn is_shown_masked(ground: &Ground, listed: &[Value]) {
    for one in listed {
        let position = one["position"].as_str().expect("it has one");
        let shown = ground.quarantine(&["show", position]);
        assert_eq!(shown.code, 0, "{}", shown.told);
        assert!(
            shown
                .out
                .contains(one["reason"].as_str().expect("it has one"))
        );
        assert!(!(shown.out + &shown.told).contains(CANARY), "{position}");
    }
    let torn = position(listed, "unreadable_json");
    let masked = ground.quarantine(&["show", &torn]).out;
    assert!(
        masked.contains("\n  note: ") || masked.contains("no JSON from byte"),
        "{masked}"
    );
    let clear = ground.quarantine(&["show", &torn, "--unmask"]);
    assert!(clear.out.contains(CANARY), "{}", clear.out);
    let who = tools::run(Command::new("id").arg("-un"));
    for part in ["read unmasked", who.trim(), &torn] {
        assert!(clear.told.contains(part), "{part}: {}", clear.told);
    }
    assert!(!clear.told.contains(CANARY), "{}", clear.told);
    let unknown = ground.quarantine(&["show", "1:9999"]);
    assert_eq!(unknown.code, 2);
    assert!(
        unknown.told.contains("nothing stands at 1:9999"),
        "{}",
        unknown.told
    );
}

fn is_refused_in_words(ground: &Ground, listed: &[Value]) {
    let desk = ground.topic("desk");
    let tombstone = position(listed, "unmapped_key");
    let torn = position(listed, "unreadable_json");
    let word = ["--role", "force_crime_registrar", "--reason-code", "resent"];
    let mut both = vec!["release", &torn, &tombstone, "--yes"];
    both.extend(word);
    for (asked, says) in [
        (both, "no reference of it could be read"),
        ([&["release", &torn], &word[..]].concat(), "say --yes"),
        (vec!["release", &torn, "--yes"], "--role"),
        (
            vec![
                "release",
                &position(listed, "version_conflict"),
                "--redrive",
                "--yes",
            ],
            "a higher version",
        ),
    ] {
        let refused = ground.quarantine(&asked);
        assert_eq!(refused.code, 2, "{asked:?}: {}", refused.told);
        assert!(refused.told.contains(says), "{asked:?}: {}", refused.told);
    }
    assert_eq!(
        dump(&ground.plan.access, &desk, Isolation::Committed),
        [],
        "nothing was written"
    );
}

fn releases_what_it_holds(ground: &Ground, serving: &Serving, listed: &[Value], times: Times) {
    let claim = || serving.metric("truecount_feed_claim_timestamp_seconds", "feed=\"rms\"");
    let held = times.first as f64;
    wait_until("the claim is where it was", || claim() == Some(held));
    let torn = position(listed, "unreadable_json");
    let released = ground.quarantine(&[
        "release",
        &torn,
        "--role",
        "force_crime_registrar",
        "--reason-code",
        "resent",
        "--yes",
    ]);
    assert_eq!(released.code, 0, "{}", released.told);
    assert!(released.out.contains("crime 46/KT/1"), "{}", released.out);
    assert!(released.told.contains("is released"), "{}", released.told);
    wait_until("the claim goes on", || claim() == Some(times.second as f64));
    let written = dump(
        &ground.plan.access,
        &ground.topic("desk"),
        Isolation::Committed,
    );
    let [decision] = written.as_slice() else {
        panic!("one decision: {written:?}");
    };
    let decision = decision.json();
    assert_eq!(decision["kind"], "release");
    assert_eq!(decision["about"]["reference"], "46/KT/1");
    assert_eq!(decision["by"]["role"], "force_crime_registrar");
}

fn is_sent_again(ground: &Ground, listed: &[Value]) {
    let annex = position(listed, "unknown_feed");
    let sent = ground.quarantine(&["release", &annex, "--redrive", "--yes"]);
    assert_eq!(sent.code, 0, "{}", sent.told);
    let hub = ground.topic("victim-hub");
    assert!(
        sent.out.contains(&hub) && sent.out.contains("the record again"),
        "{}",
        sent.out
    );
    let is_it = |seen: &&Seen| seen.key.as_deref() == Some(b"annex");
    let sources = dump(&ground.plan.access, &hub, Isolation::Committed);
    let both: Vec<&Seen> = sources.iter().filter(is_it).collect();
    let [first, again] = both.as_slice() else {
        panic!("it stands there twice: {both:?}");
    };
    assert_eq!(
        (&first.value, &first.headers),
        (&again.value, &again.headers)
    );
    assert_eq!(first.partition, again.partition);
    let journal = ground.plan.output("case-events");
    wait_until("the journal has it", || {
        let entries = dump(&ground.plan.access, &journal, Isolation::Committed);
        let mut records = entries.iter().map(|entry| entry.json()["record"].clone());
        records.any(|record| record["source"] == "annex" && record["reference"] == "46/KT/3")
    });
    let listed = ground.wait_for_listed(6);
    assert_eq!(listed.len(), 6, "it was not set aside again");
}

/// Through when the feed promised, as Unix time: before what is torn, and behind it.
#[derive(Clone, Copy)]
struct Times {
    first: i64,
    second: i64,
}

/// A service, its configuration and its topics.
struct Ground {
    plan: Plan,
    config: String,
    file: PathBuf,
    admin_port: u16,
}

/// What a command said and how it ended.
struct Ran {
    code: i32,
    out: String,
    told: String,
}

impl Ground {
    fn new() -> Ground {
        let rig = Rig::shared();
        let from = "2026-05-01T00:00:00+01:00";
        let mut plan = Plan::generated(rig.access(), &["kent"], from, 1, 1, "json");
        for feed in &mut plan.forces[0].feeds {
            // It is the annex's, once that is declared.
            feed.lines = feed.lines.replace(r#", "risk""#, "");
        }
        for topic in plan.sources() {
            let bytes = (4 * OVERSIZE).to_string();
            let settings = [
                ("message.timestamp.type", "LogAppendTime"),
                ("max.message.bytes", bytes.as_str()),
            ];
            plan.access
                .create_topic(&topic.name, topic.partitions, &settings);
        }
        let ground = Ground::of(plan);
        let made = truecount(&["topics", "apply", "--config"], &ground.file);
        assert_eq!(made.code, 0, "{}{}", made.out, made.told);
        ground
    }

    fn of(plan: Plan) -> Ground {
        let [admin_port] = free_ports();
        let code = "code = \"kent\"\n";
        let config = plan
            .config("0", admin_port)
            .replace(code, &format!("{code}decisions = \"desk\"\n"));
        let file = tools::folder("quarantine").join("truecount.toml");
        fs::write(&file, &config).expect("the folder is there");
        Ground {
            plan,
            config,
            file,
            admin_port,
        }
    }

    /// The same service, told of one feed more.
    fn with_annex(mut self) -> Ground {
        let feeds = &mut self.plan.forces[0].feeds;
        let hub = feeds.iter().find(|feed| feed.name == "victim-hub");
        let topics = hub.expect("it is generated").topics.clone();
        feeds.push(Feed {
            name: "annex".to_owned(),
            topics,
            lines: "owns = [\"risk\"]\ncovers_from = \"2026-05-01T00:00:00+01:00\"".to_owned(),
        });
        Ground::of(self.plan)
    }

    fn serve(&self) -> Serving {
        let mut serving = Serving::launch_with(&self.config, self.admin_port, None);
        serving.wait_until_ready();
        serving
    }

    fn topic(&self, feed: &str) -> String {
        format!("{}.kent.{feed}.0", self.plan.app)
    }

    fn quarantine(&self, asked: &[&str]) -> Ran {
        let arguments = [&["quarantine"], asked, &["--config"]].concat();
        truecount(&arguments, &self.file)
    }

    /// What is listed as JSON, once there is so much of it.
    fn wait_for_listed(&self, count: usize) -> Vec<Value> {
        let mut listed = Vec::new();
        wait_until("everything is set aside", || {
            let ran = self.quarantine(&["list", "--json"]);
            assert_eq!(ran.code, 0, "{}", ran.told);
            let lines = ran.out.lines();
            listed = lines
                .map(|line| serde_json::from_str(line).expect("it is JSON"))
                .collect();
            listed.len() >= count
        });
        listed
    }

    /// Writes spoilt records of six kinds, one of them between two promises of its feed.
    fn spoil(&self) -> Times {
        let now = jiff::Timestamp::now().as_second();
        let at = |seconds: i64| {
            let at = jiff::Timestamp::from_second(seconds).expect("it is a time");
            at.to_string()
        };
        let times = Times {
            first: now - 7_200,
            second: now - 3_600,
        };
        let record = |source: &str, reference: &str, more: Value| {
            let mut record = json!({"record": "crime", "force": "kent", "source": source,
                "reference": reference, "version": 1, "committed_at": at(now - 5_400),
                "officer_note": CANARY});
            let object = record.as_object_mut().expect("it is one");
            object.extend(more.as_object().expect("it is one").clone());
            record.to_string()
        };
        let promise = |version: i64, through: i64| {
            json!({"record": "heartbeat", "force": "kent", "source": "rms", "reference": "rms",
                "version": version, "committed_at": at(through), "sent_through": at(through)})
            .to_string()
        };
        // The head stands before the text at which it breaks off.
        let torn = format!(
            "{{\"record\":\"crime\",\"force\":\"kent\",\"source\":\"rms\",\"reference\":\"46/KT/1\",\
             \"version\":1,\"note\":\"{CANARY}\",\"more\":\"{CANARY}"
        );
        let big = record(
            "victim-hub",
            "46/KT/4",
            json!({"padding": CANARY.repeat(OVERSIZE / 11)}),
        );
        let (rms, hub) = (self.topic("rms"), self.topic("victim-hub"));
        let send = Sending::to(&self.plan.access);
        send.record(&rms, "h1", Some(&promise(1, times.first)));
        send.record(&rms, CANARY, Some(&torn));
        send.record(&rms, "h2", Some(&promise(2, times.second)));
        let foreign = record("victim-hub", "46/KT/2", json!({"core": {"kind": "crime"}}));
        send.record(&hub, "block", Some(&foreign));
        send.record(
            &hub,
            "annex",
            Some(&record("annex", "46/KT/3", json!({"risk": []}))),
        );
        send.record(&hub, "big", Some(&big));
        send.record(&hub, CANARY, None);
        for care in [json!([]), json!([{"victim_ref": "v:k1:9f2c"}])] {
            let told = record("victim-hub", "46/KT/6", json!({"victim_care": care}));
            send.record(&hub, "care", Some(&told));
        }
        send.flush();
        times
    }
}

/// A producer that takes records of any size.
struct Sending(BaseProducer);

impl Sending {
    fn to(access: &Access) -> Sending {
        let mut client = access.client();
        client.set("message.max.bytes", (4 * OVERSIZE).to_string());
        Sending(client.create().expect("settings"))
    }

    fn record(&self, topic: &str, key: &str, value: Option<&str>) {
        let headers = OwnedHeaders::new().insert(Header {
            key: "trace",
            value: Some(CANARY),
        });
        let mut record = BaseRecord::to(topic).partition(0).key(key).headers(headers);
        record.payload = value;
        self.0.send(record).expect("there is room");
    }

    fn flush(&self) {
        self.0
            .flush(Duration::from_secs(30))
            .expect("the broker takes them");
    }
}

fn truecount(arguments: &[&str], config: &PathBuf) -> Ran {
    let ran = Command::new(env!("CARGO_BIN_EXE_truecount"))
        .args(arguments)
        .arg(config)
        .stdin(Stdio::null())
        .output()
        .expect("it was built");
    Ran {
        code: ran.status.code().expect("it ends by itself"),
        out: String::from_utf8(ran.stdout).expect("it prints UTF-8"),
        told: String::from_utf8(ran.stderr).expect("it prints UTF-8"),
    }
}

fn position(listed: &[Value], reason: &str) -> String {
    let found = listed.iter().find(|one| one["reason"] == reason);
    let position = found.and_then(|one| one["position"].as_str());
    position.expect("it is listed").to_owned()
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(200));
    }
}
