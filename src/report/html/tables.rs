//! Tables that can be scrolled by keyboard where they are too wide, and read row by row. Knows
//! nothing of what stands in them. Start at [`table`].

use maud::{Markup, html};

/// The head of a column.
#[derive(Clone, Copy)]
pub(crate) enum Column {
    /// Words.
    Text(&'static str),
    /// Numbers, set to the right.
    Number(&'static str),
}

use Column::{Number, Text};

impl Column {
    const fn head(self) -> &'static str {
        match self {
            Text(head) | Number(head) => head,
        }
    }

    const fn class(self) -> Option<&'static str> {
        match self {
            Text(_) => None,
            Number(_) => Some("number"),
        }
    }
}

/// A table of numbers with its caption; `id` is unique on the page. The first cell of a row names
/// the row. Where it is too wide it scrolls.
pub(crate) fn table(id: &str, caption: &str, columns: &[Column], rows: Vec<Vec<Markup>>) -> Markup {
    html! {
        div class="scroll" role="region" tabindex="0" aria-labelledby={ (id) "-caption" } {
            (made(id, "figures", caption, columns, rows))
        }
    }
}

/// A table of texts. On a narrow screen each row becomes a card, since scrolling to and fro between
/// texts is no reading.
pub(crate) fn cards(id: &str, caption: &str, columns: &[Column], rows: Vec<Vec<Markup>>) -> Markup {
    made(id, "cards", caption, columns, rows)
}

/// The roles are spelt out because a browser drops those of a table that its style folds.
fn made(
    id: &str,
    class: &str,
    caption: &str,
    columns: &[Column],
    rows: Vec<Vec<Markup>>,
) -> Markup {
    html! {
        table id=(id) class=(class) role="table" {
            caption id={ (id) "-caption" } { span { (caption) } }
            thead role="rowgroup" {
                tr role="row" {
                    @for column in columns {
                        th scope="col" role="columnheader" class=[column.class()] { (column.head()) }
                    }
                }
            }
            tbody role="rowgroup" {
                @for row in rows { (line(columns, row)) }
            }
        }
    }
}

fn line(columns: &[Column], cells: Vec<Markup>) -> Markup {
    html! {
        tr role="row" {
            @for (at, (column, cell)) in columns.iter().zip(cells).enumerate() {
                @if at == 0 {
                    th scope="row" role="rowheader" { (cell) }
                } @else {
                    td role="cell" class=[column.class()] data-label=(column.head()) { (cell) }
                }
            }
        }
    }
}

/// A cell of plain text, escaped.
pub(crate) fn cell(text: impl AsRef<str>) -> Markup {
    html! { (text.as_ref()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_can_be_reached_by_keyboard_and_names_its_rows() {
        let rows = vec![vec![cell("A & B"), cell("2")]];
        let made = table("t", "Two", &[Text("unit"), Number("n")], rows).into_string();
        assert!(made.contains("role=\"region\" tabindex=\"0\" aria-labelledby=\"t-caption\""));
        assert!(made.contains(">A &amp; B</th>"), "{made}");
        assert!(made.contains("data-label=\"n\">2</td>"), "{made}");
    }
}
