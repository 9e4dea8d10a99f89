//! Dated numbers that rules measure against, and the lists of classes that rules name. A number
//! that no row covers on a day is not guessed: it has no edition. Start at [`LimitName`].

use super::problem::{Problems, Text};
use super::row::{Row, toml_rows};
use super::source::{Citation, Reading};
use super::window::Window;
use crate::domain::{Elapsed, Known, LondonDay, Missing};

/// The limits there are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LimitName {
    /// From the report to the crime record (REC-030, and REC-010's due).
    RecordCrimeHours,
    /// How long a late record may wait for its explanation before we speak (REC-031); ours.
    ExplainLateRecordHours,
    /// From the closing of a log as crime to the crime (REC-021); ours.
    ClosingWaitHours,
    /// From the report to the arrival, in town (INC-020).
    AttendEmergencyUrbanSeconds,
    /// From the report to the arrival, in the country (INC-020).
    AttendEmergencyRuralSeconds,
    /// From the report to the referral of a victim (VIC-040); working days.
    ReferralWorkingDays,
}

impl LimitName {
    /// Every name.
    pub const ALL: [LimitName; 6] = [
        LimitName::RecordCrimeHours,
        LimitName::ExplainLateRecordHours,
        LimitName::ClosingWaitHours,
        LimitName::AttendEmergencyUrbanSeconds,
        LimitName::AttendEmergencyRuralSeconds,
        LimitName::ReferralWorkingDays,
    ];

    /// The name as rows give it.
    pub const fn key(self) -> &'static str {
        match self {
            LimitName::RecordCrimeHours => "record_crime_hours",
            LimitName::ExplainLateRecordHours => "explain_late_record_hours",
            LimitName::ClosingWaitHours => "closing_wait_hours",
            LimitName::AttendEmergencyUrbanSeconds => "attend_emergency_urban_seconds",
            LimitName::AttendEmergencyRuralSeconds => "attend_emergency_rural_seconds",
            LimitName::ReferralWorkingDays => "referral_working_days",
        }
    }

    const fn counts_working_days(self) -> bool {
        matches!(self, LimitName::ReferralWorkingDays)
    }
}

/// A length: elapsed time, or working days, which only a calendar turns into an instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Length {
    /// Elapsed time; clock changes do not alter it.
    Elapsed(Elapsed),
    /// Whole working days.
    WorkingDays(u32),
}

/// Who set a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SetBy {
    /// A text that binds or guides forces.
    Law,
    /// This project: a wait, a threshold of ours.
    Ours,
}

/// One dated row of a limit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limit {
    /// Which limit.
    pub name: LimitName,
    /// When it holds.
    pub window: Window,
    /// How long it is.
    pub length: Length,
    /// Who set it.
    pub set_by: SetBy,
    /// Where the row is from.
    pub cited: Citation,
    /// What a reader must know before relying on it.
    pub note: Option<String>,
}

/// The columns of a limit, in `limits.toml` and in a profile.
pub(super) const LIMIT_COLUMNS: &[&str] = &[
    "name",
    "from",
    "to",
    "value",
    "unit",
    "kind",
    "source",
    "place",
    "confidence",
    "note",
];

/// The rows of every limit.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Limits([Vec<Limit>; LimitName::ALL.len()]);

impl Limits {
    /// Reads one text of limits.
    pub(super) fn admit(&mut self, text: &Text, reading: &mut Reading) {
        for (_, row) in toml_rows(text, &[("limit", LIMIT_COLUMNS)], &mut reading.problems) {
            self.admit_row("", &row, reading);
        }
    }

    /// Reads one row; `owner` keeps the rows of each profile apart from the published ones.
    pub(super) fn admit_row(&mut self, owner: &str, row: &Row, reading: &mut Reading) {
        if let Some(limit) = limit(row, reading) {
            let key = format!("{owner}{}", limit.name.key());
            reading.is_new("limit", &key, limit.window, row);
            self.0[limit.name as usize].push(limit);
        }
    }

    /// The row in force on a day.
    pub(super) fn on(&self, name: LimitName, day: LondonDay) -> Known<&Limit> {
        let mut rows = self.0[name as usize].iter();
        rows.find(|row| row.window.covers(day))
            .ok_or(Missing::EDITION)
    }
}

fn limit(row: &Row, reading: &mut Reading) -> Option<Limit> {
    const KINDS: &[(&str, SetBy)] = &[("law", SetBy::Law), ("ours", SetBy::Ours)];
    let names = LimitName::ALL.map(|name| (name.key(), name));
    let problems = &mut reading.problems;
    let name = row.choice("name", &names, problems);
    let window = row.window("from", "to", problems);
    let value = row.number("value", problems);
    let set_by = row.choice("kind", KINDS, problems);
    let length = length(row, value, problems);
    if let (Some(name), Some(length)) = (name, length)
        && name.counts_working_days() != matches!(length, Length::WorkingDays(_))
    {
        let fault = "`unit`: expected working_days for a limit counted in them, and for no other";
        row.wrong(problems, fault);
    }
    let cited = reading.citation(row);
    Some(Limit {
        name: name?,
        window: window?,
        length: length?,
        set_by: set_by?,
        cited: cited?,
        note: row.optional("note").map(str::to_owned),
    })
}

fn length(row: &Row, value: Option<u32>, problems: &mut Problems) -> Option<Length> {
    type Make = fn(u32) -> Length;
    const UNITS: &[(&str, Make)] = &[
        ("hours", |value| {
            Length::Elapsed(Elapsed::hours(value as i64))
        }),
        ("minutes", |value| {
            Length::Elapsed(Elapsed::minutes(value as i64))
        }),
        ("seconds", |value| {
            Length::Elapsed(Elapsed::seconds(value as i64))
        }),
        ("working_days", Length::WorkingDays),
    ];
    let make = row.choice("unit", UNITS, problems)?;
    value.map(make)
}
