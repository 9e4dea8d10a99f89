//! How intake reads bytes: the envelope of a record, with schemas from the registry, which is waited
//! for and never the reason to set a record aside. Start at [`Decoding::decode`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant as Ticks};

use super::fault::{EndCode, Fault};
use super::stage::Input;
use super::telling::Telling;
use crate::config::serve::{self as config, RegistryConfig, ServiceConfig, SourceConfig};
use crate::domain::{Instant, Refusal};
use crate::drivers::registry::{Auth, Reach, Registry};
use crate::wire::avro::{Schema, SchemaName};
use crate::wire::envelope::{self, Encoding, Envelope, Manner, Named, NoSchema, NotRead, Schemas};
use crate::wire::json::Decoded;

/// How long the stream waits for the registry before the worker starts again; nothing is set aside
/// because a registry does not answer.
const REGISTRY_PATIENCE: Duration = Duration::from_secs(60);

/// What reads the records of the sources.
pub(super) struct Decoding {
    config: Arc<ServiceConfig>,
    registry: Option<Registry>,
    telling: Telling,
    stop: Arc<AtomicBool>,
}

/// A topic whose records name a schema, where no registry is configured.
struct NoRegistry;

impl Schemas for NoRegistry {
    fn schema(&mut self, _: SchemaName) -> Result<Arc<Schema>, NoSchema> {
        Err(NoSchema::Unusable(
            "no schema registry is configured: write [intake.registry]".to_owned(),
        ))
    }
}

impl Decoding {
    /// Reads what this configuration declares.
    pub(super) fn new(
        config: Arc<ServiceConfig>,
        telling: Telling,
        stop: Arc<AtomicBool>,
    ) -> Result<Decoding, Fault> {
        let registry = config
            .intake
            .registry
            .as_ref()
            .map(open_registry)
            .transpose()?;
        Ok(Decoding {
            config,
            registry,
            telling,
            stop,
        })
    }

    /// Reads one record; waits for the registry where it does not answer.
    pub(super) fn decode(
        &mut self,
        input: &Input<'_>,
        arrival: Instant,
    ) -> Result<Result<Decoded, Refusal>, Fault> {
        let decoded = self.read(input, arrival);
        if let Some(registry) = &mut self.registry {
            self.telling.asked_registry(registry.take_misses());
        }
        decoded
    }

    fn read(
        &mut self,
        input: &Input<'_>,
        arrival: Instant,
    ) -> Result<Result<Decoded, Refusal>, Fault> {
        let topic = input.partition.topic.as_str();
        let Some(source) = self.config.source(topic) else {
            return Err(Fault::again("not_owned", topic));
        };
        let envelope = Envelope {
            topic,
            key: input.key,
            value: input.value,
            headers: &input.headers,
        };
        let keys = |_: &str, key: &[u8]| named(source, key);
        let manner = Manner {
            encoding: encoding_of(source.encoding),
            max_record_bytes: self.config.intake.max_record_bytes,
            keys: source.tombstones.is_some().then_some(&keys),
            arrival,
        };
        let schemas: &mut dyn Schemas = match &mut self.registry {
            Some(registry) => registry,
            None => &mut NoRegistry,
        };
        let began = Ticks::now();
        loop {
            match envelope::read(&envelope, &manner, schemas) {
                Ok(decoded) => return Ok(Ok(decoded)),
                Err(NotRead::Refused(refusal)) => return Ok(Err(*refusal)),
                Err(NotRead::NoRegistry(_)) if self.stop.load(Ordering::Relaxed) => {
                    let detail = "asked to stop while waiting for the schema registry";
                    return Err(Fault::again("stopping", detail));
                }
                Err(NotRead::NoRegistry(why)) if began.elapsed() < REGISTRY_PATIENCE => {
                    self.telling.waits_for_registry();
                    tracing::warn!(
                        topic,
                        partition = input.partition.number,
                        offset = input.offset,
                        why,
                        "waiting for the schema registry"
                    );
                    std::thread::sleep(Duration::from_secs(1));
                }
                Err(NotRead::NoRegistry(why)) => {
                    return Err(Fault::again("registry_unreachable", why));
                }
            }
        }
    }
}

fn named(source: &SourceConfig, key: &[u8]) -> Option<Named> {
    let key = std::str::from_utf8(key).ok()?;
    let names = source.tombstones.as_ref()?.names(key)?;
    Some(Named {
        force: names.force,
        source: names.source,
        record: names.record,
        reference: names.reference,
    })
}

fn encoding_of(encoding: config::Encoding) -> Encoding {
    match encoding {
        config::Encoding::Json => Encoding::Json,
        config::Encoding::Avro => Encoding::Avro,
        config::Encoding::Auto => Encoding::Auto,
    }
}

fn open_registry(config: &RegistryConfig) -> Result<Registry, Fault> {
    let setup = |says: String| Fault::end(EndCode::Setup, says);
    let mut reach = Reach::at(&config.url);
    reach.timeout = config.timeout;
    if let Some((user, password)) = &config.login {
        reach.auth = Auth::Basic {
            user: user.clone(),
            password: password.expose().to_owned(),
        };
    }
    if let Some(file) = &config.ca_file {
        let pem = std::fs::read(file).map_err(|error| {
            setup(format!(
                "cannot read intake.registry.ca_file {file}: {error}"
            ))
        })?;
        reach.ca_pem = Some(pem);
    }
    Registry::new(reach).map_err(|why| setup(format!("intake.registry.ca_file: {why}")))
}
