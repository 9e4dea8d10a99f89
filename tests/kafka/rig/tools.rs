//! What the rig runs: brought by `tests/rig/fetch.sh`, once for all tests. Start at [`fetched`].

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use super::signal::in_own_group;

/// Java as the tests need it: small, and quick to start rather than quick to run.
const JAVA: [&str; 6] = [
    "-Xms64m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xshare:auto",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
];

/// The folder with Apache Kafka and the Python clients, complete.
pub(crate) fn fetched() -> &'static Path {
    static FETCHED: OnceLock<PathBuf> = OnceLock::new();
    FETCHED.get_or_init(|| {
        let home = Path::new(env!("CARGO_MANIFEST_DIR"));
        let ran = Command::new(home.join("tests/rig/fetch.sh"))
            .env_remove("TRUECOUNT_RIG")
            .output()
            .expect("tests/rig/fetch.sh can be run");
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(
            ran.status.success(),
            "the tests run against a real Apache Kafka, and it is not all there:\n{said}\n\
             run `tests/rig/fetch.sh --apt`, which installs it"
        );
        home.join("target/rig")
    })
}

/// A class of Apache Kafka, to be run.
pub(crate) fn kafka(class: &str) -> Command {
    let mut java = Command::new("java");
    // A bench wants a bigger heap and the whole compiler; of an option that stands twice the later counts.
    let more = std::env::var("RIG_JAVA").unwrap_or_default();
    java.args(JAVA)
        .args(more.split_whitespace())
        .arg("-cp")
        .arg(fetched().join("kafka/libs/*"))
        .arg(class);
    java
}

/// The Python that has the foreign clients.
pub(crate) fn python() -> PathBuf {
    fetched().join("python/bin/python")
}

/// A name that nobody else in this run has: for topics, groups and folders.
pub(crate) fn unique(name: &str) -> String {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    let number = TAKEN.fetch_add(1, Ordering::Relaxed);
    format!("{name}-{number}")
}

/// A new, empty folder under `target`. It goes with the tests.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = of_this_run().join(unique(name));
    fs::create_dir_all(&folder).expect("target can be written");
    folder
}

/// The folder of this run, and who removes it: a shell whose input ends with the tests. It waits until
/// what they started has ended too.
fn of_this_run() -> &'static Path {
    static OF_THIS_RUN: OnceLock<(PathBuf, Child)> = OnceLock::new();
    let (folder, _) = OF_THIS_RUN.get_or_init(|| {
        let name = format!("kafka-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        let mut sweeper = Command::new("sh");
        sweeper
            .args(["-c", r#"read -r _; sleep 3; rm -rf "$0""#])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        in_own_group(&mut sweeper);
        (folder, sweeper.spawn().expect("there is a shell"))
    });
    folder
}

/// Runs a command to its end; what it printed, or a panic with what it complained of.
pub(crate) fn run(command: &mut Command) -> String {
    let ran = command
        .output()
        .unwrap_or_else(|fault| panic!("{command:?}: {fault}"));
    assert!(
        ran.status.success(),
        "{command:?}: {}\n{}{}",
        ran.status,
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr)
    );
    String::from_utf8(ran.stdout).expect("it prints UTF-8")
}
