//! From when to when something published holds. Both days belong to the window; an open end means
//! that nothing has ended it. Start at [`Window`].

use std::fmt;

use crate::domain::LondonDay;

/// A span of London days, first and last included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// The first day; none for what was always so.
    pub from: Option<LondonDay>,
    /// The last day; none while it lasts.
    pub to: Option<LondonDay>,
}

impl Window {
    /// What holds on every day.
    pub const ALWAYS: Window = Window {
        from: None,
        to: None,
    };

    /// Does it hold on `day`?
    pub fn covers(&self, day: LondonDay) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// Is there a day on which both hold?
    pub fn overlaps(&self, other: &Window) -> bool {
        let begins_by_end = |one: &Window, two: &Window| match (one.from, two.to) {
            (Some(from), Some(to)) => from <= to,
            _ => true,
        };
        begins_by_end(self, other) && begins_by_end(other, self)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.to) {
            (None, None) => out.write_str("always"),
            (Some(from), None) => write!(out, "from {from}"),
            (None, Some(to)) => write!(out, "to {to}"),
            (Some(from), Some(to)) => write!(out, "{from} to {to}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_belong_to_a_window() {
        let window = days((2015, 4, 1), Some((2015, 4, 2)));
        assert!(!window.covers(LondonDay::of(2015, 3, 31)));
        assert!(window.covers(LondonDay::of(2015, 4, 1)));
        assert!(window.covers(LondonDay::of(2015, 4, 2)));
        assert!(!window.covers(LondonDay::of(2015, 4, 3)));
    }

    #[test]
    fn windows_that_share_a_day_overlap_and_neighbours_do_not() {
        let early = days((2013, 4, 1), Some((2015, 3, 31)));
        let late = days((2015, 4, 1), None);
        assert!(!early.overlaps(&late));
        assert!(!late.overlaps(&early));
        assert!(early.overlaps(&days((2015, 3, 31), None)));
        assert!(Window::ALWAYS.overlaps(&early));
    }

    #[test]
    fn a_window_says_its_days() {
        assert_eq!(Window::ALWAYS.to_string(), "always");
        assert_eq!(days((2015, 4, 1), None).to_string(), "from 2015-04-01");
        assert_eq!(
            days((2015, 4, 1), Some((2016, 1, 2))).to_string(),
            "2015-04-01 to 2016-01-02"
        );
    }

    fn days(from: (i16, i8, i8), to: Option<(i16, i8, i8)>) -> Window {
        Window {
            from: Some(LondonDay::of(from.0, from.1, from.2)),
            to: to.map(|(year, month, day)| LondonDay::of(year, month, day)),
        }
    }
}
