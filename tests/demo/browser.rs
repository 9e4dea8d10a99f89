//! A real browser, asked and told over its protocol for debugging, so that keys are pressed as a person
//! presses them. Its two pipes are files of the system, opened by a shell. Start at [`Browser::open`].

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Flags that keep the browser quiet: no window, no network, no first run.
const QUIET: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
];

/// A browser with one page.
pub(crate) struct Browser {
    child: Child,
    to: File,
    from: BufReader<File>,
    asked: u64,
    session: Value,
    _folder: TempDir,
}

impl Browser {
    /// Opens a page of this width, with nothing in it. `CHROMIUM` names another browser.
    pub(crate) fn open(width: u32) -> Browser {
        let folder = TempDir::new().expect("a folder can be made");
        let [input, output] = ["in", "out"].map(|name| pipe(folder.path().join(name)));
        let name = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
        let version = Command::new(&name)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(
            version.is_ok(),
            "{name} cannot be run. These tests look at the page in a browser: install chromium \
             (apt-get install chromium), as .ci/run does, or name it in CHROMIUM."
        );
        let child = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<\"$IN\" 4>\"$OUT\"", "sh", &name])
            .args(QUIET)
            .arg(format!(
                "--user-data-dir={}",
                folder.path().join("profile").display()
            ))
            .env("IN", &input)
            .env("OUT", &output)
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("a shell can be run");
        // The shell opens them in this order too; each waits for the other end.
        let to = OpenOptions::new().write(true).open(&input);
        let from = File::open(&output);
        let mut browser = Browser {
            child,
            to: to.expect("the browser reads"),
            from: BufReader::new(from.expect("the browser writes")),
            asked: 0,
            session: Value::Null,
            _folder: folder,
        };
        let page = browser.ask("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": page["targetId"], "flatten": true });
        browser.session = browser.ask("Target.attachToTarget", attach)["sessionId"].clone();
        browser.ask("Page.enable", json!({}));
        browser.resize(width);
        browser
    }

    pub(crate) fn resize(&mut self, width: u32) {
        let size =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.ask("Emulation.setDeviceMetricsOverride", size);
    }

    /// Goes to an address and waits until it is there.
    pub(crate) fn go(&mut self, address: &str) {
        self.ask("Page.navigate", json!({ "url": address }));
        self.hear("Page.loadEventFired");
    }

    /// What an expression comes to; a promise is waited for.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let asked =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let told = self.ask("Runtime.evaluate", asked);
        assert!(told["exceptionDetails"].is_null(), "{expression}: {told}");
        told["result"]["value"].clone()
    }

    /// Presses a key and lets it go.
    pub(crate) fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            _ => panic!("the number of {key} is not known here"),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({
                "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code,
            });
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = text.into();
            }
            self.ask("Input.dispatchKeyEvent", event);
        }
    }

    /// Asks the browser, and gives what it answers.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let mut asked = json!({ "id": self.asked, "method": method, "params": params });
        if !self.session.is_null() {
            asked["sessionId"] = self.session.clone();
        }
        self.to
            .write_all(format!("{asked}\0").as_bytes())
            .expect("the browser reads");
        let id = json!(self.asked);
        loop {
            let told = self.told();
            if told["id"] == id {
                assert!(told["error"].is_null(), "{method}: {told}");
                return told["result"].clone();
            }
        }
    }

    /// Waits for something that the browser tells by itself.
    pub(crate) fn hear(&mut self, method: &str) {
        while self.told()["method"] != method {}
    }

    fn told(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from
            .read_until(0, &mut bytes)
            .expect("the browser writes");
        assert_eq!(bytes.pop(), Some(0), "the browser has gone away");
        serde_json::from_slice(&bytes).expect("it tells JSON")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn pipe(path: PathBuf) -> PathBuf {
    let made = Command::new("mkfifo").arg(&path).status();
    assert!(made.expect("mkfifo can be run").success());
    path
}
