//! One run over files: heads, records, claims, in this order. Gives back everything that was judged
//! and counted; writes nothing. Start at [`check`].

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;

use uuid::Uuid;

use super::CannotCheck;
use super::declare::{Declared, Heads, declare, files_partition, newest};
use super::input::{Input, Item, Taken};
use super::options::Options;
use super::quarantine::{Place, Quarantined};
use super::tally::Balance;
use crate::domain::exception::{Exception, ProofKind};
use crate::domain::names::{ForceCode, RecordKind, Source};
use crate::domain::records::Record;
use crate::domain::{Feeds, Glimpse, Instant, Reason, Refusal};
use crate::drivers::conflict;
use crate::intake;
use crate::validation::{Disposition, Effect, Entry, Position, RuleSet, Settings, Validation};
use crate::wire::csv::Mappings;
use crate::wire::json::Decoded;

/// Everything a run judged and counted.
pub struct Run {
    /// What is held and judged.
    pub validation: Validation,
    /// What became of every record.
    pub balance: Balance,
    /// The newest revision of every exception, by id.
    pub exceptions: BTreeMap<Uuid, Exception>,
    /// What was declared of each force.
    pub declared: BTreeMap<ForceCode, Declared>,
    /// The time of judging, where one was given.
    pub as_at: Option<Instant>,
}

/// Judges files. `keep` is handed every record that was set aside; `arrival` is when they came in.
pub fn check(
    inputs: &[Input],
    rules: RuleSet,
    options: &Options,
    arrival: Instant,
    progress: &AtomicU64,
    keep: impl FnMut(Quarantined) -> Result<(), CannotCheck>,
) -> Result<Run, CannotCheck> {
    let shipped = options.mappings.is_none().then(Mappings::shipped);
    let given = options.mappings.as_deref();
    let mappings = given
        .or(shipped.as_ref())
        .expect("the shipped ones are opened if none are given");
    let heads = heads(inputs, mappings, progress)?;
    let declared = declare(&heads, options, arrival).map_err(CannotCheck::Setup)?;
    let settings = Settings {
        quarantine_hold: None,
    };
    let mut judging = Judging {
        validation: Validation::new(rules, settings),
        balance: Balance::default(),
        exceptions: BTreeMap::new(),
        declared,
        arrival,
        offset: 0,
        keep,
    };
    judging.declare();
    for (number, input) in inputs.iter().enumerate() {
        let file = input.name();
        let suspects = heads.feeds_in(number);
        let blank = input.read(mappings, progress, |item| {
            judging.take(&file, &suspects, item)
        })?;
        judging.balance.blank_lines += blank;
    }
    judging.claim();
    judging.balance.settle();
    Ok(Run {
        validation: judging.validation,
        balance: judging.balance,
        exceptions: judging.exceptions,
        declared: judging.declared,
        as_at: options.as_at,
    })
}

/// What the outsides of all records say.
fn heads(
    inputs: &[Input],
    mappings: &Mappings,
    progress: &AtomicU64,
) -> Result<Heads, CannotCheck> {
    let mut heads = Heads::default();
    for (number, input) in inputs.iter().enumerate() {
        input.peek(mappings, progress, |peek, mapping| {
            let (Some(force), Some(source)) = (peek.force, peek.source) else {
                return;
            };
            if peek.record.is_none() {
                return;
            }
            let by = heads.of(&force, &source);
            by.files.insert(number);
            by.blocks = by.blocks.and(peek.blocks);
            if let Some(mapping) = mapping
                && by.not_carried.is_empty()
            {
                by.not_carried.extend(mapping.never_carried());
            }
            if peek.record == Some(RecordKind::Heartbeat) {
                by.sent_through = newest(by.sent_through, peek.sent_through);
            } else {
                by.newest = newest(by.newest, peek.newest);
            }
        })?;
    }
    Ok(heads)
}

/// A run at work.
struct Judging<K> {
    validation: Validation,
    balance: Balance,
    exceptions: BTreeMap<Uuid, Exception>,
    declared: BTreeMap<ForceCode, Declared>,
    arrival: Instant,
    offset: u64,
    keep: K,
}

impl<K: FnMut(Quarantined) -> Result<(), CannotCheck>> Judging<K> {
    fn declare(&mut self) {
        let declared: Vec<(ForceCode, Feeds)> = self
            .declared
            .iter()
            .map(|(force, declared)| (force.clone(), declared.feeds.clone()))
            .collect();
        for (force, feeds) in declared {
            self.step(Entry::Declared { force, feeds });
        }
    }

    fn take(
        &mut self,
        file: &str,
        suspects: &BTreeMap<ForceCode, Vec<Source>>,
        item: Item<'_>,
    ) -> Result<(), CannotCheck> {
        self.balance.read(file);
        let place = Place {
            file,
            line: item.line,
            offset: item.offset,
        };
        match item.taken {
            Taken::SetAside(name) => {
                *self.balance.set_aside.entry(name).or_default() += 1;
                self.balance.count(file, Disposition::Control);
                Ok(())
            }
            Taken::Refused(refusal) => {
                self.set_aside(place, "read", *refusal, &item.bytes, suspects)
            }
            Taken::Record(decoded) => self.record(place, *decoded, &item.bytes, suspects),
        }
    }

    fn record(
        &mut self,
        place: Place<'_>,
        decoded: Decoded,
        bytes: &[u8],
        suspects: &BTreeMap<ForceCode, Vec<Source>>,
    ) -> Result<(), CannotCheck> {
        let Decoded { record, unknown } = decoded;
        for path in unknown {
            *self.balance.unknown_fields.entry(path).or_default() += 1;
        }
        self.count_unread(&record);
        let force = record.head().force.clone();
        let known = self
            .validation
            .rules()
            .library()
            .force(force.as_str())
            .is_some();
        let none = Feeds::default();
        let feeds = self
            .declared
            .get(&force)
            .map_or(&none, |declared| &declared.feeds);
        if let Err(refusal) = intake::admit(&record, self.arrival, feeds, known) {
            return self.set_aside(place, "form", refusal, bytes, suspects);
        }
        // A heartbeat's promise was read with the heads; it takes effect behind the records.
        if matches!(record, Record::Heartbeat(_)) {
            self.balance.count(place.file, Disposition::Control);
            return Ok(());
        }
        let head = Glimpse::from(record.head());
        let entry = Entry::Record {
            record,
            arrival: self.arrival,
            partition: files_partition(),
            from: None,
        };
        let mut conflict = None;
        for effect in self.step(entry) {
            match effect {
                Effect::Counted(disposition) => self.balance.count(place.file, disposition),
                Effect::Conflict { version, .. } => conflict = Some(version),
                _ => {}
            }
        }
        match conflict {
            None => Ok(()),
            Some(version) => {
                *self
                    .balance
                    .by_reason
                    .entry(Reason::VersionConflict.to_string())
                    .or_default() += 1;
                (self.keep)(Quarantined::of(
                    place,
                    "version",
                    conflict::refusal(version, head),
                    bytes,
                ))
            }
        }
    }

    fn count_unread(&mut self, record: &Record) {
        let unread = match record {
            Record::Incident(record) => &record.unread,
            Record::Crime(record) => &record.unread,
            Record::Heartbeat(_) | Record::Decision(_) => return,
        };
        for unread in unread {
            let name = format!("{}={}", unread.path, unread.value);
            *self.balance.unread.entry(name).or_default() += 1;
        }
    }

    fn set_aside(
        &mut self,
        place: Place<'_>,
        stage: &'static str,
        refusal: Refusal,
        bytes: &[u8],
        suspects: &BTreeMap<ForceCode, Vec<Source>>,
    ) -> Result<(), CannotCheck> {
        *self
            .balance
            .by_reason
            .entry(refusal.reason.to_string())
            .or_default() += 1;
        self.balance.count(place.file, Disposition::Quarantined);
        let (reference, version) = (refusal.head.reference.clone(), refusal.head.version);
        for (force, feeds) in suspected(&refusal.head, suspects, &self.declared) {
            let (reference, arrival) = (reference.clone(), self.arrival);
            self.step(Entry::SetAside {
                force,
                feeds,
                reference,
                version,
                arrival,
                from: None,
            });
        }
        (self.keep)(Quarantined::of(place, stage, refusal, bytes))
    }

    fn claim(&mut self) {
        let claims: Vec<(ForceCode, Source, Instant, ProofKind)> =
            self.declared
                .iter()
                .flat_map(|(force, declared)| {
                    declared.claims.iter().map(|(feed, (through, kind))| {
                        (force.clone(), feed.clone(), *through, *kind)
                    })
                })
                .collect();
        for (force, feed, through, kind) in claims {
            let partition = files_partition();
            self.step(Entry::Proof {
                force,
                feed,
                partition,
                through,
                kind,
            });
        }
    }

    fn step(&mut self, entry: Entry) -> Vec<Effect> {
        self.offset += 1;
        let position = Position {
            partition: 0,
            offset: self.offset,
        };
        let (published, rest): (Vec<Effect>, Vec<Effect>) = self
            .validation
            .step(position, entry)
            .into_iter()
            .partition(|effect| matches!(effect, Effect::Exception(_)));
        for effect in published {
            if let Effect::Exception(exception) = effect {
                self.exceptions.insert(exception.id, *exception);
            }
        }
        for effect in &rest {
            if let Effect::Alarm(alarm) = effect {
                self.balance.alarm(alarm);
            }
        }
        rest
    }
}

/// The feeds an unread record can have come from: the one its head names, else those of its file.
fn suspected(
    head: &Glimpse,
    in_file: &BTreeMap<ForceCode, Vec<Source>>,
    declared: &BTreeMap<ForceCode, Declared>,
) -> Vec<(ForceCode, Vec<Source>)> {
    if let (Some(force), Some(source)) = (&head.force, &head.source)
        && declared
            .get(force)
            .is_some_and(|known| known.feeds.named(source).is_some())
    {
        return vec![(force.clone(), vec![source.clone()])];
    }
    in_file
        .iter()
        .map(|(force, feeds)| (force.clone(), feeds.clone()))
        .collect()
}
