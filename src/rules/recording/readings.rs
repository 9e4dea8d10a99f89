//! What the recording rules read alike: where a crime's clock starts, when it stops, how it stands
//! against its limit, and whether a delay is explained. Judges nothing by itself.
//! Start at [`standing`].

use crate::domain::case::live_disclosures;
use crate::domain::names::{Basis, LinkKind};
use crate::domain::records::{Core, CrimeKind, Disclosure, IncidentBlocks, Regime};
use crate::domain::{CrimeCase, Far, Instant, Known, Linked, Missing, Moment};
use crate::reference::{Library, LimitName};
use crate::{happened, told, told_list};

/// Where a crime's clock starts.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Report {
    /// The moment of the report or disclosure.
    pub start: Moment,
    /// The earliest it can have been: another report that counts may be known less finely.
    pub not_before: Instant,
    /// The field it was read from.
    pub field: &'static str,
    /// The regime of the disclosure, where there is one.
    pub regime: Option<Regime>,
}

/// When a crime counts as recorded: with a reference and a class.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Recorded {
    /// The moment; its start is the earliest that is possible.
    pub at: Moment,
    /// The latest it can have been.
    pub not_after: Instant,
    /// The field it was read from.
    pub field: &'static str,
}

/// When something is due: one instant, or a span of them where it counts from a day or a month.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Due {
    first: Instant,
    last: Instant,
}

/// How a record stands against its limit, as far as REC-030 speaks of it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Standing {
    /// The limit is not for this record.
    OutOfScope,
    /// Recorded at or before the limit.
    InTime {
        /// When.
        recorded: Recorded,
        /// By when it was due.
        due: Due,
    },
    /// Recorded after it.
    Late {
        /// When.
        recorded: Recorded,
        /// By when it was due.
        due: Due,
        /// What it was due from.
        report: Report,
    },
    /// A shell without a class: nothing stops the clock.
    Shell {
        /// By when it was due.
        due: Due,
        /// What it was due from.
        report: Report,
    },
}

/// How far the paper that explains a late record goes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Paper {
    /// Explained, signed, dated, and overseen by the registrar then.
    Complete {
        /// When the registrar saw it.
        overseen: Moment,
    },
    /// The force says that this is not there.
    Lacking(Lack),
    /// It is not told, and this leaf would tell.
    Untold(Missing),
}

/// What a paper lacks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lack {
    /// Nothing was written.
    Explanation,
    /// What was written is no reason for a delay.
    AcceptedReason,
    /// The registrar has not seen it.
    Oversight,
}

impl Due {
    /// Due when `limit` has passed since `start`, by the limit of that day.
    pub fn after(start: Moment, limit: LimitName, library: &Library) -> Known<Due> {
        Due::between(start.earliest(), start.latest(), limit, library)
    }

    fn between(first: Instant, last: Instant, limit: LimitName, library: &Library) -> Known<Due> {
        let length = library.on(first.london_day()).limit(limit)?;
        if length != library.on(last.london_day()).limit(limit)? {
            return Err(Missing::PRECISION);
        }
        Ok(Due {
            first: first.plus(length),
            last: last.plus(length),
        })
    }

    /// The instant after which it is late whatever the day leaves open.
    pub const fn last(&self) -> Instant {
        self.last
    }

    /// Was what happened between these two instants in time? Three answers: yes, no, and open.
    pub fn is_kept(&self, earliest: Instant, latest: Instant) -> Known<bool> {
        if latest <= self.first {
            Ok(true)
        } else if earliest > self.last {
            Ok(false)
        } else {
            Err(Missing::PRECISION)
        }
    }
}

/// How the crime stands against the limit for recording, read alike by REC-030 and REC-031.
pub fn standing(case: &CrimeCase<'_>, library: &Library) -> Known<Standing> {
    let kind = told!(case.crime.core, kind);
    let core = case.crime.core.as_ref().ok_or(NO_KIND)?;
    // crr-2026 p35 and the second sheet of nol-2026: a notifiable report has a period of its own
    // (REC-040, 041). An offence against the state waits for points to prove (REC-016).
    if began_as_notifiable_report(case, library) || basis(core, library)? == Basis::State {
        return Ok(Standing::OutOfScope);
    }
    // crr-2026 p96 and the lists it refers to (REC-080 to 082, 084): regimes with other clocks.
    let report = report(case)?;
    if report.regime.is_some_and(has_its_own_clock) {
        return Ok(Standing::OutOfScope);
    }
    let recorded = recorded(case)?;
    let limit = LimitName::RecordCrimeHours;
    let due = Due::between(report.not_before, report.start.latest(), limit, library)?;
    let standing = match recorded {
        None => Standing::Shell { due, report },
        Some(recorded) if due.is_kept(recorded.at.earliest(), recorded.not_after)? => {
            return Ok(Standing::InTime { recorded, due });
        }
        Some(recorded) => Standing::Late {
            recorded,
            due,
            report,
        },
    };
    // What may be a notifiable report is not called late.
    kind.map(|_| standing)
}

const NO_KIND: Missing = Missing::leaf("core", "kind");

fn has_its_own_clock(regime: Regime) -> bool {
    matches!(
        regime,
        Regime::PoliceConduct | Regime::Nca | Regime::Road | Regime::School
    )
}

/// True if the record is, or began as, a notifiable reported incident, which has a period of its own.
fn began_as_notifiable_report(case: &CrimeCase<'_>, library: &Library) -> bool {
    if case.crime.core.as_ref().and_then(|core| core.kind) == Some(CrimeKind::NRecord) {
        return true;
    }
    let first = case.crime.classification.as_deref().and_then(<[_]>::first);
    first.is_some_and(|entry| {
        let mut words = [&entry.class, &entry.code].into_iter().flatten();
        words.any(|word| library.notifiable_report(word.as_str()).is_some())
    })
}

/// Whom the offence is against: as told, else as the table of the day has it for the pair.
fn basis(core: &Core, library: &Library) -> Known<Basis> {
    if let Some(basis) = core.basis {
        return Ok(basis);
    }
    let missing = Missing::leaf("core", "basis");
    let class = core.offence_class.as_ref().ok_or(missing)?;
    let code = core.offence_code.as_ref().map_or("", |code| code.as_str());
    let day = core.recorded_at.or(core.reported_at).ok_or(missing)?;
    let book = library.on(day.earliest().london_day());
    book.basis(class.as_str(), code).ok_or(missing)
}

/// Where the crime's clock starts: the disclosure it answers, else the report it came in with.
pub fn report(case: &CrimeCase<'_>) -> Known<Report> {
    let origin = case.crime.origin.as_deref().unwrap_or_default();
    let may_be_source = |kind: Option<LinkKind>| kind.is_none_or(|kind| kind == LinkKind::Source);
    if origin
        .iter()
        .any(|entry| entry.incident.is_none() && may_be_source(entry.kind))
    {
        return Err(Missing::leaf("origin", "incident"));
    }
    let mut reports = Vec::new();
    for link in &case.incidents {
        if link.is(LinkKind::Source)? {
            reports.extend(reports_in(link)?);
        }
    }
    if reports.is_empty() {
        told_list!(case.crime.origin, incident)?;
        let start = *told!(case.crime.core, reported_at)?;
        reports.push(Report::at(start, "core.reported_at", None));
    }
    earliest(&reports)
}

impl Report {
    fn at(start: Moment, field: &'static str, regime: Option<Regime>) -> Report {
        Report {
            start,
            not_before: start.earliest(),
            field,
            regime,
        }
    }
}

/// The earliest of several reports; open where a day or month hides whose clock it is.
fn earliest(reports: &[Report]) -> Known<Report> {
    let first = reports.iter().min_by_key(|report| report.start.latest());
    let mut first = *first.ok_or(Missing::leaf("origin", "incident"))?;
    for other in reports {
        let other_clock = |report: &Report| report.regime.is_some_and(has_its_own_clock);
        if other_clock(other) != other_clock(&first) {
            first.start.at_or_before(&other.start)?;
        }
        first.not_before = first.not_before.min(other.start.earliest());
    }
    Ok(first)
}

/// The reports of a source incident that the crime answers.
fn reports_in(source: &Linked<'_, IncidentBlocks>) -> Known<Vec<Report>> {
    let untold = Missing::leaf("disclosures", "at");
    let Far::Held(incident) = source.far else {
        return Err(untold);
    };
    let Some(disclosures) = &incident.disclosures else {
        let opened = incident.log.as_ref().and_then(|log| log.opened_as_crime);
        if opened != Some(true) || !source.disclosures.is_empty() {
            return Err(untold);
        }
        let received = *told!(incident.log, received_at)?;
        return Ok(vec![Report::at(received, "log.received_at", None)]);
    };
    if source.disclosures.is_empty() {
        return match live_disclosures(incident)?.as_slice() {
            [] => Err(untold),
            [only] => Ok(vec![disclosed(only)?]),
            _ => Err(Missing::leaf("origin", "disclosure")),
        };
    }
    let named = source.disclosures.iter().map(|id| {
        let found = disclosures.iter().find(|disclosure| disclosure.id == **id);
        disclosed(found.ok_or(untold)?)
    });
    named.collect()
}

fn disclosed(disclosure: &Disclosure) -> Known<Report> {
    let start = *told!(disclosure, at)?;
    Ok(Report::at(start, "disclosures.at", disclosure.regime))
}

/// When the crime counts as recorded: the later of the recording and the first class. `None` is a
/// shell.
fn recorded(case: &CrimeCase<'_>) -> Known<Option<Recorded>> {
    if told!(case.crime.core, offence_class)?.as_str().is_empty() {
        return Ok(None);
    }
    let recorded = *told!(case.crime.core, recorded_at)?;
    let entries = case.crime.classification.as_deref().unwrap_or_default();
    let mut classed = entries.iter().filter(|entry| {
        entry
            .class
            .as_ref()
            .is_none_or(|class| !class.as_str().is_empty())
    });
    let first = classed.next();
    let classified = first.and_then(|entry| entry.at).unwrap_or(recorded);
    let (at, field) = if classified.earliest() > recorded.earliest() {
        (classified, "classification.at")
    } else {
        (recorded, "core.recorded_at")
    };
    Ok(Some(Recorded {
        at,
        not_after: recorded.latest().max(classified.latest()),
        field,
    }))
}

/// The paper that explains a late record, read alike by REC-030 and REC-031.
pub fn paper(case: &CrimeCase<'_>, library: &Library) -> Paper {
    let rationale = match told!(case.crime.core, delay_rationale) {
        Ok(rationale) => rationale,
        Err(missing) => return Paper::Untold(missing),
    };
    if rationale.present == Some(false) {
        return Paper::Lacking(Lack::Explanation);
    }
    let reason = rationale.reason_code.as_ref();
    if reason.is_some_and(|code| library.profile().unacceptable_delay_reason(code.as_str())) {
        return Paper::Lacking(Lack::AcceptedReason);
    }
    if rationale.at.is_none() {
        return Paper::Untold(Missing::leaf("core.delay_rationale", "at"));
    }
    if rationale.by.is_none() {
        return Paper::Untold(Missing::leaf("core.delay_rationale", "by"));
    }
    match happened!(case.feeds, case.crime.core, registrar_oversight_at) {
        Ok(Some(overseen)) => Paper::Complete {
            overseen: *overseen,
        },
        Ok(None) => Paper::Lacking(Lack::Oversight),
        Err(missing) => Paper::Untold(missing),
    }
}
