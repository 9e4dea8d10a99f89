//! `truecount generate`: traffic of a force that does not exist, with mistakes planted in it and a
//! key to them. Start at [`run`].

use std::io::BufWriter;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{DONE, Done, print};
use crate::domain::LondonDay;
use crate::drivers::files::CannotCheck;
use crate::drivers::generate::{Manifest, Pace, stream, write_folder};
use crate::generate::{Asked, Traffic};
use crate::reference::Library;

/// Reports a day on an average day, with what follows from them: a middling force's tenth, so that
/// a month is judged while one looks on.
pub(super) const THINGS_A_DAY: u32 = 150;
/// Seconds of a stream for one of ours: a day while one looks on.
pub(super) const SPEED: f64 = 600.0;
/// Before this day the undated rules of the current edition only advise.
const FIRST: LondonDay = LondonDay::of(2026, 4, 1);
/// The published calendar of bank holidays ends after this day.
const LAST: LondonDay = LondonDay::of(2028, 11, 30);

/// What `generate` is asked.
#[derive(Args)]
pub(super) struct Arguments {
    /// The force, by its code or name in the forces table
    #[arg(long, value_name = "F")]
    force: String,
    /// For how many days people report; their matters are followed to the end
    #[arg(long, value_name = "N", default_value_t = 30)]
    days: u32,
    /// What everything follows from: the same arguments give the same bytes
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The folder for records.jsonl, answer-key.jsonl and manifest.json
    #[arg(long, value_name = "DIR", required_unless_present = "stream")]
    out: Option<PathBuf>,
    /// The first day on which people report
    #[arg(long, value_name = "DAY", default_value = "2026-05-01")]
    from: String,
    /// Incidents and crimes in all, or in 30 days of a stream [default: 150 a day]
    #[arg(long, value_name = "N")]
    things: Option<u32>,
    /// The share of stories that go wrong, from 0 to 1
    #[arg(long, value_name = "RATE", default_value_t = 0.13)]
    defects: f64,
    /// The share of stories that only look as if, from 0 to 1
    #[arg(long, value_name = "RATE", default_value_t = 0.13)]
    near_misses: f64,
    /// The feed that publishes once a night instead of all day
    #[arg(long, value_name = "FEED")]
    nightly: Option<String>,
    /// Writes for ever to the standard output instead
    #[arg(long, conflicts_with_all = ["out", "days"])]
    stream: bool,
    /// How many seconds pass in a stream for one of ours [default: 600, a day in 144 seconds]
    #[arg(long, value_name = "X")]
    speed: Option<f64>,
    /// Stops the stream after so many seconds
    #[arg(long = "for", value_name = "SECONDS")]
    seconds: Option<u64>,
}

/// Writes a folder or a stream of generated traffic.
pub(super) fn run(arguments: &Arguments) -> Done {
    let asked = arguments.asked().map_err(CannotCheck::Setup)?;
    if arguments.stream {
        let pace = Pace {
            speed: arguments.speed.unwrap_or(SPEED),
            stop_after: arguments.seconds.map(Duration::from_secs),
        };
        let mut into = BufWriter::new(std::io::stdout().lock());
        let path = PathBuf::from("the standard output");
        return stream(asked, pace, &mut into)
            .map(|_| DONE)
            .map_err(|source| CannotCheck::Write { path, source });
    }
    let Some(folder) = &arguments.out else {
        return Err(CannotCheck::Setup(vec![
            "--out names the folder".to_owned(),
        ]));
    };
    let manifest = write_folder(folder, asked)?;
    print(&said_of(&manifest, folder));
    Ok(DONE)
}

fn said_of(manifest: &Manifest, folder: &std::path::Path) -> String {
    let Manifest {
        records, breaches, ..
    } = manifest;
    let folder = folder.display();
    format!(
        "{folder}: {records} records, {breaches} breaches in the key. Judge them with\n  \
         truecount check {folder}/records.jsonl --out {folder}/judged\n"
    )
}

impl Arguments {
    /// What is asked, or everything that is wrong with it.
    fn asked(&self) -> Result<Asked, Vec<String>> {
        let mut problems = Vec::new();
        force_is_known(&self.force, &mut problems);
        let from = LondonDay::parse(&self.from).unwrap_or_else(|| {
            problems.push(format!(
                "--from {}: expected a day such as 2026-05-01",
                self.from
            ));
            FIRST
        });
        self.lies_in_known_time(from, &mut problems);
        let feeds: Vec<&str> = Traffic::feeds().collect();
        if let Some(feed) = self.nightly.as_deref().filter(|feed| !feeds.contains(feed)) {
            problems.push(format!(
                "--nightly {feed}: the feeds are {}",
                feeds.join(", ")
            ));
        }
        let speed = self.speed.unwrap_or(SPEED);
        if !(speed.is_finite() && speed > 0.0) {
            problems.push(format!("--speed {speed}: expected a number above 0"));
        }
        // A folder is written at once, whatever its speed.
        if !self.stream && (self.speed.is_some() || self.seconds.is_some()) {
            problems.push("--speed and --for belong to a stream: add --stream".to_owned());
        }
        let defects = share("--defects", self.defects, &mut problems);
        let near_misses = share("--near-misses", self.near_misses, &mut problems);
        if self.defects + self.near_misses > 1.0 {
            problems.push("--defects and --near-misses are more than 1 together".to_owned());
        }
        for (argument, number) in [("--days", Some(self.days)), ("--things", self.things)] {
            if number == Some(0) {
                problems.push(format!("{argument} 0: expected at least 1"));
            }
        }
        let days = self.days.max(1);
        let things_a_day = self
            .things
            .map_or(THINGS_A_DAY, |all| all.div_ceil(days).max(1));
        let asked = Asked {
            force: self.force.as_str().into(),
            from,
            days: (!self.stream).then_some(days),
            seed: self.seed,
            things_a_day,
            defects,
            near_misses,
            nightly: self.nightly.as_deref().map(Into::into),
        };
        if problems.is_empty() {
            Ok(asked)
        } else {
            Err(problems)
        }
    }

    /// The key says what is a breach, so what it speaks of must lie where breaches are ones and
    /// where the days that people work are published.
    fn lies_in_known_time(&self, from: LondonDay, problems: &mut Vec<String>) {
        let mut last = from;
        for _ in 0..self.days.min(2_000) {
            last = last.next();
        }
        if from < FIRST || last > LAST {
            problems.push(format!(
                "--from and --days: expected days from {FIRST} to {LAST}"
            ));
        }
    }
}

/// A force that is asked for has to be one that the rules can look up.
pub(super) fn force_is_known(force: &str, problems: &mut Vec<String>) {
    let is_known = Library::shipped("national").is_ok_and(|library| library.force(force).is_some());
    if !is_known {
        problems.push(format!(
            "--force {force}: the forces table has no such force; use a code or name of it, \
             such as northamptonshire"
        ));
    }
}

/// A share of stories, in millionths.
pub(super) fn share(argument: &str, share: f64, problems: &mut Vec<String>) -> u32 {
    if !(0.0..=1.0).contains(&share) {
        problems.push(format!("{argument} {share}: expected a share from 0 to 1"));
        return 0;
    }
    // Between 0 and a million, so nothing is cut off but the fraction.
    (share * 1_000_000.0).round() as u32
}
