//! Clients that share no code with Truecount: Python's (`foreign/*.py`) and `kcat`.
//! Start at [`python`], [`kcat`] and [`Registry`].

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::rig::Access;
use crate::rig::leash::Leash;
use crate::rig::signal::in_own_group;
use crate::rig::tools;

/// Runs a script of `foreign` with a question on its standard input; what it prints.
pub(crate) fn python(script: &str, asked: &Value) -> String {
    let mut command = Command::new(tools::python());
    command.arg(home().join(script));
    run_with(&mut command, asked.to_string().as_bytes())
}

/// Runs `kcat` with these arguments and this on its standard input; what it prints.
pub(crate) fn kcat(access: &Access, arguments: &[&str], input: &str) -> String {
    tools::fetched();
    let mut command = Command::new("kcat");
    for (name, value) in access.settings() {
        command.args(["-X", &format!("{name}={value}")]);
    }
    command.args(arguments);
    run_with(&mut command, input.as_bytes())
}

/// How `produce.py` is told to reach a broker.
pub(crate) fn client(access: &Access) -> Value {
    json!(access.settings())
}

/// Rights on a secured broker, as rows of user, kind, name, pattern and operation.
pub(crate) fn grant(admin: &Access, grants: &[[&str; 5]]) {
    let rows = grants.iter().map(|[user, kind, name, pattern, operation]| {
        json!({"user": user, "kind": kind, "name": name, "pattern": pattern,
               "operation": operation})
    });
    let rows: Vec<Value> = rows.collect();
    let _ = python(
        "grant.py",
        &json!({"client": client(admin), "grants": rows}),
    );
}

/// A topic as Python reads it, each value held against a schema if one is named.
pub(crate) fn read(access: &Access, topic: &str, schema: Option<&str>) -> Vec<Value> {
    let schema = schema.map(|name| Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
    let asked = json!({"client": client(access), "topic": topic, "schema": schema});
    let printed = python("read.py", &asked);
    let lines = printed.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("it prints JSON"))
        .collect()
}

/// A schema registry in memory that ends with the test.
pub(crate) struct Registry {
    child: Child,
    port: u16,
    leash: Option<Leash>,
}

/// The id and the GUID of a schema.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Registered {
    pub(crate) id: u32,
    pub(crate) guid: String,
}

impl Registry {
    /// Starts an empty registry.
    pub(crate) fn start() -> Registry {
        Registry::start_at(0)
    }

    /// Starts an empty registry on a port; 0 is any.
    pub(crate) fn start_at(port: u16) -> Registry {
        let mut command = Command::new(tools::python());
        command
            .arg(home().join("registry_stub.py"))
            .arg(port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        in_own_group(&mut command);
        let mut child = command.spawn().expect("Python is there");
        let leash = Leash::on(&child, None);
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it is piped"))
            .read_line(&mut line)
            .expect("it can be read");
        Registry {
            child,
            port: line.trim().parse().expect("it prints its port"),
            leash: Some(leash),
        }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Registers a schema, or finds it.
    pub(crate) fn register(&self, subject: &str, schema: &str) -> Registered {
        let url = format!("{}/subjects/{subject}/versions", self.url());
        let body = json!({"schemaType": "AVRO", "schema": schema}).to_string();
        let answer = ureq::post(&url)
            .send(&body)
            .and_then(|mut answer| answer.body_mut().read_to_string())
            .expect("the registry answers");
        let answer: Value = serde_json::from_str(&answer).expect("it answers JSON");
        Registered {
            id: answer["id"].as_u64().expect("it has an id") as u32,
            guid: answer["guid"].as_str().expect("it has a GUID").to_owned(),
        }
    }

    /// Registers the four schemas of records; what `produce.py` has to know of them.
    pub(crate) fn register_records(&self) -> Value {
        let mut schemas = serde_json::Map::new();
        for kind in ["incident", "crime", "heartbeat", "decision"] {
            let name = format!("schemas/{kind}.avsc");
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
            let text = fs::read_to_string(&path).expect("it is committed");
            let Registered { id, guid } = self.register(&format!("{kind}-value"), &text);
            let known = json!({"path": path, "id": id, "guid": guid});
            schemas.insert(kind.to_owned(), known);
        }
        Value::Object(schemas)
    }

    /// How often each path was asked for.
    pub(crate) fn asked(&self) -> Value {
        let answer = ureq::get(format!("{}/asked", self.url()))
            .call()
            .and_then(|mut answer| answer.body_mut().read_to_string())
            .expect("the registry answers");
        serde_json::from_str(&answer).expect("it answers JSON")
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        drop(self.leash.take());
    }
}

fn home() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kafka/foreign"))
}

fn run_with(command: &mut Command, input: &[u8]) -> String {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|fault| panic!("{command:?}: {fault}"));
    let mut stdin = child.stdin.take().expect("it is piped");
    let input = input.to_vec();
    // Written beside, so that neither side waits for the other with a full pipe.
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let ran = child.wait_with_output().expect("it is a child of ours");
    writer.join().expect("it does not panic");
    assert!(
        ran.status.success(),
        "{command:?}: {}\n{}",
        ran.status,
        String::from_utf8_lossy(&ran.stderr)
    );
    String::from_utf8(ran.stdout).expect("it prints UTF-8")
}
