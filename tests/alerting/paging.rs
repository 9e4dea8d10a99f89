//! A real Alertmanager with the configuration of `deploy/`, made quick, whose receivers are all one of
//! the tests. Start at [`Manager::start`].

use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::receiver::Receiver;
use crate::rig::leash::Leash;
use crate::tools::ALERTMANAGER;
use crate::{rig, tree};

/// It runs until it is dropped.
pub(crate) struct Manager {
    process: Child,
    leash: Option<Leash>,
    pub(crate) url: String,
}

impl Drop for Manager {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone.
        let _ = self.process.kill();
        let _ = self.process.wait();
        drop(self.leash.take());
    }
}

impl Manager {
    /// Starts one that tells this receiver, and waits until it answers.
    pub(crate) fn start(receiver: &Receiver) -> Manager {
        let folder = rig::tools::folder("alertmanager");
        let file = folder.join("alertmanager.yml");
        std::fs::write(&file, quick(receiver)).expect("the folder is there");
        let free = TcpListener::bind("127.0.0.1:0").expect("ports are free");
        let address = free.local_addr().expect("it listens").to_string();
        drop(free);
        let process = ALERTMANAGER
            .command(".")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.path={}", folder.display()))
            .arg(format!("--web.listen-address={address}"))
            .arg("--cluster.listen-address=")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|fault| panic!("{}", ALERTMANAGER.missing(&fault)));
        let leash = Some(Leash::on(&process, None));
        let manager = Manager {
            process,
            leash,
            url: format!("http://{address}"),
        };
        let began = Instant::now();
        while ureq::get(format!("{}/-/ready", manager.url))
            .call()
            .is_err()
        {
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "Alertmanager answers"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        manager
    }

    /// What it holds.
    pub(crate) fn alerts(&self) -> Vec<Value> {
        let url = format!("{}/api/v2/alerts?inhibited=true&active=true", self.url);
        let mut answer = ureq::get(url).call().expect("it answers");
        let text = answer.body_mut().read_to_string().expect("it is text");
        serde_json::from_str(&text).expect("it is JSON")
    }

    /// Tells it of an alert with these labels, as Prometheus would.
    pub(crate) fn add(&self, labels: &Value) {
        let body = serde_json::json!([{ "labels": labels }]).to_string();
        let url = format!("{}/api/v2/alerts", self.url);
        let sent = ureq::post(url)
            .header("Content-Type", "application/json")
            .send(body);
        sent.expect("it takes it");
    }
}

/// The configuration of `deploy/`: the same routes and inhibition, with waits of seconds.
fn quick(receiver: &Receiver) -> String {
    let text = tree::text("deploy/alertmanager/alertmanager.yml");
    let lines = text.lines().map(|line| {
        let (indent, rest) = line.split_at(line.len() - line.trim_start().len());
        match rest.split_once(": ") {
            Some(("group_wait", _)) => format!("{indent}group_wait: 1s\n"),
            Some(("group_interval", _)) => format!("{indent}group_interval: 2s\n"),
            _ => format!("{line}\n"),
        }
    });
    let quick: String = lines.collect();
    let here = quick.replace("http://127.0.0.1:9095", &receiver.url(""));
    assert_ne!(here, quick, "the receivers can be replaced");
    here
}
