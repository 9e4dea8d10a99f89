//! The transactional loop, one for both stages: an operating system thread that polls, hands records
//! to its stage, and commits outputs, state and positions together or not at all. Crash-only: any
//! fault drops the stage's state, the producer and the consumer, and starts again from the broker's
//! truth.
//!
//! The order of a turn, first that applies: a request to stop; a change of what is owned; a batch that
//! is due; what no record may interrupt; the next record, or what waits for none. Stopping goes before rebalancing, since letting
//! go commits too; both go before records, so that none is taken for a partition that was lost.
//! Start at [`Worker::run`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant as Ticks};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::client::Clients;
use super::fault::{Again, EndCode, Ending, Fault, Needs};
use super::fence::{Membership, membership};
use super::group::{committed_positions, leave};
use super::heard::Heard;
use super::listening::{Listening, Turn};
use super::outbox::Outbox;
use super::restarts::Restarts;
use super::stage::{Idle, Input, Stage};
use crate::domain::feed::Partition;

/// How long a poll waits at the most: the grain of a batch's end.
const POLL: Duration = Duration::from_millis(20);
/// After two signs of life a member has heard that another took its place.
const DISPLACED_AFTER: Duration = Duration::from_secs(5);
/// An idle worker commits once an hour, so that its transactional id, which the broker forgets after a
/// week, stays known.
const IDLE_COMMIT: Duration = Duration::from_secs(3600);

/// What bounds a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// From the first record of a transaction to its commit.
    pub interval: Duration,
    /// Records read in one transaction.
    pub records_max: u64,
    /// Bytes read and written in one transaction.
    pub bytes_max: u64,
    /// Restarts within an hour after which the process ends, so that its unit decides.
    pub restarts_max: usize,
}

/// What the people who run the service want to know of a worker; all of it cheap.
pub(super) trait Watch: Send + Sync {
    /// The loop turned.
    fn turned(&self, stage: &'static str);
    /// It starts, for the `start`th time without a commit between.
    fn started(&self, stage: &'static str, again: Option<&Again>);
    /// Partitions were given to it, and what it keeps of them is restored.
    fn took_over(&self, stage: &'static str, partitions: usize);
    /// Everything was taken from it.
    fn let_go(&self, stage: &'static str, lost: bool);
    /// Everything was read and there is nothing to commit.
    fn idle(&self, stage: &'static str);
    /// How far this machine's clock is ahead of the broker's, in milliseconds.
    fn clock_skew(&self, millis: i64);
    /// A transaction was committed.
    fn committed(&self, stage: &'static str, read: u64, written: u64, took: Duration);
}

/// One stage at work on its thread.
pub(super) struct Worker<S> {
    stage: S,
    clients: Clients,
    bounds: Bounds,
    watch: Arc<dyn Watch>,
    stop: Arc<AtomicBool>,
}

/// What one life of a worker holds: all of it is dropped together.
struct Life {
    consumer: BaseConsumer<Listening>,
    outbox: Outbox,
    heard: Heard,
    member: Option<Membership>,
    batch: Batch,
    /// The next record of each owned partition.
    next: BTreeMap<Partition, i64>,
    last_commit: Ticks,
    /// The stage goes on before a record is taken: also first of all after it took over.
    more: bool,
}

/// What was read since the last commit.
#[derive(Default)]
struct Batch {
    began: Option<Ticks>,
    records: u64,
    bytes: u64,
}

/// Why the loop wakes; a closed list, in the order in which it is asked.
enum Wake {
    /// The process was asked to stop.
    Stop,
    /// What it owns changes.
    Turn(Turn),
    /// A batch has lasted or grown long enough.
    Due,
    /// The stage has begun something that no record may interrupt.
    More,
    /// There may be a record.
    Poll,
}

impl<S: Stage> Worker<S> {
    /// A worker that has not started.
    pub(super) fn new(
        stage: S,
        clients: Clients,
        bounds: Bounds,
        watch: Arc<dyn Watch>,
        stop: Arc<AtomicBool>,
    ) -> Worker<S> {
        Worker {
            stage,
            clients,
            bounds,
            watch,
            stop,
        }
    }

    /// Works until it is asked to stop or cannot go on.
    pub(super) fn run(mut self) -> Ending {
        let mut starts: u32 = 0;
        let mut restarts = Restarts::default();
        let mut because: Option<Again> = None;
        loop {
            self.watch.started(S::NAME, because.as_ref());
            let began = Ticks::now();
            let mut has_committed = false;
            match self.live(&mut has_committed) {
                Ok(()) => {
                    let says = format!("{} has drained and stopped", S::NAME);
                    let code = EndCode::Done;
                    return Ending { code, says };
                }
                Err(Fault::End(ending)) => return ending,
                Err(Fault::Denied(denied)) => return denied.ending(Some(&self.needs())),
                Err(Fault::Again(_)) if self.stop.load(Ordering::Relaxed) => {
                    let says = format!("{} stopped while it started again", S::NAME);
                    let code = EndCode::Done;
                    return Ending { code, says };
                }
                Err(Fault::Again(again)) => {
                    starts = if has_committed { 1 } else { starts + 1 };
                    tracing::warn!(stage = S::NAME, because = again.because, detail = %again.detail,
                        starts, "the worker starts again from what the broker holds");
                    if restarts.note(Ticks::now()) > self.bounds.restarts_max {
                        let says = format!(
                            "{} had to start again more than {} times within an hour \
                             (service.restarts_max); the last time because: {}",
                            S::NAME,
                            self.bounds.restarts_max,
                            again.detail
                        );
                        let code = EndCode::Failed;
                        return Ending { code, says };
                    }
                    because = Some(again);
                }
            }
            self.stage.let_go();
            self.watch.let_go(S::NAME, true);
            // A second at the most, so that a broker that is up for a moment is met.
            let pause = Duration::from_millis(50 * u64::from(starts.min(20)));
            std::thread::sleep(pause.saturating_sub(began.elapsed()));
        }
    }

    /// What it needs rights to, for the person who grants them.
    fn needs(&self) -> Needs {
        Needs {
            topics: self.stage.reads(),
            group: self.clients.group(S::NAME),
            transactional_id: self.clients.transactional_id(S::NAME),
            principal: self.clients.principal().to_owned(),
        }
    }

    /// One life: from a new producer and consumer to the first fault or the end.
    fn live(&mut self, has_committed: &mut bool) -> Result<(), Fault> {
        let heard = Heard::default();
        let consumer: BaseConsumer<Listening> = self
            .clients
            .consumer(S::NAME)
            .create_with_context(Listening::new(heard.clone()))
            .map_err(|error| Fault::of("opening the consumer", &error))?;
        let topics = self.stage.reads();
        let names: Vec<&str> = topics.iter().map(String::as_str).collect();
        consumer
            .subscribe(&names)
            .map_err(|error| Fault::of("subscribing", &error))?;
        // The group first: a process that this one replaces hears of it there before its producer is
        // fenced, and ends instead of fencing this one. Nothing is taken over before the first poll.
        let outbox = Outbox::open(&self.clients.producer(S::NAME), &heard, &self.stop);
        let outbox = match outbox {
            Ok(outbox) => outbox,
            Err(fault) => {
                leave(consumer, ());
                return Err(fault);
            }
        };
        let mut life = Life {
            consumer,
            outbox,
            heard,
            member: None,
            batch: Batch::default(),
            next: BTreeMap::new(),
            last_commit: Ticks::now(),
            more: false,
        };
        let ended = self.turns(&mut life, has_committed);
        let ended = life.was_displaced(ended);
        let ended = life.unless_by_itself(ended, self.stage.writes());
        leave(life.consumer, life.outbox);
        ended
    }

    fn turns(&mut self, life: &mut Life, has_committed: &mut bool) -> Result<(), Fault> {
        loop {
            self.watch.turned(S::NAME);
            life.heard.refusal()?;
            let commits = life.last_commit;
            match life.wake(&self.stop, self.bounds) {
                Wake::Stop => return self.commit(life),
                Wake::Turn(turn) => self.turn(life, turn)?,
                Wake::Due => {
                    self.commit(life)?;
                    self.go_on(life, false)?;
                }
                Wake::More => self.go_on(life, false)?,
                Wake::Poll => self.poll(life)?,
            }
            *has_committed |= life.last_commit != commits;
        }
    }

    fn poll(&mut self, life: &mut Life) -> Result<(), Fault> {
        match life.consumer.poll(POLL.min(self.bounds.interval)) {
            Some(Ok(message)) => {
                let input = Input::of(&message);
                if life.batch.note(&mut life.next, &input) {
                    self.stage.take(&input, &mut life.outbox)?;
                }
                return Ok(());
            }
            None | Some(Err(KafkaError::PartitionEOF(_))) => {}
            Some(Err(error)) => passing("reading", &error)?,
        }
        self.go_on(life, true)
    }

    /// Lets the stage do what waits for no record, and commits when it has written something.
    fn go_on(&mut self, life: &mut Life, is_quiet: bool) -> Result<(), Fault> {
        if life.member.is_none() {
            return Ok(());
        }
        let read_to = life.consumer.context().take_read_to();
        let idle = Idle {
            read_to: &read_to,
            positions: &life.next,
            is_quiet,
        };
        life.more = self.stage.go_on(&idle, &mut life.outbox)?;
        if life.outbox.is_open() {
            life.batch.began.get_or_insert_with(Ticks::now);
        } else if is_quiet && life.batch.records == 0 {
            self.watch.idle(S::NAME);
        }
        if life.more {
            self.commit(life)?;
        }
        Ok(())
    }

    fn turn(&mut self, life: &mut Life, turn: Turn) -> Result<(), Fault> {
        match turn {
            Turn::Revoked { lost } => {
                if lost {
                    return Err(Fault::again(
                        "assignment_lost",
                        "the group went on without it",
                    ));
                }
                self.commit(life)?;
                self.stage.let_go();
                self.watch.let_go(S::NAME, false);
                life.member = None;
                life.next.clear();
                life.consumer
                    .unassign()
                    .map_err(|error| Fault::of("letting partitions go", &error))
            }
            Turn::Assigned(partitions) => self.take_over(life, &partitions),
        }
    }

    /// Takes partitions over: the producer is opened already, so that whoever wrote before is fenced;
    /// then the committed positions; then what was kept; then the first record.
    fn take_over(&mut self, life: &mut Life, partitions: &[Partition]) -> Result<(), Fault> {
        let member = membership(&life.consumer);
        let doing = "asking for committed positions";
        let committed = committed_positions(&life.consumer, partitions, doing)?;
        let (consumer, heard) = (&life.consumer, &life.heard);
        let (watch, stop) = (&self.watch, &self.stop);
        let mut alive = || {
            watch.turned(S::NAME);
            heard.refusal()?;
            if stop.load(Ordering::Relaxed) {
                return Err(Fault::again("stopping", "asked to stop while restoring"));
            }
            if let Some(Err(error)) = consumer.poll(Duration::ZERO) {
                passing("restoring", &error)?;
            }
            if consumer.context().is_turning() || member != membership(consumer) {
                let detail = "the group changed while restoring";
                return Err(Fault::again("generation", detail));
            }
            Ok(())
        };
        let start = self.stage.take_over(partitions, &committed, &mut alive)?;
        let mut list = TopicPartitionList::with_capacity(start.len());
        for (partition, next) in &start {
            list.add_partition_offset(&partition.topic, partition.number, Offset::Offset(*next))
                .map_err(|error| Fault::of("assigning partitions", &error))?;
        }
        life.consumer
            .assign(&list)
            .map_err(|error| Fault::of("assigning partitions", &error))?;
        life.member = member.filter(Membership::can_be_fenced);
        if life.member.is_none() {
            return Err(Fault::again("generation", "assigned without a generation"));
        }
        life.next = start;
        life.more = true;
        self.watch.took_over(S::NAME, partitions.len());
        Ok(())
    }

    fn commit(&mut self, life: &mut Life) -> Result<(), Fault> {
        let idle_for_long = life.member.is_some() && life.last_commit.elapsed() > IDLE_COMMIT;
        let is_empty = life.batch.records == 0 && !life.outbox.is_open();
        let Some(member) = life.member.clone().filter(|_| !is_empty || idle_for_long) else {
            life.batch = Batch::default();
            return Ok(());
        };
        let batch = std::mem::take(&mut life.batch);
        self.stage.close(&life.next, &mut life.outbox)?;
        // Every owned position, also one that did not move: positions carry the fence.
        let committed = life.outbox.commit(&life.next, &life.consumer, &member)?;
        life.last_commit = Ticks::now();
        self.stage.committed(&life.next);
        self.watch
            .committed(S::NAME, batch.records, committed.records, committed.took);
        if let Some(millis) = life.outbox.clock_skew() {
            self.watch.clock_skew(millis);
        }
        if committed.was_slow {
            let detail = format!("a commit took {:?}", committed.took);
            return Err(Fault::again("slow_commit", detail));
        }
        Ok(())
    }
}

impl Life {
    fn wake(&self, stop: &AtomicBool, bounds: Bounds) -> Wake {
        if stop.load(Ordering::Relaxed) {
            Wake::Stop
        } else if let Some(turn) = self.consumer.context().next_turn() {
            Wake::Turn(turn)
        } else if self.is_due(bounds) {
            Wake::Due
        } else if self.more {
            Wake::More
        } else {
            Wake::Poll
        }
    }

    /// A producer is fenced by a slow broker as well as by another process. The group knows which: it
    /// answers the next sign of life of a member that was replaced.
    fn was_displaced(&self, ended: Result<(), Fault>) -> Result<(), Fault> {
        let Err(Fault::Again(again)) = &ended else {
            return ended;
        };
        // Which call hears of it first is chance, and not each says why.
        let is_fenced = again.because == "fenced" || self.outbox.is_fenced();
        let asked = Ticks::now();
        loop {
            if let Some((Code::FencedInstanceId, reason)) = self.consumer.client().fatal_error() {
                let error = KafkaError::MessageConsumptionFatal(Code::FencedInstanceId);
                tracing::error!(reason, "another process took this one's place in the group");
                return Err(Fault::of("in the group", &error));
            }
            if !is_fenced || asked.elapsed() > DISPLACED_AFTER {
                return ended;
            }
            let _ = self.consumer.poll(POLL);
        }
    }

    /// A member can be told of itself that another one has its name: its request to join was answered to
    /// nobody, since the broker went down, and its own next request took the place of the first. Another
    /// process opens a producer of the same name right after it joins; where none is opened there is none.
    fn unless_by_itself(&mut self, ended: Result<(), Fault>, topic: &str) -> Result<(), Fault> {
        let is_displaced =
            matches!(&ended, Err(Fault::End(ending)) if ending.code == EndCode::Displaced);
        if !is_displaced || self.outbox.is_replaced(topic, DISPLACED_AFTER) {
            return ended;
        }
        let detail = "the group has another member of this name, and nobody writes under it";
        Err(Fault::again("displaced_by_itself", detail))
    }

    fn is_due(&self, bounds: Bounds) -> bool {
        let bytes = self.batch.bytes + self.outbox.bytes();
        let full = self.batch.records >= bounds.records_max || bytes >= bounds.bytes_max;
        let old = self
            .batch
            .began
            .is_some_and(|began| began.elapsed() >= bounds.interval);
        full || old || (self.member.is_some() && self.last_commit.elapsed() > IDLE_COMMIT)
    }
}

impl Batch {
    /// Notes a record; false if it stands before the position, which the client may hand over again
    /// around an assignment.
    fn note(&mut self, next: &mut BTreeMap<Partition, i64>, input: &Input<'_>) -> bool {
        let Some(position) = next.get_mut(&input.partition) else {
            return false;
        };
        if input.offset < *position {
            return false;
        }
        *position = input.offset + 1;
        self.began.get_or_insert_with(Ticks::now);
        self.records += 1;
        self.bytes += input.bytes();
        true
    }
}

/// Most errors of a poll are the client telling that it tries again.
pub(super) fn passing(doing: &str, error: &KafkaError) -> Result<(), Fault> {
    match super::fault::code_of(error) {
        Some(
            Code::BrokerTransportFailure
            | Code::AllBrokersDown
            | Code::Resolve
            | Code::OperationTimedOut
            | Code::UnknownTopicOrPartition
            | Code::Authentication
            | Code::SSL,
        ) => Ok(()),
        Some(Code::AutoOffsetReset | Code::OffsetOutOfRange) => Err(Fault::end(
            EndCode::Inconsistent,
            format!(
                "a position lies outside what the topic still has ({error}): retention ate records \
                 that were not read, or the topic was made anew. Nothing was skipped and nothing \
                 judged on it. Restore the topic, or decide where to read on by setting the offsets \
                 of the consumer group while the service is stopped"
            ),
        )),
        _ => Err(Fault::of(doing, error)),
    }
}
