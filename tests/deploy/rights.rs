//! What `deploy/kafka/acls.sh` grants, read from what it would run. Start at [`granted`].

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Every right it grants with these parameters: principal, operation, kind and name, and `prefixed`.
pub(crate) fn granted(parameters: &[(&str, &str)]) -> BTreeSet<String> {
    let output = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/kafka/acls.sh"))
        .arg("--dry-run")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(parameters.iter().copied())
        .output()
        .expect("it can be run: it is executable, and bash is there");
    let printed = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    printed.lines().flat_map(rights).collect()
}

/// The rights of one command.
fn rights(line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let after = |flag: &str| -> Vec<&str> {
        let pairs = words.windows(2).filter(|pair| pair[0] == flag);
        pairs.map(|pair| pair[1]).collect()
    };
    let principal = after("--allow-principal").concat();
    let ending = if after("--resource-pattern-type") == ["prefixed"] {
        " prefixed"
    } else {
        ""
    };
    let mut rights = Vec::new();
    for operation in after("--operation") {
        for kind in ["topic", "group", "transactional-id"] {
            for name in after(&format!("--{kind}")) {
                rights.push(format!("{principal} {operation} {kind} {name}{ending}"));
            }
        }
    }
    assert!(!rights.is_empty(), "a command grants something: {line}");
    rights
}

/// The rights that another one of the same principal on the same name implies.
pub(crate) fn implied(granted: &BTreeSet<String>) -> Vec<String> {
    let implies = [
        ("Describe", ["Read", "Write", "Alter", "Delete"].as_slice()),
        ("DescribeConfigs", ["AlterConfigs"].as_slice()),
    ];
    let is_implied = |right: &&String| {
        implies.iter().any(|(weak, strong)| {
            let weak = format!(" {weak} ");
            let others = strong
                .iter()
                .map(|word| right.replace(&weak, &format!(" {word} ")));
            right.contains(&weak) && others.into_iter().any(|other| granted.contains(&other))
        })
    };
    granted.iter().filter(is_implied).cloned().collect()
}
