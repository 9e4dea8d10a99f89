//! How far each feed is proved to have sent everything, and how far each rule may therefore speak:
//! claims, holds of unread records, frontiers. A claim and a frontier never go back.
//! Start at [`Claims`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::entry::{Alarm, Settings};
use super::written::{is_false, is_zero};
use crate::domain::exception::ProofKind;
use crate::domain::feed::{Feed, Partition};
use crate::domain::names::{Reference, Source};
use crate::domain::records::{Head, HeartbeatRecord};
use crate::domain::{Feeds, Instant};

/// Holds kept one by one for a feed, so that one broken adapter cannot grow the state without bound.
/// Past it those that hold become one that only time releases, and those that held leave a mark.
const HOLDS_MAX: usize = 1_000;

/// How far every feed of a force is proved.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Claims {
    feeds: BTreeMap<Source, Claim>,
}

/// How far one feed is proved.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Claim {
    #[serde(with = "listed")]
    partitions: BTreeMap<Partition, Proved>,
    kind: ProofKind,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    held: Vec<Hold>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    expired: Vec<Hold>,
    /// More was set aside than is kept one by one.
    #[serde(default, skip_serializing_if = "is_false")]
    overflowed: bool,
    /// A record committed before the claim arrived after it.
    #[serde(default, skip_serializing_if = "is_false")]
    broken: bool,
    effective: Instant,
    #[serde(default, skip_serializing_if = "is_zero")]
    read_since: i64,
    /// Records set aside since the last heartbeat, which the feed may or may not have counted: they
    /// can be heartbeats, or of another feed.
    #[serde(default, skip_serializing_if = "is_zero")]
    unread_since: i64,
}

/// How far one partition is proved, and by which heartbeat.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
struct Proved {
    through: Instant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sequence: Option<i64>,
}

/// An unread record that may be the missing fact.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Hold {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference: Option<Reference>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    at: Instant,
    arrival: Instant,
}

/// How far a feed is proved, and on whose word: by absence, and otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Standing {
    pub(super) through: Instant,
    pub(super) word: [ProofKind; 2],
}

/// What a person may know of a feed's claim.
#[derive(Clone, PartialEq, Debug)]
pub struct ClaimView {
    /// The feed.
    pub feed: Source,
    /// Everything committed before this was sent.
    pub through: Instant,
    /// On whose word.
    pub kind: ProofKind,
    /// How many unread records hold it.
    pub held_by: usize,
    /// How many unread records it was not held for any longer.
    pub expired: usize,
    /// True if more was set aside than is kept one by one.
    pub overflowed: bool,
    /// True if a record committed before the claim arrived after it.
    pub broken: bool,
}

/// Partitions as they are kept: a list, since what names them is no text.
mod listed {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Partition, Proved};

    #[derive(Serialize, Deserialize)]
    struct Line {
        #[serde(flatten)]
        partition: Partition,
        #[serde(flatten)]
        proved: Proved,
    }

    pub(super) fn serialize<S: Serializer>(
        partitions: &BTreeMap<Partition, Proved>,
        into: S,
    ) -> Result<S::Ok, S::Error> {
        into.collect_seq(partitions.iter().map(|(partition, proved)| Line {
            partition: partition.clone(),
            proved: *proved,
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeMap<Partition, Proved>, D::Error> {
        let lines = Vec::<Line>::deserialize(from)?;
        Ok(lines
            .into_iter()
            .map(|line| (line.partition, line.proved))
            .collect())
    }
}

impl Claims {
    /// Keeps what is proved and starts the feeds that are new at the beginning of time.
    pub(super) fn declare(&mut self, feeds: &Feeds) {
        for feed in feeds.iter() {
            self.feeds
                .entry(feed.name.clone())
                .or_insert_with(Claim::unheard)
                .declare(feed);
        }
    }

    /// Everything before this is proved sent by the feed.
    pub(super) fn through(&self, feed: &Source) -> Instant {
        self.feeds
            .get(feed)
            .map_or(Instant::BEGINNING, |claim| claim.effective)
    }

    /// The least claim of these feeds; nothing is proved for none.
    pub(super) fn least<'a>(&self, feeds: impl Iterator<Item = &'a Source>) -> Instant {
        feeds
            .map(|feed| self.through(feed))
            .min()
            .unwrap_or(Instant::BEGINNING)
    }

    /// How far a feed is proved, and on whose word.
    pub(super) fn standing(&self, feed: &Source) -> Standing {
        let claim = self.feeds.get(feed);
        Standing {
            through: claim.map_or(Instant::BEGINNING, |claim| claim.effective),
            word: [true, false]
                .map(|by_absence| claim.map_or(ProofKind::Stated, |claim| claim.proof(by_absence))),
        }
    }

    /// On whose word a verdict stands that rests on these feeds. What was set aside unread taints
    /// what is said of an absence; a broken promise taints everything.
    pub(super) fn proof<'a>(
        &self,
        feeds: impl Iterator<Item = &'a Source>,
        by_absence: bool,
    ) -> ProofKind {
        let kinds = feeds
            .filter_map(|feed| self.feeds.get(feed))
            .map(|claim| claim.proof(by_absence));
        kinds.max().unwrap_or(ProofKind::Stated)
    }

    /// A partition of a feed is proved through an instant.
    pub(super) fn prove(
        &mut self,
        feed: &Source,
        partition: Partition,
        through: Instant,
        kind: ProofKind,
        settings: Settings,
    ) {
        if let Some(claim) = self.feeds.get_mut(feed) {
            claim.kind = kind;
            claim.prove(partition, through, None);
            claim.settle(settings);
        }
    }

    /// A heartbeat proves its partition, unless it claims less than is proved or is older.
    pub(super) fn heartbeat(
        &mut self,
        heartbeat: &HeartbeatRecord,
        partition: Partition,
        settings: Settings,
    ) -> Vec<Alarm> {
        let source = &heartbeat.head.source;
        let Some(claim) = self.feeds.get_mut(source) else {
            return Vec::new();
        };
        let mut alarms = Vec::new();
        let read = std::mem::take(&mut claim.read_since);
        let at_most = read + std::mem::take(&mut claim.unread_since);
        // A count is of all partitions together, and no heartbeat of one of them closes it.
        let comparable = claim.partitions.len() == 1;
        let said = heartbeat.records_since_last.filter(|_| comparable);
        if let Some(said) = said.filter(|said| !(read..=at_most).contains(said)) {
            alarms.push(Alarm::HeartbeatCount {
                feed: source.clone(),
                said,
                read,
            });
        }
        claim.kind = claim.kind.min(ProofKind::Stated);
        let through = heartbeat.sent_through.earliest();
        if claim.prove(partition, through, heartbeat.head.version) {
            claim.settle(settings);
        } else {
            alarms.push(Alarm::HeartbeatBehind {
                feed: source.clone(),
            });
        }
        alarms
    }

    /// A record that the feed may have sent was set aside before it came here.
    pub(super) fn count_unread(&mut self, feed: &Source) {
        if let Some(claim) = self.feeds.get_mut(feed) {
            claim.unread_since += 1;
        }
    }

    /// A record of the feed that conflicts with a known one was read.
    pub(super) fn count_conflict(&mut self, feed: &Source) {
        if let Some(claim) = self.feeds.get_mut(feed) {
            claim.read_since += 1;
        }
    }

    /// A record of the feed was set aside unread.
    pub(super) fn set_aside(
        &mut self,
        feed: &Source,
        reference: Option<Reference>,
        version: Option<i64>,
        arrival: Instant,
        settings: Settings,
    ) {
        let Some(claim) = self.feeds.get_mut(feed) else {
            return;
        };
        let hold = Hold {
            reference,
            version,
            at: claim.effective,
            arrival,
        };
        if settings.quarantine_hold.is_none() {
            claim.expire(hold);
        } else if claim.held.len() < HOLDS_MAX {
            claim.held.push(hold);
        } else if let Some(last) = claim.held.last_mut() {
            last.absorb(hold);
        }
        claim.settle(settings);
    }

    /// A readable record of a feed arrived: it releases what an unread one of its thing held.
    pub(super) fn readable(
        &mut self,
        head: &Head,
        is_new: bool,
        settings: Settings,
    ) -> Option<Alarm> {
        let claim = self.feeds.get_mut(&head.source)?;
        claim.read_since += 1;
        claim.release(|hold| {
            hold.reference.as_ref() == Some(&head.reference)
                && hold
                    .version
                    .is_none_or(|held| head.version.is_none_or(|own| own >= held))
        });
        let broken = is_new && head.committed_at.latest() < claim.effective;
        claim.settle(settings);
        if !broken {
            return None;
        }
        claim.broken = true;
        Some(Alarm::BrokenPromise {
            feed: head.source.clone(),
            reference: head.reference.clone(),
        })
    }

    /// A person releases what unread records of a thing hold.
    pub(super) fn release(&mut self, reference: &Reference, settings: Settings) {
        for claim in self.feeds.values_mut() {
            claim.release(|hold| hold.reference.as_ref() == Some(reference));
            claim.settle(settings);
        }
    }

    /// What a person may know of every claim, in the order of the feeds.
    pub(super) fn views(&self) -> impl Iterator<Item = ClaimView> {
        self.feeds.iter().map(|(feed, claim)| ClaimView {
            feed: feed.clone(),
            through: claim.effective,
            kind: claim.proof(true),
            held_by: claim.held.len(),
            expired: claim.expired.len(),
            overflowed: claim.overflowed,
            broken: claim.broken,
        })
    }
}

impl Hold {
    /// Makes two holds one, which nothing but time releases.
    fn absorb(&mut self, other: Hold) {
        (self.reference, self.version) = (None, None);
        self.at = self.at.min(other.at);
        self.arrival = self.arrival.max(other.arrival);
    }
}

impl Claim {
    fn unheard() -> Claim {
        Claim {
            partitions: BTreeMap::new(),
            kind: ProofKind::Stated,
            held: Vec::new(),
            expired: Vec::new(),
            overflowed: false,
            broken: false,
            effective: Instant::BEGINNING,
            read_since: 0,
            unread_since: 0,
        }
    }

    fn declare(&mut self, feed: &Feed) {
        for partition in &feed.partitions {
            let unheard = Proved {
                through: Instant::BEGINNING,
                sequence: None,
            };
            self.partitions.entry(partition.clone()).or_insert(unheard);
        }
    }

    /// Moves one partition on; false if that would be going back.
    fn prove(&mut self, partition: Partition, through: Instant, sequence: Option<i64>) -> bool {
        let unheard = Proved {
            through: Instant::BEGINNING,
            sequence: None,
        };
        let proved = self.partitions.entry(partition).or_insert(unheard);
        let older = matches!((sequence, proved.sequence), (Some(own), Some(last)) if own <= last);
        if older || through < proved.through {
            return false;
        }
        *proved = Proved {
            through,
            sequence: sequence.or(proved.sequence),
        };
        true
    }

    /// What is proved through the least of its partitions.
    fn stated(&self) -> Instant {
        self.partitions
            .values()
            .map(|proved| proved.through)
            .min()
            .unwrap_or(Instant::BEGINNING)
    }

    /// Expires the holds that have lasted long enough and moves the claim as far as the rest allow.
    fn settle(&mut self, settings: Settings) {
        let stated = self.stated();
        if let Some(hold) = settings.quarantine_hold {
            let (expired, held) = std::mem::take(&mut self.held)
                .into_iter()
                .partition(|held: &Hold| stated > held.arrival.plus(hold));
            self.held = held;
            let expired: Vec<Hold> = expired;
            expired.into_iter().for_each(|hold| self.expire(hold));
        }
        let bound = self
            .held
            .iter()
            .map(|held| held.at)
            .min()
            .unwrap_or(Instant::END);
        self.effective = self.effective.max(stated.min(bound));
    }

    /// Keeps that a record was not held for any longer.
    fn expire(&mut self, hold: Hold) {
        if self.expired.len() < HOLDS_MAX {
            self.expired.push(hold);
        } else {
            self.overflowed = true;
        }
    }

    fn release(&mut self, released: impl Fn(&Hold) -> bool) {
        self.held.retain(|hold| !released(hold));
        self.expired.retain(|hold| !released(hold));
    }

    fn proof(&self, by_absence: bool) -> ProofKind {
        let unread = by_absence && (self.overflowed || !self.expired.is_empty());
        if self.broken || unread {
            ProofKind::Impaired
        } else {
            self.kind
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::names::RecordKind;
    use crate::domain::records::BlockSet;
    use crate::domain::{Elapsed, Moment};

    const HOLD: Settings = Settings {
        quarantine_hold: Some(Elapsed::hours(4)),
    };

    #[test]
    fn a_feed_is_proved_through_the_least_of_its_partitions() {
        let mut claims = declared(&[0, 1]);
        prove(&mut claims, 0, 10);
        assert_eq!(claims.through(&feed()), Instant::BEGINNING);
        prove(&mut claims, 1, 4);
        assert_eq!(claims.through(&feed()), hours(4));
    }

    #[test]
    fn a_claim_never_goes_back() {
        let mut claims = declared(&[0]);
        prove(&mut claims, 0, 10);
        prove(&mut claims, 0, 4);
        assert_eq!(claims.through(&feed()), hours(10));
    }

    #[test]
    fn an_unread_record_holds_the_claim_before_it_for_four_hours_and_then_impairs() {
        let mut claims = declared(&[0]);
        prove(&mut claims, 0, 10);
        claims.set_aside(&feed(), Some("C1".into()), Some(2), hours(11), HOLD);
        prove(&mut claims, 0, 15);
        assert_eq!(
            (claims.through(&feed()), proof(&claims)),
            (hours(10), ProofKind::Stated)
        );
        prove(&mut claims, 0, 16);
        assert_eq!(
            (claims.through(&feed()), proof(&claims)),
            (hours(16), ProofKind::Impaired)
        );
    }

    #[test]
    fn a_release_gives_the_claim_back() {
        let mut claims = declared(&[0]);
        prove(&mut claims, 0, 10);
        claims.set_aside(&feed(), Some("C1".into()), Some(2), hours(11), HOLD);
        prove(&mut claims, 0, 12);
        claims.release(&"C2".into(), HOLD);
        assert_eq!(claims.through(&feed()), hours(10));
        claims.release(&"C1".into(), HOLD);
        assert_eq!(
            (claims.through(&feed()), proof(&claims)),
            (hours(12), ProofKind::Stated)
        );
    }

    #[test]
    fn past_its_bound_every_unread_record_still_holds_and_then_impairs() {
        let mut claims = declared(&[0]);
        prove(&mut claims, 0, 10);
        for number in 0..2 * HOLDS_MAX {
            let reference = number.to_string();
            claims.set_aside(
                &feed(),
                Some(reference.as_str().into()),
                Some(2),
                hours(11),
                HOLD,
            );
        }
        for number in 0..2 * HOLDS_MAX {
            claims.release(&number.to_string().as_str().into(), HOLD);
        }
        prove(&mut claims, 0, 15);
        assert_eq!(claims.through(&feed()), hours(10));
        prove(&mut claims, 0, 16);
        assert_eq!(
            (claims.through(&feed()), proof(&claims)),
            (hours(16), ProofKind::Impaired)
        );
        let view = claims.views().next().expect("one feed is declared");
        assert!(view.held_by + view.expired <= 2 * HOLDS_MAX);
    }

    #[test]
    fn a_record_set_aside_may_have_been_counted_by_its_feed_and_a_lost_one_is_missed() {
        for (said, alarms) in [(1, 1), (2, 0), (3, 0), (4, 1)] {
            let mut claims = declared(&[0]);
            claims.count_conflict(&feed());
            claims.count_conflict(&feed());
            claims.count_unread(&feed());
            let heard = claims.heartbeat(&heartbeat(said), partition(0), HOLD);
            assert_eq!(heard.len(), alarms, "{said}");
            assert_eq!(
                claims.heartbeat(&heartbeat(0), partition(0), HOLD),
                [],
                "begun anew"
            );
        }
    }

    #[test]
    fn claims_read_back_as_they_were_written() {
        let mut claims = declared(&[0, 1]);
        prove(&mut claims, 0, 10);
        claims.set_aside(&feed(), Some("C1".into()), Some(2), hours(11), HOLD);
        claims.set_aside(&feed(), None, None, hours(12), HOLD);
        claims.count_unread(&feed());
        let text = serde_json::to_string(&claims).expect("claims are JSON");
        let read: Claims = serde_json::from_str(&text).expect("they were written so");
        assert_eq!(read, claims, "{text}");
    }

    fn heartbeat(said: i64) -> HeartbeatRecord {
        HeartbeatRecord {
            head: Head {
                record: RecordKind::Heartbeat,
                force: "northamptonshire".into(),
                source: feed(),
                reference: "rms".into(),
                version: None,
                committed_at: Moment::exact(hours(1)),
                extracted_at: None,
                deleted: None,
            },
            sent_through: Moment::exact(hours(1)),
            records_since_last: Some(said),
        }
    }

    #[test]
    fn a_run_over_files_marks_at_once_and_does_not_hold() {
        let mark = Settings {
            quarantine_hold: None,
        };
        let mut claims = declared(&[0]);
        claims.set_aside(&feed(), None, None, hours(1), mark);
        claims.prove(&feed(), partition(0), hours(9), ProofKind::Stated, mark);
        assert_eq!(
            (claims.through(&feed()), proof(&claims)),
            (hours(9), ProofKind::Impaired)
        );
    }

    fn declared(partitions: &[i32]) -> Claims {
        let mut claims = Claims::default();
        claims.declare(&Feeds::declared(vec![Feed {
            name: feed(),
            owns: BlockSet::NONE,
            covers_from: None,
            not_carried: Vec::new(),
            partitions: partitions.iter().copied().map(partition).collect(),
            promise: None,
        }]));
        claims
    }

    fn prove(claims: &mut Claims, number: i32, hour: i64) {
        claims.prove(
            &feed(),
            partition(number),
            hours(hour),
            ProofKind::Stated,
            HOLD,
        );
    }

    fn proof(claims: &Claims) -> ProofKind {
        claims.proof([feed()].iter(), true)
    }

    fn feed() -> Source {
        "rms".into()
    }

    fn partition(number: i32) -> Partition {
        Partition {
            topic: "records".to_owned(),
            number,
        }
    }

    fn hours(hours: i64) -> Instant {
        Instant::from_millis(0).plus(Elapsed::hours(hours))
    }
}
