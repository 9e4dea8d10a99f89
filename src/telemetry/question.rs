//! What a reader asks of the state. The state belongs to the thread that judges: a question goes there
//! over a channel, and the answer comes back as text that is ready to be shown. Stands in this room so
//! that drivers can answer without knowing who asks. Start at [`Question`].

use tokio::sync::oneshot::{Receiver, Sender, channel};

use crate::domain::names::{ForceCode, Reference};

/// A question and where its answer goes.
#[derive(Debug)]
pub struct Question {
    /// What is asked.
    pub asked: Asked,
    reply: Sender<Answer>,
}

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asked {
    /// What is held of the things of a reference, and how they are judged: JSON.
    Case {
        /// The force.
        force: ForceCode,
        /// The reference.
        reference: Reference,
    },
    /// Why, and why not: the text of `truecount explain`.
    Explain {
        /// The force.
        force: ForceCode,
        /// The reference.
        reference: Reference,
    },
}

/// What is answered.
#[derive(Clone, PartialEq, Debug)]
pub enum Answer {
    /// Text for people.
    Text(String),
    /// JSON, without a field that could name a person.
    Json(serde_json::Value),
    /// The force is held here, and has nothing of this reference.
    NotFound,
    /// Another process holds the force.
    NotHere,
    /// What was kept is still being read back.
    Restoring,
}

impl Question {
    /// A question, and where to wait for its answer.
    pub fn new(asked: Asked) -> (Question, Receiver<Answer>) {
        let (reply, answer) = channel();
        (Question { asked, reply }, answer)
    }

    /// True if whoever asked has stopped waiting: the answer need not be worked out.
    pub fn is_forgotten(&self) -> bool {
        self.reply.is_closed()
    }

    /// Answers it, without waiting.
    pub fn answer(self, answer: Answer) {
        // A reader who has gone away needs none.
        let _ = self.reply.send(answer);
    }
}
