//! A broker that speaks TLS only, knows its clients by SCRAM and lets them do what it was told and no
//! more. Start at [`Secured::start`].

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::broker::{Broker, Settings};
use super::{Access, Rig, tools};

/// Who may do everything.
const ADMIN: &str = "admin";
const MECHANISM: &str = "SCRAM-SHA-512";

/// A secured broker, with the file by which clients know it.
pub(crate) struct Secured {
    /// The broker, reached as the one who may do everything.
    pub(crate) rig: Rig,
    /// The certificate that signed the broker's.
    pub(crate) authority: PathBuf,
    port: u16,
}

impl Secured {
    /// Starts a broker that knows these users. A user's password is `<name>-password`; who is not
    /// the admin may do nothing until it is granted.
    pub(crate) fn start(users: &[&str]) -> Secured {
        let folder = tools::folder("secured");
        certificates(&folder);
        let known = [&["broker", ADMIN], users].concat();
        let format = known.iter().flat_map(|user| {
            let scram = format!("{MECHANISM}=[name={user},password={}]", password(user));
            ["--add-scram".to_owned(), scram]
        });
        let settings = Settings {
            lines: lines(&folder),
            format: format.collect(),
            protocol: Some("SASL_SSL".to_owned()),
            ..Settings::default()
        };
        let authority = folder.join("ca.pem");
        let broker = Broker::start(folder, &settings);
        let port = broker.port();
        let access = reached(port, &authority, ADMIN);
        Secured {
            rig: Rig::of(broker, access),
            authority,
            port,
        }
    }

    /// The port, on which nothing but TLS is spoken.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// How a user reaches the broker.
    pub(crate) fn as_user(&self, user: &str) -> Access {
        reached(self.port, &self.authority, user)
    }
}

/// The password that a user has.
pub(crate) fn password(user: &str) -> String {
    format!("{user}-password")
}

fn reached(port: u16, authority: &Path, user: &str) -> Access {
    Access::plain(port)
        .with("security.protocol", "SASL_SSL")
        .with("sasl.mechanism", MECHANISM)
        .with("sasl.username", user)
        .with("sasl.password", &password(user))
        .with("ssl.ca.location", &authority.display().to_string())
}

/// An authority of our own and a certificate of the broker by it, in the form that Kafka reads.
fn certificates(folder: &Path) {
    let script = r"
        set -e
        openssl req -x509 -newkey rsa:2048 -nodes -days 30 -keyout ca.key -out ca.pem -subj /CN=rig-authority
        openssl req -newkey rsa:2048 -nodes -keyout broker.key -out broker.csr -subj /CN=localhost
        echo 'subjectAltName=DNS:localhost,IP:127.0.0.1' > names.txt
        openssl x509 -req -in broker.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out broker.crt -extfile names.txt
        openssl pkcs8 -topk8 -nocrypt -in broker.key | cat - broker.crt ca.pem > broker.pem
    ";
    tools::fetched();
    tools::run(Command::new("sh").args(["-c", script]).current_dir(folder));
    assert!(fs::metadata(folder.join("broker.pem")).is_ok_and(|file| file.len() > 0));
}

fn lines(folder: &Path) -> Vec<(String, String)> {
    let at = |name: &str| folder.join(name).display().to_string();
    let login = format!(
        "org.apache.kafka.common.security.scram.ScramLoginModule required \
         username=\"broker\" password=\"{}\";",
        password("broker")
    );
    let authorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer".to_owned();
    // Nobody is anonymous but the controller, on a port of this machine.
    let supers = format!("User:broker;User:{ADMIN};User:ANONYMOUS");
    let lines = [
        ("ssl.keystore.type", "PEM".to_owned()),
        ("ssl.keystore.location", at("broker.pem")),
        ("ssl.truststore.type", "PEM".to_owned()),
        ("ssl.truststore.location", at("ca.pem")),
        ("sasl.enabled.mechanisms", MECHANISM.to_owned()),
        ("sasl.mechanism.inter.broker.protocol", MECHANISM.to_owned()),
        ("listener.name.client.scram-sha-512.sasl.jaas.config", login),
        ("authorizer.class.name", authorizer),
        ("super.users", supers),
        ("allow.everyone.if.no.acl.found", "false".to_owned()),
    ];
    lines
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// A certificate of an authority that has signed nothing of ours.
pub(crate) fn other_authority(file: &Path) {
    tools::run(
        Command::new("openssl")
            .args([
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
            ])
            .args([
                "-keyout",
                "/dev/null",
                "-subj",
                "/CN=another-authority",
                "-out",
            ])
            .arg(file),
    );
}
