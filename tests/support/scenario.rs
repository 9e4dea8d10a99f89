//! Scenario blocks of rule pages as records, settings and expectations. One line is one record or
//! statement; `tests/catalogue.rs` runs them. Judges nothing. Start at [`Scenario::parse`].

use serde_json::{Value, json};
use truecount::domain::records::{CRIME_FIELDS, HEAD_FIELDS, INCIDENT_FIELDS};
use truecount::domain::shape::Field;

use super::contract::{Given, instant, put};
use super::expectation::Expectation;
use super::judging::Setting;

/// One scenario block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scenario {
    pub setting: Setting,
    /// The contract records, in the order of the lines.
    pub records: Vec<Value>,
    /// What the page's rule says; complete.
    pub expected: Vec<Expectation>,
}

/// Where coverage begins unless a line says otherwise: before everything a scenario tells.
const COVERED_FROM: &str = "2013-01-01T00:00:00+00:00";
/// When a record was committed unless its line says otherwise: so early that the commit never holds
/// a verdict back.
const COMMITTED_AT: &str = "2013-01-02T00:00:00+00:00";

/// A kind of line that gives a record: its schema, its feed, and its reference without a base.
struct Kind {
    record: &'static str,
    source: &'static str,
    reference: &'static str,
    fields: &'static [Field],
}

fn kind_of(word: &str) -> Option<Kind> {
    let (record, source, reference, fields) = match word {
        "incident" => ("incident", "cad", "NP-1", INCIDENT_FIELDS),
        "crime" => ("crime", "rms", "34/26/000001", CRIME_FIELDS),
        "care" => ("crime", "victim-hub", "34/26/000001", CRIME_FIELDS),
        _ => return None,
    };
    Some(Kind {
        record,
        source,
        reference,
        fields,
    })
}

impl Scenario {
    /// Reads a block; a problem names its line.
    pub fn parse(block: &str) -> Result<Scenario, String> {
        let mut scenario = Scenario::default();
        scenario.setting.profile = "national".to_owned();
        for (at, line) in block.lines().enumerate() {
            scenario
                .take(line)
                .map_err(|problem| format!("line {}: {problem}", at + 1))?;
        }
        if scenario.expected.is_empty() {
            return Err("no `=>` line".to_owned());
        }
        if scenario.expected.len() > 1
            && scenario.expected.iter().any(|one| one.obligation.is_none())
        {
            return Err("several expectations: each names its obligation".to_owned());
        }
        scenario.settle_feeds();
        Ok(scenario)
    }

    fn take(&mut self, line: &str) -> Result<(), String> {
        let words = words(line)?;
        let Some((first, rest)) = words.split_first() else {
            return Ok(());
        };
        if first == "=>" {
            self.expected.push(Expectation::parse(rest)?);
            return Ok(());
        }
        if !self.expected.is_empty() {
            return Err("`=>` lines come last".to_owned());
        }
        match first.as_str() {
            "proved" => self.prove(rest),
            "covers" => self.cover(rest),
            "profile" => {
                let [name] = rest else {
                    return Err("one profile has one name".to_owned());
                };
                self.setting.profile = name.clone();
                Ok(())
            }
            word => {
                let kind = kind_of(word).ok_or(format!("no line begins with `{word}`"))?;
                self.records.push(record(&kind, word, rest)?);
                Ok(())
            }
        }
    }

    fn prove(&mut self, words: &[String]) -> Result<(), String> {
        let Some((through, feeds @ [_, ..])) = words.split_last() else {
            return Err("`proved` names feeds and a moment".to_owned());
        };
        let through = instant(through)?;
        for feed in feeds {
            self.setting.declare(feed);
            self.setting.claims.insert(feed.clone(), through.clone());
        }
        Ok(())
    }

    fn cover(&mut self, words: &[String]) -> Result<(), String> {
        let [feed, from] = words else {
            return Err("`covers` names one feed and a moment or `unknown`".to_owned());
        };
        let from = if from == "unknown" {
            None
        } else {
            Some(instant(from)?)
        };
        self.setting.declare(feed);
        self.setting.covers_from.insert(feed.clone(), from);
        Ok(())
    }

    /// Every feed with a record is declared, and covers everything unless a line says otherwise.
    fn settle_feeds(&mut self) {
        for record in &self.records {
            self.setting
                .declare(record["source"].as_str().unwrap_or_default());
        }
        let Setting {
            owners,
            covers_from,
            ..
        } = &mut self.setting;
        for feed in owners.keys() {
            covers_from
                .entry(feed.clone())
                .or_insert(Some(COVERED_FROM.to_owned()));
        }
    }
}

fn record(kind: &Kind, word: &str, settings: &[String]) -> Result<Value, String> {
    let mut record = json!({
        "record": kind.record,
        "force": "northamptonshire",
        "source": kind.source,
        "reference": kind.reference,
        "version": 1,
        "committed_at": COMMITTED_AT,
    });
    for setting in settings {
        let (path, text) = setting
            .split_once('=')
            .ok_or(format!("`{setting}` has no `=`"))?;
        if path == "base" {
            lay(&mut record, word, text)?;
            continue;
        }
        let path = if path == "ref" { "reference" } else { path };
        let bare = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'));
        let given = Given {
            text: bare.unwrap_or(text),
            quoted: bare.is_some(),
        };
        put(&mut record, &[HEAD_FIELDS, kind.fields], path, given)?;
    }
    Ok(record)
}

/// Lays the named base under a record; the line's own settings follow it.
fn lay(record: &mut Value, kind: &str, name: &str) -> Result<(), String> {
    let bases: Value = serde_json::from_str(include_str!("bases.json")).expect("bases are JSON");
    let base = bases[kind][name]
        .as_object()
        .ok_or(format!("no base `{name}` of {kind}"))?;
    for (field, value) in base {
        record[field] = value.clone();
    }
    Ok(())
}

/// The words of a line: split at blanks outside quotes, up to a word that begins with `#`.
fn words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for letter in line.chars().chain([' ']) {
        match letter {
            '#' if word.is_empty() && !quoted => return Ok(words),
            '"' => {
                quoted = !quoted;
                word.push(letter);
            }
            blank if blank.is_whitespace() && !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            other => word.push(other),
        }
    }
    if quoted {
        Err("a quote is not closed".to_owned())
    } else {
        Ok(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATE: &str = "\
incident  base=report  log.received_at=2026-04-01T09:00 disclosures.d1.at=2026-04-01T09:04
crime     base=assault core.recorded_at=2026-04-02T10:00 origin.1.disclosure=d1  # named
proved    cad rms      2026-04-03T00:00
covers    rms          2026-04-01
          => breach due=2026-04-02T09:04:00+01:00 late_by_seconds=3360 remedied
";

    #[test]
    fn a_block_becomes_records_a_setting_and_expectations() {
        let scenario = Scenario::parse(LATE).expect("well formed");
        let [incident, crime] = scenario.records.as_slice() else {
            panic!("two records")
        };
        assert_eq!(incident["disclosures"][0]["at"], "2026-04-01T09:04+01:00");
        assert_eq!(incident["disclosures"][0]["status"], "disclosed");
        assert_eq!(crime["core"]["recorded_at"], "2026-04-02T10:00+01:00");
        assert_eq!(
            crime["origin"],
            json!([{"incident": "NP-1", "kind": "source", "disclosure": "d1"}])
        );
        assert_eq!(scenario.setting.claims["cad"], "2026-04-03T00:00+01:00");
        assert_eq!(
            scenario.setting.covers_from["cad"].as_deref(),
            Some(COVERED_FROM)
        );
        assert_eq!(
            scenario.setting.covers_from["rms"].as_deref(),
            Some("2026-04-01T00:00:00+01:00")
        );
        assert_eq!(scenario.expected[0].remedied, Some(true));
    }

    #[test]
    fn a_feed_with_a_record_is_declared_and_proves_nothing_by_itself() {
        let scenario =
            parsed("care victim_care.v:k1:01.referrals.1.sent_at=2026-04-02T10:00\n=> none");
        assert_eq!(scenario.setting.owners["victim-hub"], ["victim_care"]);
        assert!(scenario.setting.claims.is_empty());
        assert_eq!(scenario.records[0]["reference"], "34/26/000001");
        assert!(scenario.records[0].get("core").is_none());
    }

    #[test]
    fn a_line_may_change_the_head_and_delete() {
        let scenario = parsed(
            "crime base=direct ref=34/26/7 version=2 committed_at=2026-04-05T08:00 source=niche \
             deleted.reason=lawful_disposal deleted.at=2026-04-05\n\
             covers rms unknown\nprofile northamptonshire-2021\n=> met",
        );
        let record = &scenario.records[0];
        assert_eq!(record["reference"], "34/26/7");
        assert_eq!(record["version"], 2);
        assert_eq!(
            record["deleted"],
            json!({"reason": "lawful_disposal", "at": "2026-04-05"})
        );
        assert_eq!(scenario.setting.owners["niche"], [""; 0]);
        assert_eq!(scenario.setting.covers_from["rms"], None);
        assert_eq!(scenario.setting.profile, "northamptonshire-2021");
    }

    #[test]
    fn a_quoted_value_is_a_text_with_blanks() {
        let scenario = parsed("incident base=report closure.category=\"No crime # here\"\n=> met");
        assert_eq!(
            scenario.records[0]["closure"]["category"],
            "No crime # here"
        );
    }

    #[test]
    fn every_base_keeps_the_contract() {
        let bases: Value = serde_json::from_str(include_str!("bases.json")).expect("JSON");
        for (kind, named) in bases.as_object().expect("kinds") {
            for name in named.as_object().expect("names").keys() {
                let block = format!("{kind} base={name}\n=> none");
                Scenario::parse(&block).expect("a base that can be laid");
            }
        }
        let text = |kind: &str, name: &str| bases[kind][name].to_string();
        serde_json::from_str::<truecount::domain::records::CrimeRecord>(&headed(
            "crime",
            &text("crime", "assault"),
        ))
        .expect("a crime record");
        serde_json::from_str::<truecount::domain::records::IncidentRecord>(&headed(
            "incident",
            &text("incident", "report"),
        ))
        .expect("an incident");
    }

    #[test]
    fn a_slip_of_the_pen_names_its_line() {
        for (block, problem) in [
            ("crime base=assault\n", "no `=>` line"),
            (
                "crime base=assalt\n=> met",
                "line 1: no base `assalt` of crime",
            ),
            (
                "crime core.basis\n=> met",
                "line 1: `core.basis` has no `=`",
            ),
            (
                "\ncrim base=assault\n=> met",
                "line 2: no line begins with `crim`",
            ),
            ("=> met\ncrime base=assault", "line 2: `=>` lines come last"),
            (
                "proved 2026-04-01\n=> met",
                "line 1: `proved` names feeds and a moment",
            ),
            (
                "=> met\n=> met",
                "several expectations: each names its obligation",
            ),
            (
                "crime core.n_code=\"N100\n=> met",
                "line 1: a quote is not closed",
            ),
        ] {
            assert_eq!(Scenario::parse(block), Err(problem.to_owned()));
        }
    }

    fn parsed(block: &str) -> Scenario {
        Scenario::parse(block).expect("well formed")
    }

    fn headed(kind: &str, blocks: &str) -> String {
        let mut record = json!({
            "record": kind, "force": "f", "source": "s", "reference": "r", "version": 1,
            "committed_at": COMMITTED_AT, "extracted_at": null, "deleted": null,
        });
        let blocks: Value = serde_json::from_str(blocks).expect("JSON");
        for (field, value) in blocks.as_object().expect("blocks") {
            record[field] = value.clone();
        }
        record.to_string()
    }
}
