//! Reading back what was kept: the newest row of every key of one partition of the state topic. Reads to
//! the end that the partition has with open transactions included, since what a predecessor commits at
//! the last moment belongs to it. Start at [`read_back`].

use std::collections::BTreeMap;
use std::time::{Duration, Instant as Ticks};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::client::Clients;
use super::fault::Fault;
use super::heard::Heard;
use super::listening::Listening;
use crate::domain::feed::Partition;

/// How long a request may take.
const CALL_MAX: Duration = Duration::from_secs(10);
/// How long a transaction of a predecessor can stay open, and then some.
const OPEN_MAX: Duration = Duration::from_secs(60);
/// Without a row for so long a restore has come to a stand.
const STALLED: Duration = Duration::from_secs(30);
/// Rows between two signs of life.
const ALIVE_EVERY: u64 = 2_000;

/// The newest rows of a partition, by key.
pub(super) type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

/// How far a restore has come.
#[derive(Clone, Copy, Debug, Default)]
pub struct Restoring {
    /// Rows read.
    pub rows: u64,
    /// Bytes read.
    pub bytes: u64,
    /// The next offset.
    pub at: i64,
    /// Where it ends.
    pub end: i64,
}

/// What hears how a long read goes on.
pub(super) struct Hearing<'a> {
    /// Called now and then, so that the group does not take the worker for dead.
    pub alive: &'a mut dyn FnMut() -> Result<(), Fault>,
    /// How far it has come.
    pub tell: &'a dyn Fn(Restoring),
}

/// What is shown each row that replaces an older one: its key, the older value, the newer.
pub(super) type Follows<'a> = dyn Fn(&[u8], &[u8], &[u8]) -> Result<(), Fault> + 'a;

/// Reads a partition of the state topic back; `follows` is shown each row that replaces an older one:
/// its key, the older value, the newer.
pub(super) fn read_back(
    clients: &Clients,
    stage: &str,
    partition: &Partition,
    hearing: Hearing<'_>,
    follows: &Follows<'_>,
) -> Result<Rows, Fault> {
    let mut rows = Rows::new();
    read_to_end(clients, stage, partition, hearing, &mut |message| {
        let key = message.key().unwrap_or_default().to_vec();
        let Some(value) = message.payload() else {
            let _ = rows.remove(&key);
            return Ok(());
        };
        if let Some(older) = rows.get(&key) {
            follows(&key, older, value)?;
        }
        let _ = rows.insert(key, value.to_vec());
        Ok(())
    })?;
    Ok(rows)
}

/// Reads everything that is committed in a partition, in its order.
pub(super) fn read_to_end(
    clients: &Clients,
    stage: &str,
    partition: &Partition,
    hearing: Hearing<'_>,
    each: &mut dyn FnMut(&BorrowedMessage<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let Hearing { alive, tell } = hearing;
    let heard = Heard::default();
    let open = |error: KafkaError| Fault::of("opening a reader", &error);
    let asker: BaseConsumer = clients.asker().create().map_err(open)?;
    let reader: BaseConsumer<Listening> = clients
        .reader(stage)
        .create_with_context(Listening::new(heard.clone()))
        .map_err(open)?;
    let (low, end) = asker
        .fetch_watermarks(&partition.topic, partition.number, CALL_MAX)
        .map_err(|error| Fault::of("asking for the end of a partition", &error))?;
    let mut at = Restoring {
        end,
        ..Restoring::default()
    };
    // Told before the wait, which may be as long as a transaction stays open.
    tell(at);
    wait_until_settled(&reader, partition, end, alive)?;
    if low == end {
        return Ok(());
    }
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(&partition.topic, partition.number, Offset::Beginning)
        .and_then(|()| reader.assign(&list))
        .map_err(|error| Fault::of("reading a partition back", &error))?;
    let (mut last_row, mut last_told) = (Ticks::now(), Ticks::now());
    loop {
        heard.refusal()?;
        match reader.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => {
                at.rows += 1;
                at.at = message.offset() + 1;
                at.bytes += (message.payload_len() + message.key_len()) as u64;
                each(&message)?;
                last_row = Ticks::now();
            }
            // The end that counts is the one the library reports: a position never steps over the
            // marker that ends every transaction.
            Some(Err(KafkaError::PartitionEOF(_))) => break,
            Some(Err(error)) => {
                let doing = format!("reading the topic {} back (READ)", partition.topic);
                super::worker::passing(&doing, &error)?;
            }
            None => alive()?,
        }
        if at.rows.is_multiple_of(ALIVE_EVERY) {
            alive()?;
        }
        if last_told.elapsed() > Duration::from_secs(2) {
            tell(at);
            last_told = Ticks::now();
        }
        if last_row.elapsed() > STALLED {
            let detail = format!("no row of {partition} for {STALLED:?}");
            return Err(Fault::again("restore_stalled", detail));
        }
    }
    tell(at);
    Ok(())
}

/// Waits until every transaction below `end` is decided.
fn wait_until_settled(
    reader: &BaseConsumer<Listening>,
    partition: &Partition,
    end: i64,
    alive: &mut dyn FnMut() -> Result<(), Fault>,
) -> Result<(), Fault> {
    let began = Ticks::now();
    loop {
        // Asked for by a reader of committed records this is the last stable offset.
        let (_, stable) = reader
            .fetch_watermarks(&partition.topic, partition.number, CALL_MAX)
            .map_err(|error| Fault::of("asking for the stable end of a partition", &error))?;
        if stable >= end {
            return Ok(());
        }
        if began.elapsed() > OPEN_MAX {
            let detail = format!("a transaction on {partition} stays open below {end}");
            return Err(Fault::again("open_transaction", detail));
        }
        alive()?;
        std::thread::sleep(Duration::from_millis(100));
    }
}
