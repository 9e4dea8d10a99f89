//! What the program is packed into is sound, as far as it can be told where no container runs: the
//! container file, the compose file and what it mounts, the Debian package's list, the scripts. Installing the package
//! needs root: deploy/debian/try.sh does that. Start at [`the_compose_file_is_one_and_what_it_names_is_there`].

#[allow(dead_code, reason = "shared with the tests of what is deployed")]
#[path = "deploy/tools.rs"]
mod tools;
#[allow(dead_code, unreachable_pub, reason = "shared with the other tests")]
#[path = "support/tree.rs"]
mod tree;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const CONTAINERFILE: &str = "deploy/container/Containerfile";
const COMPOSE: &str = "deploy/compose/compose.yaml";

#[test]
fn hadolint_finds_nothing_in_the_container_file() {
    let said = looked_with("hadolint", &[CONTAINERFILE]);
    assert_eq!(said, Ok(String::new()));
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("Containerfile");
    std::fs::write(&file, "FROM debian\nRUN apt-get install curl\n").expect("the folder is there");
    let said = looked_with("hadolint", &[file.to_str().expect("its path is text")]);
    let said = said.expect_err("no version, no -y: it can fail");
    assert!(said.contains("DL3006") && said.contains("DL3014"), "{said}");
}

#[test]
fn the_container_runs_as_nobody_from_versions_that_are_named() {
    let text = tree::text(CONTAINERFILE);
    let after = |word: &'static str| text.lines().filter_map(move |line| line.strip_prefix(word));
    assert_eq!(after("USER ").collect::<Vec<_>>(), ["65532:65532"]);
    let images: Vec<&str> = after("ARG ")
        .filter_map(|line| line.split_once("_IMAGE=").map(|(_, image)| image))
        .collect();
    assert_eq!(images.len(), 2, "one to build in, one to run in");
    assert!(images.iter().all(|image| is_pinned(image)), "{images:?}");
    let toolchain = tree::text("Cargo.toml");
    let least = toolchain
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "))
        .expect("Cargo.toml says which Rust it needs");
    let rust = format!("rust:{}.", least.trim_matches('"'));
    assert!(
        images[0].starts_with(&rust),
        "{} is built by {rust}",
        images[0]
    );
    // What is copied reaches the builder.
    let ignore = tree::text(".dockerignore");
    let sources = after("COPY ").filter(|line| !line.starts_with("--from"));
    for source in sources.flat_map(|line| {
        let mut words: Vec<&str> = line.split(' ').collect();
        words.pop();
        words
    }) {
        let top = source.split('/').next().unwrap_or_default();
        assert!(
            ignore.contains(&format!("!{top}\n")),
            "{source} is left out by .dockerignore"
        );
        assert!(tree::root().join(source).exists(), "{source} is not there");
    }
}

/// True if a tag says which version it is.
fn is_pinned(image: &str) -> bool {
    let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
    tag.matches('.').count() >= 1 && tag.chars().any(|sign| sign.is_ascii_digit())
}

#[test]
fn the_compose_file_is_one_and_what_it_names_is_there() {
    let schema = ["--builtin-schema", "vendor.compose-spec"];
    let said = looked_with("check-jsonschema", &[schema[0], schema[1], COMPOSE]);
    assert!(said.is_ok(), "{said:?}");
    let folder = tempfile::tempdir().expect("a folder can be made");
    let wrong = folder.path().join("compose.yaml");
    let text = tree::text(COMPOSE);
    let broken = text.replacen("depends_on:", "depnds_on:", 1);
    std::fs::write(&wrong, broken).expect("the folder is there");
    let wrong = wrong.to_str().expect("its path is text");
    let said = looked_with("check-jsonschema", &[schema[0], schema[1], wrong]);
    assert!(said.is_err(), "it can fail");

    let trimmed = || text.lines().map(str::trim);
    let images: Vec<&str> = trimmed()
        .filter_map(|line| line.strip_prefix("image: "))
        .collect();
    assert!(images.len() > 4, "{images:?}");
    assert!(images.iter().all(|image| is_pinned(image)), "{images:?}");
    let mounts = trimmed().filter_map(|line| line.strip_prefix("- ../")?.split(':').next());
    let named = trimmed().filter_map(|line| line.strip_prefix("env_file: "));
    let here = Path::new("deploy/compose");
    let paths: Vec<PathBuf> = mounts
        .map(|mount| Path::new("deploy").join(mount))
        .chain(named.map(|file| here.join(file)))
        .collect();
    assert!(paths.len() > 6, "{paths:?}");
    for path in paths {
        assert!(
            tree::root().join(&path).exists(),
            "{} is not there",
            path.display()
        );
    }
}

#[test]
fn prometheus_takes_the_configuration_of_the_compose_file() {
    let arguments = ["check", "config", "prometheus.yml"];
    let said = tools::run(&tools::PROMTOOL, &arguments, "deploy/compose");
    assert!(said.contains("4 rule files found"), "{said}");
    // Both say the same of rules and of the job; only the names of the machines differ.
    let names = [
        ("truecount:", "127.0.0.1:"),
        ("alert:", "127.0.0.1:"),
        ("alertmanager:", "127.0.0.1:"),
        ("../prometheus/rules/", "rules/"),
    ];
    let own = |text: String| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.trim().starts_with('#'));
        lines.map(str::to_owned).collect()
    };
    let compose = names.iter().fold(
        tree::text("deploy/compose/prometheus.yml"),
        |text, (from, to)| {
            text.replace(&format!("\"{from}"), &format!("\"{to}"))
                .replace(&format!("- {from}"), &format!("- {to}"))
        },
    );
    assert_eq!(
        own(compose),
        own(tree::text("deploy/prometheus/prometheus.yml"))
    );
}

#[test]
fn the_service_and_the_alerting_take_the_settings_of_the_compose_file() {
    let settings = tree::text("deploy/compose/truecount.env");
    let settings: BTreeMap<&str, &str> = settings
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once('=').expect("a name and a value"))
        .collect();
    let serve = checked(&["serve", "--config", "config/truecount.toml"], &settings);
    assert!(serve.0, "{}", serve.1);
    let none = BTreeMap::new();
    let alert = checked(&["alert", "--config", "deploy/compose/alert.toml"], &none);
    assert!(alert.0, "{}", alert.1);
    let wrong = BTreeMap::from([("TRUECOUNT_TOPICS__REPLICATON", "1")]);
    let serve = checked(&["serve", "--config", "config/truecount.toml"], &wrong);
    assert!(!serve.0, "a misspelt setting is told: {}", serve.1);
}

/// Whether the program takes a configuration, and what it says.
fn checked(arguments: &[&str], settings: &BTreeMap<&str, &str>) -> (bool, String) {
    let ran = Command::new(env!("CARGO_BIN_EXE_truecount"))
        .current_dir(tree::root())
        .args(arguments)
        .arg("--check-config")
        .envs(settings)
        .output()
        .expect("it was built");
    let said = [ran.stdout, ran.stderr].concat();
    (
        ran.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
fn the_package_has_every_unit_configuration_rule_and_dashboard() {
    let cargo: toml::Table = tree::text("Cargo.toml").parse().expect("it is TOML");
    let deb = &cargo["package"]["metadata"]["deb"];
    let texts = |list: &toml::Value| -> Vec<String> {
        let list = list.as_array().expect("it is a list").iter();
        list.map(|one| one.as_str().expect("a text").to_owned())
            .collect()
    };
    let conffiles = texts(&deb["conf-files"]);
    let assets: Vec<Vec<String>> = deb["assets"]
        .as_array()
        .expect("it is a list")
        .iter()
        .map(texts)
        .collect();
    for asset in &assets {
        let (source, target) = (&asset[0], &asset[1]);
        let (folder, name) = source.rsplit_once('/').unwrap_or(("", source));
        if let Some((_, ending)) = name.split_once("*.") {
            assert!(
                !tree::files(folder, ending).is_empty(),
                "{source}: there is none"
            );
        } else if !source.starts_with("target/") {
            assert!(tree::root().join(source).exists(), "{source} is not there");
        }
        if target.starts_with("etc/") {
            assert!(
                conffiles.contains(&format!("/{target}{name}")),
                "{source} is no conffile"
            );
        }
    }
    let units: Vec<&str> = deb["systemd-units"]
        .as_array()
        .expect("it is a list")
        .iter()
        .map(|unit| unit["unit-name"].as_str().expect("a text"))
        .collect();
    for file in tree::files("deploy/systemd", "service") {
        let unit = file
            .trim_start_matches("deploy/systemd/")
            .trim_end_matches(".service");
        assert!(units.contains(&unit), "{unit} is not packed");
        // Its configuration comes with it, and the folder whose secrets it hands over is made.
        let text = tree::text(&file);
        let words = text.split_whitespace();
        for config in
            words.filter(|word| word.starts_with("/etc/truecount/") && word.ends_with(".toml"))
        {
            assert!(
                conffiles.contains(&config.to_owned()),
                "{unit} reads {config}"
            );
        }
        let secrets = text
            .lines()
            .find_map(|line| line.strip_prefix("LoadCredential=secret:"))
            .expect("secrets are handed over");
        for script in ["postinst", "postrm"] {
            let script = tree::text(&format!("deploy/debian/scripts/{script}"));
            assert!(script.contains(secrets), "{secrets} of {unit}");
        }
    }
}

#[test]
fn shellcheck_finds_nothing_in_the_scripts() {
    let mut scripts = tree::files("deploy", "sh");
    scripts.extend(tree::files("tests", "sh"));
    scripts.push(".ci/run".to_owned());
    scripts.extend(["postinst", "postrm"].map(|name| format!("deploy/debian/scripts/{name}")));
    assert!(scripts.len() > 5, "{scripts:?}");
    let scripts: Vec<&str> = scripts.iter().map(String::as_str).collect();
    assert_eq!(looked_with("shellcheck", &scripts), Ok(String::new()));
}

/// What a tool says, as an error if it found something.
fn looked_with(tool: &str, arguments: &[&str]) -> Result<String, String> {
    let fetched = Command::new(tree::root().join("tests/packaging/fetch.sh"))
        .output()
        .expect("tests/packaging/fetch.sh can be run");
    let said = String::from_utf8_lossy(&fetched.stderr);
    assert!(
        fetched.status.success(),
        "{said}\nrun `tests/packaging/fetch.sh --apt`, which brings {tool}"
    );
    let ran = Command::new(tree::root().join("target/packaging/python/bin").join(tool))
        .current_dir(tree::root())
        .args(arguments)
        .output()
        .expect("it was fetched");
    let said = [ran.stdout, ran.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    if ran.status.success() {
        Ok(said)
    } else {
        Err(said)
    }
}
