//! The list of what a unit has to do says the same from a file of `check` and from Kafka.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::publishing::{Publisher, exception, id};
use crate::rig::{Rig, tools};
use crate::running::Setup;
use crate::tree;

/// What `check` writes of the example.
fn checked(folder: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_truecount"))
        .args([
            "check",
            "examples/northamptonshire",
            "--config",
            "config/feeds-example.toml",
        ])
        .args(["--as-at", "2026-05-10T00:00:00+01:00", "--out"])
        .arg(folder)
        .current_dir(tree::root())
        .output()
        .expect("it was built");
    assert_eq!(
        output.status.code(),
        Some(3),
        "a record is spoilt on purpose"
    );
    std::fs::read_to_string(folder.join("exceptions.jsonl")).expect("it was written")
}

fn printed(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    String::from_utf8(output.stdout.clone()).expect("it prints UTF-8")
}

#[test]
fn a_file_and_kafka_give_the_same_list_in_every_form() {
    let rig = Rig::shared();
    let publisher = Publisher::new(rig.access(), 3);
    let folder = tools::folder("worklist");
    let text = checked(&folder);
    let exceptions: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    // Older revisions, one that is gone, and a record that is none, as the topic may have them.
    let older: Vec<Value> = exceptions
        .iter()
        .map(|one| {
            let mut older = one.clone();
            older["revision"] = json!(0);
            older["state"] = json!("due_soon");
            older
        })
        .collect();
    publisher.publish(&older);
    publisher.publish(&exceptions);
    publisher.publish(&[exception(99, 1, json!({}))]);
    publisher.put(&publisher.current, &id(99), None);
    let setup = Setup::new(rig.access(), &publisher, "");
    let file = folder.join("exceptions.jsonl");
    let file = file.to_str().expect("its path is text");
    let mut rows = 0;
    let is_open = |one: &&Value| {
        ["due_soon", "raised", "remedied", "waived"]
            .contains(&one["state"].as_str().expect("a word"))
    };
    let units = exceptions
        .iter()
        .filter(is_open)
        .map(|one| one["owning_unit"].as_str().unwrap_or("-"));
    let units: std::collections::BTreeSet<&str> = units.collect();
    assert!(units.len() > 1, "the example has units: {units:?}");
    for unit in units {
        for more in [
            &["--format", "table"][..],
            &["--format", "csv"],
            &["--format", "json", "--all"],
        ] {
            let arguments = [&["worklist", "--unit", unit][..], more].concat();
            let of_kafka = printed(&setup.run(&arguments));
            let mut command = Command::new(env!("CARGO_BIN_EXE_truecount"));
            let of_file = command.args(&arguments).args(["--from", file]).output();
            assert_eq!(
                of_kafka,
                printed(&of_file.expect("it was built")),
                "{unit} {more:?}"
            );
            if more.contains(&"json") {
                let list: Vec<Value> = serde_json::from_str(&of_kafka).expect("JSON");
                rows += list
                    .iter()
                    .filter_map(|line| line["exceptions"].as_u64())
                    .sum::<u64>();
            }
        }
    }
    let open = exceptions.iter().filter(is_open).count();
    assert_eq!(
        rows, open as u64,
        "every open exception stands in the list of its unit"
    );
}

#[test]
fn an_empty_list_says_so_and_names_the_units_there_are() {
    let folder = tools::folder("worklist");
    let file = folder.join("exceptions.jsonl");
    let line = exception(1, 1, json!({"state": "waived"})).to_string();
    std::fs::write(&file, format!("{line}\n\nno exception\n")).expect("the folder is there");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_truecount"));
        let output = command
            .args(["worklist", "--from"])
            .arg(&file)
            .args(arguments)
            .output();
        output.expect("it was built")
    };
    let empty = run(&["--unit", "west"]);
    assert_eq!(
        printed(&empty),
        "west: nothing is due soon and nothing is overdue\n"
    );
    let said = String::from_utf8_lossy(&empty.stderr).into_owned();
    assert!(
        said.contains("1 records are no exceptions") && !said.contains("unit `west`"),
        "{said}"
    );
    assert!(
        said.contains("exceptions.jsonl:3: "),
        "which line it is: {said}"
    );
    assert!(printed(&run(&["--unit", "west", "--all"])).contains("34/26/000001"));
    let unknown = run(&["--unit", "wets"]);
    let said = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(
        said.contains("the unit `wets`; those that are named: west"),
        "{said}"
    );
    assert_eq!(
        run(&["--unit", "west", "--config", "x"]).status.code(),
        Some(2)
    );
}
