//! The program of `docs/consuming.md`, run as it stands there.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::foreign::kcat;
use crate::rig::leash::Leash;
use crate::rig::{Access, Rig, tools, unique};

#[test]
fn the_program_of_the_page_follows_exceptions() {
    let rig = Rig::shared();
    let (topic, group) = (unique("exceptions"), unique("follower"));
    rig.create_topic(&topic, 1, &[]);
    let revision = |revision: u32, state: &str| {
        json!({"id": "0b0e", "revision": revision, "rule": "REC-030", "reference": "34/26/004512",
               "state": state, "due": "2026-04-28T09:04:00+01:00", "proof": "stated"})
    };
    // The second comes twice, as for a reader that was started again.
    let lines: String = [(1, "raised"), (2, "remedied"), (2, "remedied"), (3, "met")]
        .map(|(number, state)| format!("0b0e|{}\n", revision(number, state)))
        .concat();
    let _ = kcat(rig.access(), &["-P", "-t", &topic, "-K", "|"], &lines);

    let printed = follow(rig.access(), &topic, &group, 3);
    let said = |mark: &str, state: &str, revision: u32| {
        format!(
            "{mark} REC-030 34/26/004512 {state} by 2026-04-28T09:04:00+01:00 \
             (revision {revision}, stated)"
        )
    };
    assert_eq!(
        printed,
        [
            said("!", "raised", 1),
            said("!", "remedied", 2),
            said("-", "met", 3)
        ]
    );
}

/// Runs the program of the page until it has printed so many lines.
pub(crate) fn follow(access: &Access, topic: &str, group: &str, lines: usize) -> Vec<String> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/consuming.md");
    let page = fs::read_to_string(page).expect("it is committed");
    let program = program(&page);
    assert!(program.lines().count() <= 40, "it is short");
    let folder = tools::folder("consuming");
    fs::write(folder.join("follow.py"), program).expect("the folder is there");
    let mut child = Command::new(tools::python())
        .arg(folder.join("follow.py"))
        .args([access.bootstrap(), topic, group])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python is there");
    let leash = Leash::on(&child, Some(&folder));
    let printed = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let printed: Vec<String> = printed.take(lines).map_while(Result::ok).collect();
    child.kill().expect("it is a child of ours");
    child.wait().expect("it is a child of ours");
    drop(leash);
    printed
}

/// The block of Python on a page.
fn program(page: &str) -> &str {
    let start = page.split_once("```python\n").expect("it has a program").1;
    start.split_once("```").expect("the block ends").0
}
