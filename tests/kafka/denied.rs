//! A secured broker: with exactly the rights that `deploy/kafka/acls.sh` grants each stage works under a
//! principal of its own, and every right that is missing ends the service within a bounded time, with
//! who lacks which right to what.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::foreign::grant;
use crate::rig::secured::{Secured, password};
use crate::rig::{Access, tools};
use crate::rights;
use crate::small::{Small, crime, incident, wait_until};

/// Of a start on a busy machine.
const ENDS_WITHIN: Duration = Duration::from_secs(30);
const STAGES: [&str; 2] = ["intake", "validation"];
/// One for each right that is withheld; more than there are.
const LACKING: usize = 40;

/// A right of the script.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Right {
    user: String,
    operation: String,
    kind: String,
    name: String,
}

#[test]
fn with_the_rights_of_the_script_it_works_and_each_that_is_missing_is_named() {
    let mut users: Vec<String> = (0..LACKING).map(|number| format!("u{number}")).collect();
    users.extend(
        [&STAGES[..], &["topics"]]
            .concat()
            .iter()
            .map(|name| (*name).to_owned()),
    );
    let names: Vec<&str> = users.iter().map(String::as_str).collect();
    let secured = Secured::start(&names);
    let mut small = Small::new(secured.rig.access());
    small.plan.create_sources();
    let rights = run_the_script(&secured, &small);
    small.plan.access = secured.as_user("topics");
    small.apply();

    let of_stages = rights
        .iter()
        .filter(|right| STAGES.contains(&right.user.as_str()));
    let of_stages: Vec<&Right> = of_stages.collect();
    assert!(
        of_stages.len() > 20 && of_stages.len() < LACKING,
        "{of_stages:#?}"
    );
    let mut wrong = Vec::new();
    for (number, lacked) in of_stages.iter().enumerate() {
        let user = format!("u{number}");
        let others = of_stages
            .iter()
            .filter(|right| right.user == lacked.user && right != &lacked);
        grant_to(&secured, &user, others.copied());
        let mut lacking = only(&small, &lacked.user);
        lacking.plan.access = secured.as_user(&user);
        let refused = lacking.refused();
        let said = refused.word();
        let operation = shouted(&lacked.operation);
        let words = [format!("User:{user}"), lacked.name.clone(), operation];
        let unsaid = words.iter().any(|word| !said.contains(word.as_str()));
        if refused.code != Some(2) || unsaid || refused.took > ENDS_WITHIN {
            wrong.push(format!(
                "without {lacked:?}: code {:?} after {:?}, wanted {words:?}: {}",
                refused.code,
                refused.took,
                &refused.said[refused.said.len().saturating_sub(3_000)..]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    each_stage_works(&secured, &small);
}

/// Intake and validation, each under its own name, from a record to an exception.
fn each_stage_works(secured: &Secured, small: &Small) {
    let mut teller = small.clone();
    teller.plan.access = secured.rig.access().clone();
    let mut unreadable = crime("34/26/000001", 1, "2026-04-01T10:00:00+01:00");
    unreadable["core"] = json!(17);
    teller.tell("rms", &unreadable);
    let readable = crime("34/26/000001", 1, "2026-04-01T10:00:00+01:00");
    teller.tell("rms", &readable);
    teller.tell("cad", &incident("NP-1", "2026-04-01T09:00:00+01:00"));
    for feed in ["cad", "rms"] {
        teller.beat(feed, "2026-04-03T09:00:00+01:00");
    }
    let [intake, validation] = STAGES.map(|stage| {
        let mut alone = only(small, stage);
        alone.plan.access = secured.as_user(stage);
        // One console of two is enough.
        alone.plan.more.retain(|(table, _)| table != "admin");
        alone.serve()
    });
    assert!(
        teller.is_raised("REC-010", "NP-1"),
        "TLS, SASL and the rights of the script are enough from end to end"
    );
    wait_until("the balance is even", || {
        validation.metric("truecount_balance_off", "") == Some(0.0)
    });
    assert_eq!(
        intake.metric("truecount_quarantined_total", ""),
        Some(1.0),
        "what cannot be read is set aside"
    );
}

/// A process with one stage.
fn only(small: &Small, stage: &str) -> Small {
    let other = STAGES.iter().find(|other| **other != stage);
    let other = other.expect("there are two");
    small.clone().with("service", &format!("{other} = false"))
}

/// Runs `deploy/kafka/acls.sh` with Kafka's own tool; what it says it would grant.
fn run_the_script(secured: &Secured, small: &Small) -> BTreeSet<Right> {
    let plan = &small.plan;
    let sources = ["cad", "rms", "desk"]
        .map(|feed| small.topic(feed))
        .join(" ");
    let (tool, config) = kafka_acls(secured);
    let own = |name: &str| plan.output(name);
    let parameters = [
        ("BOOTSTRAP", secured.rig.access().bootstrap().to_owned()),
        ("SOURCES", sources),
        ("APP", plan.app.clone()),
        ("INTAKE", "User:intake".to_owned()),
        ("VALIDATION", "User:validation".to_owned()),
        ("TOPICS_APPLY", "User:topics".to_owned()),
        ("JOURNAL", own("case-events")),
        ("STATE", own("case-state")),
        ("EXCEPTIONS", own("exceptions")),
        ("EXCEPTIONS_CURRENT", own("exceptions-current")),
        ("MEASURES", own("measures")),
        ("QUARANTINE", own("quarantine")),
        ("KAFKA_ACLS", tool.display().to_string()),
        ("COMMAND_CONFIG", config.display().to_string()),
    ];
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("deploy/kafka/acls.sh");
    let _ = tools::run(Command::new(script).envs(parameters.clone()));
    let borrowed: Vec<(&str, &str)> = parameters
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let granted = rights::granted(&borrowed);
    granted.iter().map(|line| right_of(line)).collect()
}

/// `User:intake Read topic northamptonshire.cad`, as the parts that it has.
fn right_of(line: &str) -> Right {
    let mut words = line.split_whitespace().map(str::to_owned);
    let mut next = || words.next().expect("a right has four words");
    Right {
        user: next().trim_start_matches("User:").to_owned(),
        operation: next(),
        kind: next().replace('-', "_"),
        name: next(),
    }
}

fn grant_to<'a>(secured: &Secured, user: &str, rights: impl Iterator<Item = &'a Right>) {
    let spelled: Vec<(&Right, String)> = rights
        .map(|right| (right, shouted(&right.operation)))
        .collect();
    let rows: Vec<[&str; 5]> = spelled
        .iter()
        .map(|(right, operation)| [user, &right.kind, &right.name, "literal", operation])
        .collect();
    grant(secured.rig.access(), &rows);
}

/// `DescribeConfigs` as the broker's clients spell it: `DESCRIBE_CONFIGS`.
fn shouted(operation: &str) -> String {
    let mut shouted = String::new();
    for letter in operation.chars() {
        if letter.is_uppercase() && !shouted.is_empty() {
            shouted.push('_');
        }
        shouted.push(letter.to_ascii_uppercase());
    }
    shouted
}

/// Kafka's own tool as a command, and what it has to know to be the administrator.
fn kafka_acls(secured: &Secured) -> (PathBuf, PathBuf) {
    let folder = tools::folder("acls");
    let java = tools::kafka("org.apache.kafka.tools.AclCommand");
    let words = std::iter::once(java.get_program()).chain(java.get_args());
    let quoted = words.map(|word| format!("'{}'", word.display()));
    let quoted = quoted.collect::<Vec<_>>().join(" ");
    let tool = folder.join("kafka-acls");
    fs::write(&tool, format!("#!/bin/sh\nexec {quoted} \"$@\"\n")).expect("the folder is there");
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let config = folder.join("admin.properties");
    let login = format!(
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"admin\" \
         password=\"{}\";",
        password("admin")
    );
    let lines = [
        "security.protocol=SASL_SSL".to_owned(),
        "sasl.mechanism=SCRAM-SHA-512".to_owned(),
        format!("sasl.jaas.config={login}"),
        "ssl.truststore.type=PEM".to_owned(),
        format!("ssl.truststore.location={}", secured.authority.display()),
    ];
    fs::write(&config, lines.join("\n")).expect("the folder is there");
    (tool, config)
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
