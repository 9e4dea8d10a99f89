//! One broker: a Java process, its folder, its ports. It can be killed and started again with what it
//! kept. Start at [`Broker::start`].

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::leash::Leash;
use super::signal::in_own_group;
use super::tools;

/// Any sixteen bytes, as Kafka writes them: `truecount-rig-01`.
const CLUSTER: &str = "dHJ1ZWNvdW50LXJpZy0wMQ";
/// It is up in 4 to 13 s on two busy cores; more than this is a broker that will not come.
const UP_WITHIN: Duration = Duration::from_secs(180);

/// A broker and the folder that it keeps its log in.
pub(crate) struct Broker {
    folder: PathBuf,
    port: u16,
    running: Option<(Child, Leash)>,
}

/// What one broker has otherwise than the others.
#[derive(Default)]
pub(crate) struct Settings {
    /// Lines of `server.properties`; a name said here goes before the common one.
    pub(crate) lines: Vec<(String, String)>,
    /// What `StorageTool format` is told beside the usual.
    pub(crate) format: Vec<String>,
    /// Where clients are sent, if not to the broker itself.
    pub(crate) advertised: Option<u16>,
    /// The protocol that clients speak; plain text if nothing is said.
    pub(crate) protocol: Option<String>,
}

impl Broker {
    /// Starts a broker with an empty log, in a folder that it removes at the end.
    pub(crate) fn start(folder: PathBuf, settings: &Settings) -> Broker {
        let [port] = free_ports();
        Broker::start_at(folder, port, settings)
    }

    /// The same on a port that is known.
    pub(crate) fn start_at(folder: PathBuf, port: u16, settings: &Settings) -> Broker {
        let [controller] = free_ports();
        let properties = properties(&folder, port, controller, settings);
        fs::write(folder.join("server.properties"), properties).expect("the folder is there");
        tools::run(
            tools::kafka("kafka.tools.StorageTool")
                .args(["format", "-t", CLUSTER, "-c"])
                .arg(folder.join("server.properties"))
                .args(&settings.format),
        );
        let mut broker = Broker {
            folder,
            port,
            running: None,
        };
        broker.start_again();
        broker
    }

    /// The port that it listens on.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Starts it on what it kept, and waits until clients can come.
    pub(crate) fn start_again(&mut self) {
        assert!(self.running.is_none(), "it was killed before");
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("broker.txt"))
            .expect("the folder is there");
        let mut command = tools::kafka("kafka.Kafka");
        command
            .arg(self.folder.join("server.properties"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file can be had twice"))
            .stderr(log);
        in_own_group(&mut command);
        let child = command.spawn().expect("java was found before");
        let leash = Leash::on(&child, Some(&self.folder));
        self.running = Some((child, leash));
        self.wait_until_up();
    }

    /// Kafka opens its port to clients when everything behind it is ready.
    fn wait_until_up(&mut self) {
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let (child, _) = self.running.as_mut().expect("it was started");
            let ended = child.try_wait().expect("it is a child of ours");
            let in_time = started.elapsed() < UP_WITHIN;
            assert!(
                ended.is_none() && in_time,
                "the broker did not come up ({ended:?}):\n{}",
                fs::read_to_string(self.folder.join("broker.txt")).unwrap_or_default()
            );
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends it without a word. What it wrote stays: the system keeps it, as after a crash of Java.
    pub(crate) fn kill9(&mut self) {
        if let Some((mut child, leash)) = self.running.take() {
            child.kill().expect("it is a child of ours");
            child.wait().expect("it is a child of ours");
            drop(leash);
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill9();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Ports that nobody has: all held at once, so that they differ, and then let go.
pub(crate) fn free_ports<const N: usize>() -> [u16; N] {
    let held = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").expect("there are free ports"));
    held.map(|held| held.local_addr().expect("it is bound").port())
}

fn properties(folder: &Path, port: u16, controller: u16, settings: &Settings) -> String {
    let common = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rig/server.properties");
    let common = fs::read_to_string(common).expect("it is committed");
    let protocol = settings.protocol.as_deref().unwrap_or("PLAINTEXT");
    let own = format!(
        "controller.quorum.voters=1@127.0.0.1:{controller}\n\
         listeners=CLIENT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n\
         advertised.listeners=CLIENT://127.0.0.1:{}\n\
         listener.security.protocol.map=CLIENT:{protocol},CONTROLLER:PLAINTEXT\n\
         log.dirs={}\n",
        settings.advertised.unwrap_or(port),
        folder.join("log").display()
    );
    // Of a name that stands twice the later counts.
    let more = settings.lines.iter();
    let more: String = more
        .map(|(name, value)| format!("{name}={value}\n"))
        .collect();
    common + &own + &more
}
