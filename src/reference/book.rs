//! The book: what was in force on one London day, with the profile's own numbers before the
//! published ones. Looking something up allocates nothing. Start at [`Book`].

use super::class_list::{ClassList, ClassListName};
use super::library::Library;
use super::limit::{Length, Limit, LimitName};
use super::offence::{Basis, HoCode, OffenceClass};
use crate::domain::{Elapsed, Known, LondonDay, Missing};

/// Everything published, as it stood on one day.
#[derive(Clone, Copy, Debug)]
pub struct Book<'l> {
    pub(super) library: &'l Library,
    pub(super) day: LondonDay,
}

impl<'l> Book<'l> {
    /// The day.
    pub fn day(&self) -> LondonDay {
        self.day
    }

    /// A limit as elapsed time; unknown if no row covers the day.
    pub fn limit(&self, name: LimitName) -> Known<Elapsed> {
        match self.limit_row(name)?.length {
            Length::Elapsed(elapsed) => Ok(elapsed),
            // A limit that only a calendar can apply has no length of its own.
            Length::WorkingDays(_) => Err(Missing::EDITION),
        }
    }

    /// A limit that is counted in working days.
    pub fn working_days(&self, name: LimitName) -> Known<u32> {
        match self.limit_row(name)?.length {
            Length::WorkingDays(days) => Ok(days),
            Length::Elapsed(_) => Err(Missing::EDITION),
        }
    }

    /// The row of a limit, with its source: the profile's own, else the published one.
    pub fn limit_row(&self, name: LimitName) -> Known<&'l Limit> {
        let own = self.library.profile().limit(name, self.day);
        own.map_or_else(|| self.library.limits.on(name, self.day), Ok)
    }

    /// The row of the offence table that speaks for a class.
    pub fn offence_class(&self, class: &str) -> Option<&'l OffenceClass> {
        self.library.offences.class(class, self.day)
    }

    /// Is the pair of class and code in the offence table? Notifiable reports are not.
    pub fn is_offence(&self, class: &str, code: &str) -> bool {
        HoCode::parse(code)
            .is_some_and(|code| self.library.offences.has_pair(class, code, self.day))
    }

    /// Is it a class or a code of the offence table?
    pub fn has_code(&self, class_or_code: &str) -> bool {
        self.offence_class(class_or_code).is_some()
            || HoCode::parse(class_or_code)
                .is_some_and(|code| self.library.offences.has_code(code, self.day))
    }

    /// Whose account an offence is recorded on, if the table gives the class exactly one basis.
    /// With an empty code the class alone decides; a code that the class does not hold has none.
    pub fn basis(&self, class: &str, code: &str) -> Option<Basis> {
        if code.is_empty() || self.is_offence(class, code) {
            self.offence_class(class)?.basis()
        } else {
            None
        }
    }

    /// The group a class is counted in, for routing.
    pub fn offence_group(&self, class: &str) -> Option<&'l str> {
        self.offence_class(class).map(|class| class.group.as_str())
    }

    /// Is it a code of a notifiable reported incident: `N100`, `N100/01` or `100/01`?
    pub fn is_notifiable_report(&self, class_or_code: &str) -> bool {
        let reports = &self.library.reports;
        reports.find(class_or_code, Some(self.day)).is_some()
    }

    /// A list of classes, where one is in force.
    pub fn class_list(&self, name: ClassListName) -> Option<&'l ClassList> {
        self.library.class_lists.on(name, self.day)
    }

    /// Is the class on a list that is in force?
    pub fn is_listed(&self, name: ClassListName, class: &str) -> bool {
        self.class_list(name).is_some_and(|list| list.has(class))
    }
}
