//! Bar charts as SVG that needs no script. Lengths are shares of the width, so that text keeps its
//! size on a telephone and on paper. A chart is only made together with the table behind it.
//! Start at [`figure`].

use maud::{Markup, html};

use super::words::count;

/// A part of every bar, with the class that colours it.
#[derive(Clone, Copy)]
pub(super) struct Series {
    /// What it is of.
    pub(super) name: &'static str,
    /// Its class in the style sheet.
    pub(super) class: &'static str,
}

/// One bar.
pub(super) struct Bar {
    /// What it is of.
    pub(super) label: String,
    /// Its parts, in the order of the series.
    pub(super) parts: Vec<u64>,
    /// What is written at its end.
    pub(super) says: String,
}

/// How long a bar is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// The longest bar fills the width; the others are in proportion.
    Longest,
    /// Every bar fills the width: its parts are shares.
    Whole,
}

/// A chart.
pub(super) struct Chart<'c> {
    /// Unique on the page.
    pub(super) id: &'c str,
    /// What it shows: caption of the figure and name of the picture.
    pub(super) title: &'c str,
    /// The parts of its bars.
    pub(super) series: &'c [Series],
    /// How long a bar is.
    pub(super) scale: Scale,
    /// Its bars, from the top.
    pub(super) bars: Vec<Bar>,
}

/// The share of the width that bars may fill; the rest holds what is written at their ends.
const WIDTH: f64 = 66.0;
/// Letters of a label that fit the width of a telephone.
const LABEL: usize = 46;
/// Height of one bar with its label, in pixels.
const ROW: usize = 44;

/// A chart, its caption and the table behind it.
pub(super) fn figure(chart: &Chart<'_>, table: &Markup) -> Markup {
    html! {
        figure {
            figcaption { (chart.title) }
            @if chart.bars.iter().any(|bar| whole(bar) > 0) {
                (legend(chart.series))
                (picture(chart))
            }
            (table)
        }
    }
}

fn legend(series: &[Series]) -> Markup {
    html! {
        @if series.len() > 1 {
            ul class="legend" {
                @for one in series {
                    li {
                        svg width="14" height="14" aria-hidden="true" {
                            rect class=(one.class) x="1" y="1" width="12" height="12" {}
                        }
                        " " (one.name)
                    }
                }
            }
        }
    }
}

fn picture(chart: &Chart<'_>) -> Markup {
    let longest = chart.bars.iter().map(whole).max().unwrap_or(0);
    let title = format!("{}-title", chart.id);
    html! {
        svg class="chart" id=(chart.id) width="100%" height=(chart.bars.len() * ROW) role="img" aria-labelledby=(title) {
            title id=(title) { (chart.title) ". The table below has the same numbers." }
            @for (at, bar) in chart.bars.iter().enumerate() {
                (row(chart, bar, at * ROW, longest))
            }
        }
    }
}

fn row(chart: &Chart<'_>, bar: &Bar, top: usize, longest: u64) -> Markup {
    let full = match chart.scale {
        Scale::Longest => longest,
        Scale::Whole => whole(bar),
    };
    let mut from = 0;
    let parts = chart.series.iter().zip(&bar.parts).map(|(series, part)| {
        let start = from;
        from += part;
        (series, start, *part)
    });
    html! {
        text x="0" y=(top + 14) { (shortened(&bar.label)) }
        @for (series, start, part) in parts.filter(|(_, _, part)| *part > 0) {
            rect class=(series.class) x=(percent(start, full)) y=(top + 20) width=(percent(part, full)) height="16" {
                title { (bar.label) ", " (series.name) ": " (count(part)) }
            }
        }
        text class="says" x=(percent(whole(bar), full)) dx="8" y=(top + 33) { (bar.says) }
    }
}

/// A label that fits a telephone; the table has it in full.
fn shortened(label: &str) -> String {
    if label.chars().count() <= LABEL {
        return label.to_owned();
    }
    let start: String = label.chars().take(LABEL - 1).collect();
    format!("{}…", start.trim_end())
}

fn whole(bar: &Bar) -> u64 {
    bar.parts.iter().sum()
}

fn percent(part: u64, full: u64) -> String {
    // A length on paper: the rounding of a float is far below what can be seen.
    let share = if full == 0 {
        0.0
    } else {
        part as f64 / full as f64
    };
    format!("{:.3}%", share * WIDTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_fills_the_width_and_the_others_are_in_proportion() {
        let made = picture(&chart(Scale::Longest)).into_string();
        assert!(made.contains("width=\"66.000%\""), "{made}");
        assert!(made.contains("width=\"16.500%\""), "{made}");
    }

    #[test]
    fn a_bar_of_shares_always_fills_the_width() {
        let made = picture(&chart(Scale::Whole)).into_string();
        assert_eq!(made.matches("width=\"66.000%\"").count(), 2, "{made}");
    }

    #[test]
    fn a_label_from_a_feed_cannot_leave_its_place() {
        let mut chart = chart(Scale::Longest);
        chart.bars[0].label = "</text><script>\"&".to_owned();
        let made = picture(&chart).into_string();
        assert!(!made.contains("<script"), "{made}");
        assert!(made.contains("&lt;/text&gt;&lt;script&gt;"), "{made}");
    }

    fn chart(scale: Scale) -> Chart<'static> {
        let bar = |label: &str, part| Bar {
            label: label.to_owned(),
            parts: vec![part],
            says: part.to_string(),
        };
        Chart {
            id: "c",
            title: "Bars",
            series: &[Series {
                name: "not met",
                class: "breach",
            }],
            scale,
            bars: vec![bar("one", 4), bar("two", 1)],
        }
    }
}
