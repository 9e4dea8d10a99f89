//! Whether the figures are whole, and if not, why: each reason a sentence that a person can answer
//! for. Start at [`reasons`].

use super::facts::Facts;
use super::words::{count, long, plural, spoken, stamp, verb};
use crate::domain::Instant;
use crate::domain::records::{Block, BlockSet};
use crate::validation::{ClaimView, Force};

/// Why the figures are partial, gravest first; none if they are whole.
pub(super) fn reasons(facts: &Facts<'_>) -> Vec<String> {
    let mut reasons = unread(facts);
    reasons.extend(undecided(facts));
    for force in facts.input.validation.forces() {
        for claim in force.claims() {
            reasons.extend(unproved(facts, &claim));
        }
    }
    reasons.extend(uncovered(facts));
    for force in facts.input.validation.forces() {
        reasons.extend(unowned_reason(facts, force));
    }
    reasons
}

fn unread(facts: &Facts<'_>) -> Vec<String> {
    let reading = &facts.input.reading;
    let mut reasons = Vec::new();
    if facts.input.validation.forces().next().is_none() {
        reasons.push("no record of any force could be read".to_owned());
    }
    if reading.off != 0 {
        let off = count(reading.off.unsigned_abs());
        reasons.push(format!(
            "{off} records are not accounted for: a fault of ours, report it"
        ));
    }
    if reading.quarantined > 0 {
        let were = verb(reading.quarantined, "was", "were");
        reasons.push(format!(
            "{} {were} set aside unread",
            plural(reading.quarantined, "record")
        ));
    }
    for (alarm, number) in reading.alarms {
        let says = match alarm.split_once(' ') {
            Some(("rule_fault", rule)) => {
                format!(
                    "{rule} failed on {}: a fault of ours",
                    plural(*number, "record")
                )
            }
            Some(("broken_promise", feed)) => format!(
                "feed {feed} sent {} later than it had promised",
                plural(*number, "record")
            ),
            _ => continue,
        };
        reasons.push(says);
    }
    let words: u64 = reading.unread.values().sum();
    if words > 0 {
        let has = verb(words, "has", "have");
        reasons.push(format!(
            "{} {has} a word that no list has",
            plural(words, "field")
        ));
    }
    reasons
}

fn unproved(facts: &Facts<'_>, claim: &ClaimView) -> Option<String> {
    let feed = &claim.feed;
    if claim.through == Instant::BEGINNING {
        return Some(format!(
            "feed {feed} is proved through no moment, so no accusation rests on it"
        ));
    }
    let as_at = facts.input.as_at?;
    (claim.through < as_at).then(|| {
        format!(
            "feed {feed} is proved only through {}, {} before the time of judging",
            stamp(claim.through),
            long(as_at.since(claim.through))
        )
    })
}

fn uncovered(facts: &Facts<'_>) -> Option<String> {
    let forces = facts.input.validation.forces();
    let feeds = forces.flat_map(|force| force.feeds().iter());
    let names: Vec<&str> = feeds
        .filter(|feed| feed.covers_from.is_none() && feed.owns != BlockSet::NONE)
        .map(|feed| feed.name.as_str())
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "it is not stated since when {} {} everything, so what was never sent is unknown",
            names.join(", "),
            verb(names.len() as u64, "covers", "cover")
        )
    })
}

fn undecided(facts: &Facts<'_>) -> Option<String> {
    let total = facts.total();
    let asked = total.judged() + total.excused + total.undecidable;
    (total.undecidable > 0).then(|| {
        format!(
            "{} of {} duties cannot be told",
            count(total.undecidable),
            count(asked)
        )
    })
}

fn unowned_reason(facts: &Facts<'_>, force: &Force) -> Option<String> {
    let blocks = unowned(facts, force);
    let names: Vec<String> = blocks.iter().map(|block| spoken(block.as_str())).collect();
    (!names.is_empty()).then(|| format!("no feed tells {}", names.join(", ")))
}

/// The blocks that some rule concerns and no declared feed of the force owns.
pub(super) fn unowned(facts: &Facts<'_>, force: &Force) -> Vec<Block> {
    let concerned = facts.input.validation.rules().concerned();
    concerned
        .iter()
        .filter(|block| !force.feeds().carry(*block))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::exception::ProofKind;
    use crate::domain::feed::Partition;
    use crate::domain::{Feed, Feeds, Moment};
    use crate::reference::Library;
    use crate::report::html::{Reading, ReportInput};
    use crate::validation::{Entry, Position, RuleSet, Settings, Validation};

    #[test]
    fn what_lacks_nothing_is_whole() {
        let none = BTreeMap::new();
        let validation = proved(BlockSet::ALL, Some(instant("2026-01-01")));
        assert_eq!(told(&validation, reading(&none)), Vec::<String>::new());
    }

    #[test]
    fn a_record_set_aside_makes_it_partial() {
        let (none, one) = (
            BTreeMap::new(),
            BTreeMap::from([("oversize".to_owned(), 1)]),
        );
        let validation = proved(BlockSet::ALL, Some(instant("2026-01-01")));
        let mut reading = reading(&none);
        (reading.read, reading.quarantined, reading.by_reason) = (1, 1, &one);
        assert_eq!(
            told(&validation, reading),
            ["1 record was set aside unread"]
        );
    }

    #[test]
    fn a_feed_behind_the_time_of_judging_makes_it_partial() {
        let none = BTreeMap::new();
        let validation = proved(BlockSet::ALL, Some(instant("2026-01-01")));
        let input = ReportInput {
            as_at: Some(instant("2026-05-02T09:00:00+01:00")),
            ..input(&validation, reading(&none))
        };
        let says =
            "feed rms is proved only through 1 May 2026 00:00, 1 d 9 h before the time of judging";
        assert_eq!(reasons(&Facts::of(&input)), [says]);
    }

    #[test]
    fn a_feed_without_coverage_and_blocks_without_a_feed_make_it_partial() {
        let none = BTreeMap::new();
        let validation = proved(BlockSet::of(&[Block::Core]), None);
        let told = told(&validation, reading(&none));
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with("it is not stated since when rms covers everything"));
        assert!(told[1].starts_with("no feed tells log, disclosures"));
    }

    #[test]
    fn where_no_force_could_be_read_nothing_is_whole() {
        let none = BTreeMap::new();
        let validation = Validation::new(rules(), SETTINGS);
        assert_eq!(
            told(&validation, reading(&none)),
            ["no record of any force could be read"]
        );
    }

    const SETTINGS: Settings = Settings {
        quarantine_hold: None,
    };

    fn told(validation: &Validation, reading: Reading<'_>) -> Vec<String> {
        reasons(&Facts::of(&input(validation, reading)))
    }

    fn input<'a>(validation: &'a Validation, reading: Reading<'a>) -> ReportInput<'a> {
        ReportInput {
            validation,
            exceptions: Vec::new(),
            as_at: None,
            reading,
        }
    }

    fn reading(none: &BTreeMap<String, u64>) -> Reading<'_> {
        Reading {
            read: 0,
            applied: 0,
            ledger_only: 0,
            duplicate: 0,
            quarantined: 0,
            control: 0,
            off: 0,
            by_reason: none,
            left_out: none,
            unread: none,
            unknown_fields: none,
            alarms: none,
        }
    }

    /// A force of one feed that is proved through the first of May.
    fn proved(owns: BlockSet, covers_from: Option<Instant>) -> Validation {
        let mut validation = Validation::new(rules(), SETTINGS);
        let partition = Partition {
            topic: "files".to_owned(),
            number: 0,
        };
        let feed = Feed {
            name: "rms".into(),
            owns,
            covers_from,
            not_carried: Vec::new(),
            partitions: vec![partition.clone()],
            promise: None,
        };
        let declared = Entry::Declared {
            force: "northamptonshire".into(),
            feeds: Feeds::declared(vec![feed]),
        };
        let proof = Entry::Proof {
            force: "northamptonshire".into(),
            feed: "rms".into(),
            partition,
            through: instant("2026-05-01"),
            kind: ProofKind::Stated,
        };
        for entry in [declared, proof] {
            let _ = validation.step(Position::default(), entry);
        }
        validation
    }

    fn rules() -> RuleSet {
        let library = Library::shipped("national");
        RuleSet::of(library.unwrap_or_else(|problems| panic!("{problems}")))
    }

    fn instant(text: &str) -> Instant {
        Moment::parse(text).expect("well formed").earliest()
    }
}
