//! A client of a schema registry, as blocking as the worker that asks it. A schema that was found is
//! kept for good, for its name never means another one; that one is unknown is remembered for a short
//! while, since it may be registered late; that the registry cannot be asked is told at once and
//! remembered not at all. Start at [`Registry::new`].

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::wire::avro::{Schema, SchemaName};
use crate::wire::envelope::{NoSchema, Schemas};

/// How to reach a registry.
#[derive(Clone)]
pub struct Reach {
    /// Where it is: `https://registry.example:8081`.
    pub url: String,
    /// Who asks.
    pub auth: Auth,
    /// Certificates in PEM that are trusted instead of the well-known ones.
    pub ca_pem: Option<Vec<u8>>,
    /// How long one request may take.
    pub timeout: Duration,
    /// How often one question is asked before it is given up.
    pub attempts: u32,
    /// How long before the second attempt; twice as long before each further one.
    pub pause: Duration,
    /// For how long an unknown schema is not asked for again.
    pub unknown_for: Duration,
}

impl Reach {
    /// A registry at this address, asked as nobody in particular, with the usual patience: all
    /// attempts together stay below the five minutes after which a consumer loses its partitions.
    pub fn at(url: &str) -> Reach {
        Reach {
            url: url.trim_end_matches('/').to_owned(),
            auth: Auth::None,
            ca_pem: None,
            timeout: Duration::from_secs(5),
            attempts: 3,
            pause: Duration::from_millis(200),
            unknown_for: Duration::from_secs(10),
        }
    }
}

/// Who asks.
#[derive(Clone)]
pub enum Auth {
    /// Nobody in particular.
    None,
    /// A user with a password.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
    /// Whoever holds this token.
    Bearer(String),
}

impl fmt::Debug for Auth {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Auth::None => "None",
            Auth::Basic { .. } => "Basic(***)",
            Auth::Bearer(_) => "Bearer(***)",
        })
    }
}

/// Why there is no client.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the certificates for the schema registry cannot be read: {0}")]
pub struct CannotTrust(String);

/// A schema registry, and what it has said.
pub struct Registry {
    agent: Agent,
    url: String,
    authorization: Option<String>,
    attempts: u32,
    pause: Duration,
    unknown_for: Duration,
    known: BTreeMap<SchemaName, Result<Arc<Schema>, String>>,
    unknown: BTreeMap<SchemaName, Instant>,
    /// Names that had to be asked for.
    misses: u64,
}

impl fmt::Debug for Registry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Registry {{ url: {:?}, .. }}", self.url)
    }
}

impl Registry {
    /// A client of the registry that can be reached so. Asks nothing yet.
    pub fn new(reach: Reach) -> Result<Registry, CannotTrust> {
        let config = Agent::config_builder()
            .timeout_global(Some(reach.timeout))
            .http_status_as_error(false);
        let config = match &reach.ca_pem {
            None => config,
            Some(pem) => config.tls_config(trusting(pem)?),
        };
        let authorization = match &reach.auth {
            Auth::None => None,
            Auth::Basic { user, password } => {
                let coded = STANDARD.encode(format!("{user}:{password}"));
                Some(format!("Basic {coded}"))
            }
            Auth::Bearer(token) => Some(format!("Bearer {token}")),
        };
        Ok(Registry {
            agent: config.build().new_agent(),
            url: reach.url.trim_end_matches('/').to_owned(),
            authorization,
            attempts: reach.attempts.max(1),
            pause: reach.pause,
            unknown_for: reach.unknown_for,
            known: BTreeMap::new(),
            unknown: BTreeMap::new(),
            misses: 0,
        })
    }

    /// How often something was not known here and had to be asked for, since this was read last.
    pub fn take_misses(&mut self) -> u64 {
        std::mem::take(&mut self.misses)
    }

    fn fetch(&self, name: SchemaName) -> Result<Result<Arc<Schema>, String>, NoSchema> {
        let path = match name {
            SchemaName::Id(id) => format!("/schemas/ids/{id}"),
            SchemaName::Guid(guid) => format!("/schemas/guids/{}", uuid::Uuid::from_bytes(guid)),
        };
        let answer = self.ask(&path)?;
        if answer.kind.as_deref().is_some_and(|kind| kind != "AVRO") {
            return Ok(Err("it is no Avro schema".to_owned()));
        }
        let mut references = Vec::new();
        self.follow(&answer.references, &mut BTreeMap::new(), &mut references)?;
        let schema = Schema::parse(&answer.schema, &references);
        Ok(schema.map(Arc::new).map_err(|fault| fault.to_string()))
    }

    /// Fetches the schemas that a schema names types of, and those that these name.
    fn follow(
        &self,
        named: &[ReferenceForm],
        seen: &mut BTreeMap<(String, i64), ()>,
        into: &mut Vec<String>,
    ) -> Result<(), NoSchema> {
        for reference in named {
            let key = (reference.subject.clone(), reference.version);
            if seen.insert(key, ()).is_some() {
                continue;
            }
            let subject = percent_coded(&reference.subject);
            let answer = self.ask(&format!(
                "/subjects/{subject}/versions/{}",
                reference.version
            ))?;
            self.follow(&answer.references, seen, into)?;
            into.push(answer.schema);
        }
        Ok(())
    }

    fn ask(&self, path: &str) -> Result<SchemaForm, NoSchema> {
        let mut pause = self.pause;
        let mut left = self.attempts;
        loop {
            left -= 1;
            match self.ask_once(path) {
                Ok(answer) => return Ok(answer),
                Err(Fault::Unknown) => return Err(NoSchema::Unknown),
                Err(Fault::Passing(_)) if left > 0 => std::thread::sleep(pause),
                Err(Fault::Passing(why) | Fault::Lasting(why)) => {
                    return Err(NoSchema::Unreachable(why));
                }
            }
            pause *= 2;
        }
    }

    fn ask_once(&self, path: &str) -> Result<SchemaForm, Fault> {
        /// The largest schema that is read; ours has 60 kilobytes.
        const LARGEST_SCHEMA: u64 = 16 << 20;
        let mut request = self.agent.get(format!("{}{path}", self.url)).header(
            "Accept",
            "application/vnd.schemaregistry.v1+json, application/json",
        );
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        let passing = |fault: ureq::Error| Fault::Passing(fault.to_string());
        let mut response = request.call().map_err(passing)?;
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(LARGEST_SCHEMA);
        let text = body.read_to_vec().map_err(passing)?;
        match status {
            200 => serde_json::from_slice(&text)
                .map_err(|_| Fault::Lasting("its answer is no schema".to_owned())),
            404 if says_not_found(&text) => Err(Fault::Unknown),
            408 | 425 | 429 | 500.. => Err(Fault::Passing(format!("it answers {status}"))),
            _ => Err(Fault::Lasting(format!("it answers {status}"))),
        }
    }
}

impl Schemas for Registry {
    fn schema(&mut self, name: SchemaName) -> Result<Arc<Schema>, NoSchema> {
        /// Past this, what is remembered of unknown schemas is forgotten: it only spares questions.
        const MOST_UNKNOWN: usize = 1_000;
        if let Some(known) = self.known.get(&name) {
            return known.clone().map_err(NoSchema::Unusable);
        }
        if self
            .unknown
            .get(&name)
            .is_some_and(|since| since.elapsed() < self.unknown_for)
        {
            return Err(NoSchema::Unknown);
        }
        self.misses += 1;
        match self.fetch(name) {
            Ok(known) => {
                self.unknown.remove(&name);
                self.known.insert(name, known.clone());
                known.map_err(NoSchema::Unusable)
            }
            Err(fault) => {
                if fault == NoSchema::Unknown {
                    if self.unknown.len() >= MOST_UNKNOWN {
                        self.unknown.clear();
                    }
                    self.unknown.insert(name, Instant::now());
                }
                Err(fault)
            }
        }
    }
}

/// Why one request yields no schema.
enum Fault {
    /// The registry says that it has none.
    Unknown,
    /// Another attempt may be lucky.
    Passing(String),
    /// Another attempt would say the same.
    Lasting(String),
}

/// What the registry says of a schema.
#[derive(Deserialize)]
struct SchemaForm {
    schema: String,
    #[serde(rename = "schemaType")]
    kind: Option<String>,
    #[serde(default)]
    references: Vec<ReferenceForm>,
}

#[derive(Deserialize)]
struct ReferenceForm {
    subject: String,
    version: i64,
}

/// True if it is the registry that does not find the schema: its error codes for that begin with 404
/// and have five digits. Another 404 comes from a wrong address or from something in between, and
/// must not set records aside.
fn says_not_found(text: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Said {
        error_code: u32,
    }
    let said = serde_json::from_slice::<Said>(text);
    said.is_ok_and(|said| (40_400..40_500).contains(&said.error_code))
}

pub(super) fn trusting(pem: &[u8]) -> Result<TlsConfig, CannotTrust> {
    let mut certificates: Vec<Certificate<'static>> = Vec::new();
    for item in parse_pem(pem) {
        match item.map_err(|fault| CannotTrust(fault.to_string()))? {
            PemItem::Certificate(certificate) => certificates.push(certificate),
            _ => return Err(CannotTrust("they hold something else as well".to_owned())),
        }
    }
    if certificates.is_empty() {
        return Err(CannotTrust("there is no certificate in them".to_owned()));
    }
    let roots = RootCerts::new_with_certs(&certificates);
    Ok(TlsConfig::builder().root_certs(roots).build())
}

fn percent_coded(text: &str) -> String {
    let coded = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    });
    coded.collect()
}

#[cfg(test)]
mod tests;
