//! A secured broker: what is right works from end to end, and every right that is missing ends the
//! service within a bounded time, with the name of what is denied and the right to it.

use std::time::Duration;

use serde_json::json;

use crate::foreign::grant;
use crate::rig::Access;
use crate::rig::secured::Secured;
use crate::small::{Small, crime, incident, wait_until};

/// Of a start on a busy machine.
const ENDS_WITHIN: Duration = Duration::from_secs(30);
const OUTPUTS: [&str; 4] = ["exceptions", "exceptions-current", "measures", "quarantine"];

/// A right: kind of resource, its name, operation.
type Right = (&'static str, String, &'static str);

/// Which rights a user lacks, and the words by which the service says so.
struct Lack {
    user: &'static str,
    of: Vec<(String, &'static str)>,
    words: Vec<String>,
}

#[test]
fn every_right_that_is_missing_is_named_and_with_all_of_them_it_works() {
    let users = [
        "all", "u1", "u2", "u3", "u4", "u5", "u6", "u7", "u8", "u9", "u10", "u11", "u12", "u13",
        "u14", "u15",
    ];
    let secured = Secured::start(&users);
    let small = Small::new(secured.rig.access()).made();
    let lacks = lacks(&small);
    for user in users {
        let lack = lacks.iter().find(|lack| lack.user == user);
        let is_lacked = |(_, name, operation): &Right| {
            lack.is_some_and(|lack| lack.of.contains(&(name.clone(), *operation)))
        };
        let granted = rights(&small).into_iter().filter(|right| !is_lacked(right));
        let granted: Vec<Right> = granted.collect();
        let rows = granted
            .iter()
            .map(|(kind, name, operation)| [user, *kind, name.as_str(), "literal", *operation]);
        grant(secured.rig.access(), &rows.collect::<Vec<_>>());
    }
    // So that everything is written that can be, and at once.
    let mut unreadable = crime("34/26/000001", 1, "2026-04-01T10:00:00+01:00");
    unreadable["core"] = json!(17);
    small.tell("rms", &unreadable);
    small.tell(
        "rms",
        &crime("34/26/000001", 1, "2026-04-01T10:00:00+01:00"),
    );
    small.tell("cad", &incident("NP-1", "2026-04-01T09:00:00+01:00"));
    for feed in ["cad", "rms"] {
        small.beat(feed, "2026-04-03T09:00:00+01:00");
    }

    let mut wrong = Vec::new();
    for lack in &lacks {
        let mut denied = small.clone();
        denied.plan.access = secured.as_user(lack.user);
        let refused = denied.refused();
        let said = refused.word();
        let principal = format!("User:{}", lack.user);
        let words = lack.words.iter().chain([&principal]);
        let unsaid = words.into_iter().any(|word| !said.contains(word.as_str()));
        if refused.code != Some(2) || unsaid || refused.took > ENDS_WITHIN {
            wrong.push(format!(
                "{:?}: code {:?} after {:?}, wanted {:?}: {}",
                lack.of,
                refused.code,
                refused.took,
                lack.words,
                &refused.said[refused.said.len().saturating_sub(3_000)..]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));

    let mut all = small.clone();
    all.plan.access = secured.as_user("all");
    let serving = all.serve();
    assert!(
        small.is_raised("REC-010", "NP-1"),
        "TLS and SASL that are right work from end to end"
    );
    wait_until("the balance is even", || {
        serving.metric("truecount_balance_off", "") == Some(0.0)
    });
}

/// Everything that the service needs, and nothing more.
fn rights(small: &Small) -> Vec<Right> {
    let plan = &small.plan;
    let mut rights = Vec::new();
    let mut topic = |name: String, operations: &[&'static str]| {
        for operation in operations {
            rights.push(("topic", name.clone(), *operation));
        }
    };
    for feed in ["cad", "rms", "desk"] {
        topic(small.topic(feed), &["read", "describe"]);
    }
    for name in ["case-events", "case-state"] {
        let all = ["read", "write", "describe", "describe_configs"];
        topic(plan.output(name), &all);
    }
    for name in OUTPUTS {
        topic(
            plan.output(name),
            &["write", "describe", "describe_configs"],
        );
    }
    for stage in ["intake", "validation"] {
        rights.push(("group", plan.group(stage), "read"));
        let id = transactional_id(small, stage);
        rights.push(("transactional_id", id.clone(), "write"));
        rights.push(("transactional_id", id, "describe"));
    }
    rights
}

fn transactional_id(small: &Small, stage: &str) -> String {
    format!("{}-0-{stage}", small.plan.app)
}

/// Each right withheld, in the order in which the service needs them: each start goes as far as it may.
fn lacks(small: &Small) -> Vec<Lack> {
    let plan = &small.plan;
    let lack = |user, of: &[(&str, &'static str)], words: &[&str]| Lack {
        user,
        of: of
            .iter()
            .map(|(name, operation)| ((*name).to_owned(), *operation))
            .collect(),
        words: words.iter().map(|word| (*word).to_owned()).collect(),
    };
    // The name of what is denied and the right to it are said.
    let one = |user, name: &str, operation: &'static str| {
        let said = operation.to_uppercase();
        lack(user, &[(name, operation)], &[name, &said])
    };
    let both = |user, name: &str, operation: &'static str| {
        let said = operation.to_uppercase();
        lack(
            user,
            &[(name, operation), (name, "describe")],
            &[name, &said],
        )
    };
    let output = |name: &str| plan.output(name);
    vec![
        both("u1", &small.topic("rms"), "read"),
        one("u2", &small.topic("rms"), "read"),
        one("u3", &output("case-events"), "describe_configs"),
        one("u4", &plan.group("intake"), "read"),
        one("u5", &plan.group("validation"), "read"),
        both("u6", &transactional_id(small, "intake"), "write"),
        both("u7", &transactional_id(small, "validation"), "write"),
        one("u8", &output("case-events"), "write"),
        one("u9", &output("case-events"), "read"),
        one("u10", &output("quarantine"), "write"),
        one("u11", &output("case-state"), "read"),
        one("u12", &output("case-state"), "write"),
        one("u13", &output("exceptions"), "write"),
        one("u14", &output("exceptions-current"), "write"),
        one("u15", &output("measures"), "write"),
    ]
}

#[test]
fn who_cannot_agree_with_the_broker_ends_and_is_told_where_to_look() {
    let secured = Secured::start(&["truecount"]);
    let right = secured.as_user("truecount");
    let ends = |access: Access, words: &[&str]| {
        let refused = Small::new(&access).refused();
        let code = refused.code.expect("no signal ends it");
        refused.says(code, words);
        assert!([1, 2].contains(&code), "{code}");
        assert!(refused.took < ENDS_WITHIN, "{:?}", refused.took);
        code
    };
    let wrong = right.clone().with("sasl.password", "not-the-password");
    let code = ends(wrong, &["user and password", "[kafka.librdkafka]"]);
    assert_eq!(code, 2, "no waiting corrects a password");
    ends(
        Access::plain(secured.port()),
        &["security.protocol", right.bootstrap()],
    );
    let other = crate::rig::tools::folder("authority").join("other.pem");
    crate::rig::secured::other_authority(&other);
    let code = ends(
        right.with("ssl.ca.location", &other.display().to_string()),
        &["certificate", "ssl.ca.location"],
    );
    assert_eq!(code, 2, "no waiting corrects a certificate");
}
