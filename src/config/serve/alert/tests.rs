//! The configuration of the alerting as people write it, with the slips they make. Start at [`told`].

use std::collections::BTreeMap;

use super::*;

const SHIPPED: &str = include_str!("../../../../config/alert.toml");
const CANARY: &str = "canary-that-nobody-may-read-0123456789";

fn read_with(text: &str, variables: &[(&str, &str)]) -> Result<AlertConfig, Vec<String>> {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let environment: BTreeMap<String, String> = variables.iter().map(own).collect();
    AlertConfig::read("t.toml", text, &environment)
}

/// A file with a key in it, and the path of it.
fn key() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key");
    std::fs::write(&path, format!("{CANARY}\n")).expect("the folder takes files");
    let path = path.display().to_string();
    (folder, path)
}

const KAFKA: &str = "[kafka]\nbootstrap_servers = \"localhost:9092\"\n";

/// Everything that is wrong with these lines.
fn told(lines: &str, expected: &[&str]) {
    let problems = read_with(&format!("{KAFKA}{lines}"), &[]).expect_err("it is wrong");
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    for (problem, expected) in problems.iter().zip(expected) {
        assert!(problem.contains(expected), "{problem}\n{expected}");
    }
}

#[test]
fn the_shipped_file_is_sound_and_says_the_defaults() {
    let shipped = read_with(SHIPPED, &[]).unwrap_or_else(|all| panic!("{}", all.join("\n")));
    let bare = read_with(KAFKA, &[]).expect("the brokers are enough");
    assert_eq!(shipped.http, bare.http);
    assert_eq!(
        (shipped.group, shipped.instance),
        (bare.group, bare.instance)
    );
    assert_eq!(shipped.drain, bare.drain);
    assert_eq!(
        (shipped.exceptions, shipped.exceptions_current),
        (bare.exceptions, bare.exceptions_current)
    );
    assert_eq!(shipped.log, bare.log);
    assert_eq!(
        (shipped.warnings, shipped.webhooks),
        (Vec::new(), Vec::new())
    );
}

#[test]
fn the_shipped_file_has_every_setting() {
    let (_folder, key) = key();
    let text = format!(
        "{KAFKA}[alertmanager]\nurls = [\"http://a:1\"]\n\
         [[webhook]]\nname = \"w\"\nurl = \"http://b\"\nkey_file = \"{key}\"\n\
         [[digest]]\nname = \"d\"\nurl = \"http://b\"\nkey_file = \"{key}\"\nat = [\"07:00\"]\n"
    );
    let (_, outcome) = super::read("t.toml", &text, &BTreeMap::new()).expect("it is TOML");
    assert_eq!(outcome.problems, Vec::<String>::new());
    assert!(outcome.asked.len() > 35, "{:?}", outcome.asked);
    for setting in outcome.asked {
        let key = setting.rsplit('.').next().unwrap_or_default();
        let stands = SHIPPED.lines().any(|line| {
            let line = line.trim_start_matches("# ");
            line.strip_prefix(key)
                .is_some_and(|rest| rest.starts_with(" ="))
        });
        assert!(stands, "config/alert.toml has no {setting}");
    }
}

#[test]
fn targets_are_read_with_their_routes_and_times() {
    let (_folder, key) = key();
    let target =
        format!("url = \"https://b.example/x\"\nkey_file = \"{key}\"\ntoken_file = \"{key}\"\n");
    let text = format!(
        "{KAFKA}[alertmanager]\nurls = [\"http://a:9093/\"]\nunits = [\"west\"]\nlabels = {{ job = \"tc\" }}\n\
         [[webhook]]\nname = \"desk\"\n{target}severities = [\"critical\"]\nfirst_start = \"end\"\n\
         [[digest]]\nname = \"morning\"\n{target}at = [\"07:00\"]\ndomestic_abuse = [\"yes\", \"-\"]\n\
         [[digest]]\nname = \"often\"\n{target}every_minutes = 15\n"
    );
    let variables = [
        ("TRUECOUNT_ALERTMANAGER__TOKEN", CANARY),
        ("TRUECOUNT_ALERT__GROUP", "other"),
        ("TRUECOUNT_KAFKA__LIBRDKAFKA__FETCH_QUEUE_BACKOFF_MS", "5"),
    ];
    let config = read_with(&text, &variables).unwrap_or_else(|all| panic!("{}", all.join("\n")));
    let manager = config.alertmanager.as_ref().expect("it is there");
    assert_eq!(
        (config.group.as_str(), manager.urls[0].as_str()),
        ("other", "http://a:9093")
    );
    assert_eq!(
        (manager.labels["job"].as_str(), manager.route.units.len()),
        ("tc", 1)
    );
    assert!(!config.webhooks[0].from_beginning);
    assert_eq!(config.digests[0].schedule, Schedule::Daily(vec![(7, 0)]));
    assert_eq!(config.digests[1].schedule, Schedule::Every(15));
    let keys = [
        &config.webhooks[0].target.key,
        &config.digests[0].target.key,
    ];
    assert!(keys.iter().all(|key| key.expose() == CANARY));
    assert_eq!(manager.token.as_ref().map(Secret::expose), Some(CANARY));
    let printed = format!("{config:?}");
    assert!(
        printed.contains("***") && !printed.contains(CANARY),
        "{printed}"
    );
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    told(
        "[alertmanager]\nurls = [\"a:9093\"]\nexpires_seconds = 90\nlabels = { force = \"x\" }\n\
         [[webhook]]\nurl = \"http://u:canary@b\"\nkey = \"canary\"\nkey_file = \"/nowhere/canary-not-shown\"\nseveritys = [\"low\"]\n\
         [[digest]]\nname = \"a b\"\nurl = \"http://b\"\nat = [\"7\"]\nseverities = [\"grave\"]\n",
        &[
            "t.toml:3: `alertmanager.expires_seconds`: 90 is less than twice",
            "t.toml:4: `alertmanager.urls`: begins with http",
            "t.toml:6: `alertmanager.labels.force`: is set by the alert itself",
            "t.toml:7: `webhook.name`: is missing",
            "t.toml:8: `webhook.url`: has a login in it",
            "t.toml:9: `webhook.key`: a secret does not stand in this file",
            "t.toml:10: `webhook.key_file`: names a file that cannot be read",
            "t.toml:11: `webhook.severitys`: is no setting; did you mean severities?",
            "t.toml:12: `digest.key_file`: is missing",
            "t.toml:13: `digest.name`: is made of",
            "t.toml:15: `digest.at`: `7` is no time of the day",
            "t.toml:16: `digest.severities`: `grave` is not one of",
        ],
    );
}

#[test]
fn two_of_one_name_and_two_kinds_of_times_are_refused() {
    let (_folder, key) = key();
    let webhook = format!("[[webhook]]\nname = \"a\"\nurl = \"http://b\"\nkey_file = \"{key}\"\n");
    told(&format!("{webhook}{webhook}"), &["`a` is the name of two"]);
    let digest = format!("[[digest]]\nname = \"a\"\nurl = \"http://b\"\nkey_file = \"{key}\"\n");
    told(&digest, &["`digest.at`: is missing"]);
    let both = format!("{digest}at = [\"07:00\"]\nevery_minutes = 5\n");
    told(&both, &["`digest.every_minutes`: stands beside `at`"]);
    told("[alert]\ngroup = \"a b\"\n", &["`alert.group`: is made of"]);
    told(
        "[http]\nretry_most_ms = 20\n",
        &["`http.retry_most_ms`: is less than"],
    );
}
