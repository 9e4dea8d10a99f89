//! A rule set that changes between two starts: everything is judged again, the differences are
//! revisions, an interruption half-way changes nothing, and what is old does not come back by itself.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::checker::{Evidence, broken_laws};
use crate::month::{FROM, Fleet, Month, Outcome, apply_topics, newest, replay};
use crate::plan::Plan;
use crate::readers::{Follower, Isolation, dump};
use crate::rig::{Rig, tools, unique};
use crate::serving::Serving;

/// Five of the national rules and no others.
const OTHER: &str = "demonstration-police-uk";
/// The code of a process that judges by rules which others followed.
const OLD: Option<i32> = Some(10);

#[test]
fn a_changed_rule_set_judges_again_and_the_old_one_stays_away() {
    let access = Rig::shared().access();
    let month = Month::generated(&["kent"], 150);
    let national = Plan::generated(access, &["kent"], FROM, 2, 2, "json");
    let _ = month.produce(&national, &json!({}));
    let undisturbed = Plan {
        app: unique("undisturbed"),
        ..national.clone()
    };
    judge(&national);
    judge(&undisturbed);
    assert_eq!(Outcome::published(&national), month.checked(&national));

    // Two things in a transaction, so that there is a half-way.
    let slowly = ("transaction".to_owned(), "records_max = 2".to_owned());
    let other = Plan {
        profile: OTHER.to_owned(),
        more: vec![slowly],
        ..national.clone()
    };
    let follower = Follower::follow(access, &other.output("exceptions"));
    let mut killed = Serving::launch(&other, "0");
    let _ = follower.wait_for("a revision under the other rules", |seen| {
        seen.json()["profile"] == OTHER
    });
    killed.kill9();
    assert!(
        is_half_way(&other),
        "it was killed too late to show anything"
    );
    go_on(&other);
    let evidence = Evidence::of(&other, Some(follower));
    assert_eq!(broken_laws(&evidence), [""; 0]);

    let changed = Outcome::published(&other);
    assert_eq!(changed, month.checked(&other));
    let before = month.checked(&national);
    assert!(
        changed.standing.len() < before.standing.len(),
        "rules are off"
    );
    let twin = Plan {
        app: undisturbed.app,
        ..other.clone()
    };
    go_on(&twin);
    let stood: Vec<&String> = before.standing.keys().collect();
    let (disturbed, undisturbed) = (ends(&other, &stood), ends(&twin, &stood));
    assert_eq!(disturbed, undisturbed, "as without the interruption");
    let is_superseded = |body: &&Value| body["state"] == "superseded";
    let superseded = disturbed.values().filter(is_superseded).count();
    assert_eq!(
        superseded,
        stood.len() - changed.standing.len(),
        "off is off"
    );

    comes_back_on_purpose_only(&national, &other, &month);
    is_replayed_up_to_the_change(&national);
}

fn comes_back_on_purpose_only(national: &Plan, other: &Plan, month: &Month) {
    let mut old = Serving::launch(national, "0");
    assert_eq!(old.wait(), OLD, "{}", old.said());
    let said = old.said();
    for words in [
        "kent: this process judges by",
        "since activation 2",
        "--go-back",
    ] {
        assert!(said.contains(words), "{words}:\n{said}");
    }
    assert_eq!(
        Outcome::published(other),
        month.checked(other),
        "it touched nothing"
    );

    let mut back = Serving::launch_going_back(national, "0");
    back.wait_until_ready();
    national.wait_until_judged();
    assert_eq!(back.stop(), Some(0), "{}", back.said());
    assert_eq!(Outcome::published(national), month.checked(national));
    assert_eq!(broken_laws(&Evidence::of(national, None)), [""; 0]);
    let mut other = Serving::launch(other, "0");
    assert_eq!(other.wait(), OLD, "now the other is old: {}", other.said());
}

/// What was judged by the first rules is replayed, and the rest is refused by name.
fn is_replayed_up_to_the_change(national: &Plan) {
    let out = tools::folder("refused");
    let ran = replay(national, &out, &["--partition", "0"]);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), OLD, "{said}");
    for words in ["activation 2 judges by", OTHER, "(profile national)"] {
        assert!(said.contains(words), "{words}:\n{said}");
    }
    let replayed = fs::read_to_string(out.join("exceptions.jsonl")).expect("it was written");
    let topic = national.output("exceptions");
    let published = dump(&national.access, &topic, Isolation::Committed);
    let mut first: Vec<&str> = Vec::new();
    for partition in 0..national.output_partitions {
        let here = published.iter().filter(|seen| seen.partition == partition);
        let under_the_first = here.take_while(|seen| seen.json()["profile"] == "national");
        first.extend(under_the_first.map(|seen| seen.value_text()));
    }
    let mut replayed: Vec<&str> = replayed.lines().collect();
    replayed.sort_unstable();
    first.sort_unstable();
    assert_eq!(replayed, first);
}

fn judge(plan: &Plan) {
    apply_topics(plan);
    go_on(plan);
}

/// Starts one process, lets it judge what there is, and stops it.
fn go_on(plan: &Plan) {
    let fleet = Fleet::start(plan, 1);
    plan.wait_until_judged();
    fleet.stop();
}

/// True if an activation is being worked off in what is kept.
fn is_half_way(plan: &Plan) -> bool {
    let kept = newest(&dump(
        &plan.access,
        &plan.output("case-state"),
        Isolation::Committed,
    ));
    let again = &kept["v1/kent/progress"]["progress"]["again"];
    !again["through"].is_null()
}

/// How these exceptions end, without what depends on the way there. Others came and went with the order
/// of the proofs.
fn ends(plan: &Plan, of: &[&String]) -> BTreeMap<String, Value> {
    let current = plan.output("exceptions-current");
    let mut current = newest(&dump(&plan.access, &current, Isolation::Committed));
    current.retain(|id, _| of.contains(&id));
    for body in current.values_mut() {
        let fields = body.as_object_mut().expect("an exception is an object");
        for name in ["provenance", "revision", "reopened"] {
            let _ = fields.remove(name);
        }
    }
    current
}
