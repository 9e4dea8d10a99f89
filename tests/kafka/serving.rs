//! The real binary as a service: `truecount serve` in a child that tests start, pause, kill and start
//! again. Start at [`Serving::start`].

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::plan::Plan;
use crate::rig::broker::free_ports;
use crate::rig::leash::Leash;
use crate::rig::signal::{Signal, in_own_group, send};
use crate::rig::tools;

/// On two busy cores, with a restore; more than this is a service that will not come.
const READY_WITHIN: Duration = Duration::from_secs(120);
const ENDS_WITHIN: Duration = Duration::from_secs(60);

/// A process of the service.
pub(crate) struct Serving {
    child: Child,
    leash: Option<Leash>,
    log: PathBuf,
    admin_port: u16,
    ended: Option<ExitStatus>,
}

impl Serving {
    /// Starts a process of a plan and waits until it is ready.
    pub(crate) fn start(plan: &Plan, instance: &str) -> Serving {
        let mut serving = Serving::launch(plan, instance);
        serving.wait_until_ready();
        serving
    }

    /// Starts a process of a plan and waits for nothing.
    pub(crate) fn launch(plan: &Plan, instance: &str) -> Serving {
        let [admin_port] = free_ports();
        let secrets = plan.access.settings().get("sasl.password");
        Serving::launch_with(&plan.config(instance, admin_port), admin_port, secrets)
    }

    /// Starts a process that may go back to the rules of its plan, and waits for nothing.
    pub(crate) fn launch_going_back(plan: &Plan, instance: &str) -> Serving {
        let [admin_port] = free_ports();
        let config = plan.config(instance, admin_port);
        Serving::spawn(&config, admin_port, None, &["--go-back"])
    }

    /// Starts a process with this configuration.
    pub(crate) fn launch_with(config: &str, admin_port: u16, password: Option<&String>) -> Serving {
        Serving::spawn(config, admin_port, password, &[])
    }

    fn spawn(config: &str, admin_port: u16, password: Option<&String>, more: &[&str]) -> Serving {
        let folder = tools::folder("serving");
        let file = folder.join("truecount.toml");
        fs::write(&file, config).expect("the folder is there");
        let log = folder.join("log.txt");
        let output = File::create(&log).expect("the folder is there");
        let mut command = Command::new(env!("CARGO_BIN_EXE_truecount"));
        command
            .args(["serve", "--config"])
            .arg(&file)
            .args(more)
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("a file can be had twice"))
            .stderr(output);
        if let Some(password) = password {
            command.env("TRUECOUNT_KAFKA__LIBRDKAFKA__SASL_PASSWORD", password);
        }
        in_own_group(&mut command);
        let child = command.spawn().expect("it was built");
        let leash = Leash::on(&child, None);
        Serving {
            child,
            leash: Some(leash),
            log,
            admin_port,
            ended: None,
        }
    }

    /// Waits until `/ready` says so.
    pub(crate) fn wait_until_ready(&mut self) {
        let started = Instant::now();
        while self.ask("ready").is_none_or(|(status, _)| status != 200) {
            let ended = self.has_ended();
            assert!(
                ended.is_none() && started.elapsed() < READY_WITHIN,
                "it is not ready ({ended:?}):\n{}",
                self.said()
            );
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Where the admin listener is.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.admin_port)
    }

    /// What a page of the admin listener says, if it answers.
    pub(crate) fn ask(&self, page: &str) -> Option<(u16, String)> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(5)))
            .build()
            .into();
        let mut answer = agent
            .get(format!("http://127.0.0.1:{}/{page}", self.admin_port))
            .call()
            .ok()?;
        let body = answer.body_mut().read_to_string().ok()?;
        Some((answer.status().as_u16(), body))
    }

    /// The sum of a metric over its series whose labels contain this; none if there is no such series.
    pub(crate) fn metric(&self, name: &str, labels: &str) -> Option<f64> {
        let (_, page) = self.ask("metrics")?;
        sum(&page, name, labels)
    }

    /// Processor time that it has taken, all its threads together.
    pub(crate) fn cpu(&self) -> Duration {
        /// A tick of the kernel's accounts: a hundredth of a second on Linux.
        const TICK: Duration = Duration::from_millis(10);
        let stat =
            fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // The name of the program, which may hold spaces, ends with the last bracket.
        let fields = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace();
        let ticks: u32 = fields
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<u32>().ok())
            .sum();
        TICK * ticks
    }

    /// Everything that it logged.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Sends it a signal.
    pub(crate) fn send(&self, signal: Signal) {
        assert!(self.ended.is_none(), "it runs");
        send(&self.child, signal);
    }

    /// Ends it without a word.
    pub(crate) fn kill9(&mut self) {
        if self.has_ended().is_none() {
            self.send(Signal::Kill);
            let _ = self.wait();
        }
    }

    /// Asks it to end; its exit code.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        self.send(Signal::Term);
        self.wait()
    }

    /// Waits until it has ended; its exit code, none if a signal ended it.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        let started = Instant::now();
        loop {
            if let Some(ended) = self.has_ended() {
                return ended.code();
            }
            assert!(
                started.elapsed() < ENDS_WITHIN,
                "it does not end:\n{}",
                self.said()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// If it has ended, its exit code, none if a signal ended it.
    pub(crate) fn exit_code(&mut self) -> Option<Option<i32>> {
        self.has_ended().map(|ended| ended.code())
    }

    fn has_ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().expect("it is a child of ours");
            if self.ended.is_some() {
                self.leash = None;
            }
        }
        self.ended
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if self.has_ended().is_none() {
            let _ = self.child.kill();
            let _ = self.child.wait();
            self.leash = None;
        }
        if thread::panicking() {
            eprintln!("--- log of {}\n{}", self.log.display(), self.said());
        }
    }
}

/// Adds up the series of a metric in the text that Prometheus reads.
fn sum(page: &str, name: &str, labels: &str) -> Option<f64> {
    let values = page.lines().filter_map(|line| {
        let (series, value) = line.rsplit_once(' ')?;
        let of = series.split('{').next()?;
        let is_meant = of == name && series.contains(labels);
        is_meant.then(|| value.parse::<f64>().expect("a metric is a number"))
    });
    values.reduce(|one, other| one + other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_added_up_by_name_and_label() {
        let page = "# TYPE a counter\na{x=\"1\"} 2\na{x=\"2\"} 3\nab 9\n";
        assert_eq!(sum(page, "a", ""), Some(5.0));
        assert_eq!(sum(page, "a", "x=\"2\""), Some(3.0));
        assert_eq!(sum(page, "c", ""), None);
    }
}
