//! A generated month of some forces, what `truecount check` makes of it, and processes of the service
//! at work on it. Start at [`Month::generated`], [`Month::checked`] and [`Fleet`].

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::checker::standing_of;
use crate::foreign::python;
use crate::plan::Plan;
use crate::readers::{Isolation, Seen, dump};
use crate::rig::signal::Signal;
use crate::rig::tools;
use crate::serving::Serving;

/// The first day of every month that is generated here.
pub(crate) const FROM: &str = "2026-05-01T00:00:00+01:00";
/// Behind the last heartbeat of the month.
const AS_AT: &str = "2026-07-31T00:00:00+01:00";
/// Only every so many heartbeats are sent, since each goes to every partition. A feed makes 3,700.
const HEARTBEATS: u32 = 120;

/// The records of a month, of every force together.
pub(crate) struct Month {
    folder: PathBuf,
}

/// What there is to compare between two ways of judging the same records.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Outcome {
    /// The open exceptions by id.
    pub(crate) standing: BTreeMap<String, Value>,
    /// The counts of every measure that counts something.
    pub(crate) measures: BTreeMap<String, Value>,
    /// What became of the records, heartbeats left out: their number depends on the partitions.
    pub(crate) became: BTreeMap<&'static str, i64>,
}

impl Month {
    /// The records of some forces, with as many things each.
    pub(crate) fn generated(forces: &[&str], things: u32) -> Month {
        Month::generated_with(forces, things, &[])
    }

    /// The same, asked for in more words.
    pub(crate) fn generated_with(forces: &[&str], things: u32, more: &[&str]) -> Month {
        let folder = tools::folder("month");
        let mut records = Vec::new();
        for (seed, force) in forces.iter().enumerate() {
            let own = folder.join(force);
            let (seed, things) = ((seed + 7).to_string(), things.to_string());
            let asked = ["generate", "--seed", &seed, "--force", force];
            let much = ["--days", "30", "--things", &things, "--out", shown(&own)];
            let _ = tools::run(&mut truecount(&[&asked[..], &much[..], more].concat()));
            let own = fs::read(own.join("records.jsonl")).expect("it was written");
            records.extend(own);
        }
        fs::write(folder.join("records.jsonl"), records).expect("the folder is there");
        Month { folder }
    }

    /// The file of its records.
    pub(crate) fn records(&self) -> PathBuf {
        self.folder.join("records.jsonl")
    }

    /// Sends it to the topics of a plan by the foreign client, shuffled between the heartbeats of each
    /// feed; how many records were sent.
    pub(crate) fn produce(&self, plan: &Plan, schemas: &Value) -> i64 {
        plan.create_sources();
        let mut asked = plan.to_produce(&self.records(), 7, schemas);
        asked["heartbeats"] = HEARTBEATS.into();
        let printed: Value =
            serde_json::from_str(&python("produce.py", &asked)).expect("it prints JSON");
        let sent = printed["sent"].as_object().expect("it counts by topic");
        sent.values().filter_map(Value::as_i64).sum()
    }

    /// What `truecount check` makes of it with the feeds and under the profile of a plan.
    pub(crate) fn checked(&self, plan: &Plan) -> Outcome {
        let out = self.folder.join(format!("checked-{}", plan.profile));
        let config = out.with_extension("toml");
        fs::write(&config, feeds(plan)).expect("the folder is there");
        let records = self.records();
        let asked = ["check", shown(&records), "--as-at", AS_AT];
        let how = ["--config", shown(&config), "--out", shown(&out)];
        let _ = tools::run(&mut truecount(&[&asked[..], &how[..]].concat()));
        let read = |name: &str| fs::read_to_string(out.join(name)).expect("it was written");
        let parsed = |text: &str| serde_json::from_str::<Value>(text).expect("it is JSON");
        let Value::Array(measures) = parsed(&read("measures.json")) else {
            panic!("the measures are a list")
        };
        let lines = read("exceptions.jsonl");
        Outcome {
            standing: standing_of(lines.lines().map(parsed).collect()),
            measures: counts(measures),
            became: became(&[parsed(&read("balance.json"))]),
        }
    }
}

impl Outcome {
    /// What stands in the topics of a service that has judged everything.
    pub(crate) fn published(plan: &Plan) -> Outcome {
        let read = |name: &str| dump(&plan.access, &plan.output(name), Isolation::Committed);
        let exceptions = read("exceptions").iter().map(Seen::json).collect();
        let measures = newest(&read("measures")).into_values().collect();
        Outcome {
            standing: standing_of(exceptions),
            measures: counts(measures),
            became: became(&balances(plan)),
        }
    }
}

/// The balance of each partition of the sources, as the service keeps it.
pub(crate) fn balances(plan: &Plan) -> Vec<Value> {
    let kept = newest(&dump(
        &plan.access,
        &plan.output("case-state"),
        Isolation::Committed,
    ));
    let of_forces = kept.iter().filter(|(key, _)| key.ends_with("/progress"));
    let lists = of_forces.filter_map(|(_, value)| value["progress"]["balance"].as_array());
    lists.flatten().cloned().collect()
}

/// The newest value of each key.
pub(crate) fn newest(seen: &[Seen]) -> BTreeMap<String, Value> {
    let mut newest = BTreeMap::new();
    for one in seen {
        let key = one.key_text().to_owned();
        match &one.value {
            Some(_) => newest.insert(key, one.json()),
            None => newest.remove(&key),
        };
    }
    newest
}

/// The measures by what they count. How far the proofs had come when one was told last is of the way,
/// and what never counted anything need not be told.
fn counts(measures: Vec<Value>) -> BTreeMap<String, Value> {
    let mut told = BTreeMap::new();
    for mut measure in measures {
        let counts = measure["counts"].as_object().expect("it counts");
        if counts.values().all(|count| count.as_u64() == Some(0)) {
            continue;
        }
        let names = ["force", "measure", "period", "stratum"].map(|name| measure[name].to_string());
        let _ = measure
            .as_object_mut()
            .and_then(|fields| fields.remove("frontier"));
        told.insert(names.join(" "), measure);
    }
    told
}

/// A newer version that comes before an older one leaves it to the ledger, so the two count as one.
fn became(balances: &[Value]) -> BTreeMap<&'static str, i64> {
    let sum = |name: &str| {
        let of_each = balances.iter().filter_map(|sums| sums[name].as_i64());
        of_each.sum::<i64>()
    };
    BTreeMap::from([
        ("taken", sum("applied") + sum("ledger_only")),
        ("duplicate", sum("duplicate")),
        ("quarantined", sum("quarantined")),
        ("off", sum("off")),
    ])
}

/// Processes of the service at work together.
pub(crate) struct Fleet {
    processes: Vec<Serving>,
}

impl Fleet {
    /// Starts so many at once and waits until they are ready.
    pub(crate) fn start(plan: &Plan, processes: usize) -> Fleet {
        let launched = (0..processes).map(|number| Serving::launch(plan, &number.to_string()));
        let mut processes: Vec<Serving> = launched.collect();
        processes.iter_mut().for_each(Serving::wait_until_ready);
        Fleet { processes }
    }

    /// Each of them.
    pub(crate) fn each(&self) -> impl Iterator<Item = &Serving> {
        self.processes.iter()
    }

    /// Asks all of them to end, and sees that they drained.
    pub(crate) fn stop(mut self) {
        self.each().for_each(|process| process.send(Signal::Term));
        for process in &mut self.processes {
            assert_eq!(process.wait(), Some(0), "{}", process.said());
        }
    }
}

/// Makes the topics that the service of a plan writes.
pub(crate) fn apply_topics(plan: &Plan) {
    let file = config_of(plan);
    let _ = tools::run(&mut truecount(&[
        "topics",
        "apply",
        "--config",
        shown(&file),
    ]));
}

/// A run of `truecount replay` over a plan's journal into a folder.
pub(crate) fn replay(plan: &Plan, out: &Path, more: &[&str]) -> Output {
    let file = config_of(plan);
    let asked = ["replay", "--config", shown(&file), "--out", shown(out)];
    truecount(&[&asked[..], more].concat())
        .output()
        .expect("it was built")
}

fn config_of(plan: &Plan) -> PathBuf {
    let file = tools::folder("config").join("truecount.toml");
    // Nobody listens: what is asked here ends by itself.
    fs::write(&file, plan.config("0", 1)).expect("the folder is there");
    file
}

fn truecount(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_truecount"));
    command.args(arguments);
    command
}

/// The feeds of a plan, as `truecount check` is told them.
fn feeds(plan: &Plan) -> String {
    let mut text = format!("profile = {:?}\n", plan.profile);
    for force in &plan.forces {
        let _ = writeln!(text, "\n[[force]]\ncode = {:?}", force.code);
        for feed in &force.feeds {
            let (name, lines) = (&feed.name, &feed.lines);
            let _ = writeln!(text, "\n[[force.feed]]\nname = {name:?}\n{lines}");
        }
    }
    text
}

fn shown(path: &Path) -> &str {
    path.to_str().expect("target has a plain name")
}
