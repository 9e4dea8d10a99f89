//! The drill of a restore: the state is lost and the journal is there, or a copy of it. What was
//! published is made again from it, whatever was activated on the way.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::foreign::{client, python};
use crate::month::{FROM, Fleet, Month, Outcome, apply_topics};
use crate::plan::Plan;
use crate::readers::{Isolation, Seen, dump};
use crate::rig::{Rig, unique};

const FORCES: [&str; 2] = ["kent", "essex"];

#[test]
fn what_was_published_is_made_again_from_the_journal_and_from_a_copy() {
    let access = Rig::shared().access();
    let month = Month::generated(&FORCES, 120);
    let lived = Plan::generated(access, &FORCES, FROM, 1, 2, "json");
    let _ = month.produce(&lived, &json!({}));
    apply_topics(&lived);
    run(&lived);
    // Another promise: a second activation, from where the first start ended.
    let mut lived = lived;
    for force in &mut lived.forces {
        let desk = force.feeds.iter_mut().find(|feed| feed.name == "desk");
        let desk = desk.expect("it is generated");
        desk.lines = desk.lines.replace("= 1440", "= 2880");
    }
    run(&lived);
    let before = Outcome::published(&lived);
    assert!(before.standing.len() > 20, "there is something to lose");

    let rebuilt = from_journal(&lived, lived.output("case-events"));
    run(&rebuilt);
    assert_eq!(Outcome::published(&rebuilt).standing, before.standing);
    assert_eq!(Outcome::published(&rebuilt).measures, before.measures);
    assert_eq!(
        revisions(&rebuilt),
        revisions(&lived),
        "byte for byte, provenance included"
    );
    // A start in the middle of it goes on as one that was never interrupted; here behind its end.
    run(&rebuilt);
    assert_eq!(revisions(&rebuilt), revisions(&lived));

    let copy = unique("backup");
    access.create_topic(
        &copy,
        lived.journal_partitions,
        &[
            ("message.timestamp.type", "LogAppendTime"),
            ("retention.ms", "-1"),
        ],
    );
    let from = lived.output("case-events");
    let asked = json!({"client": client(access), "from": from, "to": copy});
    let copied: usize = python("copy_topic.py", &asked)
        .trim()
        .parse()
        .expect("it counts");
    assert_eq!(copied, dump(access, &from, Isolation::Committed).len());
    let restored = from_journal(&lived, copy);
    run(&restored);
    // Positions in a copy are others: it has no marks of transactions.
    assert_eq!(elsewhere(&restored), elsewhere(&lived));
    assert_eq!(Outcome::published(&restored).measures, before.measures);
}

/// A service that judges this journal and keeps and publishes in topics of its own.
fn from_journal(lived: &Plan, journal: String) -> Plan {
    let validation_only = ("service".to_owned(), "intake = false".to_owned());
    let plan = Plan {
        app: unique("rebuilt"),
        journal: Some(journal),
        more: vec![validation_only],
        ..lived.clone()
    };
    apply_topics(&plan);
    plan
}

fn run(plan: &Plan) {
    let fleet = Fleet::start(plan, 1);
    if plan.journal.is_none() {
        plan.wait_until_judged();
    }
    plan.wait_until_journal_judged();
    fleet.stop();
}

/// Every revision as it was published.
fn revisions(plan: &Plan) -> Vec<(i32, String)> {
    let topic = plan.output("exceptions");
    let seen = dump(&plan.access, &topic, Isolation::Committed);
    let line = |seen: &Seen| (seen.partition, seen.value_text().to_owned());
    let mut revisions: Vec<(i32, String)> = seen.iter().map(line).collect();
    revisions.sort_unstable();
    revisions
}

/// What stands, without where in the journal it was made.
fn elsewhere(plan: &Plan) -> BTreeMap<String, Value> {
    let mut standing = Outcome::published(plan).standing;
    for exception in standing.values_mut() {
        let fields = exception.as_object_mut().expect("it is an object");
        let _ = fields.remove("provenance");
    }
    standing
}
