//! The configuration of the service as people write it: the shipped file, and every slip a test can
//! think of, each with its line and what to do. Start at [`told`].

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::domain::names::{RecordKind, Source};

const SHIPPED: &str = include_str!("../../../config/truecount.toml");

/// The least that is sound.
const LEAST: &str = r#"[kafka]
bootstrap_servers = "localhost:9092"
[[source]]
topics = ["cad", "rms"]
partitions = 2
[[force]]
code = "northamptonshire"
partition = 3
[[force.feed]]
name = "cad"
topics = ["cad"]
owns = ["log"]
[[force.feed]]
name = "rms"
topics = ["rms"]
owns = ["core"]
"#;

fn read_with(text: &str, variables: &[(&str, &str)]) -> Result<ServiceConfig, Vec<String>> {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let environment: BTreeMap<String, String> = variables.iter().map(own).collect();
    ServiceConfig::read("t.toml", text, &environment)
}

fn sound(text: &str, variables: &[(&str, &str)]) -> ServiceConfig {
    read_with(text, variables).unwrap_or_else(|problems| panic!("{}", problems.join("\n")))
}

/// The one problem of a text, as the operator reads it.
fn told(text: &str, variables: &[(&str, &str)], expected: &str) {
    let problems = read_with(text, variables).expect_err("the text has a problem");
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(
        problems[0].starts_with(expected),
        "{}\n{expected}",
        problems[0]
    );
}

/// The least text with something replaced.
fn least(from: &str, to: &str) -> String {
    assert!(LEAST.contains(from), "the text has {from}");
    LEAST.replacen(from, to, 1)
}

#[test]
fn the_shipped_file_is_sound_and_says_the_defaults() {
    let shipped = sound(SHIPPED, &[]);
    let bare = sound(LEAST, &[]);
    assert_eq!(shipped.topics, bare.topics);
    assert_eq!(shipped.kafka, bare.kafka);
    assert_eq!(shipped.transaction, bare.transaction);
    assert_eq!(shipped.intake, bare.intake);
    assert_eq!(shipped.validation, bare.validation);
    assert_eq!(shipped.log, bare.log);
    assert_eq!(shipped.admin.stuck_after, bare.admin.stuck_after);
    assert_eq!((shipped.app, shipped.instance), (bare.app, bare.instance));
    assert_eq!(
        (shipped.drain, shipped.restarts_max),
        (bare.drain, bare.restarts_max)
    );
    assert_eq!(shipped.stages, bare.stages);
    assert_eq!(bare.admin.listen, None);
    assert_eq!(shipped.warnings, Vec::<String>::new());
    assert_eq!(
        shipped.forces[0].decisions.as_ref().map(Source::as_str),
        Some("desk")
    );
}

#[test]
fn the_shipped_file_has_every_setting() {
    let everything = [
        ("TRUECOUNT_INTAKE__REGISTRY__URL", "http://localhost:8081"),
        ("TRUECOUNT_INTAKE__PSEUDONYMS__KEY_ID", "k1"),
        ("TRUECOUNT_ADMIN__CONSOLE__LISTEN", "127.0.0.1:0"),
    ];
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let environment: BTreeMap<String, String> = everything.iter().map(own).collect();
    let tombstones = SHIPPED.replace("# tombstones", "tombstones");
    let (_, outcome) = super::read("t.toml", &tombstones, &environment).expect("it is TOML");
    assert!(outcome.asked.len() > 50, "the settings are counted");
    for setting in outcome
        .asked
        .iter()
        .filter(|name| !name.contains("tombstones."))
    {
        let key = setting.rsplit('.').next().unwrap_or_default();
        let stands = SHIPPED.lines().any(|line| {
            let line = line.trim_start_matches("# ");
            line.strip_prefix(key)
                .is_some_and(|rest| rest.starts_with(" ="))
        });
        assert!(stands, "config/truecount.toml has no {setting}");
    }
}

#[test]
fn a_variable_goes_before_the_file() {
    let config = sound(
        LEAST,
        &[
            ("TRUECOUNT_KAFKA__BOOTSTRAP_SERVERS", "one:1,two:2"),
            ("TRUECOUNT_TOPICS__REPLICATION", "1"),
            ("TRUECOUNT_TOPICS__MIN_INSYNC_REPLICAS", "1"),
            ("TRUECOUNT_SERVICE__INTAKE", "false"),
            ("TRUECOUNT_SERVICE__INSTANCE", "7"),
            ("TRUECOUNT_ADMIN__LISTEN", "127.0.0.1:9000"),
            ("TRUECOUNT_KAFKA__LIBRDKAFKA__FETCH_QUEUE_BACKOFF_MS", "5"),
            ("TRUECOUNT_LOG__LEVEL", ""),
            ("TRUECOUNT_TOKEN", "of something else"),
        ],
    );
    assert_eq!(config.kafka.bootstrap_servers, "one:1,two:2");
    assert_eq!(config.topics.replication, 1);
    assert_eq!(
        config.stages,
        Stages {
            intake: false,
            validation: true
        }
    );
    assert_eq!(config.instance, "7");
    assert_eq!(config.admin.listen.map(|at| at.port()), Some(9000));
    assert_eq!(config.kafka.librdkafka["fetch.queue.backoff.ms"], "5");
    assert_eq!(config.log.level, tracing::Level::INFO);
}

#[test]
fn a_variable_that_is_wrong_is_named() {
    for (name, value, expected) in [
        (
            "TRUECOUNT_TOPICS__REPLICATON",
            "1",
            "names no setting; did you mean TRUECOUNT_TOPICS__REPLICATION?",
        ),
        (
            "TRUECOUNT_TOPICS__REPLICATION",
            "three",
            "is not a whole number",
        ),
        ("TRUECOUNT_SERVICE__INTAKE", "yes", "is not true or false"),
        (
            "TRUECOUNT_TRANSACTION__INTERVAL_MS",
            "0",
            "0 is not between 1 and 10000",
        ),
        (
            "TRUECOUNT_LOG__FORMAT",
            "xml",
            "`xml` is not one of text, json",
        ),
    ] {
        told(
            LEAST,
            &[(name, value)],
            &format!("environment: {name}: {expected}"),
        );
    }
}

#[test]
fn every_slip_is_told_with_its_line_and_what_to_do() {
    for (from, to, expected) in [
        (
            "[kafka]",
            "[kafka]\nsesion_timeout_ms = 1",
            "t.toml:2: `kafka.sesion_timeout_ms`: is no setting; did you mean session_timeout_ms?",
        ),
        (
            "[[source]]",
            "[topisc]\n[[source]]",
            "t.toml:3: `topisc`: is no setting; did you mean topics?",
        ),
        (
            "bootstrap_servers = \"localhost:9092\"",
            "",
            "t.toml:1: `kafka.bootstrap_servers`: is missing",
        ),
        (
            "localhost:9092",
            "localhost",
            "t.toml:2: `kafka.bootstrap_servers`: `localhost` is not host:port",
        ),
        (
            "\"localhost:9092\"",
            "9092",
            "t.toml:2: `kafka.bootstrap_servers`: is a text in quotes, not of type integer",
        ),
        (
            "partitions = 2",
            "partitions = \"2\"",
            "t.toml:5: `source.partitions`: is a whole number, not of type string",
        ),
        (
            "partitions = 2",
            "",
            "t.toml:3: `source.partitions`: is missing",
        ),
        (
            "\"rms\"]\npartitions = 2",
            "\"rms\", \"hub\"]\npartitions = 2",
            "t.toml:4: `source.topics`: no feed of a force names `hub`",
        ),
        (
            "topics = [\"cad\", \"rms\"]",
            "topics = [\"cad\", \"rms\", \"cad\"]",
            "t.toml:4: `source.topics`: `cad` is described in line 4 already",
        ),
        (
            "topics = [\"rms\"]",
            "topics = [\"rms\", \"rmss\"]",
            "t.toml:15: `force.feed.topics`: no [[source]] describes `rmss`; did you mean rms?",
        ),
        (
            "topics = [\"rms\"]",
            "topics = [\"rms\", \"rms\"]",
            "t.toml:15: `force.feed.topics`: names `rms` twice",
        ),
        (
            "topics = [\"cad\", \"rms\"]",
            "topics = [\"cad\", \"rms\"]\npattern = \"^c.*\"",
            "t.toml:4: `source.topics`: `rms` does not match the pattern ^c.*",
        ),
        (
            "partition = 3",
            "partition = 12",
            "t.toml:8: `force.partition`: 12 is not between 0 and 11",
        ),
        (
            "partition = 3",
            "",
            "t.toml:6: `force.partition`: is missing: give the force a partition of the journal, 0 to 11",
        ),
        (
            "\"northamptonshire\"",
            "\"northamptonshre\"",
            "t.toml:7: `force.code`: `northamptonshre` is not in the forces table; did you mean northamptonshire?",
        ),
        (
            "partition = 3",
            "partition = 3\ndecisions = \"desk\"",
            "t.toml:9: `force.decisions`: `desk` is no feed of this force",
        ),
        (
            "partition = 3",
            "partition = 3\nfeeds = 1",
            "t.toml:9: `force.feeds`: is no setting; did you mean feed?",
        ),
        (
            "owns = [\"log\"]",
            "owns = [\"logs\"]",
            "t.toml:12: `logs`: is no block; the blocks are",
        ),
        (
            "owns = [\"log\"]",
            "owns = \"log\"",
            "t.toml:12: `force.feed`: invalid type: string \"log\", expected a sequence",
        ),
        (
            "owns = [\"log\"]",
            "own = [\"log\"]",
            "t.toml:12: `force.feed.own`: is no setting; did you mean owns?",
        ),
        (
            "owns = [\"core\"]",
            "owns = [\"log\"]",
            "t.toml:16: `log`: is owned by cad and by rms",
        ),
        (
            "name = \"rms\"",
            "name = \"cad\"",
            "t.toml:14: `force.feed.name`: `cad` is declared twice",
        ),
        (
            "owns = [\"core\"]",
            "owns = [\"core\"]\nexpected_every_minutes = 5",
            "t.toml:14: `rms`: promises half",
        ),
        (
            "partitions = 2",
            "partitions = 2\nencoding = \"avro\"",
            "t.toml:4: `source.encoding`: needs the schema registry",
        ),
        (
            "partitions = 2",
            "partitions = 2\nencoding = \"xml\"",
            "t.toml:6: `source.encoding`: `xml` is not one of json, avro, auto",
        ),
        (
            "partitions = 2",
            "partitions = 2\ntombstones = { key = \"{reference}\", force = \"f\", source = \"s\" }",
            "t.toml:6: `source.tombstones`: nothing says the record: write {record} into the key, or record = \"…\"",
        ),
        (
            "[[source]]",
            "[topics]\njournal = \"rms\"\n[[source]]",
            "t.toml:6: `source.topics`: `rms` is topics.journal",
        ),
        (
            "[[source]]",
            "[topics]\njournal = \"measures\"\n[[source]]",
            "t.toml:3: `topics.measures`: `measures` is the name of topics.journal too",
        ),
        (
            "[[source]]",
            "[topics]\nreplication = 1\n[[source]]",
            "t.toml:3: `topics.min_insync_replicas`: 2 copies cannot be in step where there are 1",
        ),
        (
            "[[source]]",
            "[validation]\nprofile = \"nationl\"\n[[source]]",
            "t.toml:4: `validation.profile`: ",
        ),
        (
            "[[source]]",
            "[intake]\nmax_record_bytes = 8000000\n[[source]]",
            "t.toml:1: `topics.message_bytes_max`: 8388608 is less than twice",
        ),
        (
            "[[source]]",
            "[admin]\nlisten = \"9464\"\n[[source]]",
            "t.toml:4: `admin.listen`: `9464` is not an address and a port",
        ),
        (
            "[[source]]",
            "[source]",
            "t.toml:3: `source`: is a list of tables: write [[source]]",
        ),
    ] {
        let text = least(from, to);
        let problems = read_with(&text, &[]).expect_err(to);
        let found = problems.iter().any(|problem| problem.starts_with(expected));
        assert!(found, "{to}\n{problems:#?}\n{expected}");
    }
}

#[test]
fn two_forces_of_one_code_are_told() {
    let again = LEAST
        .split_once("[[force]]")
        .map(|(_, force)| format!("[[force]]{force}"));
    let text = format!("{LEAST}{}", again.expect("the text has a force"));
    told(
        &text,
        &[],
        "t.toml:18: `force.code`: `northamptonshire` is declared in line 7 already",
    );
}

#[test]
fn all_problems_come_at_once_in_the_order_of_their_lines() {
    let text = least("partition = 3", "partition = 99")
        .replace("partitions = 2", "partitions = 0")
        .replace("localhost:9092", "localhost");
    let problems = read_with(&text, &[("TRUECOUNT_LOG__LEVL", "x")]).expect_err("four problems");
    let places: Vec<&str> = problems
        .iter()
        .filter_map(|one| one.split(": ").next())
        .collect();
    assert_eq!(
        places,
        ["environment", "t.toml:2", "t.toml:5", "t.toml:8"],
        "{problems:#?}"
    );
}

#[test]
fn a_file_that_is_no_toml_names_its_line() {
    told("[kafka]\nbootstrap_servers = \n", &[], "t.toml:2: ");
}

fn passing(lines: &str) -> String {
    least(
        "[[source]]",
        &format!("[kafka.librdkafka]\n{lines}\n[[source]]"),
    )
}

#[test]
fn what_exactly_once_rests_on_is_refused_with_the_reason() {
    for (key, because) in [
        (
            "enable.auto.commit",
            "positions are committed inside the transaction",
        ),
        (
            "isolation.level",
            "what an ended transaction wrote must not be read",
        ),
        ("transactional.id", "it is made from"),
        ("group.id", "it is made from"),
        ("session.timeout.ms", "it has a setting of its own"),
        (
            "auto.offset.reset",
            "a position that is gone stops the service",
        ),
    ] {
        let expected =
            format!("t.toml:4: `kafka.librdkafka.{key}`: belongs to the service: {because}");
        told(&passing(&format!("\"{key}\" = \"x\"")), &[], &expected);
        told(&passing(&format!("{key} = \"x\"")), &[], &expected);
    }
}

#[test]
fn names_with_dots_are_read_quoted_or_not_and_numbers_as_text() {
    let config = sound(&passing("linger.ms = 7\n\"check.crcs\" = true"), &[]);
    let passed: Vec<(&str, &str)> = config.kafka.properties().collect();
    assert_eq!(
        passed,
        [
            ("bootstrap.servers", "localhost:9092"),
            ("check.crcs", "true"),
            ("linger.ms", "7")
        ]
    );
}

#[test]
fn what_has_to_go_together_in_tls_and_sasl_is_told() {
    let key = "`kafka.librdkafka.";
    for (lines, expected) in [
        (
            "ssl.ca.location = \"/no/such/ca.pem\"",
            format!("t.toml:4: {key}ssl.ca.location`: the file /no/such/ca.pem does not exist"),
        ),
        (
            "security.protocol = \"sasl_ssl\"",
            format!("t.toml:4: {key}security.protocol`: needs \"sasl.mechanism\""),
        ),
        (
            "sasl.mechanism = \"PLAIN\"",
            format!("t.toml:4: {key}sasl.mechanism`: has no effect unless"),
        ),
        (
            "security.protocol = \"SASL_SSL\"\nsasl.mechanism = \"GSSAPI\"",
            format!("t.toml:5: {key}sasl.mechanism`: `GSSAPI` is not in this build"),
        ),
        (
            "security.protocol = \"SASL_SSL\"\nsasl.mechanism = \"PLAIN\"",
            format!("t.toml:4: {key}security.protocol`: needs a password"),
        ),
    ] {
        told(&passing(lines), &[], &expected);
    }
    let config = sound(&passing("ssl.ca.location = \"probe\""), &[]);
    assert_eq!(config.warnings.len(), 1, "{:?}", config.warnings);
}

const CANARY: &str = "canary-that-nobody-may-read-0123456789";

#[test]
fn secrets_come_from_files_and_variables_and_are_never_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("secret");
    std::fs::write(&file, format!("{CANARY}\n")).expect("the folder takes files");
    let path = file.display();
    let lines = format!(
        "security.protocol = \"sasl_ssl\"\nsasl.mechanism = \"PLAIN\"\n\"sasl.password_file\" = \"{path}\"\n\
         [intake.pseudonyms]\nkey_id = \"k1\"\nkey_file = \"{path}\"\n\
         [intake.registry]\nurl = \"http://localhost:8081\"\nusername = \"u\"\n\
         [admin.console]\nlisten = \"127.0.0.1:0\""
    );
    let variables = [
        ("TRUECOUNT_INTAKE__REGISTRY__PASSWORD", CANARY),
        (
            "TRUECOUNT_ADMIN__CONSOLE__TOKEN_FILE",
            file.to_str().expect("a path in UTF-8"),
        ),
    ];
    let config = sound(&passing(&lines), &variables);
    let secrets = [
        config.kafka.secrets.get("sasl.password"),
        config.intake.pseudonyms.as_ref().map(|one| &one.key),
        config
            .intake
            .registry
            .as_ref()
            .and_then(|one| one.login.as_ref())
            .map(|(_, word)| word),
        config.admin.console.as_ref().map(|one| &one.token),
    ];
    for secret in secrets {
        assert_eq!(secret.map(Secret::expose), Some(CANARY));
    }
    let printed = format!("{config:?} {config:#?}");
    assert!(
        printed.contains("***") && !printed.contains(CANARY),
        "{printed}"
    );
    let passed = config
        .kafka
        .properties()
        .find(|(key, _)| *key == "sasl.password");
    assert_eq!(
        passed.map(|(_, value)| value),
        Some(CANARY),
        "the client gets it"
    );
}

#[test]
fn no_message_repeats_a_secret() {
    let in_the_file = passing(&format!(
        "sasl.password = \"{CANARY}\"\n\"ssl.key.password_file\" = \"{CANARY}\"\n\
         [intake.pseudonyms]\nkey_id = \"k1\"\nkey = \"{CANARY}\"\nkey_file = \"{CANARY}\"\n\
         [intake.registry]\nurl = \"http://u:{CANARY}@localhost\"\npassword = \"{CANARY}\"\n\
         [admin.console]\nlisten = \"127.0.0.1:0\"\ntoken = \"{CANARY}\""
    ));
    let variables = [
        ("TRUECOUNT_ADMIN__CONSOLE__TOKEN", &CANARY[..9]),
        ("TRUECOUNT_X__Y", CANARY),
    ];
    let problems = read_with(&in_the_file, &variables).expect_err("everything is wrong");
    assert!(problems.len() >= 9, "{problems:#?}");
    let printed = problems.join("\n");
    assert!(!printed.contains("canary"), "{printed}");
}

#[test]
fn a_secret_that_is_missing_or_short_is_told() {
    let console = "[admin.console]\nlisten = \"127.0.0.1:0\"";
    let expected = "t.toml:4: `admin.console.token_file`: is missing: name the file";
    told(
        &passing("").replace(
            "[kafka.librdkafka]\n\n",
            &format!("{console}\n").replacen("[admin", "\n[admin", 1),
        ),
        &[],
        expected,
    );
    told(
        LEAST,
        &[
            ("TRUECOUNT_INTAKE__PSEUDONYMS__KEY", "short"),
            ("TRUECOUNT_INTAKE__PSEUDONYMS__KEY_ID", "k1"),
        ],
        "environment: TRUECOUNT_INTAKE__PSEUDONYMS__KEY: the key is shorter than 32 bytes",
    );
    told(
        LEAST,
        &[
            ("TRUECOUNT_INTAKE__PSEUDONYMS__KEY", CANARY),
            ("TRUECOUNT_INTAKE__PSEUDONYMS__KEY_ID", "k 1"),
        ],
        "environment: TRUECOUNT_INTAKE__PSEUDONYMS__KEY_ID: is 1 to 16 letters and digits",
    );
}

#[test]
fn a_pattern_stands_for_the_topics_it_matched() {
    let text = least("partitions = 2", "partitions = 2\npattern = \"^.+\"")
        .replace("topics = [\"rms\"]", "topics = [\"^.+\"]");
    let config = sound(&text, &[]);
    assert_eq!(config.forces[0].feeds[1].topics, ["cad", "rms"]);
    let source = config.source("rms").expect("it is described");
    assert_eq!(source.pattern.as_ref().map(Pattern::as_str), Some("^.+"));
    assert_eq!(source.partitions, 2);
    assert_eq!(source.encoding, Encoding::Json);
}

#[test]
fn what_files_say_of_feeds_the_service_says_too() {
    let config = sound(SHIPPED, &[]);
    let force = config.force("northamptonshire").expect("it is declared");
    let desk = &force.feeds[3];
    assert_eq!(desk.topics, ["northamptonshire.desk"]);
    let promise = desk.feed.promise.expect("it promises");
    assert_eq!(
        promise.expected_every,
        crate::domain::Elapsed::minutes(1440)
    );
    assert_eq!(force.feeds[0].feed.owns.len(), 6);
    assert_eq!(
        config.validation.quarantine_hold,
        Duration::from_secs(4 * 3600)
    );
    assert!(Path::new("config/truecount.toml").is_relative());
}

#[test]
fn a_key_names_its_thing() {
    let mapped = |key: &str| {
        let tombstones = format!("partitions = 2\ntombstones = {{ key = {key} }}");
        let config = sound(&least("partitions = 2", &tombstones), &[]);
        config.sources[0].tombstones.clone().expect("it is mapped")
    };
    let fixed = mapped("\"{reference}\", force = \"f\", source = \"rms\", record = \"crime\"");
    let names = fixed.names("34/26/004512").expect("it names");
    assert_eq!(names.reference.as_str(), "34/26/004512");
    assert_eq!(
        (names.force.as_str(), names.record),
        ("f", RecordKind::Crime)
    );
    assert_eq!(fixed.names(""), None);
    let told = mapped("\"{force}:{record}:{reference}\", source = \"rms\"");
    let names = told.names("f:incident:a:b").expect("it names");
    assert_eq!(
        (names.reference.as_str(), names.record),
        ("a:b", RecordKind::Incident)
    );
    assert_eq!(told.names("f:heartbeat:a"), None);
    assert_eq!(told.names("f:crime"), None);
}
