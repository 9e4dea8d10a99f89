//! What whoever reads in a consumer group does with it: asks how far the group has come, and leaves it.
//! Start at [`committed_positions`].

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::fault::Fault;
use super::listening::Listening;
use crate::domain::feed::Partition;

/// How long the group's own calls may take.
const CALL_MAX: Duration = Duration::from_secs(10);
/// How long a consumer may take to leave its group; it is not waited for any longer.
const LEAVES_WITHIN: Duration = Duration::from_secs(5);

/// The positions the group has committed, where it has; waits for transactions that are open.
pub fn committed_positions(
    consumer: &BaseConsumer<Listening>,
    partitions: &[Partition],
    doing: &str,
) -> Result<BTreeMap<Partition, i64>, Fault> {
    let mut list = TopicPartitionList::with_capacity(partitions.len());
    for partition in partitions {
        list.add_partition(&partition.topic, partition.number);
    }
    if partitions.is_empty() {
        return Ok(BTreeMap::new());
    }
    let told = consumer
        .committed_offsets(list, CALL_MAX)
        .map_err(|error| Fault::of(doing, &error))?;
    let mut committed = BTreeMap::new();
    for one in told.elements() {
        // A partition that could not be asked for is not one without a position.
        one.error().map_err(|error| Fault::of(doing, &error))?;
        if let Offset::Offset(next) = one.offset() {
            let partition = Partition {
                topic: one.topic().to_owned(),
                number: one.partition(),
            };
            committed.insert(partition, next);
        }
    }
    Ok(committed)
}

/// Lets go of a consumer and of what goes with it, which may wait for brokers that do not answer: for
/// a bounded time.
pub fn leave(consumer: BaseConsumer<Listening>, with: impl Send + 'static) {
    consumer.context().close();
    // The client does not close while an assignment that it told of is neither taken nor refused.
    if let Err(error) = consumer.unassign() {
        tracing::warn!(%error, "letting partitions go on leaving");
    }
    let (tell, gone) = mpsc::channel();
    let leaving = std::thread::Builder::new()
        .name("leaving".to_owned())
        .spawn(move || {
            drop((with, consumer));
            // Nobody listens any longer if it took too long.
            let _ = tell.send(());
        });
    if leaving.is_ok() && gone.recv_timeout(LEAVES_WITHIN).is_err() {
        tracing::warn!("a client has not closed in time and is not waited for");
    }
}
