//! `truecount serve` and `truecount alert` on a real Apache Kafka as a real Prometheus sees them: what they
//! show is well formed, and fills what no demonstration fills. Start at
//! [`every_panel_of_the_service_and_the_alerting_shows_something`].

#![allow(dead_code, reason = "the rig has more than each test needs")]

#[allow(unreachable_pub, reason = "shared with the other tests")]
#[path = "support/dashboards.rs"]
mod dashboards;
#[path = "kafka/foreign.rs"]
mod foreign;
#[path = "kafka/plan.rs"]
mod plan;
#[allow(unreachable_pub, reason = "shared with the other tests")]
#[path = "support/prometheus.rs"]
mod prometheus;
#[path = "support/promtool.rs"]
mod promtool;
#[path = "kafka/readers.rs"]
mod readers;
#[path = "kafka/rig/mod.rs"]
mod rig;
#[path = "kafka/serving.rs"]
mod serving;
#[path = "kafka/small.rs"]
mod small;
#[allow(unreachable_pub, reason = "shared with the other tests")]
#[path = "support/tree.rs"]
mod tree;

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use dashboards::{Asked, Dashboard};
use prometheus::Prometheus;
use rig::broker::free_ports;
use rig::leash::Leash;
use rig::signal::in_own_group;
use rig::{Rig, tools};
use small::{Small, incident, wait_until};

/// How long it may take until everything that can be filled is filled.
const PATIENCE: Duration = Duration::from_secs(180);

/// What stays empty where nothing goes wrong and no record is Avro; the panels say so.
const EVEN_THEN: [&str; 3] = [
    "Errors: transactions abandoned",
    "A stage that began anew",
    "Schema registry",
];

#[test]
fn every_panel_of_the_service_and_the_alerting_shows_something() {
    let small = Small::new(Rig::shared().access()).made();
    small.tell("cad", &incident("TC-1", "2026-04-01T09:00:00+01:00"));
    for feed in ["cad", "rms"] {
        small.beat(feed, "2026-04-03T12:00:00+01:00");
    }
    let mut first = small.serve();
    wait_until("somebody is to be told of something", || {
        let raised = first.metric("truecount_exceptions_published_total", "state=\"raised\"");
        raised.is_some_and(|count| count > 0.0)
    });
    assert_eq!(first.stop(), Some(0), "{}", first.said());
    // Started again it has something to read back.
    let serving = small.serve();
    let alerting = Alerting::of(&small);
    let prometheus = Prometheus::watching(&[
        ("truecount", &serving.address()),
        ("truecount-alert", &alerting.address()),
    ]);
    let asked = dashboards::all()
        .into_iter()
        .flat_map(|dashboard: Dashboard| dashboard.asked());
    let mut waited: Vec<Asked> = asked.filter(Asked::needs_more).collect();
    let all = waited.len();
    assert!(all > 15, "the panels can be read: {all}");
    let began = Instant::now();
    let is_missing = |asked: &Asked| !EVEN_THEN.iter().any(|panel| asked.place.contains(panel));
    for minute in 0.. {
        waited.retain(|asked| {
            let told = prometheus.ask(&asked.filled());
            told.unwrap_or_else(|fault| panic!("{}: {fault}", asked.place)) == 0
        });
        if began.elapsed() > PATIENCE || !waited.iter().any(is_missing) {
            break;
        }
        // Something goes on, so that there is something to be seen.
        let through = format!("2026-04-04T{:02}:{:02}:00+01:00", minute / 60, minute % 60);
        small.beat("cad", &through);
        std::thread::sleep(Duration::from_secs(1));
    }
    let (without, with_reason): (Vec<_>, Vec<_>) =
        waited.iter().partition(|asked| is_missing(asked));
    assert!(
        with_reason.iter().all(|asked| asked.may_be_empty()),
        "they say why"
    );
    let without: Vec<_> = without.iter().map(|asked| &asked.place).collect();
    assert!(
        without.is_empty(),
        "empty with a service and an alerting: {without:#?}\n{}\n{}",
        serving.said(),
        alerting.said()
    );
    for page in [serving.ask("metrics"), alerting.ask("metrics")] {
        let (_, metrics) = page.expect("it answers");
        assert_eq!(promtool::says_of(&metrics), "", "{metrics}");
    }
}

/// `truecount alert`, told to tell an Alertmanager that is not there.
struct Alerting {
    child: Child,
    _leash: Leash,
    log: std::path::PathBuf,
    port: u16,
}

impl Drop for Alerting {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Alerting {
    /// Starts one that reads what a service publishes.
    fn of(small: &Small) -> Alerting {
        let folder = tools::folder("alerting");
        let [port, nobody] = free_ports();
        let text = format!(
            "[alert]\ngroup = {:?}\n[kafka]\nbootstrap_servers = {:?}\n[topics]\nexceptions = {:?}\n\
             exceptions_current = {:?}\n[alertmanager]\nurls = [\"http://127.0.0.1:{nobody}\"]\n\
             [admin]\nlisten = \"127.0.0.1:{port}\"\n",
            rig::unique("alerting"),
            small.plan.access.bootstrap(),
            small.plan.output("exceptions"),
            small.plan.output("exceptions-current"),
        );
        let file = folder.join("alert.toml");
        fs::write(&file, text).expect("the folder is there");
        let log = folder.join("log.txt");
        let output = File::create(&log).expect("the folder is there");
        let mut command = Command::new(env!("CARGO_BIN_EXE_truecount"));
        command
            .args(["alert", "--config"])
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(output);
        in_own_group(&mut command);
        let child = command.spawn().expect("it was built");
        Alerting {
            _leash: Leash::on(&child, None),
            child,
            log,
            port,
        }
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn ask(&self, page: &str) -> Option<(u16, String)> {
        let mut answer = ureq::get(format!("http://{}/{page}", self.address()))
            .call()
            .ok()?;
        let body = answer.body_mut().read_to_string().ok()?;
        Some((answer.status().as_u16(), body))
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}
