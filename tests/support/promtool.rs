//! What Prometheus' own tool says of a page of metrics. Start at [`says_of`].

use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;

/// What `promtool check metrics` prints of a page: nothing where nothing is wrong.
pub(crate) fn says_of(page: &str) -> String {
    let tool = std::env::var("PROMTOOL").unwrap_or_else(|_| "promtool".to_owned());
    let mut child = Command::new(&tool)
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|fault| {
            panic!("{tool}: {fault}; install promtool (Debian: apt-get install prometheus) or name it in PROMTOOL")
        });
    let mut stdin = child.stdin.take().expect("it is piped");
    let page = page.to_owned();
    let writer = thread::spawn(move || stdin.write_all(page.as_bytes()));
    let ran = child.wait_with_output().expect("it is a child of ours");
    writer.join().expect("it does not panic").expect("it reads");
    let said = [ran.stdout, ran.stderr].concat();
    assert!(
        ran.status.success() || !said.is_empty(),
        "{tool} fails without a word"
    );
    String::from_utf8_lossy(&said).into_owned()
}
