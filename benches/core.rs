//! How fast the core judges: generated records of one force, judged beside decoding alone and beside
//! a bare parse of the same bytes, and how much memory a thing takes with its facts. One run, one
//! thread, processor time of this process; compare the ratios, not the seconds.
//!
//! `cargo bench --bench core` for 10 000, 100 000 and 1 000 000 records; `-- 50000` for others.
//! The memory is what the process grows by while it judges, as `/proc/self/statm` tells it.
#![allow(missing_docs, reason = "a bench has no reader of its documentation")]

#[path = "support/traffic.rs"]
mod traffic;

use std::time::Duration;

use cpu_time::ProcessTime;
use truecount::domain::feed::Partition;
use truecount::domain::records::{Block, BlockSet, Record};
use truecount::domain::{Feed, Feeds, Instant, LondonDay};
use truecount::generate::Traffic;
use truecount::intake;
use truecount::reference::Library;
use truecount::validation::{Disposition, Effect, Entry, Position, RuleSet, Settings, Validation};
use truecount::wire::json::decode;

use traffic::{FORCE, records};

fn main() {
    let asked: Vec<usize> = std::env::args()
        .filter_map(|word| word.parse().ok())
        .collect();
    let sizes = if asked.is_empty() {
        vec![10_000, 100_000, 1_000_000]
    } else {
        asked
    };
    println!(
        "{:>9} {:>6} {:>8} {:>9} {:>9} {:>9} {:>12} {:>8} {:>9} {:>9}",
        "records",
        "MB",
        "things",
        "parse s",
        "decode s",
        "judge s",
        "records/s",
        "÷ parse",
        "÷ decode",
        "B/thing"
    );
    for size in sizes {
        measure(size);
    }
}

fn measure(size: usize) {
    let records = records(size).take(size);
    let lines: Vec<Vec<u8>> = records.map(|(_, line)| line).collect();
    let bytes: usize = lines.iter().map(Vec::len).sum();
    let (parse, _) = timed(|| {
        for line in &lines {
            let value: serde_json::Value =
                serde_json::from_slice(line).expect("it was just written");
            std::hint::black_box(value);
        }
    });
    let (decoding, _) = timed(|| {
        for line in &lines {
            std::hint::black_box(decode(line).expect("generated records are well formed"));
        }
    });
    let before = resident();
    let (judging, validation) = timed(|| judge(&lines));
    let grown = resident().saturating_sub(before);
    let things: usize = validation.forces().map(|force| force.things()).sum();
    println!(
        "{:>9} {:>6} {:>8} {:>9.2} {:>9.2} {:>9.2} {:>12.0} {:>8.2} {:>9.2} {:>9}",
        lines.len(),
        bytes / 1_000_000,
        things,
        parse.as_secs_f64(),
        decoding.as_secs_f64(),
        judging.as_secs_f64(),
        lines.len() as f64 / judging.as_secs_f64(),
        judging.as_secs_f64() / parse.as_secs_f64(),
        judging.as_secs_f64() / decoding.as_secs_f64(),
        grown / things.max(1),
    );
}

fn judge(lines: &[Vec<u8>]) -> Validation {
    let library = Library::shipped("national").expect("it is shipped");
    let mut validation = Validation::new(RuleSet::of(library), Settings::default());
    let feeds = feeds();
    let declared = Entry::Declared {
        force: FORCE.into(),
        feeds: feeds.clone(),
    };
    validation.step(Position::default(), declared);
    let mut applied = 0u64;
    for (offset, line) in lines.iter().enumerate() {
        let record = decode(line)
            .expect("generated records are well formed")
            .record;
        intake::admit(&record, Instant::END, &feeds, true).expect("and may be sent");
        let partition = partition(&record);
        let entry = Entry::Record {
            record,
            arrival: Instant::END,
            partition,
            from: None,
        };
        let position = Position {
            partition: 0,
            offset: offset as u64,
        };
        for effect in validation.step(position, entry) {
            if effect == Effect::Counted(Disposition::Applied) {
                applied += 1;
            }
        }
    }
    assert!(applied * 2 > lines.len() as u64, "most records are applied");
    validation
}

fn feeds() -> Feeds {
    let owner = |block: Block| match block {
        Block::VictimCare => "victim-hub",
        block if block.kind().as_str() == "incident" => "cad",
        _ => "rms",
    };
    let feeds = Traffic::feeds().map(|name| {
        let owned: Vec<Block> = Block::EVERY
            .iter()
            .copied()
            .filter(|block| owner(*block) == name)
            .collect();
        Feed {
            name: name.into(),
            owns: BlockSet::of(&owned),
            covers_from: Some(LondonDay::of(2013, 1, 1).start()),
            not_carried: Vec::new(),
            partitions: vec![Partition {
                topic: name.to_owned(),
                number: 0,
            }],
            promise: None,
        }
    });
    Feeds::declared(feeds.collect())
}

fn partition(record: &Record) -> Partition {
    Partition {
        topic: record.head().source.to_string(),
        number: 0,
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = ProcessTime::now();
    let result = work();
    (start.elapsed(), result)
}

/// Bytes of memory the process holds.
fn resident() -> usize {
    const PAGE: usize = 4096;
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or_default() * PAGE
}
