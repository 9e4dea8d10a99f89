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
