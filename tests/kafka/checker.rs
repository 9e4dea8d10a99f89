//! What must hold of the topics whatever was killed meanwhile, held against what readers saw. Each law
//! is shown to fail in `checker_fails.rs`. Start at [`broken_laws`].
//!
//! The names are those of the invariants: I1 nothing doubled, I4 positions follow what was written, I6
//! order, I7 nothing lost.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::plan::Plan;
use crate::readers::{Follower, Isolation, Seen, committed, dump, ends};
use crate::rig::Access;

/// The states in which an exception is open.
const OPEN: [&str; 4] = ["due_soon", "raised", "remedied", "waived"];
/// What depends on the way an exception came to stand, and not on the facts.
const OF_THE_WAY: [&str; 3] = ["revision", "reopened", "provenance"];

/// Everything that readers saw once all was quiet.
#[derive(Clone, Default)]
pub(crate) struct Evidence {
    /// Every revision, as a committed reader sees it at the end.
    pub(crate) exceptions: Vec<Seen>,
    /// The same, as a committed reader saw it while things went wrong, in the order of its reading.
    pub(crate) followed: Option<Vec<Seen>>,
    /// The latest revision of each.
    pub(crate) current: Vec<Seen>,
    /// The topics that the service read.
    pub(crate) inputs: Vec<Input>,
    /// The journal.
    pub(crate) journal: Vec<Seen>,
}

/// A topic that a group read to its end.
#[derive(Clone)]
pub(crate) struct Input {
    pub(crate) topic: String,
    /// What a committed reader sees in it.
    pub(crate) seen: Vec<Seen>,
    /// Where each partition begins and ends, markers included.
    pub(crate) ends: BTreeMap<i32, (i64, i64)>,
    /// What the group has committed.
    pub(crate) committed: BTreeMap<i32, i64>,
    /// True for the topics of sources: each of their records is accounted for in the journal.
    pub(crate) is_source: bool,
}

impl Input {
    /// A topic at rest and how far a group has read it.
    pub(crate) fn read(access: &Access, topic: &str, group: &str, is_source: bool) -> Input {
        Input {
            topic: topic.to_owned(),
            seen: dump(access, topic, Isolation::Committed),
            ends: ends(access, topic),
            committed: committed(access, group, topic),
            is_source,
        }
    }
}

impl Evidence {
    /// What stands in the topics of a service that has been stopped, and what a reader saw meanwhile.
    pub(crate) fn of(plan: &Plan, followed: Option<Follower>) -> Evidence {
        let access = &plan.access;
        let journal = plan.output("case-events");
        let sources = plan.sources().into_iter();
        let mut inputs: Vec<Input> = sources
            .map(|topic| Input::read(access, &topic.name, &plan.group("intake"), true))
            .collect();
        let of_validation = Input::read(access, &journal, &plan.group("validation"), false);
        let entries = of_validation.seen.clone();
        inputs.push(of_validation);
        Evidence {
            exceptions: dump(access, &plan.output("exceptions"), Isolation::Committed),
            followed: followed.map(Follower::stop_at_end),
            current: dump(
                access,
                &plan.output("exceptions-current"),
                Isolation::Committed,
            ),
            inputs,
            journal: entries,
        }
    }
}

/// Every law that does not hold, each with the first that breaks it and how many do.
pub(crate) fn broken_laws(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    let mut law = |name: &str, breaches: Vec<String>| {
        if let Some(first) = breaches.first() {
            broken.push(format!("{name}: {first} ({} such)", breaches.len()));
        }
    };
    law("I1 I6 revisions", revisions(&evidence.exceptions));
    law(
        "exceptions-current",
        latest(&evidence.exceptions, &evidence.current),
    );
    if let Some(followed) = &evidence.followed {
        law("I6 read live", same_as_live(&evidence.exceptions, followed));
    }
    for input in &evidence.inputs {
        law("I4 positions", positions(input));
    }
    law("I7 nothing lost", accounted(evidence));
    broken
}

/// The open exceptions by id, without what depends on the way they came to stand.
pub(crate) fn standing(exceptions: &[Seen]) -> BTreeMap<String, Value> {
    let bodies = exceptions.iter().map(Seen::json);
    standing_of(bodies.collect())
}

/// The same of revisions from elsewhere, as `exceptions.jsonl` of `truecount check` has them.
pub(crate) fn standing_of(revisions: Vec<Value>) -> BTreeMap<String, Value> {
    let mut last: BTreeMap<String, Value> = BTreeMap::new();
    for body in revisions {
        let id = text(&body, "id").to_owned();
        let is_later = |known: &Value| known["revision"].as_u64() < body["revision"].as_u64();
        if last.get(&id).is_none_or(is_later) {
            last.insert(id, body);
        }
    }
    last.retain(|_, body| OPEN.contains(&text(body, "state")));
    for body in last.values_mut() {
        let fields = body.as_object_mut().expect("an exception is an object");
        fields.retain(|name, _| !OF_THE_WAY.contains(&name.as_str()));
    }
    last
}

/// Revisions of each id rise by one from 1, in one partition, under the id as key.
fn revisions(exceptions: &[Seen]) -> Vec<String> {
    let mut breaches = Vec::new();
    let mut last: BTreeMap<String, (i32, u64)> = BTreeMap::new();
    for seen in exceptions {
        let body = seen.json();
        let id = text(&body, "id").to_owned();
        let revision = body["revision"].as_u64().unwrap_or(0);
        if seen.key_text() != id {
            breaches.push(format!("{} has the key {}", at(seen), seen.key_text()));
        }
        let (partition, before) = last.get(&id).copied().unwrap_or((seen.partition, 0));
        if partition != seen.partition {
            breaches.push(format!(
                "{id} stands in partitions {partition} and {}",
                seen.partition
            ));
        }
        if revision != before + 1 {
            breaches.push(format!(
                "{id} has revision {revision} after {before} at {}",
                at(seen)
            ));
        }
        last.insert(id, (seen.partition, revision));
    }
    breaches
}

/// The latest of each id is its last revision, byte for byte; of what is not there, nothing is.
fn latest(exceptions: &[Seen], current: &[Seen]) -> Vec<String> {
    let last = last_values(exceptions);
    let shown = last_values(current);
    let ids: BTreeSet<&String> = last.keys().chain(shown.keys()).collect();
    let differs = ids.into_iter().filter(|id| last.get(*id) != shown.get(*id));
    differs
        .map(|id| format!("{id} is not its last revision"))
        .collect()
}

fn last_values(seen: &[Seen]) -> BTreeMap<String, Option<&[u8]>> {
    let pairs = seen
        .iter()
        .map(|seen| (seen.key_text().to_owned(), seen.value.as_deref()));
    pairs.collect()
}

/// A reader that read meanwhile saw of each partition what stands there, in that order.
fn same_as_live(exceptions: &[Seen], followed: &[Seen]) -> Vec<String> {
    let mut followed: Vec<&Seen> = followed.iter().collect();
    // Stable: the order within a partition stays that of reading.
    followed.sort_by_key(|seen| seen.partition);
    let differs = exceptions
        .iter()
        .zip(&followed)
        .find(|(whole, live)| whole != *live);
    if let Some((whole, live)) = differs {
        return vec![format!("{} was read where {} stands", at(live), at(whole))];
    }
    if exceptions.len() == followed.len() {
        return Vec::new();
    }
    vec![format!(
        "{} were read and {} stand there",
        followed.len(),
        exceptions.len()
    )]
}

/// What a group committed is behind the last record and not past the end.
fn positions(input: &Input) -> Vec<String> {
    let mut breaches = Vec::new();
    for (partition, (_, end)) in &input.ends {
        let of_it = input
            .seen
            .iter()
            .filter(|seen| seen.partition == *partition);
        let needed = of_it.map(|seen| seen.offset + 1).max().unwrap_or(0);
        let committed = input.committed.get(partition).copied().unwrap_or(0);
        if committed < needed || committed > *end {
            breaches.push(format!(
                "{} {partition} is committed through {committed}; its last record ends at {needed}, it at {end}",
                input.topic
            ));
        }
    }
    breaches
}

/// Each record of a source stands in the journal once: as a record, as a promise that became a proof,
/// or as set aside.
fn accounted(evidence: &Evidence) -> Vec<String> {
    let mut told: BTreeMap<(String, i64, i64), (u32, u32)> = BTreeMap::new();
    let mut breaches = Vec::new();
    for entry in &evidence.journal {
        let body = entry.json();
        let from = &body["from"];
        let (Some(topic), Some(partition), Some(offset)) = (
            from["topic"].as_str(),
            from["partition"].as_i64(),
            from["offset"].as_i64(),
        ) else {
            continue;
        };
        let (records, others) = told
            .entry((topic.to_owned(), partition, offset))
            .or_default();
        if body.get("record").is_some() || body["set_aside"]["counts"] == true {
            *records += 1;
        } else {
            *others += 1;
        }
    }
    for input in evidence.inputs.iter().filter(|input| input.is_source) {
        for seen in &input.seen {
            let place = (input.topic.clone(), i64::from(seen.partition), seen.offset);
            match told.remove(&place) {
                Some((1, _)) => {}
                Some((0, others)) if others > 0 => {}
                Some((times, _)) => {
                    breaches.push(format!(
                        "{} {} is told {times} times",
                        input.topic,
                        at(seen)
                    ));
                }
                None => breaches.push(format!("{} {} is not told", input.topic, at(seen))),
            }
        }
    }
    let unfounded = told.into_keys();
    breaches.extend(unfounded.map(|place| format!("{place:?} is told and stands nowhere")));
    breaches
}

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_default()
}

fn at(seen: &Seen) -> String {
    format!("{}@{}", seen.partition, seen.offset)
}
