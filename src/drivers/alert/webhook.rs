//! Tells one webhook of every revision: reads `exceptions` in a group of its own, delivers in the order
//! that the lane says, and commits a position when everything before it was taken or put aside. A fault
//! of the brokers drops client and lane, and starts again from what is committed. Start at [`work`].

use std::collections::BTreeSet;
use std::time::{Duration, Instant as Ticks};

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::post::Outcome;
use super::reader::{self, CALL_MAX};
use super::{Given, Work};
use crate::alerting::{Lane, Place, Revision};
use crate::config::serve::alert::WebhookConfig;
use crate::domain::Instant;
use crate::domain::feed::Partition;
use crate::drivers::clock;
use crate::drivers::kafka::{EndCode, Fault, Heard, Listening, Turn, committed_positions, leave};
use crate::telemetry::board::Phase;

/// Records read in one turn.
const READ_MAX: usize = 1_000;
/// How long deliveries of one turn may take before the client is served again.
const DELIVER_MAX: Duration = Duration::from_millis(500);
/// How often positions are committed: what was taken since comes again after a kill.
const COMMIT_EVERY: Duration = Duration::from_millis(200);
/// After so many failures in a row a webhook is called down: one alone is not worth a line.
const DOWN_AFTER: u32 = 3;
/// Two words of displacement within this are of another process.
const DISPLACED_WITHIN: Duration = Duration::from_secs(120);
/// How long a turn without anything to deliver waits for a record.
const IDLE: Duration = Duration::from_millis(50);

/// A thread for a webhook.
pub(super) fn work(config: &WebhookConfig) -> (String, Box<dyn Work>) {
    let webhook = Webhook {
        config: config.clone(),
        is_failing: false,
        displaced: None,
    };
    (config.target.name.clone(), Box::new(webhook))
}

struct Webhook {
    config: WebhookConfig,
    is_failing: bool,
    /// When the group last said that another member has its name.
    displaced: Option<Ticks>,
}

/// What a life holds.
struct Life {
    consumer: BaseConsumer<Listening>,
    heard: Heard,
    lane: Lane,
    paused: BTreeSet<i32>,
    looked: Ticks,
    doing: String,
}

impl Work for Webhook {
    fn life(&mut self, given: &Given) -> Result<(), Fault> {
        let name = self.config.target.name.clone();
        if !given.wait_for_the_book(&name) {
            return Ok(());
        }
        given.board.entered(&name, Phase::Joining, Ticks::now());
        let mut life = self.open(given)?;
        let done = self.turns(given, &mut life);
        leave(life.consumer, ());
        self.unless_once(done)
    }
}

impl Webhook {
    fn turns(&mut self, given: &Given, life: &mut Life) -> Result<(), Fault> {
        loop {
            if given.is_stopping() {
                return life.commit(&given.config.exceptions);
            }
            given.board.turned(&self.config.target.name, Ticks::now());
            life.heard.refusal()?;
            while let Some(turn) = life.consumer.context().next_turn() {
                self.turned(given, life, turn)?;
            }
            self.read(given, life)?;
            self.deliver(given, life);
            if life.looked.elapsed() > COMMIT_EVERY {
                life.looked = Ticks::now();
                life.commit(&given.config.exceptions)?;
                self.show(given, life);
            }
        }
    }

    /// A member can be told of itself that another one has its name, after brokers went down while it
    /// joined. So it joins once more; if there is another process, that one joins too, and the second
    /// word within a while is the last.
    fn unless_once(&mut self, done: Result<(), Fault>) -> Result<(), Fault> {
        let is_displaced =
            matches!(&done, Err(Fault::End(ending)) if ending.code == EndCode::Displaced);
        if !is_displaced {
            return done;
        }
        let before = self.displaced.replace(Ticks::now());
        if before.is_some_and(|before| before.elapsed() < DISPLACED_WITHIN) {
            return done;
        }
        let detail = "another member of the group has this name; joining once more";
        Err(Fault::again("displaced", detail))
    }

    fn group(&self, given: &Given) -> String {
        format!("{}-{}", given.config.group, self.config.target.name)
    }

    fn open(&self, given: &Given) -> Result<Life, Fault> {
        let config = &given.config;
        let heard = Heard::default();
        let group = self.group(given);
        let consumer = reader::open(&reader::member(config, &group), &heard)?;
        consumer
            .subscribe(&[&config.exceptions])
            .map_err(|error| Fault::of("subscribing", &error))?;
        let route = self.config.target.route.clone();
        let mut lane = Lane::new(route.clone(), given.backoff, config.http.window);
        // What it was told before stands there, unless it has changed since.
        lane.knows(given.shared.book().of(&route).map(|revision| revision.id));
        Ok(Life {
            consumer,
            heard,
            lane,
            paused: BTreeSet::new(),
            looked: Ticks::now(),
            doing: reader::reading(config, &config.exceptions, &group),
        })
    }

    fn turned(&self, given: &Given, life: &mut Life, turn: Turn) -> Result<(), Fault> {
        let name = &self.config.target.name;
        match turn {
            Turn::Assigned(partitions) => {
                life.take_over(&partitions, self.config.from_beginning)?;
                let partitions = partitions.len();
                let phase = Phase::Running { partitions };
                given.board.entered(name, phase, Ticks::now());
            }
            Turn::Revoked { lost } => {
                if !lost {
                    life.commit(&given.config.exceptions)?;
                }
                life.lane.let_go();
                life.paused.clear();
                given.board.entered(name, Phase::Joining, Ticks::now());
                life.consumer
                    .unassign()
                    .map_err(|error| Fault::of("letting partitions go", &error))?;
            }
        }
        Ok(())
    }

    /// Reads what has come, as far as there is room.
    fn read(&self, given: &Given, life: &mut Life) -> Result<(), Fault> {
        life.balance(&given.config.exceptions)?;
        let mut wait = match life.lane.next(clock::now()) {
            Some(_) => Duration::ZERO,
            None => IDLE,
        };
        for _ in 0..READ_MAX {
            if life.consumer.context().is_turning() {
                break;
            }
            match life.consumer.poll(wait) {
                Some(Ok(message)) => {
                    let partition = message.partition();
                    self.note(given, &mut life.lane, &message);
                    drop(message);
                    if !life.lane.has_room(partition) {
                        life.balance(&given.config.exceptions)?;
                    }
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => life.lane.at_end(partition),
                Some(Err(error)) => {
                    reader::passing(&life.doing, &error)?;
                }
                None => break,
            }
            wait = Duration::ZERO;
        }
        Ok(())
    }

    fn note(&self, given: &Given, lane: &mut Lane, message: &BorrowedMessage<'_>) {
        let place = Place {
            partition: message.partition(),
            offset: message.offset(),
        };
        let since = Instant::from_millis(message.timestamp().to_millis().unwrap_or_default());
        let body = message.payload().unwrap_or_default();
        match Revision::read(body) {
            Ok(revision) => {
                lane.read(place, Some((&revision, body)), since);
            }
            Err(why) => {
                if lane.read(place, None, since) {
                    let target = self.config.target.name.as_str();
                    let Place { partition, offset } = place;
                    tracing::error!(receiver = target, partition, offset, "a record {why}");
                    given.metrics.alert_put_aside.add([target]);
                }
            }
        }
    }

    fn deliver(&mut self, given: &Given, life: &mut Life) {
        let began = Ticks::now();
        while began.elapsed() < DELIVER_MAX && !given.is_stopping() {
            if !self.deliver_one(given, &mut life.lane) {
                return;
            }
        }
    }

    fn deliver_one(&mut self, given: &Given, lane: &mut Lane) -> bool {
        let Some(next) = lane.next(clock::now()) else {
            return false;
        };
        let target = &self.config.target;
        let name = target.name.as_str();
        let (id, revision, place) = (next.id, next.revision, next.place);
        let key = format!("{id}/{revision}");
        match given.poster.post(target, &key, next.body) {
            Outcome::Taken => {
                given.metrics.alert_deliveries.add([name, "taken"]);
                if std::mem::take(&mut self.is_failing) {
                    tracing::info!(receiver = name, "a webhook takes revisions again");
                }
                lane.taken(id);
            }
            Outcome::Refused(status) => {
                given.metrics.alert_deliveries.add([name, "refused"]);
                given.metrics.alert_put_aside.add([name]);
                let Place { partition, offset } = place;
                tracing::error!(
                    receiver = name,
                    status,
                    key,
                    partition,
                    offset,
                    "a webhook refuses a revision for good: it is put aside. Look at the receiver's log, its key and its token; when that is mended, set the group's offset of this partition back to this one while this process is stopped"
                );
                lane.refused(id);
            }
            Outcome::Failed { why, at_least } => {
                given.metrics.alert_deliveries.add([name, "failed"]);
                lane.failed(id, at_least, clock::now());
                if lane.failures() >= DOWN_AFTER && !std::mem::replace(&mut self.is_failing, true) {
                    tracing::warn!(
                        receiver = name,
                        why,
                        "a webhook does not take revisions; trying on"
                    );
                }
            }
        }
        true
    }

    fn show(&self, given: &Given, life: &mut Life) {
        let name = self.config.target.name.as_str();
        given.show_waiting(name, life.lane.waiting(), life.lane.oldest());
        for _ in 0..life.lane.take_skipped() {
            given.metrics.alert_skipped.add([name]);
        }
        if life.lane.waiting() == 0 || !self.is_failing {
            given.board.committed(name, Ticks::now());
        }
    }
}

impl Life {
    /// Reads on from what the group has committed.
    fn take_over(&mut self, partitions: &[Partition], from_beginning: bool) -> Result<(), Fault> {
        self.lane.let_go();
        self.paused.clear();
        let committed = committed_positions(&self.consumer, partitions, &self.doing)?;
        let (mut start, mut new) = (TopicPartitionList::new(), TopicPartitionList::new());
        for partition in partitions {
            let (topic, number) = (partition.topic.as_str(), partition.number);
            let (low, high) = self
                .consumer
                .fetch_watermarks(topic, number, CALL_MAX)
                .map_err(|error| Fault::of("asking for the ends of a partition", &error))?;
            let at = match committed.get(partition).copied() {
                Some(at) if at < low => {
                    tracing::warn!(
                        topic,
                        number,
                        at,
                        low,
                        "retention has overtaken the position"
                    );
                    low
                }
                Some(at) => at,
                None => {
                    let at = if from_beginning { low } else { high };
                    // Committed at once: what follows rests on where a restart would begin.
                    new.add_partition_offset(topic, number, Offset::Offset(at))
                        .map_err(|error| Fault::of("choosing positions", &error))?;
                    at
                }
            };
            self.lane.assigned(number, at);
            start
                .add_partition_offset(topic, number, Offset::Offset(at))
                .map_err(|error| Fault::of("choosing positions", &error))?;
        }
        self.consumer
            .assign(&start)
            .map_err(|error| Fault::of("taking partitions over", &error))?;
        if new.count() > 0 {
            self.consumer
                .commit(&new, CommitMode::Sync)
                .map_err(|error| Fault::of("committing first positions", &error))?;
        }
        Ok(())
    }

    /// Stops reading partitions that have no room, and reads on those that have some again.
    fn balance(&mut self, topic: &str) -> Result<(), Fault> {
        let numbers: Vec<i32> = self.lane.partitions().collect();
        for number in numbers {
            let mut one = TopicPartitionList::new();
            one.add_partition(topic, number);
            let has_room = self.lane.has_room(number);
            let done = if has_room && self.paused.remove(&number) {
                self.consumer.resume(&one)
            } else if !has_room && self.paused.insert(number) {
                self.consumer.pause(&one)
            } else {
                Ok(())
            };
            done.map_err(|error| Fault::of("pausing a partition", &error))?;
        }
        Ok(())
    }

    fn commit(&mut self, topic: &str) -> Result<(), Fault> {
        let positions = self.lane.positions();
        if positions.is_empty() {
            return Ok(());
        }
        let mut list = TopicPartitionList::new();
        for (number, at) in &positions {
            list.add_partition_offset(topic, *number, Offset::Offset(*at))
                .map_err(|error| Fault::of("committing positions", &error))?;
        }
        self.consumer
            .commit(&list, CommitMode::Sync)
            .map_err(|error| Fault::of(&self.doing, &error))?;
        self.lane.committed(&positions);
        Ok(())
    }
}
