//! `truecount demo` as a process of its own, on a port that is free. Start at [`Demo::start`].

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Ten days of the force, on a busy machine and by a program that is not optimised.
const HEARS_WITHIN: Duration = Duration::from_secs(120);

/// It runs until it is dropped.
pub(crate) struct Demo {
    process: Child,
    address: String,
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Demo {
    /// Starts one, a day of whose force passes every three seconds.
    pub(crate) fn start() -> Demo {
        let mut process = Command::new(env!("CARGO_BIN_EXE_truecount"))
            .args([
                "demo",
                "--listen",
                "127.0.0.1:0",
                "--speed",
                "28800",
                "--days",
                "365",
            ])
            .stdout(Stdio::piped())
            .spawn()
            .expect("it was built");
        let printed = process.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(printed).lines().map_while(Result::ok);
        let address = lines.find_map(|line| {
            let after = line.split_once("http://")?.1;
            Some(after.split_once('/')?.0.to_owned())
        });
        Demo {
            process,
            address: address.expect("it says where it listens"),
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Turns the switch of a feed on its page: it sends nothing any more.
    pub(crate) fn silence(&self, feed: &str) {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .build()
            .into();
        let url = format!("http://{}", self.address);
        let began = Instant::now();
        loop {
            let answer = agent
                .post(format!("{url}/feeds/{feed}/silent"))
                .header("Origin", &url)
                .send_empty()
                .expect("it answers");
            // While its first days are run through it has no ear for switches.
            match answer.status().as_u16() {
                303 => return,
                503 => assert!(began.elapsed() < HEARS_WITHIN, "it stays busy"),
                other => panic!("the switch of {feed} is not turned: {other}"),
            }
        }
    }
}
