//! Every way in which topics can differ from what they should be. Start at [`as_it_should_be`].

use super::*;

const CONFIG: &str = r#"[kafka]
bootstrap_servers = "localhost:9092"
[[source]]
topics = ["rms"]
pattern = "^rms.*"
partitions = 2
[[force]]
code = "northamptonshire"
partition = 0
[[force.feed]]
name = "rms"
topics = ["rms"]
owns = ["core"]
"#;

fn config() -> ServiceConfig {
    ServiceConfig::read("t.toml", CONFIG, &BTreeMap::new()).expect("it is sound")
}

/// What `apply` leaves behind.
fn as_it_should_be(config: &ServiceConfig) -> BTreeMap<String, Found> {
    let found = wanted(config).into_iter().map(|wanted| {
        let settings = wanted.settings.into_iter();
        let found = Found {
            partitions: wanted.partitions,
            replication: wanted.replication.unwrap_or(1),
            settings: settings
                .map(|one| (one.key.to_owned(), one.value))
                .collect(),
        };
        (wanted.name, found)
    });
    found.collect()
}

/// The one difference, after one thing was changed.
fn differs(change: impl FnOnce(&mut BTreeMap<String, Found>)) -> Difference {
    let config = config();
    let mut found = as_it_should_be(&config);
    change(&mut found);
    let plan = plan(&found, &config);
    assert_eq!(plan.len(), 1, "{plan:#?}");
    assert_eq!(
        refusals(&found, &config).len(),
        usize::from(plan[0].is_refused)
    );
    plan.into_iter().next().expect("there is one")
}

fn set(topic: &'static str, key: &'static str, value: &'static str) -> Difference {
    differs(|found| {
        let topic = found.get_mut(topic).expect("it is there");
        topic.settings.insert(key.to_owned(), value.to_owned());
    })
}

#[test]
fn what_is_as_it_should_be_has_no_difference() {
    let config = config();
    let mut found = as_it_should_be(&config);
    assert_eq!(plan(&found, &config), []);
    found.insert("somebody-elses".to_owned(), Found::default());
    let journal = found.get_mut("case-events").expect("it is there");
    journal
        .settings
        .insert("retention.ms".to_owned(), "-1".to_owned());
    journal
        .settings
        .insert("max.message.bytes".to_owned(), "99999999".to_owned());
    journal.replication = 5;
    assert_eq!(plan(&found, &config), []);
    assert_eq!(refusals(&found, &config), Vec::<String>::new());
}

#[test]
fn a_topic_of_ours_that_is_missing_is_made_and_one_of_others_is_not() {
    let ours = differs(|found| drop(found.remove("measures")));
    assert_eq!((ours.remedy, ours.is_refused), (Remedy::Make, true));
    let theirs = differs(|found| drop(found.remove("rms")));
    assert!(
        matches!(theirs.remedy, Remedy::Person(what) if what.contains("have its owner make it"))
    );
}

#[test]
fn the_number_of_partitions_is_never_changed() {
    for (topic, says) in [
        ("case-events", "set topics.journal_partitions = 99"),
        ("case-state", "set topics.journal_partitions = 99"),
        ("exceptions-current", "set topics.output_partitions = 99"),
        ("rms", "set partitions = 99 in its [[source]]"),
    ] {
        let found = differs(|found| found.get_mut(topic).expect("it is there").partitions = 99);
        assert!(found.is_refused, "{topic}");
        assert!(
            matches!(found.remedy, Remedy::Person(what) if what.starts_with(says)),
            "{topic}"
        );
    }
}

#[test]
fn what_the_service_rests_on_is_refused_and_the_rest_is_told() {
    for (topic, key, value, is_refused) in [
        ("case-events", "message.timestamp.type", "CreateTime", true),
        ("case-events", "cleanup.policy", "compact", true),
        ("case-events", "retention.ms", "604800000", true),
        ("case-events", "retention.bytes", "1000", true),
        ("case-state", "cleanup.policy", "delete", true),
        ("case-state", "cleanup.policy", "compact,delete", true),
        ("case-state", "delete.retention.ms", "86400000", true),
        ("case-state", "min.compaction.lag.ms", "0", true),
        ("exceptions-current", "delete.retention.ms", "0", false),
        ("quarantine", "retention.ms", "-1", false),
        ("exceptions", "max.message.bytes", "1048588", true),
        ("exceptions", "min.insync.replicas", "1", false),
        ("exceptions", "compression.type", "gzip", false),
    ] {
        let found = set(topic, key, value);
        assert_eq!(found.is_refused, is_refused, "{topic} {key}");
        assert_eq!((found.what.as_str(), found.is.as_str()), (key, value));
        assert_eq!(found.remedy, Remedy::Change);
    }
    let few = differs(|found| {
        found
            .get_mut("exceptions")
            .expect("it is there")
            .replication = 1
    });
    assert!(!few.is_refused && matches!(few.remedy, Remedy::Person(_)));
}

#[test]
fn a_new_topic_that_matches_a_pattern_is_refused_with_the_line_to_add() {
    let new = differs(|found| drop(found.insert("rms-2".to_owned(), Found::default())));
    assert!(matches!(new.remedy, Remedy::Person(what) if what.starts_with("add \"rms-2\"")));
}

#[test]
fn a_refusal_says_what_is_why_and_what_to_do() {
    let config = config();
    let mut found = as_it_should_be(&config);
    let journal = found.get_mut("case-events").expect("it is there");
    journal
        .settings
        .insert("message.timestamp.type".to_owned(), "CreateTime".to_owned());
    assert_eq!(
        refusals(&found, &config),
        [
            "topic case-events: message.timestamp.type is CreateTime and should be LogAppendTime: \
          arrival is told by the brokers' clock, not by ours; run `truecount topics apply --config FILE`"
        ]
    );
}
