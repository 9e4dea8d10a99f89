//! What a person has written for a record that was set aside: a decision that releases what it holds,
//! or the record once more, as it came. Writes nothing itself. Start at [`decision`] and [`copy`].

use super::quarantine::{Kept, Place, ToWrite};
use crate::config::serve::{Encoding, ForceConfig, ServiceConfig};
use crate::domain::names::{RecordKind, Reference, Role, Word};
use crate::domain::records::{About, Actor, DecisionKind, DecisionRecord, Head, Record};
use crate::domain::{Instant, Moment};
use crate::wire::published::{Quarantined, is_own};

/// The rule that a release speaks of: none in particular, since it speaks of what is not there.
const NO_RULE: &str = "-";
/// The stage that sets aside what says something else under a version that is known.
const VERSION: &str = "version";

/// On whose word something is released.
#[derive(Clone, Debug)]
pub struct OnWord {
    /// What the person is who decides.
    pub role: Role,
    /// The reason it is filed under.
    pub reason_code: Word,
    /// When it is decided.
    pub at: Instant,
}

/// The decision that releases what the record at a place holds, or why there can be none.
pub fn decision(
    config: &ServiceConfig,
    place: Place,
    quarantined: &Quarantined,
    word: &OnWord,
) -> Result<ToWrite, String> {
    let head = &quarantined.refusal.head;
    let Some(about) = head.reference.clone() else {
        return Err(format!(
            "{place}: no reference of it could be read, so no decision can name it: what it holds ends \
             with validation.quarantine_hold_minutes, or by `--redrive` once its cause is mended"
        ));
    };
    let Some(record) = head.record else {
        return Err(format!(
            "{place}: which kind of record it is could not be read, so no decision can name it: what it \
             holds ends with a readable record of {about}, or with validation.quarantine_hold_minutes"
        ));
    };
    let force = force_of(config, place, quarantined)?;
    let code = &force.code;
    let desk = force.decisions.as_ref().and_then(|name| {
        let feed = force.feeds.iter().find(|of| of.feed.name == *name)?;
        Some((name, feed.topics.first()?))
    });
    let Some((source, topic)) = desk else {
        return Err(format!(
            "{place}: {code} has no feed for decisions: name one of its feeds in `decisions` of its \
             [[force]], and start the service with that"
        ));
    };
    let takes_json = |encoding| matches!(encoding, Encoding::Json | Encoding::Auto);
    if !config
        .source(topic)
        .is_some_and(|of| takes_json(of.encoding))
    {
        return Err(format!(
            "{place}: `{topic}`, the first topic of `{source}`, takes Avro, and decisions are written as \
             JSON: put a topic with encoding = \"json\" first in its `topics`"
        ));
    }
    let id = id_of(&config.topics.quarantine.name, place);
    let at = Moment::exact(word.at);
    let decision = DecisionRecord {
        head: Head {
            record: RecordKind::Decision,
            force: code.clone(),
            source: source.clone(),
            reference: id.clone(),
            // Rises each time, so that a release that is given again is taken again.
            version: Some(word.at.millis()),
            committed_at: at,
            extracted_at: None,
            deleted: None,
        },
        kind: DecisionKind::Release,
        about: About {
            record,
            reference: about,
            rule: NO_RULE.into(),
            obligation: None,
        },
        at,
        by: Some(Actor {
            staff_ref: None,
            role: Some(word.role),
            unit: None,
            accredited: None,
            independent: None,
            trained: None,
        }),
        reason_code: Some(word.reason_code.clone()),
        expires_at: None,
        verdict: None,
    };
    let value = serde_json::to_vec(&Record::Decision(Box::new(decision)))
        .expect("a decision holds nothing that JSON cannot write");
    Ok(ToWrite {
        topic: topic.clone(),
        partition: None,
        key: Some(id.as_str().as_bytes().to_vec()),
        value: Some(value),
        headers: Vec::new(),
    })
}

/// The record at a place as it came, to where it came from, or why it cannot be sent again.
pub fn copy(
    config: &ServiceConfig,
    kept: &Kept,
    quarantined: &Quarantined,
) -> Result<ToWrite, String> {
    let place = kept.place;
    let from = &quarantined.from;
    let source = &from.partition;
    if quarantined.stage == VERSION {
        return Err(format!(
            "{place}: it conflicts with a version that is known and would again, and its bytes are not \
             its source's, which stand at {source}, offset {}: have the thing sent with a higher version",
            from.offset
        ));
    }
    let Some(of) = config.source(&source.topic) else {
        return Err(format!(
            "{place}: it came from `{}`, which no [[source]] describes any longer, so that nobody would \
             read it there",
            source.topic
        ));
    };
    if source.number >= of.partitions {
        return Err(format!(
            "{place}: it came from {source}, and the [[source]] has {} partitions",
            of.partitions
        ));
    }
    let headers = kept.headers.iter().filter(|(name, _)| !is_own(name));
    Ok(ToWrite {
        topic: source.topic.clone(),
        partition: Some(source.number),
        // A record without a key stands in the quarantine with an empty one.
        key: kept.key.clone().filter(|key| !key.is_empty()),
        value: kept.value.clone(),
        headers: headers.cloned().collect(),
    })
}

fn force_of<'a>(
    config: &'a ServiceConfig,
    place: Place,
    quarantined: &Quarantined,
) -> Result<&'a ForceConfig, String> {
    let Some(code) = &quarantined.refusal.head.force else {
        return Err(format!(
            "{place}: its force could not be read, so nobody knows in whose name to decide"
        ));
    };
    config.force(code.as_str()).ok_or_else(|| {
        format!("{place}: no [[force]] declares `{code}`, so it holds nothing and releases nothing")
    })
}

/// The id of a decision about the record at a place: the same whoever decides and whenever.
fn id_of(quarantine: &str, place: Place) -> Reference {
    let Place { partition, offset } = place;
    format!("release-{quarantine}-{partition}-{offset}")
        .as_str()
        .into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::feed::Partition;
    use crate::domain::journal::SourcePosition;
    use crate::domain::{Glimpse, Problem, Reason, Refusal};
    use crate::wire::json::decode;
    use crate::wire::published::write_headers;

    const PLACE: Place = Place {
        partition: 1,
        offset: 17,
    };

    #[test]
    fn a_release_is_a_decision_that_intake_reads() {
        let written =
            decision(&config("json", true), PLACE, &quarantined(), &word(5)).expect("it can");
        assert_eq!((written.topic.as_str(), written.partition), ("desk", None));
        let decoded = decode(written.value.as_deref().expect("it has a value")).expect("it reads");
        assert_eq!(decoded.unknown, [""; 0]);
        let Record::Decision(decision) = decoded.record else {
            panic!("it is a decision");
        };
        assert_eq!(decision.kind, DecisionKind::Release);
        assert_eq!(decision.head.source, "desk".into());
        assert_eq!(decision.head.reference, "release-quarantine-1-17".into());
        assert_eq!(
            (decision.about.record, decision.about.reference),
            (RecordKind::Crime, "34/26/1".into())
        );
        assert_eq!(
            decision.by.and_then(|by| by.role),
            Some(Role::ForceCrimeRegistrar)
        );
        assert_eq!(decision.reason_code, Some("resent_on_paper".into()));
    }

    #[test]
    fn a_release_that_is_given_again_has_the_same_id_and_a_higher_version() {
        let version = |at| {
            let made = decision(&config("auto", true), PLACE, &quarantined(), &word(at));
            let value = made.expect("it can").value.expect("it has a value");
            decode(&value).expect("it reads").record.head().version
        };
        assert!(version(5) < version(6));
    }

    #[test]
    fn where_nothing_can_be_decided_the_reason_and_what_to_do_are_told() {
        let without = |change: fn(&mut Glimpse)| {
            let mut quarantined = quarantined();
            change(&mut quarantined.refusal.head);
            quarantined
        };
        let refused = |config: &ServiceConfig, quarantined: &Quarantined| {
            decision(config, PLACE, quarantined, &word(5)).expect_err("it cannot")
        };
        let sound = config("json", true);
        for (says, quarantined) in [
            ("no reference of it", without(|head| head.reference = None)),
            ("which kind of record", without(|head| head.record = None)),
            (
                "its force could not be read",
                without(|head| head.force = None),
            ),
            (
                "no [[force]] declares `essex`",
                without(|head| head.force = Some("essex".into())),
            ),
        ] {
            let refusal = refused(&sound, &quarantined);
            assert!(
                refusal.starts_with("1:17: ") && refusal.contains(says),
                "{refusal}"
            );
        }
        let no_desk = refused(&config("json", false), &quarantined());
        assert!(no_desk.contains("`decisions`"), "{no_desk}");
        let avro = refused(&config("avro", true), &quarantined());
        assert!(avro.contains("takes Avro"), "{avro}");
    }

    #[test]
    fn a_copy_is_the_record_as_it_came_without_our_headers() {
        let copied = copy(&config("json", true), &kept(b"key"), &quarantined()).expect("it can");
        let expected = ToWrite {
            topic: "rms".to_owned(),
            partition: Some(2),
            key: Some(b"key".to_vec()),
            value: Some(b"\x00\xFFvalue".to_vec()),
            headers: vec![
                ("ce_id".to_owned(), Some(b"\xFE".to_vec())),
                ("none".to_owned(), None),
            ],
        };
        assert_eq!(copied, expected);
        let keyless = copy(&config("json", true), &kept(b""), &quarantined()).expect("it can");
        assert_eq!(keyless.key, None);
    }

    #[test]
    fn what_nobody_would_read_and_what_would_conflict_again_is_not_sent_again() {
        let moved = |topic: &str, number| {
            let mut quarantined = quarantined();
            quarantined.from.partition = partition(topic, number);
            quarantined
        };
        let mut conflict = quarantined();
        conflict.stage = VERSION.to_owned();
        for (says, quarantined) in [
            ("no [[source]] describes", moved("gone", 0)),
            ("has 3 partitions", moved("rms", 3)),
            ("a higher version", conflict),
        ] {
            let refusal = copy(&config("json", true), &kept(b"key"), &quarantined);
            let refusal = refusal.expect_err("it cannot");
            assert!(
                refusal.starts_with("1:17: ") && refusal.contains(says),
                "{refusal}"
            );
        }
    }

    fn partition(topic: &str, number: i32) -> Partition {
        let topic = topic.to_owned();
        Partition { topic, number }
    }

    fn quarantined() -> Quarantined {
        let problem = Problem::of(Reason::WrongType, "core.kind", "a text", "a number");
        let head = Glimpse {
            record: Some(RecordKind::Crime),
            force: Some("kent".into()),
            source: Some("rms".into()),
            reference: Some("34/26/1".into()),
            version: Some(3),
        };
        Quarantined {
            from: SourcePosition {
                partition: partition("rms", 2),
                offset: 99,
            },
            stage: "read".to_owned(),
            refusal: Refusal::one(Reason::WrongType, problem, head),
        }
    }

    fn kept(key: &[u8]) -> Kept {
        let ours = write_headers(&[("ce_id", b"\xFE")], &quarantined());
        let ours = ours.into_iter().map(|(name, value)| (name, Some(value)));
        Kept {
            place: PLACE,
            arrival: Instant::from_millis(0),
            key: Some(key.to_vec()),
            value: Some(b"\x00\xFFvalue".to_vec()),
            headers: ours.chain([("none".to_owned(), None)]).collect(),
        }
    }

    fn word(at: i64) -> OnWord {
        OnWord {
            role: Role::ForceCrimeRegistrar,
            reason_code: "resent_on_paper".into(),
            at: Instant::from_millis(at),
        }
    }

    fn config(encoding: &str, has_desk: bool) -> ServiceConfig {
        let decisions = if has_desk { "decisions = \"desk\"" } else { "" };
        let registry = if encoding == "json" {
            ""
        } else {
            "[intake.registry]\nurl = \"http://127.0.0.1:8081\""
        };
        let text = format!(
            r#"
[kafka]
bootstrap_servers = "127.0.0.1:9092"
{registry}
[[source]]
topics = ["rms"]
partitions = 3
encoding = "json"
[[source]]
topics = ["desk"]
partitions = 1
encoding = "{encoding}"
[[force]]
code = "kent"
partition = 0
{decisions}
[[force.feed]]
name = "rms"
topics = ["rms"]
owns = ["core"]
covers_from = "2026-04-01"
[[force.feed]]
name = "desk"
topics = ["desk"]
"#
        );
        ServiceConfig::read("t.toml", &text, &BTreeMap::new()).expect("it is sound")
    }
}
