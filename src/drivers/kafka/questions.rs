//! Answering what readers ask of the state, on the thread that holds it, between two records. Reads
//! and changes nothing. Start at [`Asking::answer`].

use std::collections::BTreeMap;
use std::sync::mpsc::Receiver;

use super::task::Task;
use crate::report::case::case;
use crate::report::explain::explain;
use crate::telemetry::question::{Answer, Asked, Question};

/// Questions answered in one turn: a reader who asks without end must not hold up the records.
const AT_ONCE: usize = 4;

/// Where questions come from; none if nobody can ask.
pub struct Asking(Option<Receiver<Question>>);

impl Asking {
    /// Questions from here.
    pub fn new(from: Option<Receiver<Question>>) -> Asking {
        Asking(from)
    }

    /// Answers a few that wait.
    pub fn answer(&self, tasks: &BTreeMap<i32, Task>) {
        let waiting = self.0.iter().flat_map(Receiver::try_iter);
        for question in waiting.take(AT_ONCE) {
            let answer = answer(&question.asked, tasks);
            question.answer(answer);
        }
    }
}

fn answer(asked: &Asked, tasks: &BTreeMap<i32, Task>) -> Answer {
    let (Asked::Case { force, reference } | Asked::Explain { force, reference }) = asked;
    let held = tasks.values().find_map(|task| {
        let validation = task.validation();
        Some((validation.rules(), validation.force(force)?))
    });
    let Some((rules, force)) = held else {
        return Answer::NotHere;
    };
    let things = force.inspect(reference);
    match asked {
        _ if things.is_empty() => Answer::NotFound,
        Asked::Case { .. } => Answer::Json(things.iter().map(case).collect()),
        Asked::Explain { .. } => {
            let pages = things.iter().map(|thing| explain(force, rules, thing));
            Answer::Text(pages.collect())
        }
    }
}
