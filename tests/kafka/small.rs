//! A force of three small feeds, each in a topic of one partition, whose records a test writes one by
//! one. Start at [`Small::new`].

use std::cell::Cell;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::{Value, json};

use crate::plan::{Feed, Force, Plan, Topic};
use crate::readers::{Isolation, dump};
use crate::rig::broker::free_ports;
use crate::rig::{Access, tools, unique};
use crate::serving::Serving;

/// Enough for a busy machine; what has not come by then will not.
const PATIENCE: Duration = Duration::from_secs(60);
/// The token of the console, long enough to be taken.
const TOKEN: &str = "made-up-token-of-the-tests-made-up";

const FEEDS: [(&str, &str); 3] = [
    (
        "cad",
        "owns = [\"log\", \"disclosures\", \"triage\", \"response\", \"closure\", \"links\"]\n\
         covers_from = \"2026-01-01T00:00:00+00:00\"",
    ),
    (
        "rms",
        "owns = [\"core\", \"origin\", \"classification\", \"victims\", \"suspects\", \"outcomes\", \
         \"cancellation\", \"investigation\", \"risk\"]\ncovers_from = \"2026-01-01T00:00:00+00:00\"",
    ),
    (
        "desk",
        "publication_lag_minutes = 60\nexpected_every_minutes = 1440",
    ),
];

/// A force with little in it.
#[derive(Clone)]
pub(crate) struct Small {
    pub(crate) plan: Plan,
    /// What is replaced in the text of the configuration, and by what.
    pub(crate) instead: Vec<(String, String)>,
    console_port: u16,
    /// The number of the last heartbeat.
    beats: Cell<i64>,
}

/// How a process ended that could not go on.
pub(crate) struct Refused {
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
    pub(crate) took: Duration,
}

impl Small {
    /// The force, with names of its own; nothing is made yet.
    pub(crate) fn new(access: &Access) -> Small {
        let app = unique("small");
        let feed = |(name, lines): (&str, &str)| Feed {
            name: name.to_owned(),
            topics: vec![Topic {
                name: format!("{app}.{name}"),
                partitions: 1,
                encoding: "json".to_owned(),
            }],
            lines: lines.to_owned(),
        };
        let force = Force {
            code: "kent".to_owned(),
            feeds: FEEDS.map(feed).to_vec(),
        };
        let folder = tools::folder("small");
        fs::write(folder.join("token"), TOKEN).expect("the folder is there");
        let [console_port] = free_ports();
        let console = format!(
            "console.listen = \"127.0.0.1:{console_port}\"\nconsole.token_file = {:?}",
            folder.join("token").display().to_string()
        );
        let plan = Plan {
            access: access.clone(),
            app,
            forces: vec![force],
            journal: None,
            journal_partitions: 1,
            output_partitions: 1,
            profile: "national".to_owned(),
            registry: None,
            level: "info",
            more: vec![("admin".to_owned(), console)],
        };
        Small {
            plan,
            instead: Vec::new(),
            console_port,
            beats: Cell::new(0),
        }
    }

    /// The same with a line more in a table of the configuration.
    #[must_use]
    pub(crate) fn with(mut self, table: &str, line: &str) -> Small {
        self.plan.more.push((table.to_owned(), line.to_owned()));
        self
    }

    /// The same with something else in the text of the configuration.
    #[must_use]
    pub(crate) fn with_instead(mut self, of: &str, by: &str) -> Small {
        self.instead.push((of.to_owned(), by.to_owned()));
        self
    }

    /// Makes the topics it reads, as its systems would, and those it writes by `truecount topics apply`.
    #[must_use]
    pub(crate) fn made(self) -> Small {
        self.plan.create_sources();
        self.apply();
        self
    }

    /// Makes the topics that the service writes.
    pub(crate) fn apply(&self) {
        let file = tools::folder("apply").join("truecount.toml");
        fs::write(&file, self.config(1)).expect("the folder is there");
        let mut apply = Command::new(env!("CARGO_BIN_EXE_truecount"));
        apply.args(["topics", "apply", "--config"]).arg(&file);
        if let Some(password) = self.password() {
            apply.env("TRUECOUNT_KAFKA__LIBRDKAFKA__SASL_PASSWORD", password);
        }
        let _ = tools::run(&mut apply);
    }

    fn password(&self) -> Option<&String> {
        self.plan.access.settings().get("sasl.password")
    }

    fn config(&self, admin_port: u16) -> String {
        let text = self.plan.config("0", admin_port);
        self.instead.iter().fold(text, |text, (of, by)| {
            assert!(text.contains(of.as_str()), "{of} stands in\n{text}");
            text.replace(of.as_str(), by)
        })
    }

    /// Starts a process and waits for nothing.
    pub(crate) fn launch(&self) -> Serving {
        let [admin_port] = free_ports();
        Serving::launch_with(&self.config(admin_port), admin_port, self.password())
    }

    /// Starts a process and waits until it is ready.
    pub(crate) fn serve(&self) -> Serving {
        let mut serving = self.launch();
        serving.wait_until_ready();
        serving
    }

    /// Starts a process that cannot go on, and waits for its end.
    pub(crate) fn refused(&self) -> Refused {
        Refused::by(self.launch())
    }

    /// The topic of a feed.
    pub(crate) fn topic(&self, feed: &str) -> String {
        format!("{}.{feed}", self.plan.app)
    }

    /// Writes a record to a feed's topic.
    pub(crate) fn tell(&self, feed: &str, record: &Value) {
        let key = record["reference"].as_str().expect("it has one");
        let value = record.to_string();
        self.send(feed, Some(key), Some(value.as_bytes()), &[]);
    }

    /// Writes a heartbeat of a feed to its topic.
    pub(crate) fn beat(&self, feed: &str, sent_through: &str) {
        self.beats.set(self.beats.get() + 1);
        self.tell(
            feed,
            &json!({
                "record": "heartbeat", "force": "kent", "source": feed, "reference": feed,
                "version": self.beats.get(), "committed_at": sent_through,
                "sent_through": sent_through,
            }),
        );
    }

    /// Writes anything to a feed's topic, acknowledged.
    pub(crate) fn send(
        &self,
        feed: &str,
        key: Option<&str>,
        value: Option<&[u8]>,
        headers: &[(&str, &str)],
    ) {
        let producer: BaseProducer = self.plan.access.client().create().expect("settings");
        let topic = self.topic(feed);
        let mut record: BaseRecord<'_, str, [u8]> = BaseRecord::to(&topic).partition(0);
        record.key = key;
        record.payload = value;
        let own = headers
            .iter()
            .fold(OwnedHeaders::new(), |own, &(key, value)| {
                let value = Some(value);
                own.insert(Header { key, value })
            });
        producer
            .send(record.headers(own))
            .map_err(|(fault, _)| fault)
            .expect("it is queued");
        producer.flush(PATIENCE).expect("the broker takes it");
    }

    /// What was published of a rule about a record: its revisions, in their order. Waits until
    /// everything that was written before is judged.
    pub(crate) fn published(&self, rule: &str, reference: &str) -> Vec<Value> {
        self.plan.wait_until_judged();
        let seen = dump(
            &self.plan.access,
            &self.plan.output("exceptions"),
            Isolation::Committed,
        );
        seen.iter()
            .map(|one| one.json())
            .filter(|one| one["rule"] == rule && one["reference"] == reference)
            .collect()
    }

    /// True if a rule has accused a record.
    pub(crate) fn is_raised(&self, rule: &str, reference: &str) -> bool {
        let published = self.published(rule, reference);
        published.iter().any(|one| one["state"] == "raised")
    }

    /// What the console says of a record.
    pub(crate) fn explained(&self, reference: &str) -> String {
        let url = format!(
            "http://127.0.0.1:{}/explain/kent/{reference}",
            self.console_port
        );
        ureq::get(&url)
            .header("Authorization", &format!("Bearer {TOKEN}"))
            .call()
            .and_then(|mut answer| answer.body_mut().read_to_string())
            .unwrap_or_else(|fault| panic!("{url}: {fault}"))
    }
}

impl Refused {
    /// Waits for the end of a process.
    pub(crate) fn by(mut serving: Serving) -> Refused {
        let started = Instant::now();
        let code = serving.wait();
        Refused {
            code,
            said: serving.said(),
            took: started.elapsed(),
        }
    }

    /// What it said last, as a person reads it.
    pub(crate) fn word(&self) -> &str {
        let at = self.said.rfind("truecount: ");
        at.map_or(self.said.as_str(), |at| &self.said[at..])
    }

    /// It ended with this code and said all of this.
    pub(crate) fn says(&self, code: i32, words: &[&str]) {
        let said = self.word();
        let lacks: Vec<&&str> = words.iter().filter(|word| !said.contains(**word)).collect();
        assert!(
            self.code == Some(code) && lacks.is_empty(),
            "code {:?}, not {code}; it does not say {lacks:?}:\n{}",
            self.code,
            self.said
        );
    }
}

/// Waits until something is so.
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(100));
    }
}

/// An incident in which a victim disclosed an assault when it was reported. Without a crime that answers
/// it, REC-010 accuses it a day later.
pub(crate) fn incident(reference: &str, reported_at: &str) -> Value {
    json!({
        "record": "incident", "force": "kent", "source": "cad", "reference": reference, "version": 1,
        "committed_at": reported_at,
        "log": {"received_at": reported_at, "created_at": reported_at, "channel": "phone_101",
                "reporter_role": "victim", "opening_category": "violence", "opened_as_crime": true},
        "disclosures": [{"id": "d1", "at": reported_at, "status": "disclosed", "basis": "victim",
                         "set_by": {"role": "call_handler"}, "offence_class": "8N", "regime": "none"}],
        "closure": {}, "links": [],
    })
}

/// A crime that a report straight to its system made, recorded when it was reported.
pub(crate) fn crime(reference: &str, version: i64, recorded_at: &str) -> Value {
    json!({
        "record": "crime", "force": "kent", "source": "rms", "reference": reference,
        "version": version, "committed_at": recorded_at,
        "core": {"kind": "crime", "status": "recorded", "reported_at": recorded_at,
                 "recorded_at": recorded_at, "offence_class": "8N", "offence_code": "008/06",
                 "basis": "victim"},
        "origin": [],
    })
}
