//! A month of forces that do not exist: what a producer lets flow into a service while tests disturb
//! it, and what `truecount check` makes of the same records. Start at [`Month::of`].

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread::{self, JoinHandle};

use serde_json::{Value, json};

use crate::checker::{Evidence, broken_laws, standing, standing_of};
use crate::foreign::python;
use crate::plan::Plan;
use crate::readers::{Follower, Isolation, dump};
use crate::rig::tools;

/// The first day of what is generated.
pub(crate) const FROM: &str = "2026-05-01T00:00:00+01:00";
/// Of the heartbeats of a feed one in so many is sent: every partition hears each.
const HEARTBEATS: u32 = 80;

/// The records of every force of a plan.
pub(crate) struct Month {
    plan: Plan,
    folder: PathBuf,
}

impl Month {
    /// So many incidents and crimes a force; makes the topics that they flow through.
    pub(crate) fn of(plan: &Plan, things: u32) -> Month {
        let folder = tools::folder("month");
        let mut records = String::new();
        for force in &plan.forces {
            let out = folder.join(&force.code);
            let of_it = ["--seed", "7", "--days", "30", "--defects", "0.4"];
            let mut command = truecount(&["generate", "--force", &force.code]);
            command.args(of_it).args(["--things", &things.to_string()]);
            let _ = tools::run(command.arg("--out").arg(&out));
            records += &fs::read_to_string(out.join("records.jsonl")).expect("it was written");
        }
        fs::write(folder.join("records.jsonl"), records).expect("the folder is there");
        let month = Month {
            plan: plan.clone(),
            folder,
        };
        plan.create_sources();
        month.apply_topics();
        month
    }

    fn apply_topics(&self) {
        let config = self.folder.join("truecount.toml");
        fs::write(&config, self.plan.config("0", 1)).expect("the folder is there");
        let mut command = truecount(&["topics", "apply", "--config"]);
        let _ = tools::run(command.arg(config));
    }

    /// Lets the records flow, so many a second; ends when all were taken by the broker.
    pub(crate) fn flow(&self, seed: u64, rate: Option<u32>) -> JoinHandle<()> {
        let records = self.folder.join("records.jsonl");
        let mut asked = self.plan.to_produce(&records, seed, &json!({}));
        asked["heartbeats"] = json!(HEARTBEATS);
        asked["rate"] = json!(rate);
        thread::spawn(move || {
            let _ = python("produce.py", &asked);
        })
    }

    /// What `truecount check` finds open in the same records.
    pub(crate) fn standing(&self) -> BTreeMap<String, Value> {
        let feeds = self.folder.join("feeds.toml");
        fs::write(&feeds, self.feeds()).expect("the folder is there");
        let out = self.folder.join("judged");
        let mut command = truecount(&["check", "--as-at", &self.end(), "--config"]);
        command.arg(feeds).arg("--out").arg(&out);
        let _ = tools::run(command.arg(self.folder.join("records.jsonl")));
        let judged = fs::read_to_string(out.join("exceptions.jsonl")).expect("it was written");
        standing_of(judged.lines().map(json_of).collect())
    }

    /// The configuration of the same feeds for files.
    fn feeds(&self) -> String {
        let mut text = format!("profile = {:?}\n", self.plan.profile);
        for force in &self.plan.forces {
            let _ = write!(text, "\n[[force]]\ncode = {:?}\n", force.code);
            for feed in &force.feeds {
                let (name, lines) = (&feed.name, &feed.lines);
                let _ = write!(text, "\n[[force.feed]]\nname = {name:?}\n{lines}\n");
            }
        }
        text
    }

    /// When the last of the records was committed. They are all of one summer, so that texts compare.
    fn end(&self) -> String {
        let records = fs::read_to_string(self.folder.join("records.jsonl")).expect("it is there");
        let at = records.lines().map(|line| {
            let at = json_of(line)["committed_at"].as_str().map(str::to_owned);
            at.expect("each record has one")
        });
        at.max().expect("there are records")
    }

    /// Holds what stands in the topics of a service that was stopped against the laws and `check`.
    pub(crate) fn holds(&self, followed: Option<Follower>) {
        let evidence = Evidence::of(&self.plan, followed);
        assert_eq!(broken_laws(&evidence), [""; 0]);
        self.is_whole(&evidence);
        let (ours, files) = (standing(&evidence.exceptions), self.standing());
        assert!(files.len() > 10, "there is something to find");
        let ids = |of: &BTreeMap<String, Value>| of.keys().cloned().collect::<Vec<_>>();
        assert_eq!(ids(&ours), ids(&files), "the same exceptions stand");
        assert_eq!(ours, files);
    }

    /// No transaction is torn (I3): each says in the state how many exceptions and measures it wrote.
    /// Its heights rise by one, and all of them together wrote what is visible.
    fn is_whole(&self, evidence: &Evidence) {
        let written = |name: &str| {
            let topic = self.plan.output(name);
            dump(&self.plan.access, &topic, Isolation::Committed)
        };
        let mut heights: BTreeMap<i32, u64> = BTreeMap::new();
        let mut said_to_be_written = 0;
        let rows = written("case-state");
        for row in rows.iter().filter(|row| row.key_text() == PROGRESS) {
            let progress = row.json();
            let height = heights.entry(row.partition).or_default();
            *height += 1;
            assert_eq!(
                progress["height"], *height,
                "of partition {}",
                row.partition
            );
            said_to_be_written += progress["outputs"].as_u64().expect("it is a number");
        }
        let visible = evidence.exceptions.len() + written("measures").len();
        assert_eq!(said_to_be_written, visible as u64);
    }
}

/// What a transaction of validation says of itself in the state.
const PROGRESS: &str = "v1/@progress";

fn truecount(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_truecount"));
    command.args(arguments);
    command
}

fn json_of(line: &str) -> Value {
    serde_json::from_str(line).expect("it is JSON")
}
