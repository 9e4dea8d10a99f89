//! What the recording rules read alike: where a crime's clock starts, when it stops, how late that
//! is, and whether the delay is explained. Judges nothing by itself. Start at [`report`].

use crate::domain::case::live_disclosures;
use crate::domain::names::{Basis, LinkKind};
use crate::domain::records::{Core, CrimeKind, IncidentBlocks, Regime};
use crate::domain::{CrimeCase, Far, Instant, Known, Linked, Missing, Moment};
use crate::reference::{Library, LimitName};
use crate::{told, told_list};

/// Where a crime's clock starts.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Report {
    /// The moment of the report or disclosure.
    pub start: Moment,
    /// The field it was read from.
    pub field: &'static str,
    /// The regime of the disclosure, where there is one.
    pub regime: Option<Regime>,
}

/// How a late, timely or absent record stands against its limit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Standing {
    /// Recorded at or before the limit.
    InTime {
        /// When.
        recorded: Moment,
    },
    /// Recorded after it.
    Late {
        /// When.
        recorded: Moment,
    },
    /// A shell without a class: nothing stops the clock.
    Absent,
}

/// How far the paper that explains a late record goes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Paper {
    /// Explained, signed, dated, and overseen by the registrar then.
    Complete {
        /// When the registrar saw it.
        overseen: Moment,
    },
    /// The force says that there is none, or one that does not count.
    Absent,
    /// It is not told, and this leaf would tell.
    Untold(Missing),
}

/// True if the record is, or began as, a notifiable reported incident, which has a period of its own.
pub fn began_as_notifiable_report(case: &CrimeCase<'_>, library: &Library) -> bool {
    if case.crime.core.as_ref().and_then(|core| core.kind) == Some(CrimeKind::NRecord) {
        return true;
    }
    let first = case.crime.classification.as_deref().and_then(<[_]>::first);
    let book = library.on(crate::rules::Effective::CURRENT_EDITION);
    first.is_some_and(|entry| {
        let words = [entry.class.as_ref(), entry.code.as_ref()];
        words
            .into_iter()
            .flatten()
            .any(|word| book.is_notifiable_report(word.as_str()))
    })
}

/// Whom the offence is against: as told, else as the table of the day has it for the pair.
pub fn basis(core: &Core, library: &Library) -> Known<Basis> {
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
    let sources = source_incidents(case)?;
    if sources.is_empty() {
        let entries = told_list!(case.crime.origin, incident)?;
        if entries.iter().any(|entry| entry.incident.is_none()) {
            return Err(Missing::leaf("origin", "incident"));
        }
        let start = *told!(case.crime.core, reported_at)?;
        return Ok(Report {
            start,
            field: "core.reported_at",
            regime: None,
        });
    }
    let mut reports = Vec::new();
    for source in &sources {
        reports.push(reported_in(source)?);
    }
    earliest(reports)
}

fn source_incidents<'c, 'a>(case: &'c CrimeCase<'a>) -> Known<Vec<&'c Linked<'a, IncidentBlocks>>> {
    let mut sources = Vec::new();
    for link in &case.incidents {
        if link.is(LinkKind::Source)? {
            sources.push(link);
        }
    }
    Ok(sources)
}

/// The earliest of several reports; open where a day or month hides which that is.
fn earliest(reports: Vec<Report>) -> Known<Report> {
    let first = reports
        .iter()
        .min_by_key(|report| report.start.latest())
        .copied();
    let first = first.ok_or(Missing::leaf("origin", "incident"))?;
    for other in &reports {
        if other.start != first.start {
            first.start.at_or_before(&other.start)?;
        }
    }
    Ok(first)
}

fn reported_in(source: &Linked<'_, IncidentBlocks>) -> Known<Report> {
    let untold = Missing::leaf("disclosures", "at");
    let Far::Held(incident) = source.far else {
        return Err(untold);
    };
    if !source.disclosures.is_empty() {
        let disclosures = incident.disclosures.as_deref().ok_or(untold)?;
        let mut named = Vec::new();
        for id in &source.disclosures {
            let found = disclosures.iter().find(|disclosure| disclosure.id == **id);
            named.push(disclosed(found.ok_or(untold)?)?);
        }
        return earliest(named);
    }
    if incident.disclosures.is_none() {
        return match incident.log.as_ref().and_then(|log| log.opened_as_crime) {
            Some(true) => Ok(Report {
                start: *told!(incident.log, received_at)?,
                field: "log.received_at",
                regime: None,
            }),
            _ => Err(untold),
        };
    }
    match live_disclosures(incident)?.as_slice() {
        [] => Err(untold),
        [only] => disclosed(only),
        _ => Err(Missing::leaf("origin", "disclosure")),
    }
}

fn disclosed(disclosure: &crate::domain::records::Disclosure) -> Known<Report> {
    let start = *told!(disclosure, at)?;
    Ok(Report {
        start,
        field: "disclosures.at",
        regime: disclosure.regime,
    })
}

/// When the crime counts as recorded: with a reference and a class. `None` is a shell.
pub fn recorded(case: &CrimeCase<'_>) -> Known<Option<Moment>> {
    if told!(case.crime.core, offence_class)?.as_str().is_empty() {
        return Ok(None);
    }
    let recorded = *told!(case.crime.core, recorded_at)?;
    let first = case.crime.classification.as_deref().and_then(<[_]>::first);
    Ok(match first.and_then(|entry| entry.at) {
        Some(classified) if classified.earliest() > recorded.latest() => Some(classified),
        Some(classified) if classified != recorded && recorded.before(&classified).is_err() => {
            Some(coarser(recorded, classified))
        }
        _ => Some(recorded),
    })
}

fn coarser(left: Moment, right: Moment) -> Moment {
    if left.precision() >= right.precision() {
        left
    } else {
        right
    }
}

/// The limit for recording a report, and how the record stands against it. A start known to the
/// day gives the latest due instant; the lateness is then the least that is proved.
pub fn standing(case: &CrimeCase<'_>, library: &Library) -> Known<(Report, Instant, Standing)> {
    let report = report(case)?;
    let recorded = recorded(case)?;
    let due = due(&report, library)?;
    let limit = due.since(report.start.latest());
    let standing = match recorded {
        None => Standing::Absent,
        Some(recorded) if recorded.earliest() > due => Standing::Late { recorded },
        Some(recorded) if recorded.latest() <= report.start.earliest().plus(limit) => {
            Standing::InTime { recorded }
        }
        Some(_) => return Err(Missing::PRECISION),
    };
    Ok((report, due, standing))
}

/// The last instant at which a record of this report is in time.
pub fn due(report: &Report, library: &Library) -> Known<Instant> {
    let (first, last) = (report.start.earliest(), report.start.latest());
    let limit = library
        .on(first.london_day())
        .limit(LimitName::RecordCrimeHours)?;
    if limit
        != library
            .on(last.london_day())
            .limit(LimitName::RecordCrimeHours)?
    {
        return Err(Missing::PRECISION);
    }
    Ok(last.plus(limit))
}

/// The paper that explains a late record, read alike by REC-030 and REC-031.
pub fn paper(core: &Core, library: &Library) -> Paper {
    let Some(rationale) = &core.delay_rationale else {
        return Paper::Untold(Missing::leaf("core", "delay_rationale"));
    };
    let reason = rationale.reason_code.as_ref();
    let unacceptable =
        reason.is_some_and(|code| library.profile().unacceptable_delay_reason(code.as_str()));
    if rationale.present == Some(false) || unacceptable {
        return Paper::Absent;
    }
    if rationale.at.is_none() {
        return Paper::Untold(Missing::leaf("core.delay_rationale", "at"));
    }
    if rationale.by.is_none() {
        return Paper::Untold(Missing::leaf("core.delay_rationale", "by"));
    }
    core.registrar_oversight_at
        .map_or(Paper::Absent, |overseen| Paper::Complete { overseen })
}
