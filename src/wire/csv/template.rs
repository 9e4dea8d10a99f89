//! A text with columns in it: `{Incident ID}`, `{Date} {Time}`, `NP-{Number}`. A template of which
//! one column is not told is not told as a whole, so that no key is ever half built. Never trims
//! inside a cell and never reads a number: `007` stays `007`. Start at [`Template`].

use std::borrow::Cow;

/// One piece of a template.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Literal(String),
    /// The place of the column among those the mapping expects.
    Column(usize),
}

/// A text with columns in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Template {
    parts: Vec<Part>,
}

/// Why a template cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum BadTemplate {
    /// A brace without its partner.
    Brace,
    /// A column that the mapping does not expect.
    Column(String),
}

/// A cell as the row gives it to a template.
pub(super) trait Cells {
    /// The cell of a column, without blanks around it; an error if its bytes are no text.
    fn text(&self, column: usize) -> Result<Cow<'_, str>, NoText>;
}

/// The bytes of this column's cell are not text in the encoding of the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct NoText {
    /// The column.
    pub column: usize,
}

impl Template {
    /// The template that is this column.
    pub(super) fn column(column: usize) -> Template {
        Template {
            parts: vec![Part::Column(column)],
        }
    }

    /// Reads a template; `{{` and `}}` stand for braces.
    pub(super) fn parse(text: &str, columns: &[&str]) -> Result<Template, BadTemplate> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let (brace, after) = (&rest[at..=at], &rest[at + 1..]);
            if let Some(doubled) = after.strip_prefix(brace) {
                literal.push_str(brace);
                rest = doubled;
                continue;
            }
            let (name, after) = after.split_once('}').ok_or(BadTemplate::Brace)?;
            if brace == "}" || name.contains('{') {
                return Err(BadTemplate::Brace);
            }
            let column = columns.iter().position(|column| *column == name);
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(Part::Column(
                column.ok_or(BadTemplate::Column(name.to_owned()))?,
            ));
            rest = after;
        }
        literal.push_str(rest);
        if !literal.is_empty() || parts.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Template { parts })
    }

    /// The columns in it, in their order.
    pub(super) fn columns(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().filter_map(|part| match part {
            Part::Column(column) => Some(*column),
            Part::Literal(_) => None,
        })
    }

    /// The text, if there is no column in it.
    pub(super) fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The text for this row; `None` if one of its columns is not told.
    pub(super) fn fill<'c>(
        &self,
        cells: &'c impl Cells,
        told: impl Fn(&str) -> bool,
    ) -> Result<Option<Cow<'c, str>>, NoText> {
        if let [Part::Column(column)] = self.parts.as_slice() {
            let text = cells.text(*column)?;
            return Ok(told(&text).then_some(text));
        }
        let mut whole = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => whole.push_str(text),
                Part::Column(column) => {
                    let text = cells.text(*column)?;
                    if !told(&text) {
                        return Ok(None);
                    }
                    whole.push_str(&text);
                }
            }
        }
        Ok(Some(Cow::Owned(whole)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_letters_stand_side_by_side() {
        assert_eq!(
            filled("{Year}/{Number}", &["2018", "007"]),
            Some("2018/007".to_owned())
        );
        assert_eq!(
            filled("{{{Year}}}", &["2018", ""]),
            Some("{2018}".to_owned())
        );
    }

    #[test]
    fn a_blank_column_leaves_the_whole_untold() {
        assert_eq!(filled("{Year}/{Number}", &["2018", ""]), None);
    }

    #[test]
    fn slips_are_named() {
        let parse = |text| Template::parse(text, &["Year"]);
        assert_eq!(parse("{Yaer}"), Err(BadTemplate::Column("Yaer".to_owned())));
        for text in ["{Year", "Year}", "{Ye{ar}"] {
            assert_eq!(parse(text), Err(BadTemplate::Brace), "{text}");
        }
    }

    struct Row<'a>(&'a [&'a str]);

    impl Cells for Row<'_> {
        fn text(&self, column: usize) -> Result<Cow<'_, str>, NoText> {
            Ok(Cow::Borrowed(self.0[column]))
        }
    }

    fn filled(template: &str, cells: &[&str]) -> Option<String> {
        let template = Template::parse(template, &["Year", "Number"]).expect("well formed");
        let row = Row(cells);
        let text = template.fill(&row, |text| !text.is_empty());
        text.expect("all is text").map(Cow::into_owned)
    }
}
