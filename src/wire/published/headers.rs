//! Why a record was set aside, as headers beside its unchanged bytes. Headers that the record came
//! with stay; ours begin with `truecount-` and take the place of older ones of ours. Start at
//! [`Quarantined`].

use serde::Deserialize;

use crate::domain::feed::Partition;
use crate::domain::journal::SourcePosition;
use crate::domain::names::RecordKind;
use crate::domain::{Glimpse, Problem, Reason, Refusal};

/// What every header of ours begins with.
const PREFIX: &str = "truecount-";

/// The headers of ours, in the order in which they are written; the last ten where they say something.
pub const OWN_HEADERS: &[&str] = &[
    "truecount-topic",
    "truecount-partition",
    "truecount-offset",
    "truecount-stage",
    "truecount-reason",
    "truecount-field",
    "truecount-expected",
    "truecount-found",
    "truecount-advice",
    "truecount-more",
    "truecount-record",
    "truecount-force",
    "truecount-feed",
    "truecount-reference",
    "truecount-version",
];

/// One record that was set aside: where it stood, who refused it, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quarantined {
    /// Where it stood in its source.
    pub from: SourcePosition,
    /// Which stage refused it: `read`, `form` or `version`.
    pub stage: String,
    /// Why.
    pub refusal: Refusal,
}

/// True for a header that says why something was set aside; a re-drive leaves these out.
pub fn is_own(name: &str) -> bool {
    name.starts_with(PREFIX)
}

/// The headers of a record that is set aside: those it came with, then ours.
pub fn write_headers(
    came_with: &[(&str, &[u8])],
    quarantined: &Quarantined,
) -> Vec<(String, Vec<u8>)> {
    let theirs = came_with.iter().filter(|(name, _)| !is_own(name));
    let theirs = theirs.map(|(name, value)| ((*name).to_owned(), value.to_vec()));
    let ours = OWN_HEADERS.iter().filter_map(|name| {
        let value = value_of(name, quarantined)?;
        Some(((*name).to_owned(), value.into_bytes()))
    });
    theirs.chain(ours).collect()
}

fn value_of(name: &str, quarantined: &Quarantined) -> Option<String> {
    let Quarantined {
        from,
        stage,
        refusal,
    } = quarantined;
    let first = refusal.problems.first();
    let head = &refusal.head;
    match name.strip_prefix(PREFIX)? {
        "topic" => Some(from.partition.topic.clone()),
        "partition" => Some(from.partition.number.to_string()),
        "offset" => Some(from.offset.to_string()),
        "stage" => Some(stage.clone()),
        "reason" => Some(refusal.reason.to_string()),
        "field" => first.map(|problem| problem.field.clone()),
        "expected" => first.map(|problem| problem.expected.clone()),
        "found" => first.map(|problem| problem.found.clone()),
        "advice" => first.map(|problem| problem.advice.clone()),
        "more" => more(refusal.problems.get(1..)?),
        "record" => head.record.map(|kind| kind.to_string()),
        "force" => head.force.as_ref().map(ToString::to_string),
        "feed" => head.source.as_ref().map(ToString::to_string),
        "reference" => head.reference.as_ref().map(ToString::to_string),
        "version" => head.version.map(|version| version.to_string()),
        _ => None,
    }
}

/// The problems after the first, as JSON.
fn more(problems: &[Problem]) -> Option<String> {
    if problems.is_empty() {
        return None;
    }
    Some(serde_json::to_string(problems).expect("a problem is four texts"))
}

/// Headers that do not say why a record was set aside.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the header `{name}` {says}")]
pub struct CannotReadHeaders {
    /// Which header.
    pub name: String,
    /// What is wrong with it.
    pub says: &'static str,
}

impl Quarantined {
    /// What the headers of a record that was set aside say.
    pub fn read(headers: &[(&str, &[u8])]) -> Result<Quarantined, CannotReadHeaders> {
        let headers = Headers(headers);
        let from = SourcePosition {
            partition: Partition {
                topic: headers.needed("topic")?,
                number: headers.number("partition")?.ok_or(absent("partition"))?,
            },
            offset: headers.number("offset")?.ok_or(absent("offset"))?,
        };
        Ok(Quarantined {
            from,
            stage: headers.needed("stage")?,
            refusal: Refusal {
                reason: headers.word::<Reason>("reason")?.ok_or(absent("reason"))?,
                problems: headers.problems()?,
                head: Glimpse {
                    record: headers.word::<RecordKind>("record")?,
                    force: headers.text("force")?.map(Into::into),
                    source: headers.text("feed")?.map(Into::into),
                    reference: headers.text("reference")?.map(Into::into),
                    version: headers.number("version")?,
                },
            },
        })
    }
}

/// Headers, of which the last of a name counts.
struct Headers<'a>(&'a [(&'a str, &'a [u8])]);

impl Headers<'_> {
    fn text(&self, name: &str) -> Result<Option<String>, CannotReadHeaders> {
        let mut backwards = self.0.iter().rev();
        let found = backwards.find(|(other, _)| other.strip_prefix(PREFIX) == Some(name));
        let Some((_, value)) = found else {
            return Ok(None);
        };
        match std::str::from_utf8(value) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => Err(wrong(name, "is not UTF-8")),
        }
    }

    fn needed(&self, name: &str) -> Result<String, CannotReadHeaders> {
        self.text(name)?.ok_or(absent(name))
    }

    fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, CannotReadHeaders> {
        let text = self.text(name)?;
        text.map(|text| text.parse().map_err(|_| wrong(name, "is not a number")))
            .transpose()
    }

    fn word<T: for<'de> Deserialize<'de>>(
        &self,
        name: &str,
    ) -> Result<Option<T>, CannotReadHeaders> {
        let text = self.text(name)?;
        text.map(|text| {
            serde_json::from_value(text.into()).map_err(|_| wrong(name, "is a word of no list"))
        })
        .transpose()
    }

    fn problems(&self) -> Result<Vec<Problem>, CannotReadHeaders> {
        let Some(field) = self.text("field")? else {
            return Ok(Vec::new());
        };
        let mut problems = vec![Problem {
            field,
            expected: self.needed("expected")?,
            found: self.needed("found")?,
            advice: self.needed("advice")?,
        }];
        if let Some(more) = self.text("more")? {
            let more: Vec<Problem> =
                serde_json::from_str(&more).map_err(|_| wrong("more", "is no list of problems"))?;
            problems.extend(more);
        }
        Ok(problems)
    }
}

fn absent(name: &str) -> CannotReadHeaders {
    wrong(name, "is not there")
}

fn wrong(name: &str, says: &'static str) -> CannotReadHeaders {
    CannotReadHeaders {
        name: format!("{PREFIX}{name}"),
        says,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_aside_reads_back() {
        for quarantined in [refused(0), refused(1), refused(3), unread()] {
            let written = write_headers(&[], &quarantined);
            assert_eq!(Quarantined::read(&borrowed(&written)), Ok(quarantined));
        }
    }

    #[test]
    fn headers_it_came_with_stay_and_older_ones_of_ours_go() {
        let came_with: &[(&str, &[u8])] = &[
            ("ce_id", b"\xFF"),
            ("truecount-reason", b"oversize"),
            ("trace", b""),
            ("trace", b"2"),
        ];
        let written = write_headers(came_with, &refused(1));
        let theirs: Vec<_> = borrowed(&written)
            .into_iter()
            .filter(|(name, _)| !is_own(name))
            .collect();
        let expected: [(&str, &[u8]); 3] = [("ce_id", b"\xFF"), ("trace", b""), ("trace", b"2")];
        assert_eq!(theirs, expected);
        let reasons = written
            .iter()
            .filter(|(name, _)| name == "truecount-reason");
        assert_eq!(reasons.count(), 1);
    }

    #[test]
    fn a_header_that_is_absent_or_wrong_is_named() {
        let written = write_headers(&[], &refused(2));
        for (name, value, says) in [
            ("truecount-topic", None, "is not there"),
            ("truecount-offset", Some("one"), "is not a number"),
            ("truecount-reason", Some("bad luck"), "is a word of no list"),
            ("truecount-more", Some("{}"), "is no list of problems"),
            ("truecount-found", None, "is not there"),
        ] {
            let spoilt: Vec<_> = borrowed(&written)
                .into_iter()
                .filter_map(|(other, old)| match (other == name, value) {
                    (false, _) => Some((other, old)),
                    (true, None) => None,
                    (true, Some(value)) => Some((other, value.as_bytes())),
                })
                .collect();
            let fault = Quarantined::read(&spoilt).expect_err(name);
            assert_eq!((fault.name.as_str(), fault.says), (name, says));
        }
    }

    #[test]
    fn every_header_of_ours_is_written() {
        let written = write_headers(&[], &refused(2));
        let names: Vec<_> = written.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, OWN_HEADERS);
    }

    fn borrowed(headers: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
        headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
            .collect()
    }

    fn refused(problems: usize) -> Quarantined {
        let problem = |at| {
            let field = format!("log.field_{at}");
            Problem::of(Reason::WrongType, field, "a text", "a number")
        };
        Quarantined {
            from: position(),
            stage: "read".to_owned(),
            refusal: Refusal {
                reason: Reason::WrongType,
                problems: (0..problems).map(problem).collect(),
                head: Glimpse {
                    record: Some(RecordKind::Crime),
                    force: Some("northamptonshire".into()),
                    source: Some("rms".into()),
                    reference: Some("34/26/é".into()),
                    version: Some(-1),
                },
            },
        }
    }

    fn unread() -> Quarantined {
        let problem = Problem::of(
            Reason::UnreadableJson,
            "",
            "a value",
            "the end of the bytes",
        );
        Quarantined {
            from: position(),
            stage: "read".to_owned(),
            refusal: Refusal::one(Reason::UnreadableJson, problem, Glimpse::default()),
        }
    }

    fn position() -> SourcePosition {
        SourcePosition {
            partition: Partition {
                topic: "crimes".to_owned(),
                number: 4,
            },
            offset: i64::MAX,
        }
    }
}
