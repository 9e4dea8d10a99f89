//! The README keeps its word: its commands run, what it quotes is what they print, what it links is
//! there. Start at [`every_quotation_is_what_the_command_before_it_prints`].

use std::process::Command;

use tempfile::TempDir;

#[allow(dead_code, unreachable_pub, reason = "shared with the other tests")]
#[path = "support/tree.rs"]
mod tree;

const RUN: &str = "cargo run --release -- ";

#[test]
fn every_command_can_be_run_and_the_tests_are_one_of_them() {
    let commands: Vec<String> = blocks("sh")
        .iter()
        .flat_map(|(_, block)| block.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(commands.contains(&"cargo test".to_owned()));
    let own: Vec<&str> = commands
        .iter()
        .filter_map(|line| line.strip_prefix(RUN))
        .collect();
    assert_eq!(own.len() + 1, commands.len(), "all others run the program");
    for word in ["check", "explain", "rules"] {
        assert!(own.iter().any(|line| line.starts_with(word)), "{word}");
    }
    for command in own {
        let (code, printed) = run(command);
        assert!([0, 3].contains(&code), "{command}: {code}");
        assert!(!printed.is_empty(), "{command}");
    }
}

#[test]
fn every_quotation_is_what_the_command_before_it_prints() {
    let commands = blocks("sh");
    let quotations = blocks("text");
    assert!(quotations.len() >= 2);
    for (at, quotation) in quotations {
        let before = commands.iter().rfind(|(place, _)| *place < at);
        let (_, command) = before.expect("a command stands before what it prints");
        let command = command
            .trim()
            .strip_prefix(RUN)
            .expect("it runs the program");
        let printed = run(command).1;
        let mut rest = printed.lines();
        for quoted in quotation.lines().filter(|line| *line != "…") {
            assert!(
                rest.any(|line| line == quoted),
                "`{command}` does not print, in this order:\n{quoted}\nbut:\n{printed}"
            );
        }
    }
}

#[test]
fn the_exit_codes_are_those_of_the_program() {
    let (code, help) = run("--help");
    assert_eq!(code, 0);
    for row in tree::text("README.md").lines() {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        if let ["", number, meaning, ""] = cells.as_slice()
            && number.parse::<u8>().is_ok()
        {
            assert!(help.contains(&format!("{number}  {meaning}")), "{row}");
        }
    }
    let commands = blocks("sh");
    let first = commands[0]
        .1
        .trim()
        .strip_prefix(RUN)
        .expect("it runs the program");
    assert_eq!(run(first).0, 3, "one record is spoilt on purpose");
}

#[test]
fn every_page_it_links_and_every_path_it_names_is_there() {
    let page = tree::text("README.md");
    let links = page
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let named = page.split('`').skip(1).step_by(2);
    let roots = ["src/", "config/", "docs/", "examples/", "schemas"];
    let named = named.filter(|word| roots.iter().any(|root| word.starts_with(root)));
    for path in links.chain(named.filter(|word| !word.contains([' ', '<']))) {
        assert!(tree::root().join(path).exists(), "{path}");
    }
}

/// The fenced blocks of a language: where each begins, and its text.
fn blocks(language: &str) -> Vec<(usize, String)> {
    let page = tree::text("README.md");
    let fence = format!("```{language}\n");
    let begins = page.match_indices(&fence).map(|(at, _)| at + fence.len());
    begins
        .map(|at| {
            let text = page[at..].split("```").next().unwrap_or_default();
            (at, text.to_owned())
        })
        .collect()
}

/// Runs the program as built for this test; what it would write goes to a folder of its own.
fn run(command: &str) -> (i32, String) {
    let out = TempDir::new().expect("a folder can be made");
    let path = out.path().to_string_lossy().into_owned();
    let arguments = command.split_whitespace();
    let arguments = arguments.map(|word| if word == "truecount-out" { &path } else { word });
    let output = Command::new(env!("CARGO_BIN_EXE_truecount"))
        .args(arguments)
        .current_dir(tree::root())
        .output()
        .expect("the binary can be run");
    let code = output.status.code().expect("nothing killed it");
    (
        code,
        String::from_utf8(output.stdout).expect("it prints text"),
    )
}
