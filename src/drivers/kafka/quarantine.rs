//! What was set aside, read back for a person, and what the person has written for it. Joins no group
//! and moves no position; writes outside of any transaction, once each. Start at [`Quarantine`].

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant as Ticks};

use rdkafka::client::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, DeliveryResult, Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::client::Clients;
use super::fault::{EndCode, Ending, Fault};
use super::heard::Heard;
use super::listening::Listening;
use super::preflight;
use super::restore::{Hearing, read_to_end};
use crate::config::serve::ServiceConfig;
use crate::domain::Instant;
use crate::domain::feed::Partition;
use crate::wire::published::{CannotReadHeaders, Quarantined};

/// The stage in whose name is read: it has the rights.
const STAGE: &str = "intake";
/// How long a request may take, and one record.
const CALL_MAX: Duration = Duration::from_secs(20);

/// Where a record stands in the quarantine.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// The partition.
    pub partition: i32,
    /// The offset in it.
    pub offset: i64,
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.partition, self.offset)
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Place, String> {
        let place = text.split_once(':').and_then(|(partition, offset)| {
            Some(Place {
                partition: partition.parse().ok().filter(|number| *number >= 0)?,
                offset: offset.parse().ok().filter(|number| *number >= 0)?,
            })
        });
        place.ok_or_else(|| "expected PARTITION:OFFSET as `list` shows it, such as 0:17".to_owned())
    }
}

/// One record of the quarantine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// Where it stands.
    pub place: Place,
    /// When it came there.
    pub arrival: Instant,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value; none is a tombstone.
    pub value: Option<Vec<u8>>,
    /// Its headers, ours among them.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

impl Kept {
    /// Why it was set aside, as our headers say.
    pub fn why(&self) -> Result<Quarantined, CannotReadHeaders> {
        let headers = self.headers.iter();
        let headers: Vec<(&str, &[u8])> = headers
            .map(|(name, value)| (name.as_str(), value.as_deref().unwrap_or_default()))
            .collect();
        Quarantined::read(&headers)
    }

    fn of(message: &BorrowedMessage<'_>) -> Kept {
        let headers = message.headers().map_or_else(Vec::new, |headers| {
            let own = |header: Header<'_, &[u8]>| {
                (header.key.to_owned(), header.value.map(<[u8]>::to_vec))
            };
            headers.iter().map(own).collect()
        });
        Kept {
            place: Place {
                partition: message.partition(),
                offset: message.offset(),
            },
            arrival: Instant::from_millis(message.timestamp().to_millis().unwrap_or_default()),
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
            headers,
        }
    }
}

/// One record to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToWrite {
    /// Where to.
    pub topic: String,
    /// Its partition, else the one that its key gives.
    pub partition: Option<i32>,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value; none is a tombstone.
    pub value: Option<Vec<u8>>,
    /// Its headers.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

/// The topic of what was set aside.
pub struct Quarantine {
    clients: Clients,
    topic: String,
    partitions: i32,
}

impl Quarantine {
    /// Finds the topic, or says why it cannot be read.
    pub fn open(config: &ServiceConfig) -> Result<Quarantine, Ending> {
        let clients = Clients::new(config);
        let heard = Heard::default();
        let asker = preflight::asker(&clients, &heard).map_err(ended)?;
        preflight::wait_for_an_answer(config, &asker, &heard).map_err(ended)?;
        let topic = config.topics.quarantine.name.clone();
        let metadata = asker
            .fetch_metadata(Some(&topic), CALL_MAX)
            .map_err(|error| ended(Fault::of("asking for the quarantine", &error)))?;
        let of_it = metadata.topics().iter().find(|found| found.name() == topic);
        let partitions = of_it.map_or(0, |found| found.partitions().len());
        if partitions == 0 {
            return Err(Ending {
                code: EndCode::Setup,
                says: format!(
                    "there is no topic `{topic}` that this user may read: `truecount topics apply` makes \
                     it; check topics.quarantine, and the right to read it"
                ),
            });
        }
        Ok(Quarantine {
            clients,
            topic,
            partitions: i32::try_from(partitions).unwrap_or(i32::MAX),
        })
    }

    /// Its name.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// How many offsets it has; records are no more than that.
    pub fn length(&self) -> Result<u64, Ending> {
        let mut length = 0;
        for number in 0..self.partitions {
            let ends = self.clients.ends(&self.partition(number));
            let (first, end) = ends.map_err(ended)?;
            length += u64::try_from(end - first).unwrap_or(0);
        }
        Ok(length)
    }

    /// Reads every record from the beginning to the end as it stands, partition after partition.
    pub fn each(&self, each: &mut dyn FnMut(Kept)) -> Result<(), Ending> {
        for number in 0..self.partitions {
            let hearing = Hearing {
                alive: &mut || Ok(()),
                tell: &|_| {},
            };
            let partition = self.partition(number);
            read_to_end(&self.clients, STAGE, &partition, hearing, &mut |message| {
                each(Kept::of(message));
                Ok(())
            })
            .map_err(ended)?;
        }
        Ok(())
    }

    /// The record at a place, or why there is none.
    pub fn at(&self, place: Place) -> Result<Kept, Ending> {
        let nothing = || Ending {
            code: EndCode::Setup,
            says: format!(
                "nothing stands at {place} of `{}`: it never did, or was kept for as long as \
                 topics.quarantine_retention_days says; `truecount quarantine list` shows what there is",
                self.topic
            ),
        };
        if place.partition >= self.partitions {
            return Err(nothing());
        }
        let partition = self.partition(place.partition);
        let (first, end) = self.clients.ends(&partition).map_err(ended)?;
        if !(first..end).contains(&place.offset) {
            return Err(nothing());
        }
        self.read_one(&partition, place)
            .map_err(ended)?
            .ok_or_else(nothing)
    }

    fn read_one(&self, partition: &Partition, place: Place) -> Result<Option<Kept>, Fault> {
        let heard = Heard::default();
        let reader: BaseConsumer<Listening> = self
            .clients
            .reader(STAGE)
            .create_with_context(Listening::new(heard.clone()))
            .map_err(|error| Fault::of("opening a reader", &error))?;
        let mut list = TopicPartitionList::new();
        let offset = Offset::Offset(place.offset);
        list.add_partition_offset(&partition.topic, partition.number, offset)
            .and_then(|()| reader.assign(&list))
            .map_err(|error| Fault::of("reading a record", &error))?;
        let began = Ticks::now();
        while began.elapsed() < CALL_MAX {
            heard.refusal()?;
            match reader.poll(Duration::from_millis(100)) {
                // A marker stands at the place, or what never was committed: the next record comes.
                Some(Ok(message)) => {
                    let is_meant = message.offset() == place.offset;
                    return Ok(is_meant.then(|| Kept::of(&message)));
                }
                Some(Err(KafkaError::PartitionEOF(_))) => return Ok(None),
                Some(Err(error)) => super::worker::passing("reading a record", &error)?,
                None => {}
            }
        }
        let last = heard.connection().unwrap_or_else(|| "no answer".to_owned());
        Err(Fault::again(
            "timed_out",
            format!("reading {place}: {last}"),
        ))
    }

    fn partition(&self, number: i32) -> Partition {
        Partition {
            topic: self.topic.clone(),
            number,
        }
    }

    /// Writes records, each once; of each where it stands, or what went wrong and what to do.
    pub fn write(&self, records: &[ToWrite]) -> Result<Vec<Result<Place, String>>, Ending> {
        let heard = Heard::default();
        let context = Writing {
            heard: heard.clone(),
            ends: Mutex::default(),
        };
        let producer: ThreadedProducer<Writing> = writer(&self.clients)
            .create_with_context(context)
            .map_err(|error| ended(Fault::of("opening a producer", &error)))?;
        let mut ends: Vec<Option<Result<Place, String>>> = vec![None; records.len()];
        for (number, record) in records.iter().enumerate() {
            if let Err((error, _)) = producer.send(record.to_producer(number)) {
                ends[number] = Some(Err(told(&record.topic, &error)));
            }
        }
        // Every record has ended by then, one way or the other: message.timeout.ms is shorter.
        let flushed = producer.flush(CALL_MAX);
        heard.refusal().map_err(ended)?;
        let mut delivered = producer.context().take();
        let ends = ends.into_iter().zip(records).enumerate();
        Ok(ends
            .map(|(number, (end, record))| {
                end.unwrap_or_else(|| match (delivered.remove(&number), &flushed) {
                    (Some(Ok(place)), _) => Ok(place),
                    (Some(Err(error)), _) => Err(told(&record.topic, &error)),
                    (None, Err(error)) => Err(told(&record.topic, error)),
                    (None, Ok(())) => {
                        Err("the client gave no answer; look whether it is there".into())
                    }
                })
            })
            .collect())
    }
}

/// A producer as the service's own, without transactions: idempotent, and with every copy's word.
fn writer(clients: &Clients) -> ClientConfig {
    let mut config = clients.producer("quarantine");
    config.remove("transactional.id");
    config.remove("transaction.timeout.ms");
    config
}

/// How a command ends by a fault: nothing starts again by itself here.
fn ended(fault: Fault) -> Ending {
    match fault {
        Fault::End(ending) => ending,
        Fault::Denied(denied) => denied.ending(None),
        Fault::Again(again) => Ending {
            code: EndCode::Failed,
            says: format!(
                "{}; check that the brokers run, then try again",
                again.detail
            ),
        },
    }
}

/// What went wrong with a record that was to be written, and what to do.
fn told(topic: &str, error: &KafkaError) -> String {
    match Fault::of("writing a record", error) {
        Fault::End(ending) => ending.says,
        Fault::Denied(denied) => denied.ending(None).says,
        Fault::Again(again) => format!(
            "{}: check that the brokers run and that `{topic}` is there, then do this one again",
            again.detail
        ),
    }
}

impl ToWrite {
    fn to_producer(&self, number: usize) -> BaseRecord<'_, [u8], [u8], usize> {
        let headers = OwnedHeaders::new_with_capacity(self.headers.len());
        let headers = self.headers.iter().fold(headers, |headers, (key, value)| {
            let value = value.as_deref();
            headers.insert(Header { key, value })
        });
        let mut record = BaseRecord::with_opaque_to(&self.topic, number).headers(headers);
        record.key = self.key.as_deref();
        record.payload = self.value.as_deref();
        record.partition = self.partition;
        record
    }
}

/// What the polling thread of a producer notes: how each record ended, by its number.
struct Writing {
    heard: Heard,
    ends: Mutex<BTreeMap<usize, Result<Place, KafkaError>>>,
}

impl Writing {
    fn take(&self) -> BTreeMap<usize, Result<Place, KafkaError>> {
        std::mem::take(&mut *self.ends.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ClientContext for Writing {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        self.heard.log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.heard.error(&error, reason);
    }
}

impl ProducerContext for Writing {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, number: usize) {
        let end = match result {
            Ok(message) => Ok(Place {
                partition: message.partition(),
                offset: message.offset(),
            }),
            Err((error, _)) => Err(error.clone()),
        };
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        ends.insert(number, end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_shown() {
        let place = Place {
            partition: 3,
            offset: 17,
        };
        assert_eq!(place.to_string().parse(), Ok(place));
        for text in ["", "3", ":", "3:", "-1:2", "1:-2", "a:1", "1:2:3"] {
            let says = text.parse::<Place>().expect_err(text);
            assert!(says.contains("0:17"), "{text}");
        }
    }

    #[test]
    fn a_record_that_could_not_be_written_says_what_to_do() {
        use rdkafka::error::RDKafkaErrorCode as Code;
        let says = |code| told("desk", &KafkaError::MessageProduction(code));
        assert!(says(Code::MessageTimedOut).contains("do this one again"));
        assert!(says(Code::TopicAuthorizationFailed).contains("Grant it to"));
        assert!(says(Code::MessageSizeTooLarge).contains("max.message.bytes"));
    }
}
