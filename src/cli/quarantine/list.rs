//! `truecount quarantine list`: a line for each record that was set aside. Start at [`run`].

use clap::Args;
use serde_json::json;

use super::{File, Stopped, print, word};
use crate::cli::DONE;
use crate::cli::arguments::instant;
use crate::cli::progress::over_records;
use crate::domain::names::{ForceCode, Source};
use crate::domain::{Instant, Reason};
use crate::drivers::files::CannotCheck;
use crate::drivers::kafka::quarantine::{Kept, Quarantine};
use crate::report::set_aside::{Listed, nothing, table};
use crate::wire::published::Quarantined;

/// What `list` is asked.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    file: File,
    /// Those of this force
    #[arg(long, value_name = "F")]
    force: Option<String>,
    /// Those of this feed
    #[arg(long, value_name = "F")]
    feed: Option<String>,
    /// Those set aside for this reason
    #[arg(long, value_name = "R", value_parser = word::<Reason>)]
    reason: Option<Reason>,
    /// Those that came no earlier (2026-04-01T09:00:00+01:00, or 2026-04-01 for the first instant of
    /// that day in London)
    #[arg(long, value_name = "T")]
    since: Option<String>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// Reads the quarantine and prints what was asked for.
pub(super) fn run(arguments: &Arguments) -> Result<u8, Stopped> {
    let wanted = Wanted::of(arguments)?;
    let config = arguments.file.open()?;
    let quarantine = Quarantine::open(&config)?;
    let bar = over_records(quarantine.length()?);
    let (mut listed, mut in_all) = (Vec::new(), 0);
    quarantine.each(&mut |kept| {
        bar.inc(1);
        in_all += 1;
        let why = kept.why();
        if !wanted.has(&kept, why.as_ref().ok()) {
            return;
        }
        if arguments.json {
            bar.suspend(|| print(&format!("{}\n", line(&kept, why.as_ref()))));
        } else {
            listed.push(Listed {
                position: kept.place.to_string(),
                arrival: kept.arrival,
                refusal: why.ok().map(|why| why.refusal),
            });
        }
    })?;
    bar.finish_and_clear();
    if !arguments.json {
        print(&if listed.is_empty() {
            nothing(quarantine.topic(), in_all)
        } else {
            table(&listed)
        });
    }
    Ok(DONE)
}

/// Which are listed.
struct Wanted {
    force: Option<ForceCode>,
    feed: Option<Source>,
    reason: Option<Reason>,
    since: Option<Instant>,
}

impl Wanted {
    fn of(arguments: &Arguments) -> Result<Wanted, Stopped> {
        let mut problems = Vec::new();
        let since = arguments.since.as_deref();
        let since = since.and_then(|text| instant(text, "--since", &mut problems));
        if !problems.is_empty() {
            return Err(Stopped::Asked(CannotCheck::Setup(problems)));
        }
        Ok(Wanted {
            force: arguments.force.as_deref().map(Into::into),
            feed: arguments.feed.as_deref().map(Into::into),
            reason: arguments.reason,
            since,
        })
    }

    /// True if it is one of them. What does not say why it is there is of no force, feed or reason.
    fn has(&self, kept: &Kept, why: Option<&Quarantined>) -> bool {
        let refusal = why.map(|why| &why.refusal);
        let head = refusal.map(|refusal| &refusal.head);
        let is_of = |force: &ForceCode| head.is_some_and(|head| head.force.as_ref() == Some(force));
        let is_from = |feed: &Source| head.is_some_and(|head| head.source.as_ref() == Some(feed));
        self.force.as_ref().is_none_or(is_of)
            && self.feed.as_ref().is_none_or(is_from)
            && self
                .reason
                .is_none_or(|reason| refusal.is_some_and(|own| own.reason == reason))
            && self.since.is_none_or(|since| kept.arrival >= since)
    }
}

/// One record as JSON: everything but its bytes.
fn line<E: ToString>(kept: &Kept, why: Result<&Quarantined, E>) -> String {
    let (position, arrival) = (kept.place.to_string(), kept.arrival.to_string());
    let line = match why {
        Ok(Quarantined {
            from,
            stage,
            refusal,
        }) => json!({
            "position": position,
            "arrival": arrival,
            "force": refusal.head.force,
            "feed": refusal.head.source,
            "record": refusal.head.record,
            "reference": refusal.head.reference,
            "version": refusal.head.version,
            "reason": refusal.reason,
            "problems": refusal.problems,
            "stage": stage,
            "from": {
                "topic": from.partition.topic,
                "partition": from.partition.number,
                "offset": from.offset,
            },
            "bytes": kept.value.as_ref().map(Vec::len),
        }),
        Err(fault) => {
            json!({"position": position, "arrival": arrival, "unexplained": fault.to_string()})
        }
    };
    line.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Refusal;
    use crate::domain::feed::Partition;
    use crate::domain::journal::SourcePosition;
    use crate::domain::{Glimpse, Problem};
    use crate::drivers::kafka::quarantine::Place;

    #[test]
    fn what_is_listed_meets_every_condition() {
        let (kept, why) = (kept(), why());
        let all = Wanted {
            force: None,
            feed: None,
            reason: None,
            since: None,
        };
        assert!(all.has(&kept, Some(&why)) && all.has(&kept, None));
        for (force, feed, reason, since, is_listed) in [
            ("kent", "rms", Reason::Oversize, 1_000, true),
            ("essex", "rms", Reason::Oversize, 1_000, false),
            ("kent", "cad", Reason::Oversize, 1_000, false),
            ("kent", "rms", Reason::WrongType, 1_000, false),
            ("kent", "rms", Reason::Oversize, 1_001, false),
        ] {
            let wanted = Wanted {
                force: Some(force.into()),
                feed: Some(feed.into()),
                reason: Some(reason),
                since: Some(Instant::from_millis(since)),
            };
            assert_eq!(
                wanted.has(&kept, Some(&why)),
                is_listed,
                "{force} {feed} {since}"
            );
            assert!(!wanted.has(&kept, None));
        }
    }

    #[test]
    fn as_json_everything_is_told_but_the_bytes() {
        let line = line(&kept(), Ok::<_, String>(&why()));
        let told: serde_json::Value = serde_json::from_str(&line).expect("it is JSON");
        assert_eq!(told["position"], "0:5");
        assert_eq!(told["from"]["offset"], 9);
        assert_eq!(told["problems"][0]["expected"], "at most 10 bytes");
        assert_eq!((&told["version"], &told["bytes"]), (&json!(2), &json!(6)));
        assert!(!line.contains("CANARY"));
    }

    fn kept() -> Kept {
        Kept {
            place: Place {
                partition: 0,
                offset: 5,
            },
            arrival: Instant::from_millis(1_000),
            key: None,
            value: Some(b"CANARY".to_vec()),
            headers: Vec::new(),
        }
    }

    fn why() -> Quarantined {
        let head = Glimpse {
            force: Some("kent".into()),
            source: Some("rms".into()),
            version: Some(2),
            ..Glimpse::default()
        };
        let problem = Problem::of(Reason::Oversize, "", "at most 10 bytes", "11 bytes");
        Quarantined {
            from: SourcePosition {
                partition: Partition {
                    topic: "crimes".to_owned(),
                    number: 0,
                },
                offset: 9,
            },
            stage: "read".to_owned(),
            refusal: Refusal::one(Reason::Oversize, problem, head),
        }
    }
}
