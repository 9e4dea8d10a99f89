//! Signals to children. Start at [`send`].

use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

/// What a child is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Signal {
    /// Please end.
    Term,
    /// End, now, without a word.
    Kill,
    /// Stand still.
    Stop,
    /// Go on.
    Continue,
}

/// Sends a signal to a child that was not waited for, so that its number is still its own.
pub(crate) fn send(child: &Child, signal: Signal) {
    let name = match signal {
        Signal::Term => "TERM",
        Signal::Kill => "KILL",
        Signal::Stop => "STOP",
        Signal::Continue => "CONT",
    };
    // The shell's own `kill`: the program of that name is in a package that need not be there.
    let sent = Command::new("sh")
        .args(["-c", r#"kill -s "$0" "$1""#, name])
        .arg(child.id().to_string())
        .status()
        .expect("there is a shell");
    assert!(sent.success(), "{name} reached {}", child.id());
}

/// Puts a command into a process group of its own: an interrupt from the terminal passes it by.
pub(crate) fn in_own_group(command: &mut Command) {
    command.process_group(0);
}
