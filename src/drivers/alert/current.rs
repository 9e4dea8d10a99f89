//! Follows what stands: reads `exceptions-current` from its beginning at every start, without a group
//! and without a position, and goes on with what comes. Its thread is the only one that writes the
//! book. Start at `Following`, and at [`read_once`] for a list.

use std::collections::BTreeSet;
use std::time::{Duration, Instant as Ticks};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::{CURRENT, Given, Work, ending_of, reader};
use crate::alerting::{Book, Revision};
use crate::config::serve::alert::AlertConfig;
use crate::domain::{ForceCode, Instant};
use crate::drivers::clock;
use crate::drivers::kafka::{Ending, Fault, Heard, Listening};
use crate::telemetry::board::Phase;

/// How often what closed a day ago is let go, and gauges are set.
const TIDY_EVERY: Duration = Duration::from_secs(5);
/// Without a record or an end for so long a list is given up.
const STALLED: Duration = Duration::from_secs(30);

/// The thread that follows.
pub(super) struct Following;

impl Work for Following {
    fn life(&mut self, given: &Given) -> Result<(), Fault> {
        let (config, board) = (&given.config, &given.board);
        board.entered(CURRENT, Phase::Joining, Ticks::now());
        let mut reading = Reading::open(config)?;
        let mut book = fresh();
        let of = reading.behind.len();
        let mut rows = 0;
        while !reading.behind.is_empty() {
            if given.is_stopping() {
                return Ok(());
            }
            rows += u64::from(reading.turn(&mut |taken| {
                put(&mut book, given, taken);
            })?);
            let done = of - reading.behind.len();
            board.entered(CURRENT, Phase::Restoring { done, of, rows }, Ticks::now());
        }
        tracing::info!(open = book.open().count(), rows, "what stands is read");
        given.shared.replace(book);
        board.entered(CURRENT, Phase::Running { partitions: of }, Ticks::now());
        let mut tidied: Option<Ticks> = None;
        let mut shown = BTreeSet::new();
        while !given.is_stopping() {
            reading.turn(&mut |taken| put(&mut given.shared.book(), given, taken))?;
            board.turned(CURRENT, Ticks::now());
            board.committed(CURRENT, Ticks::now());
            if tidied.is_none_or(|at| at.elapsed() > TIDY_EVERY) {
                tidied = Some(Ticks::now());
                tidy(given, &mut shown);
            }
        }
        Ok(())
    }
}

/// A book that takes nothing that closed more than a day ago.
fn fresh() -> Book {
    let mut book = Book::default();
    book.tidy(clock::now());
    book
}

/// Lets go of what is old, and shows how much is open; of a force that was shown and has nothing
/// open any longer that it is nothing.
fn tidy(given: &Given, shown: &mut BTreeSet<ForceCode>) {
    let sizes = {
        let mut book = given.shared.book();
        book.tidy(clock::now());
        book.sizes()
    };
    shown.extend(sizes.keys().cloned());
    for force in &*shown {
        let open = sizes.get(force).copied().unwrap_or(0);
        given.metrics.alert_open.set([force.as_str()], open as f64);
    }
}

/// What a record of the topic says.
enum Taken<'a> {
    /// A revision that was published then.
    Revision(Box<Revision>, Instant),
    /// The id is no longer published.
    Gone(uuid::Uuid),
    /// It cannot be read.
    Unreadable(&'a BorrowedMessage<'a>, String),
}

fn put(book: &mut Book, given: &Given, taken: Taken<'_>) {
    match taken {
        Taken::Revision(revision, at) => book.note(*revision, at),
        Taken::Gone(id) => book.forget(id),
        Taken::Unreadable(message, why) => {
            let (partition, offset) = (message.partition(), message.offset());
            tracing::error!(topic = message.topic(), partition, offset, "a record {why}");
            given.metrics.alert_put_aside.add([CURRENT]);
        }
    }
}

/// What stands, read once to its end, and how many records could not be read.
pub fn read_once(config: &AlertConfig) -> Result<(Book, usize), Ending> {
    let read = || -> Result<(Book, usize), Fault> {
        reader::preflight(config, &[&config.exceptions_current])?;
        let mut reading = Reading::open(config)?;
        let (mut book, mut unreadable) = (fresh(), 0);
        let mut last = Ticks::now();
        while !reading.behind.is_empty() {
            let before = reading.behind.len();
            let is_read = reading.turn(&mut |taken| match taken {
                Taken::Revision(revision, at) => book.note(*revision, at),
                Taken::Gone(id) => book.forget(id),
                Taken::Unreadable(..) => unreadable += 1,
            })?;
            if is_read || reading.behind.len() < before {
                last = Ticks::now();
            }
            if last.elapsed() > STALLED {
                let topic = &config.exceptions_current;
                let detail = format!("nothing more of {topic} for {STALLED:?}");
                return Err(Fault::again("stalled", detail));
            }
        }
        Ok((book, unreadable))
    };
    read().map_err(ending_of)
}

/// A reader of every partition, and which of them are not read to their end.
struct Reading {
    consumer: BaseConsumer<Listening>,
    heard: Heard,
    behind: BTreeSet<i32>,
    doing: String,
}

impl Reading {
    fn open(config: &AlertConfig) -> Result<Reading, Fault> {
        let heard = Heard::default();
        let consumer = reader::open(&reader::reader(config, &config.group), &heard)?;
        let topic = &config.exceptions_current;
        let numbers = reader::partitions(config, &consumer, topic)?;
        let mut list = TopicPartitionList::new();
        for number in &numbers {
            list.add_partition_offset(topic, *number, Offset::Beginning)
                .map_err(|error| Fault::of("choosing partitions", &error))?;
        }
        consumer
            .assign(&list)
            .map_err(|error| Fault::of("choosing partitions", &error))?;
        Ok(Reading {
            consumer,
            heard,
            behind: numbers.into_iter().collect(),
            doing: reader::reading(config, topic, &config.group),
        })
    }

    /// Waits a moment for a record; true if there was one.
    fn turn(&mut self, take: &mut dyn FnMut(Taken<'_>)) -> Result<bool, Fault> {
        self.heard.refusal()?;
        match self.consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => {
                take(taken(&message));
                Ok(true)
            }
            Some(Err(KafkaError::PartitionEOF(number))) => {
                self.behind.remove(&number);
                Ok(false)
            }
            Some(Err(error)) => {
                reader::passing(&self.doing, &error)?;
                Ok(false)
            }
            None => Ok(false),
        }
    }
}

fn taken<'a>(message: &'a BorrowedMessage<'a>) -> Taken<'a> {
    let at = Instant::from_millis(message.timestamp().to_millis().unwrap_or_default());
    match message.payload() {
        Some(bytes) => match Revision::read(bytes) {
            Ok(revision) => Taken::Revision(Box::new(revision), at),
            Err(why) => Taken::Unreadable(message, why.to_string()),
        },
        None => {
            let key = message.key().and_then(|key| std::str::from_utf8(key).ok());
            match key.and_then(|key| key.parse().ok()) {
                Some(id) => Taken::Gone(id),
                None => Taken::Unreadable(message, "has no value and no id as its key".to_owned()),
            }
        }
    }
}
