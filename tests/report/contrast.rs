//! The colours of the page can be told apart by day, by night and on paper. Start at
//! [`text_stands_out_by_day_by_night_and_on_paper`].

use std::collections::BTreeMap;

use crate::support::tree;

const STYLE: &str = "src/report/html/report.css";

#[test]
fn text_stands_out_by_day_by_night_and_on_paper() {
    let themes = themes();
    assert_eq!(themes.len(), 3, "day, night, paper");
    for theme in themes {
        for (text, ground) in [
            ("ink", "paper"),
            ("soft", "paper"),
            ("link", "paper"),
            ("breach", "paper"),
            ("due", "paper"),
            ("paper", "ink"),
            ("ink", "shade"),
            ("warn-ink", "warn"),
        ] {
            let ratio = contrast(&theme, text, ground);
            assert!(ratio >= 4.5, "{text} on {ground}: {ratio:.2} of {theme:?}");
        }
    }
}

#[test]
fn the_edge_of_a_bar_stands_out() {
    for theme in themes() {
        for ground in ["paper", "late", "met", "excused"] {
            let ratio = contrast(&theme, "edge", ground);
            assert!(ratio >= 3.0, "edge on {ground}: {ratio:.2} of {theme:?}");
        }
    }
}

/// The colours of each `:root` block, by name.
fn themes() -> Vec<BTreeMap<String, [f64; 3]>> {
    let style = tree::text(STYLE);
    let blocks = style.split(":root {").skip(1);
    blocks
        .map(|block| {
            let block = block.split('}').next().unwrap_or_default();
            let pairs = block.split(';').filter_map(|line| line.split_once(": #"));
            pairs
                .map(|(name, colour)| {
                    (name.trim().trim_start_matches("--").to_owned(), rgb(colour))
                })
                .collect()
        })
        .collect()
}

fn rgb(colour: &str) -> [f64; 3] {
    let part = |at: usize| {
        let value = u8::from_str_radix(&colour.trim()[at..at + 2], 16).expect("six digits");
        let share = f64::from(value) / 255.0;
        // The formula of the Web Content Accessibility Guidelines.
        if share <= 0.04045 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    };
    [part(0), part(2), part(4)]
}

fn contrast(theme: &BTreeMap<String, [f64; 3]>, one: &str, other: &str) -> f64 {
    let light = |name: &str| {
        let [red, green, blue] = theme[name];
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    };
    let (one, other) = (light(one), light(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}
