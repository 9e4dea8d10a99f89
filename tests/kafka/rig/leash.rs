//! A leash on a child: whatever becomes of the tests (a panic, an abort, `kill -9`), the child ends
//! with them. Start at [`Leash::on`].

use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::signal::in_own_group;

/// Waits for the end of its input, which comes when the tests are gone; then ends the child, waits
/// until it is gone, and removes its folder.
const WATCH: &str = r#"
read -r _
kill -9 "$0" 2>/dev/null
tries=0
while kill -0 "$0" 2>/dev/null && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
[ -z "$1" ] || rm -rf "$1"
"#;

/// Ends a child when the tests end. Dropped, it lets the child go.
pub(crate) struct Leash {
    watch: Child,
}

impl Leash {
    /// Keeps a child that runs, and the folder that is removed after it.
    pub(crate) fn on(child: &Child, folder: Option<&Path>) -> Leash {
        let mut command = Command::new("sh");
        command
            .args(["-c", WATCH])
            .arg(child.id().to_string())
            .arg(folder.unwrap_or(Path::new("")))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // A group of its own, so that an interrupt from the terminal does not end the watch first.
        in_own_group(&mut command);
        Leash {
            watch: command.spawn().expect("there is a shell"),
        }
    }

    /// What the system does when the tests are gone: their end of the watch's input closes.
    pub(crate) fn lose_the_tests(mut self) {
        drop(self.watch.stdin.take());
        let _ = self.watch.wait();
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        // Killed before its input is closed: a child that is let go may be gone, and its number
        // another's.
        let _ = self.watch.kill();
        let _ = self.watch.wait();
    }
}
