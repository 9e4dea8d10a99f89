//! The window between the thread that judges and those who look on: the newest picture one way, the
//! switches that readers turn the other. Start at [`Window`].

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::gate::Speaks;
use super::picture::Picture;
use crate::domain::names::Source;

/// A feed that is to speak otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Turn {
    /// The feed.
    pub feed: Source,
    /// How it is to speak.
    pub to: Speaks,
}

/// A switch that somebody turned.
pub struct Turned {
    /// What it asks.
    pub turn: Turn,
    /// Called once it is done and shows in the picture.
    pub done: Box<dyn FnOnce() + Send>,
}

/// What is seen, and where switches go.
#[derive(Clone)]
pub struct Window {
    picture: Arc<Mutex<Arc<Picture>>>,
    switches: Sender<Turned>,
}

impl Window {
    /// A window that shows this picture, and where the switches come out.
    pub fn of(picture: Picture) -> (Window, Receiver<Turned>) {
        let (switches, turned) = channel();
        let picture = Arc::new(Mutex::new(Arc::new(picture)));
        (Window { picture, switches }, turned)
    }

    /// Shows another picture.
    pub fn show(&self, picture: Picture) {
        *self.locked() = Arc::new(picture);
    }

    /// The newest picture.
    pub fn picture(&self) -> Arc<Picture> {
        Arc::clone(&self.locked())
    }

    /// Turns a switch. False if nobody is there any more to see to it.
    pub fn turn(&self, turned: Turned) -> bool {
        self.switches.send(turned).is_ok()
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Arc<Picture>> {
        // A picture is put in whole, whoever panicked meanwhile.
        self.picture.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
