//! How text stands on a terminal: plain columns that fit 120 signs where they can, times as people
//! write them, numbers with their nouns. Colours nothing, so that it reads the same in a file.
//! Start at [`columns`].

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle};
use comfy_table::{LineStyle, Table, TableStyle};

use crate::domain::Instant;

/// How wide text may be: what a terminal on a common screen shows without breaking a line.
pub const WIDTH: u16 = 120;

const PLAIN: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none().junction(' '))
    .header_separator(LineStyle::none().fill('-').junction(' '))
    .content_lines(ContentLineStyle::none().junction(' '));

/// A table without lines between its columns; those in `numbers` stand to the right.
pub fn columns<'a>(
    header: impl IntoIterator<Item = &'a str>,
    numbers: impl IntoIterator<Item = usize>,
) -> Table {
    let mut table = Table::new();
    table
        .load_style(PLAIN)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH)
        .set_header(header.into_iter().collect::<Vec<_>>());
    for number in 0..table.column_count() {
        if let Some(column) = table.column_mut(number) {
            column.set_padding((0, 1));
        }
    }
    for number in numbers {
        if let Some(column) = table.column_mut(number) {
            column.set_cell_alignment(CellAlignment::Right);
            column.set_padding((0, 0));
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table
}

/// The lines of a table, without the blanks after their ends.
pub fn lines(table: &Table) -> String {
    let lines: Vec<String> = table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.join("\n")
}

/// Breaks a text into lines of the width, the second and later ones indented.
pub fn wrapped(text: &str, indent: usize) -> String {
    let mut broken = String::new();
    let mut width = 0;
    for word in text.split(' ') {
        let long = word.chars().count();
        if width > indent && width + 1 + long > usize::from(WIDTH) {
            broken.push('\n');
            broken.push_str(&" ".repeat(indent));
            width = indent;
        } else if !broken.is_empty() {
            broken.push(' ');
            width += 1;
        }
        broken.push_str(word);
        width += long;
    }
    broken
}

/// A time to the minute, as people write it: London time without its offset.
pub fn minute(at: Instant) -> String {
    let text = at.to_string();
    match (text.get(..10), text.get(11..16)) {
        (Some(day), Some(minute)) => format!("{day} {minute}"),
        _ => text,
    }
}

/// A lateness as people say it, by its two largest units.
pub fn elapsed(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min {} s", seconds % 60),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// A number with its noun, in the right form.
pub fn counted(number: usize, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{number} {noun}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Moment;

    #[test]
    fn a_lateness_is_told_by_its_two_largest_units() {
        let told = [0, 59, 280, 7_200, 66_300, 295_200].map(elapsed);
        assert_eq!(
            told,
            [
                "0 s",
                "59 s",
                "4 min 40 s",
                "2 h 0 min",
                "18 h 25 min",
                "3 d 10 h"
            ]
        );
    }

    #[test]
    fn a_time_is_told_to_the_minute_in_london() {
        let moment = Moment::parse("2026-04-28T09:02:59Z").expect("a moment");
        assert_eq!(minute(moment.earliest()), "2026-04-28 10:02");
    }

    #[test]
    fn a_long_text_is_broken_between_words_and_nothing_is_lost() {
        let text = "word ".repeat(60);
        let broken = wrapped(text.trim_end(), 4);
        assert!(broken.lines().count() > 1);
        assert!(broken.lines().all(|line| line.chars().count() <= 120));
        assert!(broken.lines().skip(1).all(|line| line.starts_with("    w")));
        let words: Vec<&str> = broken.split_whitespace().collect();
        assert_eq!(words.len(), 60);
    }

    #[test]
    fn numbers_stand_to_the_right_and_no_line_ends_in_blanks() {
        let mut table = columns(["what", "count"], [1]);
        table.add_row(["a", "7"]);
        assert_eq!(lines(&table), "what  count\n----- -----\na         7");
    }
}
