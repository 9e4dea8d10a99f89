//! Conditions on cells: which rows are set aside, when an entry of a list is there, when nothing told
//! means that there is nothing. Start at [`Composer::conditions`].

use super::compose::{Composer, texts};
use super::mapping::{Condition, SetAside, Test};
use super::written::Table;

impl<'a> Composer<'a> {
    /// The rules by which rows are set aside, in the order in which they are tried.
    pub(super) fn set_aside(&self, root: &'a Table) -> Vec<SetAside> {
        let rules = root.tables("set_aside", self.problems).into_iter();
        let rules = rules.filter_map(|table| {
            table.only(&["name", "when"], self.problems);
            let name = table.needed("name", self.problems)?.1.to_owned();
            let when = self.conditions(table);
            if when.is_empty() {
                self.problems
                    .add(table.line, format!("\"{name}\" would set every row aside"));
            }
            Some(SetAside { name, when })
        });
        rules.collect()
    }

    /// What must hold; nothing to hold always holds.
    pub(super) fn conditions(&self, table: &'a Table) -> Vec<Condition> {
        let conditions = table.tables("when", self.problems).into_iter();
        conditions
            .filter_map(|condition| self.condition(condition))
            .collect()
    }

    fn condition(&self, table: &'a Table) -> Option<Condition> {
        table.only(&["column", "told", "is", "not"], self.problems);
        let (line, column) = table.needed("column", self.problems)?;
        let column = self.column(line, column)?;
        let words = |key| table.texts(key, self.problems).map(texts);
        let told = table.flag("told", self.problems).map(Test::Told);
        let tests = [told, words("is").map(Test::Is), words("not").map(Test::Not)];
        let mut tests = tests.into_iter().flatten();
        match (tests.next(), tests.next()) {
            (Some(test), None) => Some(Condition { column, test }),
            _ => {
                let message = "a condition has one of told = true, is = [\"…\"], not = [\"…\"]";
                self.problems.add(line, message);
                None
            }
        }
    }
}
