//! What a scenario or a settled case expects of one rule, and how that is held against what was
//! judged. Says in words what differs. Start at [`compare`].

use std::fmt;

use truecount::domain::{Instant, Moment};

use super::judging::Judged;

/// The words an expectation can have for a verdict; `none` says that there is no judgement at all.
pub const VERDICTS: &[&str] = &[
    "met",
    "breach",
    "pending",
    "excused",
    "advisory",
    "undecidable",
    "not_applicable",
    "none",
];

/// One expected judgement; what is `None` is not compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expectation {
    /// The kind of record and the reference, where the expectation names them.
    pub thing: Option<(String, String)>,
    /// The duty; `None` where the rule gives exactly one judgement.
    pub obligation: Option<String>,
    pub verdict: String,
    pub due: Option<String>,
    pub late_by_seconds: Option<i64>,
    pub remedied: Option<bool>,
    /// Paths that must be among those that are missing.
    pub missing: Vec<String>,
    pub by: Option<String>,
    pub finding: Option<String>,
    /// When the duty was done, late or in time.
    pub done: Option<String>,
    /// The part of the measure.
    pub stratum: Option<String>,
}

impl Expectation {
    /// Reads what stands behind `=>`.
    pub fn parse(words: &[String]) -> Result<Expectation, String> {
        let mut words = words.iter().map(String::as_str).peekable();
        let mut expected = Expectation::default();
        let first = words.next().ok_or("an expectation names a verdict")?;
        if VERDICTS.contains(&first) {
            expected.verdict = first.to_owned();
        } else {
            expected.obligation = Some(first.to_owned());
            let verdict = words.next().filter(|word| VERDICTS.contains(word));
            expected.verdict = verdict
                .ok_or(format!("no verdict after `{first}`"))?
                .to_owned();
        }
        if expected.verdict == "breach" {
            expected.remedied = Some(false);
        }
        for word in words {
            expected.take(word)?;
        }
        Ok(expected)
    }

    fn take(&mut self, word: &str) -> Result<(), String> {
        let value = |text: &str| Some(text.to_owned());
        match word.split_once('=') {
            None if word == "remedied" => self.remedied = Some(true),
            Some((name @ ("due" | "done"), text)) => {
                Moment::parse(text).map_err(|problem| format!("{word}: {problem}"))?;
                let place = if name == "due" {
                    &mut self.due
                } else {
                    &mut self.done
                };
                *place = value(text);
            }
            Some(("late_by_seconds", text)) => {
                let seconds = text
                    .parse()
                    .map_err(|_| format!("{word}: no whole number"))?;
                self.late_by_seconds = Some(seconds);
            }
            Some(("missing", text)) => self.missing.push(text.to_owned()),
            Some(("by", text)) => self.by = value(text),
            Some(("finding", text)) => self.finding = value(text),
            Some(("stratum", text)) => self.stratum = value(text),
            _ => return Err(format!("an expectation knows no `{word}`")),
        }
        Ok(())
    }

    fn names(&self, judged: &Judged) -> bool {
        let thing = self.thing.as_ref().is_none_or(|(record, reference)| {
            *record == judged.record && *reference == judged.reference
        });
        let obligation = self.obligation.as_ref();
        thing && obligation.is_none_or(|obligation| *obligation == judged.obligation)
    }

    fn holds(&self, judged: &Judged) -> bool {
        let same = |expected: &Option<String>, found: &Option<String>| {
            expected.is_none() || expected == found
        };
        let at_once = |expected: &Option<String>, found: &Option<String>| {
            expected.as_deref().is_none_or(|expected| {
                let found = found.as_deref();
                found.is_some_and(|found| instant(expected) == instant(found))
            })
        };
        let late = self.late_by_seconds.is_none() || self.late_by_seconds == judged.late_by_seconds;
        self.verdict == judged.verdict
            && at_once(&self.due, &judged.due)
            && at_once(&self.done, &judged.done)
            && late
            && self
                .remedied
                .is_none_or(|remedied| remedied == judged.remedied)
            && self
                .missing
                .iter()
                .all(|path| judged.missing.contains(path))
            && same(&self.by, &judged.by)
            && same(&self.finding, &judged.finding)
            && same(&self.stratum, &judged.stratum)
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let obligation = self
            .obligation
            .iter()
            .map(|duty| format!("{duty} "))
            .collect::<String>();
        write!(out, "{obligation}{}", self.verdict)?;
        let remedied = self.remedied == Some(true);
        Attributes {
            due: &self.due,
            late_by_seconds: self.late_by_seconds,
            remedied,
            missing: &self.missing,
            by: &self.by,
            finding: &self.finding,
            done: &self.done,
            stratum: &self.stratum,
        }
        .fmt(out)
    }
}

/// What follows the verdict, in the order in which an expectation writes it.
pub struct Attributes<'a> {
    pub due: &'a Option<String>,
    pub late_by_seconds: Option<i64>,
    pub remedied: bool,
    pub missing: &'a [String],
    pub by: &'a Option<String>,
    pub finding: &'a Option<String>,
    pub done: &'a Option<String>,
    pub stratum: &'a Option<String>,
}

impl fmt::Display for Attributes<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(due) = self.due {
            write!(out, " due={due}")?;
        }
        if let Some(seconds) = self.late_by_seconds {
            write!(out, " late_by_seconds={seconds}")?;
        }
        if self.remedied {
            out.write_str(" remedied")?;
        }
        for path in self.missing {
            write!(out, " missing={path}")?;
        }
        if let Some(by) = self.by {
            write!(out, " by={by}")?;
        }
        if let Some(finding) = self.finding {
            write!(out, " finding={finding}")?;
        }
        if let Some(done) = self.done {
            write!(out, " done={done}")?;
        }
        if let Some(stratum) = self.stratum {
            write!(out, " stratum={stratum}")?;
        }
        Ok(())
    }
}

/// Holds a complete list of expectations against all judgements of one rule; empty if they agree.
/// A judgement that the duty does not arise need not be listed, and listed need not be there.
pub fn compare(expected: &[Expectation], judged: &[&Judged]) -> Vec<String> {
    if let [only] = expected
        && only.verdict == "none"
    {
        return judged
            .iter()
            .map(|found| format!("expected none, got {found}"))
            .collect();
    }
    let mut left: Vec<&Judged> = judged.to_vec();
    let mut unmet = Vec::new();
    for expectation in expected {
        let holding = left
            .iter()
            .position(|found| expectation.names(found) && expectation.holds(found));
        match holding {
            Some(at) => drop(left.remove(at)),
            None => unmet.push(expectation),
        }
    }
    let mut complaints = Vec::new();
    for expectation in unmet {
        let named = left.iter().position(|found| {
            expectation.names(found)
                && (expectation.obligation.is_some() || found.verdict != "not_applicable")
        });
        match named.map(|at| left.remove(at)) {
            Some(found) => complaints.push(format!("expected {expectation}, got {found}")),
            None if expectation.verdict == "not_applicable" => {}
            None => complaints.push(format!("expected {expectation}, got no such judgement")),
        }
    }
    let unlisted = left
        .iter()
        .filter(|found| found.verdict != "not_applicable");
    complaints.extend(unlisted.map(|found| format!("not expected, got {found}")));
    complaints
}

fn instant(text: &str) -> Option<Instant> {
    Moment::parse(text).ok().map(|moment| moment.earliest())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expectation_reads_as_it_is_written() {
        for line in [
            "breach due=2026-04-02T09:04:00+01:00 late_by_seconds=3360 remedied finding=late",
            "v:k1:02 pending due=2026-04-03T00:00:00+01:00",
            "undecidable missing=origin.disclosure missing=core.basis",
            "excused by=REC-031",
            "met due=2026-04-03 done=2026-04-02T09:00:00+01:00 stratum=urban",
            "none",
        ] {
            assert_eq!(parsed(line).to_string(), line);
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_refused() {
        for line in [
            "",
            "breech",
            "o1",
            "met soon",
            "breach due=tomorrow",
            "met done=yesterday",
            "met when=now",
        ] {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            assert!(Expectation::parse(&words).is_err(), "{line}");
        }
    }

    #[test]
    fn moments_compare_as_instants() {
        let found = breach("o1", false);
        assert_eq!(complaints("breach due=2026-04-02T08:00:00Z", &[&found]), 0);
        assert_eq!(
            complaints("breach due=2026-04-02T09:00:01+01:00", &[&found]),
            1
        );
    }

    #[test]
    fn a_breach_is_not_made_good_unless_it_says_so() {
        assert_eq!(complaints("breach", &[&breach("o1", true)]), 1);
        assert_eq!(complaints("breach remedied", &[&breach("o1", true)]), 0);
        assert_eq!(complaints("breach remedied", &[&breach("o1", false)]), 1);
    }

    #[test]
    fn the_list_is_complete_but_for_duties_that_do_not_arise() {
        let (one, two) = (breach("o1", false), breach("o2", false));
        let idle = Judged {
            verdict: "not_applicable".to_owned(),
            ..breach("o3", false)
        };
        assert_eq!(complaints("o1 breach", &[&one, &two]), 1);
        assert_eq!(complaints("o1 breach\no2 breach", &[&two, &one, &idle]), 0);
        assert_eq!(complaints("o1 breach\no3 not_applicable", &[&one]), 0);
        assert_eq!(complaints("o1 breach\no3 met", &[&one]), 1);
        assert_eq!(complaints("breach", &[&idle, &one]), 0);
        assert_eq!(complaints("not_applicable", &[&one]), 1);
        assert_eq!(complaints("none", &[&idle]), 1);
        assert_eq!(complaints("none", &[]), 0);
    }

    fn complaints(lines: &str, judged: &[&Judged]) -> usize {
        let expected: Vec<Expectation> = lines.lines().map(parsed).collect();
        compare(&expected, judged).len()
    }

    fn parsed(line: &str) -> Expectation {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Expectation::parse(&words).expect("a well-formed expectation")
    }

    fn breach(obligation: &str, remedied: bool) -> Judged {
        Judged {
            obligation: obligation.to_owned(),
            verdict: "breach".to_owned(),
            due: Some("2026-04-02T09:00:00+01:00".to_owned()),
            remedied,
            ..Judged::default()
        }
    }
}
