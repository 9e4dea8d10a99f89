//! What is wrong with a published table, with file and line, so that a person mends all of it in
//! one sitting. Never stops at the first fault. Start at [`Problems`].

use std::fmt;

/// One text of the configuration: its path inside `config` and what stands in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    /// The path inside `config`, with `/`: `reference/common/forces.csv`.
    pub name: String,
    /// The whole text.
    pub body: String,
}

/// One fault: where it stands and what was expected there.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Problem {
    /// The path inside `config`; empty where no file is at fault.
    pub file: String,
    /// The line, from 1, where there is one.
    pub line: Option<usize>,
    /// What was found and what was expected.
    pub fault: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.is_empty() {
            write!(out, "{}:", self.file)?;
            if let Some(line) = self.line {
                write!(out, "{line}:")?;
            }
            out.write_str(" ")?;
        }
        out.write_str(&self.fault)
    }
}

/// Every fault that was found, in the order of files and lines; one a line when printed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Notes a fault.
    pub fn push(&mut self, file: &str, line: Option<usize>, fault: impl Into<String>) {
        self.0.push(Problem {
            file: file.to_owned(),
            line,
            fault: fault.into(),
        });
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, problem) in self.0.iter().enumerate() {
            if place > 0 {
                out.write_str("\n")?;
            }
            write!(out, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_print_one_a_line_with_file_and_line() {
        let mut problems = Problems::default();
        problems.push("reference/common/forces.csv", Some(3), "no slug");
        problems.push("profiles/x.toml", None, "unreadable");
        problems.push("", None, "no profile");
        assert_eq!(
            problems.to_string(),
            "reference/common/forces.csv:3: no slug\nprofiles/x.toml: unreadable\nno profile"
        );
    }
}
