//! What the transactional loop asks of a stage: what it reads, what it does with a record, what it
//! keeps. A stage never sees a transaction; the loop never sees what a record means. Start at
//! [`Stage`].

use std::collections::BTreeMap;

use rdkafka::message::{BorrowedMessage, Headers, Message, Timestamp};

use super::fault::Fault;
use super::listening::ReadTo;
use super::outbox::Outbox;
use crate::domain::Instant;
use crate::domain::feed::Partition;

/// The name of the stage that takes in.
pub(super) const INTAKE: &str = "intake";
/// The name of the stage that judges.
pub(super) const VALIDATION: &str = "validation";

/// One half of the service: intake or validation.
pub(super) trait Stage {
    /// Its name: in the consumer group, the transactional id, metrics and logs.
    const NAME: &'static str;

    /// The topics it reads.
    fn reads(&self) -> Vec<String>;

    /// A topic that it writes to.
    fn writes(&self) -> &str;

    /// Takes over partitions: restores what it keeps of them, and says where to read on. `alive` is
    /// called now and then, so that the group does not take the worker for dead.
    fn take_over(
        &mut self,
        partitions: &[Partition],
        committed: &BTreeMap<Partition, i64>,
        alive: &mut dyn FnMut() -> Result<(), Fault>,
    ) -> Result<BTreeMap<Partition, i64>, Fault>;

    /// Lets go of everything it keeps.
    fn let_go(&mut self);

    /// Takes one record.
    fn take(&mut self, input: &Input<'_>, outbox: &mut Outbox) -> Result<(), Fault>;

    /// Does what waits for no record: goes on judging again, makes proofs, answers a question. True if
    /// there is more of it at once.
    fn go_on(&mut self, turn: &Idle<'_>, outbox: &mut Outbox) -> Result<bool, Fault>;

    /// Writes what it keeps, as the last records of a transaction.
    fn close(
        &mut self,
        positions: &BTreeMap<Partition, i64>,
        outbox: &mut Outbox,
    ) -> Result<(), Fault>;

    /// What was written since the last commit is visible now.
    fn committed(&mut self, positions: &BTreeMap<Partition, i64>);
}

/// What the loop tells a stage between two records.
pub(super) struct Idle<'a> {
    /// How far the client library has read each partition, where it said so since the last turn.
    pub read_to: &'a BTreeMap<Partition, ReadTo>,
    /// The next record to read of each partition that was read from.
    pub positions: &'a BTreeMap<Partition, i64>,
    /// True if the last poll gave no record.
    pub is_quiet: bool,
}

/// One record as it was read.
pub(super) struct Input<'a> {
    /// Where it stands.
    pub partition: Partition,
    /// Its offset.
    pub offset: i64,
    /// When the broker appended it, else when its producer made it.
    pub appended_at: Option<Instant>,
    /// Its key.
    pub key: Option<&'a [u8]>,
    /// Its value; none is a tombstone.
    pub value: Option<&'a [u8]>,
    /// Its headers.
    pub headers: Vec<(&'a str, &'a [u8])>,
}

impl<'a> Input<'a> {
    /// A record of the client library.
    pub(super) fn of(message: &'a BorrowedMessage<'_>) -> Input<'a> {
        let appended_at = match message.timestamp() {
            Timestamp::LogAppendTime(at) => Some(Instant::from_millis(at)),
            Timestamp::CreateTime(_) | Timestamp::NotAvailable => None,
        };
        let headers = message.headers().map_or_else(Vec::new, |headers| {
            headers
                .iter()
                .map(|header| (header.key, header.value.unwrap_or_default()))
                .collect()
        });
        Input {
            partition: Partition {
                topic: message.topic().to_owned(),
                number: message.partition(),
            },
            offset: message.offset(),
            appended_at,
            key: message.key(),
            value: message.payload(),
            headers,
        }
    }

    /// How many bytes it takes.
    pub(super) fn bytes(&self) -> u64 {
        let length = |bytes: Option<&[u8]>| bytes.map_or(0, <[u8]>::len) as u64;
        length(self.key) + length(self.value)
    }
}
