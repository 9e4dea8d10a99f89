//! Tables that can be scrolled by keyboard where they are too wide, and read row by row. Knows
//! nothing of what stands in them. Start at [`table`].

use maud::{Markup, html};

/// The head of a column.
#[derive(Clone, Copy)]
pub(super) enum Column {
    /// Words.
    Text(&'static str),
    /// Numbers, set to the right.
    Number(&'static str),
}

use Column::{Number, Text};

/// A table with its caption; `id` is unique on the page. The first cell of a row names the row.
pub(super) fn table(id: &str, caption: &str, columns: &[Column], rows: Vec<Vec<Markup>>) -> Markup {
    html! {
        div class="scroll" role="region" tabindex="0" aria-labelledby={ (id) "-caption" } {
            table id=(id) {
                caption id={ (id) "-caption" } { (caption) }
                thead {
                    tr {
                        @for column in columns {
                            @match column {
                                Text(head) => th scope="col" { (head) },
                                Number(head) => th scope="col" class="number" { (head) },
                            }
                        }
                    }
                }
                tbody {
                    @for row in rows { (line(columns, row)) }
                }
            }
        }
    }
}

fn line(columns: &[Column], cells: Vec<Markup>) -> Markup {
    html! {
        tr {
            @for (at, (column, cell)) in columns.iter().zip(cells).enumerate() {
                @if at == 0 {
                    th scope="row" { (cell) }
                } @else if matches!(column, Number(_)) {
                    td class="number" { (cell) }
                } @else {
                    td { (cell) }
                }
            }
        }
    }
}

/// A cell of plain text, escaped.
pub(super) fn cell(text: impl AsRef<str>) -> Markup {
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
        assert!(made.contains("<th scope=\"row\">A &amp; B</th><td class=\"number\">2</td>"));
    }
}
