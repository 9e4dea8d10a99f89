//! The real program as a process, and a client of its listener that sends just what it is told. Start at
//! [`Running::with`].

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use truecount::domain::{Instant, Moment};

/// A demonstration that runs; it is killed when the test is done with it.
pub(crate) struct Running {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Running {
    /// Starts it on a free port and waits until it is ready.
    pub(crate) fn with(arguments: &[&str]) -> Running {
        let mut child = command(arguments)
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary can be run");
        let printed = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut lines = printed.lines().map(|line| line.expect("it prints text"));
        let address = lines.find_map(|line| {
            let rest = line.split_once("http://")?.1;
            rest.split('/').next()?.parse().ok()
        });
        // What it prints later would have nowhere to go, and it prints nothing.
        std::thread::spawn(move || lines.for_each(drop));
        let running = Running {
            child,
            address: address.expect("it says where it listens"),
        };
        running.until("it is ready", |running| {
            (running.get("/ready").status == 200).then_some(())
        });
        running
    }

    /// Asks again until there is something; says what it waited for if the process has gone away.
    pub(crate) fn until<T>(&self, what: &str, mut ask: impl FnMut(&Running) -> Option<T>) -> T {
        loop {
            if let Some(found) = ask(self) {
                return found;
            }
            let alive = TcpStream::connect(self.address);
            assert!(alive.is_ok(), "waiting until {what}: nobody answers");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[])
    }

    /// Presses a button of the page as a browser does: the address is the one that the page says.
    pub(crate) fn press(&self, button: &str) {
        let page = self.get("/").body;
        let (_, after) = page
            .split_once(&format!("id=\"{button}\""))
            .unwrap_or_else(|| panic!("the page has no button {button}"));
        let action = after
            .split_once("formaction=\"")
            .and_then(|(_, rest)| rest.split('"').next())
            .expect("a button says where it leads");
        let origin = format!("http://{}", self.address);
        let heads = [
            ("Origin", origin.as_str()),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        let answer = self.send("POST", action, &heads);
        assert_eq!(answer.status, 303, "{answer:?}");
    }

    pub(crate) fn send(&self, method: &str, path: &str, heads: &[(&str, &str)]) -> Answer {
        let mut stream = TcpStream::connect(self.address).expect("it accepts");
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        for (name, value) in heads {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("Content-Length: 0\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut text = String::new();
        stream
            .read_to_string(&mut text)
            .expect("it answers in UTF-8");
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer has a head");
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        Answer {
            status: status.expect("a status"),
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    /// What is to be seen, for programs.
    pub(crate) fn state(&self) -> Value {
        let body = self.get("/state").body;
        serde_json::from_str(&body).unwrap_or_else(|fault| panic!("{fault}: {body}"))
    }

    /// Sends a signal and says how the process ended.
    pub(crate) fn end(mut self, signal: &str) -> ExitStatus {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(sent.expect("kill can be run").success());
        self.child.wait().expect("it ends")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs it where it ends by itself.
pub(crate) fn ended(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the binary can be run")
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_truecount"));
    command.arg("demo").args(arguments);
    command
}

/// An instant as it is told in JSON.
pub(crate) fn instant(told: &Value) -> Instant {
    let text = told
        .as_str()
        .unwrap_or_else(|| panic!("{told} is no moment"));
    Moment::parse(text).expect("it is a moment").earliest()
}

/// What is told of a feed.
pub(crate) fn feed<'s>(state: &'s Value, name: &str) -> &'s Value {
    let mut feeds = state["feeds"].as_array().into_iter().flatten();
    feeds
        .find(|feed| feed["feed"] == name)
        .unwrap_or_else(|| panic!("{state} tells nothing of {name}"))
}
