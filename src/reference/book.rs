//! The book: what was in force on one London day, with the profile's own numbers before the
//! published ones. Looking something up allocates nothing. Start at [`Book`].

use super::class_list::{ClassList, ClassListName};
use super::library::Library;
use super::limit::{Length, Limit, LimitName};
use super::offence::{HoCode, OffenceClass};
use crate::domain::names::Basis;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_valid_in_its_classes_only() {
        let library = opened("national");
        let book = library.on(autumn());
        for class in ["5D", "8S", "8T"] {
            assert!(book.is_offence(class, "005/01"), "{class}");
        }
        assert!(!book.is_offence("8N", "005/01"));
        assert!(!book.is_offence("8N", "8/6"));
        assert!(!book.is_offence("N100", "100/01"));
        assert!(book.has_code("8N"));
        assert!(book.has_code("008/06"));
        assert!(!book.has_code("crime"));
        assert!(!book.has_code("N100"));
        assert!(!book.has_code("100/01"));
    }

    #[test]
    fn an_ended_code_was_valid_until_its_last_day() {
        let library = opened("national");
        let on = |year, month, day| library.on(LondonDay::of(year, month, day));
        assert!(on(2023, 4, 30).is_offence("9A", "125/12"));
        assert!(!on(2023, 5, 1).is_offence("9A", "125/12"));
        assert!(on(2019, 6, 1).has_code("28E"));
        assert!(!on(2023, 4, 1).has_code("28E"));
        assert!(on(2023, 4, 1).has_code("28I"));
        assert!(!on(2013, 3, 31).has_code("8N"));
        let harassed = on(2020, 1, 1)
            .offence_class("8R")
            .map(|class| class.codes.len());
        assert_eq!(harassed, Some(3));
    }

    #[test]
    fn a_class_of_one_basis_has_it_and_a_mixed_one_has_none() {
        let library = opened("national");
        let book = library.on(autumn());
        assert_eq!(book.basis("5D", "005/01"), Some(Basis::Victim));
        assert_eq!(book.basis("92D", "092/50"), Some(Basis::State));
        assert_eq!(book.basis("8N", "008/06"), None);
        assert_eq!(book.basis("15", "015/00"), None);
        assert_eq!(book.basis("5D", ""), Some(Basis::Victim));
        assert_eq!(book.basis("5D", "008/06"), None);
        assert_eq!(book.basis("no class", ""), None);
        assert_eq!(
            book.offence_group("8N"),
            Some("violence_against_the_person")
        );
    }

    #[test]
    fn before_its_edition_the_offence_table_is_provisional() {
        let library = opened("national");
        let class = library
            .on(autumn())
            .offence_class("8N")
            .expect("8N is listed");
        assert!(class.is_provisional_on(LondonDay::of(2026, 3, 31)));
        assert!(!class.is_provisional_on(LondonDay::of(2026, 4, 1)));
    }

    #[test]
    fn notifiable_reports_are_known_from_their_year() {
        let library = opened("national");
        let book = library.on(autumn());
        for code in ["N100", "N100/01", "100/01", "N300/08"] {
            assert!(book.is_notifiable_report(code), "{code}");
        }
        for code in ["100", "N100/09", "N200", "8N", "008/06", ""] {
            assert!(!book.is_notifiable_report(code), "{code}");
        }
        assert!(
            library
                .on(LondonDay::of(2020, 1, 1))
                .is_notifiable_report("N200")
        );
        assert!(
            !library
                .on(LondonDay::of(2015, 3, 31))
                .is_notifiable_report("N100")
        );
        assert!(library.notifiable_report("N200/06").is_some());
    }

    #[test]
    fn limits_have_editions_and_no_guess_outside_them() {
        let library = opened("national");
        let hours = |year, month, day| {
            let book = library.on(LondonDay::of(year, month, day));
            let limit = book.limit(LimitName::RecordCrimeHours);
            limit.map(|limit| limit.whole_seconds() / 3_600)
        };
        assert_eq!(hours(2002, 3, 31), Err(Missing::EDITION));
        assert_eq!(hours(2015, 3, 31), Ok(72));
        assert_eq!(hours(2015, 4, 1), Ok(24));
        let book = library.on(autumn());
        for name in LimitName::ALL {
            assert!(book.limit_row(name).is_ok(), "{}", name.key());
        }
        assert_eq!(book.working_days(LimitName::ReferralWorkingDays), Ok(2));
        assert_eq!(
            book.limit(LimitName::ReferralWorkingDays),
            Err(Missing::EDITION)
        );
    }

    #[test]
    fn lists_of_classes_hold_in_their_time() {
        let library = opened("national");
        let exempt = |class, year, month, day| {
            let book = library.on(LondonDay::of(year, month, day));
            book.is_listed(ClassListName::ReferralExempt, class)
        };
        assert!(exempt("45", 2021, 3, 31));
        assert!(!exempt("45", 2021, 4, 1));
        assert!(!exempt("45", 2015, 11, 15));
        assert!(!exempt("450", 2021, 3, 31));
        let book = library.on(autumn());
        assert!(book.is_listed(ClassListName::AnsweredByN100, "19K"));
        assert!(book.is_listed(ClassListName::AnsweredByN300, "4/10"));
        assert!(!book.is_listed(ClassListName::AnsweredByN300, "104"));
    }

    fn opened(profile: &str) -> Library {
        Library::shipped(profile).unwrap_or_else(|problems| panic!("{problems}"))
    }

    fn autumn() -> LondonDay {
        LondonDay::of(2026, 11, 1)
    }
}
