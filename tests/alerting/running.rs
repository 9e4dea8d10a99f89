//! The real binary as `truecount alert`: a child that tests start, kill and start again, with its
//! configuration and its metrics. Start at [`Running::start`].

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::publishing::Publisher;
use crate::receiver::KEY;
use crate::rig::broker::free_ports;
use crate::rig::leash::Leash;
use crate::rig::signal::{Signal, in_own_group, send};
use crate::rig::{Access, tools, unique};

/// On two busy cores; more than this is a process that will not come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A configuration in a folder of its own, with the files it names.
pub(crate) struct Setup {
    pub(crate) folder: PathBuf,
    port: u16,
}

impl Setup {
    /// What every configuration here has, and these lines.
    pub(crate) fn new(access: &Access, publisher: &Publisher, lines: &str) -> Setup {
        let folder = tools::folder("alert");
        let [port] = free_ports();
        fs::write(folder.join("key"), format!("{KEY}\n")).expect("the folder is there");
        let text = format!(
            "[alert]\ngroup = \"{}\"\n[kafka]\nbootstrap_servers = \"{}\"\nsession_timeout_ms = 6000\n\
             [topics]\nexceptions = \"{}\"\nexceptions_current = \"{}\"\n\
             [admin]\nlisten = \"127.0.0.1:{port}\"\n[kafka.librdkafka]\n{}{lines}",
            unique("alert"),
            access.bootstrap(),
            publisher.exceptions,
            publisher.current,
            passed(access, &folder),
        );
        let setup = Setup { folder, port };
        fs::write(setup.file(), text).expect("the folder is there");
        setup
    }

    /// Writes the configuration otherwise.
    pub(crate) fn change(&self, change: impl Fn(&str) -> String) {
        let text = fs::read_to_string(self.file()).expect("it is there");
        fs::write(self.file(), change(&text)).expect("the folder is there");
    }

    /// The configuration.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join("alert.toml")
    }

    /// Runs a command with this configuration to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_truecount"))
            .args(arguments)
            .arg("--config")
            .arg(self.file())
            .current_dir(&self.folder)
            .output()
            .expect("it was built")
    }
}

/// How a broker is reached, in the words of the client; a password stands in a file.
fn passed(access: &Access, folder: &Path) -> String {
    let settings = access.settings().iter();
    let lines = settings.filter_map(|(name, value)| match name.as_str() {
        "bootstrap.servers" => None,
        "sasl.password" => {
            fs::write(folder.join("password"), value).expect("the folder is there");
            Some("\"sasl.password_file\" = \"password\"\n".to_owned())
        }
        _ => Some(format!("\"{name}\" = \"{value}\"\n")),
    });
    lines.collect()
}

/// A process.
pub(crate) struct Running {
    child: Child,
    leash: Option<Leash>,
    log: PathBuf,
    port: u16,
}

impl Running {
    /// Starts a process and waits for nothing.
    pub(crate) fn launch(setup: &Setup) -> Running {
        let log = setup.folder.join("log.txt");
        let output = File::options().create(true).append(true).open(&log);
        let output = output.expect("the folder is there");
        let mut command = Command::new(env!("CARGO_BIN_EXE_truecount"));
        command
            .args(["alert", "--config"])
            .arg(setup.file())
            .current_dir(&setup.folder)
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("a file can be had twice"))
            .stderr(output);
        in_own_group(&mut command);
        let child = command.spawn().expect("it was built");
        let leash = Some(Leash::on(&child, None));
        Running {
            child,
            leash,
            log,
            port: setup.port,
        }
    }

    /// Starts a process and waits until it is ready.
    pub(crate) fn start(setup: &Setup) -> Running {
        let running = Running::launch(setup);
        running.wait_until("it is ready", || {
            running
                .ask("/ready")
                .is_some_and(|(status, _)| status == 200)
        });
        running
    }

    /// Waits until something holds.
    pub(crate) fn wait_until(&self, what: &str, holds: impl Fn() -> bool) {
        let began = Instant::now();
        while !holds() {
            assert!(
                began.elapsed() < PATIENCE,
                "not within {PATIENCE:?}: {what}\n{}\n{}",
                self.said(),
                self.metrics()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What it answers on its listener.
    pub(crate) fn ask(&self, path: &str) -> Option<(u16, String)> {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(5)))
            .http_status_as_error(false)
            .build()
            .new_agent();
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let mut answer = agent.get(url).call().ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.body_mut().read_to_string().ok()?))
    }

    /// Its metrics.
    pub(crate) fn metrics(&self) -> String {
        self.ask("/metrics")
            .map_or_else(String::new, |(_, text)| text)
    }

    /// The value of a series, if it is there.
    pub(crate) fn metric(&self, series: &str) -> Option<f64> {
        let text = self.metrics();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.and_then(|value| value.parse().ok())
    }

    /// What it wrote to its log.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until it has ended by itself; its exit code.
    pub(crate) fn ended(mut self) -> Option<i32> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it is a child of ours") {
                drop(self.leash.take());
                return status.code();
            }
            assert!(
                began.elapsed() < PATIENCE,
                "it does not end\n{}",
                self.said()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Ends it without a word.
    pub(crate) fn kill9(mut self) {
        send(&self.child, Signal::Kill);
        self.child.wait().expect("it is a child of ours");
        drop(self.leash.take());
    }

    /// Asks it to end, which it does well; how long it took.
    pub(crate) fn stop(mut self) -> Duration {
        let began = Instant::now();
        send(&self.child, Signal::Term);
        let status = self.child.wait().expect("it is a child of ours");
        drop(self.leash.take());
        assert_eq!(status.code(), Some(0), "{}", self.said());
        began.elapsed()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, or a test has failed; either way it is gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a target of a configuration.
pub(crate) fn target(kind: &str, name: &str, url: &str) -> String {
    assert!(Path::new("key").is_relative());
    format!("[[{kind}]]\nname = \"{name}\"\nurl = \"{url}\"\nkey_file = \"key\"\n")
}
