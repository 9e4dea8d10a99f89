//! A folder with extracts, the real binary run in it, and what came out. Start at [`Folder`].

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::tree;

/// Every file that a run writes.
pub(crate) const OUTPUTS: [&str; 7] = [
    "balance.json",
    "exceptions.csv",
    "exceptions.jsonl",
    "judgements.jsonl",
    "measures.json",
    "quarantine.jsonl",
    "report.html",
];

/// A folder of its own for one test; it goes when the test ends.
pub(crate) struct Folder(TempDir);

/// What a run came to.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) printed: String,
    pub(crate) complained: String,
    /// The files of `--out`, by name.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(TempDir::new().expect("a folder can be made"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), bytes).expect("the folder can be written");
    }

    /// Writes records, one a line.
    pub(crate) fn records(&self, name: &str, records: &[Value]) {
        let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
        self.write(name, lines);
    }

    /// `truecount check` with these arguments; outputs go to `out`.
    pub(crate) fn check(&self, arguments: &[&str]) -> Ran {
        let out = self.path().join("out");
        let _ = fs::remove_dir_all(&out);
        let mut ran = self.truecount(&[&["check", "--out", "out"], arguments].concat());
        for entry in fs::read_dir(&out).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let bytes = fs::read(entry.path()).expect("it was written");
            ran.files.insert(name, bytes);
        }
        ran
    }

    /// `truecount` with these arguments, in this folder.
    pub(crate) fn truecount(&self, arguments: &[&str]) -> Ran {
        truecount(self.path(), arguments)
    }
}

/// The real binary, in the repository.
pub(crate) fn at_home(arguments: &[&str]) -> Ran {
    truecount(tree::root(), arguments)
}

fn truecount(folder: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_truecount"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the binary can be run");
    let text = |bytes| String::from_utf8(bytes).expect("it prints text");
    Ran {
        code: output.status.code().expect("nothing killed it"),
        printed: text(output.stdout),
        complained: text(output.stderr),
        files: BTreeMap::new(),
    }
}

impl Ran {
    pub(crate) fn text(&self, name: &str) -> &str {
        let complained = &self.complained;
        let bytes = self.files.get(name);
        let bytes = bytes.unwrap_or_else(|| panic!("no {name} was written: {complained}"));
        std::str::from_utf8(bytes).expect("it is text")
    }

    /// The lines of a file of one object a line.
    pub(crate) fn lines(&self, name: &str) -> Vec<Value> {
        let lines = self.text(name).lines();
        lines
            .map(|line| serde_json::from_str(line).expect("every line is an object"))
            .collect()
    }

    pub(crate) fn balance(&self) -> Value {
        serde_json::from_str(self.text("balance.json")).expect("the balance is an object")
    }

    /// One number of the balance.
    pub(crate) fn sum(&self, name: &str) -> i64 {
        self.balance()[name].as_i64().expect("a number")
    }

    /// Asserts that every record that was read is accounted for.
    pub(crate) fn adds_up(&self) {
        assert_eq!(self.sum("off"), 0, "{}", self.text("balance.json"));
        let parts = [
            "applied",
            "ledger_only",
            "duplicate",
            "quarantined",
            "control",
        ];
        let parts: i64 = parts.iter().map(|name| self.sum(name)).sum();
        assert_eq!(self.sum("read"), parts);
        let quarantined = self.lines("quarantine.jsonl").len();
        assert_eq!(self.sum("quarantined"), quarantined as i64);
    }

    /// The quarantined records as file, line and reason.
    pub(crate) fn set_aside(&self) -> Vec<(String, u64, String)> {
        let lines = self.lines("quarantine.jsonl").into_iter();
        lines
            .map(|line| {
                let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
                let number = line["line"].as_u64().expect("a line has its number");
                (text("file"), number, text("reason"))
            })
            .collect()
    }
}

/// A crime that was recorded in time, as its feed would send it.
pub(crate) fn crime(reference: &str, version: i64) -> Value {
    json!({
        "record": "crime", "force": "northamptonshire", "source": "rms",
        "reference": reference, "version": version,
        "committed_at": format!("2026-04-02T10:00:{version:02}+01:00"),
        "core": {
            "kind": "crime", "status": "recorded", "reported_at": "2026-04-02T09:00:00+01:00",
            "recorded_at": "2026-04-02T10:00:00+01:00", "offence_class": "8N",
            "offence_code": "008/06", "basis": "victim", "report_ref": "online-1",
        },
        "origin": [], "outcomes": [],
    })
}

/// A log that discloses a crime.
pub(crate) fn incident(reference: &str) -> Value {
    json!({
        "record": "incident", "force": "northamptonshire", "source": "cad",
        "reference": reference, "version": 1, "committed_at": "2026-04-01T09:42:10+01:00",
        "log": {"received_at": "2026-04-01T09:00:00+01:00", "reporter_role": "victim"},
        "disclosures": [{
            "id": "d1", "at": "2026-04-01T09:04:00+01:00", "status": "disclosed",
            "set_by": {"role": "call_handler"}, "offence_class": "8N", "basis": "victim",
            "regime": "none",
        }],
        "closure": {}, "links": [],
    })
}

/// A promise of a feed that everything before was sent.
pub(crate) fn heartbeat(feed: &str, through: &str) -> Value {
    json!({
        "record": "heartbeat", "force": "northamptonshire", "source": feed, "reference": feed,
        "version": 1, "committed_at": through, "sent_through": through,
    })
}
