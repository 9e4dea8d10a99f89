//! A real Alertmanager with the configuration of `deploy/`, on a port of its own. It tells nobody: the
//! receivers stand on this machine and nobody listens there. Start at [`Manager::start`].

use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::tools::{ALERTMANAGER, AMTOOL};

/// It runs until it is dropped.
pub(crate) struct Manager {
    process: Child,
    url: String,
    _storage: tempfile::TempDir,
}

impl Drop for Manager {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// How long it may take to start, and to follow what it is told.
const PATIENCE: Duration = Duration::from_secs(60);

impl Manager {
    /// Starts one and waits until it answers.
    pub(crate) fn start() -> Manager {
        let free = TcpListener::bind("127.0.0.1:0").expect("ports are free");
        let address = free.local_addr().expect("it listens").to_string();
        drop(free);
        let storage = tempfile::tempdir().expect("a folder can be made");
        let process = ALERTMANAGER
            .command("deploy/alertmanager")
            .arg("--config.file=alertmanager.yml")
            .arg(format!("--storage.path={}", storage.path().display()))
            .arg(format!("--web.listen-address={address}"))
            .arg("--cluster.listen-address=")
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|fault| panic!("{}", ALERTMANAGER.missing(&fault)));
        let manager = Manager {
            process,
            url: format!("--alertmanager.url=http://{address}"),
            _storage: storage,
        };
        let began = Instant::now();
        while manager.ask(&["alert", "query"]).is_none() {
            assert!(began.elapsed() < PATIENCE, "Alertmanager answers");
            std::thread::sleep(Duration::from_millis(200));
        }
        manager
    }

    /// Tells it of an alert with these labels.
    pub(crate) fn add(&self, labels: &[&str]) {
        let arguments = [&["alert", "add"], labels].concat();
        assert!(self.ask(&arguments).is_some(), "{labels:?} is taken");
    }

    /// The alerts that a question finds, one a line, once it has looked at that many in all.
    pub(crate) fn when_there_are(&self, count: usize, question: &str) -> String {
        let began = Instant::now();
        loop {
            let all = self.query(&["--inhibited", "--active"]);
            let found = self.query(&[question]);
            // Inhibition is worked out when an alert is next looked at by its route.
            if all.lines().count() >= count && !found.is_empty() {
                return found;
            }
            assert!(began.elapsed() < PATIENCE, "{all}\n{found}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn query(&self, of: &[&str]) -> String {
        let arguments = [&["alert", "query", "--output=extended"], of].concat();
        let told = self.ask(&arguments).unwrap_or_default();
        let rows = told.lines().filter(|line| line.contains("alertname="));
        rows.map(|row| format!("{row}\n")).collect()
    }

    fn ask(&self, arguments: &[&str]) -> Option<String> {
        let mut command = AMTOOL.command(".");
        let output = command.arg(&self.url).args(arguments).output();
        let output = output.unwrap_or_else(|fault| panic!("{}", AMTOOL.missing(&fault)));
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
