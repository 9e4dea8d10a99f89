//! A real Prometheus that scrapes processes every second under the rules of `deploy/prometheus`, whose
//! weeks, days and hours are made seconds: what is worked out over a day can be seen within a test.
//! Start at [`Prometheus::watching`].

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::tree;

/// It runs until it is dropped.
pub struct Prometheus {
    process: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// How long it may take to start on a busy machine.
const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// What is shorter in a test, longest first: `1w` holds no `1d`, but `offset 1d` stands behind `[1w]`.
const SHORTER: [(&str, &str); 10] = [
    ("interval: 1m", "interval: 1s"),
    ("[1w] offset 1d", "[20s] offset 2s"),
    ("[10m] offset 1d", "[3s] offset 5s"),
    ("offset 1d", "offset 5s"),
    ("[1d]", "[20s]"),
    ("offset 1h", "offset 20s"),
    ("[1h]", "[20s]"),
    ("[30m]", "[10s]"),
    ("[5m]", "[5s]"),
    ("[1w]", "[20s]"),
];

impl Prometheus {
    /// Starts one that scrapes these jobs at their addresses, and waits until it answers.
    pub fn watching(jobs: &[(&str, &str)]) -> Prometheus {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let config = config(folder.path(), jobs);
        let listen = free_address();
        let command = std::env::var("PROMETHEUS").unwrap_or_else(|_| "prometheus".to_owned());
        let process = Command::new(&command)
            .arg(format!("--config.file={config}"))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.path().join("db").display()
            ))
            .arg(format!("--web.listen-address={listen}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|fault| {
                panic!("{command}: {fault}; apt-get install prometheus, or name it in PROMETHEUS")
            });
        let prometheus = Prometheus {
            process,
            url: format!("http://{listen}"),
            _folder: folder,
        };
        let began = Instant::now();
        while prometheus.ask("1").is_err() {
            assert!(began.elapsed() < STARTS_WITHIN, "Prometheus answers");
            std::thread::sleep(Duration::from_millis(200));
        }
        prometheus
    }

    /// What an expression gives now: how many values that are numbers, or what is wrong with it.
    pub fn ask(&self, expr: &str) -> Result<usize, String> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(10)))
            .build()
            .into();
        let answer = agent
            .get(format!("{}/api/v1/query", self.url))
            .query("query", expr)
            .call();
        let mut answer = answer.map_err(|fault| fault.to_string())?;
        let text = answer.body_mut().read_to_string();
        let text = text.map_err(|fault| fault.to_string())?;
        let told: Value =
            serde_json::from_str(&text).map_err(|fault| format!("{fault}: {text}"))?;
        if told["status"] != "success" {
            return Err(text);
        }
        Ok(numbers(&told["data"]))
    }
}

/// How many numbers an answer has. A share of nothing is none.
fn numbers(data: &Value) -> usize {
    let result = data["result"].as_array().map_or(&[][..], Vec::as_slice);
    if data["resultType"] == "scalar" {
        return 1;
    }
    let values = result.iter().filter_map(|one| one["value"][1].as_str());
    values.filter(|value| *value != "NaN").count()
}

/// Writes the configuration and the rules, in short, and gives where it stands.
fn config(folder: &Path, jobs: &[(&str, &str)]) -> String {
    let mut text =
        "global: {scrape_interval: 1s, evaluation_interval: 1s}\nscrape_configs:\n".to_owned();
    for (job, address) in jobs {
        text.push_str(&format!(
            "  - job_name: {job}\n    static_configs: [{{targets: [\"{address}\"]}}]\n"
        ));
    }
    text.push_str("rule_files:\n");
    for rules in ["recording", "service", "data", "alerting"] {
        let whole = tree::text(&format!("deploy/prometheus/rules/{rules}.yml"));
        let short = SHORTER
            .iter()
            .fold(whole, |text, (long, short)| text.replace(long, short));
        let file = folder.join(format!("{rules}.yml"));
        fs::write(&file, short).expect("the folder is there");
        text.push_str(&format!("  - {}\n", file.display()));
    }
    let file = folder.join("prometheus.yml");
    fs::write(&file, text).expect("the folder is there");
    file.display().to_string()
}

/// An address that nobody listens on at this moment.
fn free_address() -> String {
    let held = TcpListener::bind("127.0.0.1:0").expect("ports are free");
    held.local_addr().expect("it is bound").to_string()
}
