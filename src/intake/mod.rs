//! The form of a record that only its surroundings can tell: whether its feed may send it, whether
//! its ids tell its entries apart, whether its clock is possible. Never judges substance and stores
//! nothing. Start at [`admit`].

mod ids;
pub mod pseudonyms;

use crate::domain::names::Word;
use crate::domain::records::{DecisionKind, DecisionRecord, HeartbeatRecord, Record};
use crate::domain::refusal::code_or_class;
use crate::domain::{Elapsed, Instant, Moment, Precision};
use crate::domain::{Feeds, Glimpse, Problem, Reason, Refusal};

/// How far a heartbeat may be ahead of the broker's clock: clocks in one force differ by less.
const HEARTBEAT_LEEWAY: Elapsed = Elapsed::seconds(5);
/// How far a commit may be ahead of its arrival: more than any time zone or slip of a clock.
const COMMIT_LEEWAY: Elapsed = Elapsed::hours(24);

/// Lets a record in, or says everything about its form that keeps it out. `arrival` is the time of
/// the log it came from; `force_known` says whether the forces table has its force.
pub fn admit(
    record: &Record,
    arrival: Instant,
    feeds: &Feeds,
    force_known: bool,
) -> Result<(), Refusal> {
    let mut problems = Problems::default();
    if force_known {
        feed_is_declared(record, feeds, &mut problems);
        blocks_are_owned(record, feeds, &mut problems);
    } else {
        let force = code_or_class(record.head().force.as_str());
        problems.add(
            Reason::UnknownForce,
            "force",
            "a code of the forces table",
            force,
        );
    }
    clock_is_possible(record, arrival, &mut problems);
    match record {
        Record::Incident(incident) => ids::of_incident(&incident.blocks, &mut problems),
        Record::Crime(crime) => ids::of_crime(&crime.blocks, &mut problems),
        Record::Heartbeat(heartbeat) => promise_is_past(heartbeat, arrival, &mut problems),
        Record::Decision(decision) => waiver_is_whole(decision, &mut problems),
    }
    problems.settle(record)
}

/// What is wrong so far; most records have nothing and cost nothing.
#[derive(Default)]
struct Problems(Vec<(Reason, Problem)>);

impl Problems {
    fn add(&mut self, reason: Reason, field: &str, expected: &str, found: impl Into<String>) {
        self.with(reason, Problem::of(reason, field, expected, found));
    }

    fn with(&mut self, reason: Reason, problem: Problem) {
        self.0.push((reason, problem));
    }

    fn settle(self, record: &Record) -> Result<(), Refusal> {
        match self.0.first() {
            None => Ok(()),
            Some((reason, _)) => Err(Refusal {
                reason: *reason,
                problems: self.0.into_iter().map(|(_, problem)| problem).collect(),
                head: Glimpse::from(record.head()),
            }),
        }
    }
}

fn feed_is_declared(record: &Record, feeds: &Feeds, problems: &mut Problems) {
    let source = &record.head().source;
    if feeds.named(source).is_none() {
        let found = code_or_class(source.as_str());
        problems.add(
            Reason::UnknownFeed,
            "source",
            "a declared feed of this force",
            found,
        );
    }
}

fn blocks_are_owned(record: &Record, feeds: &Feeds, problems: &mut Problems) {
    let Some(feed) = feeds.named(&record.head().source) else {
        return;
    };
    for block in record.told().without(feed.owns).iter() {
        let (expected, advice) = match feeds.owner(block) {
            Some(owner) => (
                "null, because another feed owns the block".to_owned(),
                format!(
                    "leave it to `{}`, which owns it, or change its owner",
                    owner.name
                ),
            ),
            None => (
                "null, because no feed owns the block".to_owned(),
                format!("declare in the configuration that `{}` owns it", feed.name),
            ),
        };
        let problem = Problem {
            field: block.as_str().to_owned(),
            expected,
            found: format!("the block, sent by `{}`", feed.name),
            advice,
        };
        problems.with(Reason::BlockNotOwned, problem);
    }
}

fn clock_is_possible(record: &Record, arrival: Instant, problems: &mut Problems) {
    let head = record.head();
    let latest = arrival.plus(COMMIT_LEEWAY);
    let told = [
        ("committed_at", Some(&head.committed_at)),
        ("extracted_at", head.extracted_at.as_ref()),
    ];
    for (field, moment) in told {
        if let Some(moment) = moment.filter(|moment| moment.earliest() > latest) {
            let found = moment.to_string();
            let expected = "a moment no later than a day after the record's arrival";
            problems.add(Reason::CommittedInFuture, field, expected, found);
        }
    }
    if let Some(version) = head.version.filter(|version| *version < 0) {
        let found = version.to_string();
        problems.add(
            Reason::OutOfRange,
            "version",
            "a whole number from 0",
            found,
        );
    }
}

fn promise_is_past(heartbeat: &HeartbeatRecord, arrival: Instant, problems: &mut Problems) {
    const FIELD: &str = "sent_through";
    let through = &heartbeat.sent_through;
    if matches!(through.precision(), Precision::Day | Precision::Month) {
        let expected = "a moment with its time of day";
        problems.add(
            Reason::UnreadableMoment,
            FIELD,
            expected,
            through.to_string(),
        );
    }
    if through.earliest() > arrival.plus(HEARTBEAT_LEEWAY) {
        let expected = "a moment no later than the heartbeat's arrival";
        problems.add(
            Reason::HeartbeatFromFuture,
            FIELD,
            expected,
            through.to_string(),
        );
    }
}

fn waiver_is_whole(decision: &DecisionRecord, problems: &mut Problems) {
    if decision.kind != DecisionKind::Waive {
        return;
    }
    let role = decision.by.as_ref().and_then(|by| by.role);
    let reason = decision.reason_code.as_ref().map(Word::as_str);
    let expiry: Option<&Moment> = decision.expires_at.as_ref();
    for (field, told, expected) in [
        ("by.role", role.is_some(), "the role of who waives"),
        (
            "reason_code",
            reason.is_some_and(|code| !code.is_empty()),
            "the reason it is filed under",
        ),
        (
            "expires_at",
            expiry.is_some(),
            "the moment at which the waiver ends",
        ),
    ] {
        if !told {
            problems.add(Reason::IncompleteWaiver, field, expected, "nothing");
        }
    }
}

#[cfg(test)]
mod tests;
