//! Generated traffic on its way out: into a folder with its key, or for ever to a reader at a chosen
//! speed. Makes nothing up itself. Start at [`write_folder`] and [`stream`].

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant as Clock};

use serde::Serialize;

use super::files::CannotCheck;
use crate::domain::LondonDay;
use crate::domain::names::{ForceCode, RecordKind};
use crate::generate::{Asked, Planted, Tallies, Traffic, plants};

/// What a folder of generated traffic says of itself.
#[derive(Debug, Serialize)]
pub struct Manifest {
    /// The force.
    pub force: ForceCode,
    /// What every draw followed from.
    pub seed: u64,
    /// The first day on which somebody reported.
    pub from: LondonDay,
    /// For how many days.
    pub days: Option<u32>,
    /// Lines of `records.jsonl`.
    pub records: u64,
    /// Lines of `answer-key.jsonl`.
    pub breaches: u64,
    /// How much was planted, by rule and kind.
    pub planted: Tallies,
}

/// Writes `records.jsonl`, `answer-key.jsonl` and `manifest.json` into a folder.
pub fn write_folder(folder: &Path, asked: Asked) -> Result<Manifest, CannotCheck> {
    fs::create_dir_all(folder).map_err(|source| cannot_write(folder, source))?;
    let mut traffic = Traffic::new(asked.clone());
    let path = folder.join("records.jsonl");
    let records = lines(&path, traffic.by_ref().map(|published| published.record))?;
    let mut key = traffic.take_planted();
    key.sort_by(|left, right| place(left).cmp(&place(right)));
    let path = folder.join("answer-key.jsonl");
    let breaches = lines(&path, key.into_iter())?;
    let manifest = Manifest {
        force: asked.force,
        seed: asked.seed,
        from: asked.from,
        days: asked.days,
        records,
        breaches,
        planted: traffic.tallies().clone(),
    };
    let path = folder.join("manifest.json");
    let mut text = serde_json::to_vec_pretty(&manifest).expect("a manifest can be written");
    text.push(b'\n');
    fs::write(&path, text).map_err(|source| cannot_write(&path, source))?;
    Ok(manifest)
}

/// The order of the key, which is that of `judgements.jsonl`.
fn place(line: &Planted) -> (RecordKind, &str, Option<usize>, &str) {
    let (reference, duty) = (line.reference.as_str(), line.obligation.as_str());
    let rule = plants::ALL.iter().position(|aim| aim.rule == line.rule);
    (line.record, reference, rule, duty)
}

fn lines<T: Serialize>(path: &Path, all: impl Iterator<Item = T>) -> Result<u64, CannotCheck> {
    let written = File::create(path).and_then(|file| {
        let mut file = BufWriter::with_capacity(1 << 16, file);
        let mut count = 0;
        for one in all {
            line(&mut file, &one)?;
            count += 1;
        }
        file.flush().map(|()| count)
    });
    written.map_err(|source| cannot_write(path, source))
}

fn line<T: Serialize>(into: &mut impl Write, one: &T) -> std::io::Result<()> {
    serde_json::to_writer(&mut *into, one)?;
    into.write_all(b"\n")
}

fn cannot_write(path: &Path, source: std::io::Error) -> CannotCheck {
    CannotCheck::Write {
        path: path.to_owned(),
        source,
    }
}

/// How fast time goes by in a stream, and for how long of ours.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pace {
    /// Seconds of the records for one of ours.
    pub speed: f64,
    /// When to stop; never if none is given.
    pub stop_after: Option<Duration>,
}

/// Writes records as their time comes, until the reader goes away or the time is over. A reader that
/// goes away is no fault.
pub fn stream(asked: Asked, pace: Pace, into: &mut impl Write) -> std::io::Result<u64> {
    let began = Clock::now();
    let start = asked.from.start();
    let mut traffic = Traffic::new(Asked {
        days: None,
        ..asked
    });
    let mut written = 0;
    loop {
        let Some(published) = traffic.next() else {
            return Ok(written);
        };
        // Nobody reads a key to a stream, and it must not grow.
        traffic.take_planted();
        let since = published.at.since(start).whole_seconds();
        // At a crawl the next record may be further off than a span can say.
        let due = Duration::try_from_secs_f64((since as f64 / pace.speed).max(0.0))
            .unwrap_or(Duration::MAX);
        if pace.stop_after.is_some_and(|stop| due > stop) {
            into.flush()?;
            return Ok(written);
        }
        let early = due.saturating_sub(began.elapsed());
        if !early.is_zero() {
            into.flush()?;
            std::thread::sleep(early);
        }
        match line(into, &published.record) {
            Err(gone) if gone.kind() == std::io::ErrorKind::BrokenPipe => return Ok(written),
            done => done?,
        }
        written += 1;
    }
}
