//! What generated traffic looks like: that it has what the traffic of a force has, hour by hour and
//! record by record. Start at [`a_month_has_what_the_traffic_of_a_force_has`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use truecount::domain::records::Record;
use truecount::domain::{Elapsed, Instant};
use truecount::generate::{Asked, Published};

use super::engine::Engine;
use super::material::{FEEDS, Material, feed_of, is_beat, is_beat_of, month, short};

#[test]
fn a_month_has_what_the_traffic_of_a_force_has() {
    let told = Material::of(month(3)).published;
    let seen = Seen::of(&told);
    let by_hour = |hour: usize| seen.by_hour[hour];
    assert!(by_hour(18) > 2 * by_hour(4), "{:?}", seen.by_hour);
    assert!(seen.by_hour.iter().all(|reports| *reports > 0));
    assert_eq!(seen.channels.len(), 8, "{:?}", seen.channels);
    let of_channel = |name: &str| seen.channels[name];
    assert!(of_channel("phone_999") > 3 * of_channel("front_counter"));
    assert!(seen.classes.len() >= 15, "{:?}", seen.classes);
    let (least, most) = (seen.classes.values().min(), seen.classes.values().max());
    assert!(
        most > least.map(|least| 5 * least).as_ref(),
        "a mix: {:?}",
        seen.classes
    );
    for (what, least, found) in [
        ("published more than eight minutes later", 50, seen.late),
        ("published after a later version", 10, seen.reordered),
        ("published twice", 50, seen.repeated),
        ("versions left out", 50, seen.gaps),
        ("fields put right", 50, seen.put_right),
        ("classes or codes changed without a word", 10, seen.silent),
        ("things deleted", 5, seen.deleted),
    ] {
        assert!(found >= least, "{found} {what}");
    }
    for feed in FEEDS {
        let beats = told.iter().filter(|one| is_beat_of(one, feed)).count();
        assert!(
            beats > 30 * 24 * 3,
            "{feed} says how far it is {beats} times"
        );
    }
}

#[test]
fn rates_are_as_chosen_and_without_any_there_is_no_breach() {
    for (defects, near_misses) in [(0, 0), (250_000, 0), (0, 250_000), (500_000, 500_000)] {
        let told = Material::of(Asked {
            defects,
            near_misses,
            ..short(7)
        });
        let sum = |kinds: &BTreeMap<&str, BTreeMap<&str, u64>>| -> u64 {
            kinds.values().flat_map(BTreeMap::values).sum()
        };
        let (wrong, near) = (sum(&told.tallies.defects), sum(&told.tallies.near_misses));
        assert_eq!(wrong == 0, defects == 0);
        assert_eq!(near == 0, near_misses == 0);
        // One story in four or two goes wrong, and a story is one thing or a few.
        assert!(
            wrong * 1_000_000 <= u64::from(defects) * 400,
            "{wrong} of {defects}"
        );
        assert!(
            wrong * 1_000_000 >= u64::from(defects) * 100,
            "{wrong} of {defects}"
        );
        // Who looks for a late record's author finds none, and the record is late all the same.
        let of_near_misses = told.tallies.near_misses.get("REC-031");
        let late = of_near_misses.and_then(|kinds| kinds.get("author_untold"));
        let late = late.copied().unwrap_or_default();
        assert_eq!(told.key.len() as u64 > late, defects > 0);
        told.is_judged_as_planted().expect("whatever is chosen");
    }
}

#[test]
fn a_feed_that_is_nightly_publishes_at_night() {
    let told = Material::of(Asked {
        nightly: Some("victim-hub".into()),
        ..short(8)
    });
    let hour = |at: Instant| at.since(at.london_day().start()).whole_seconds() / 3_600;
    let own = told
        .published
        .iter()
        .filter(|one| feed_of(one) == "victim-hub");
    let last = told.published.last().map(|one| one.at);
    let by_day = own
        .filter(|one| Some(one.at) != last && !is_repeated(one, &told.published))
        .filter(|one| hour(one.at) != 3)
        .count();
    assert_eq!(by_day, 0);
    assert!(Engine::fed(&told.published).faults().is_empty());
}

/// True if the same version was published before.
fn is_repeated(one: &Published, all: &[Published]) -> bool {
    let earlier = all.iter().take_while(|other| other.at < one.at);
    earlier
        .into_iter()
        .any(|other| version(other) == version(one))
}

/// What is found in published records.
#[derive(Default)]
struct Seen {
    by_hour: [u32; 24],
    channels: BTreeMap<String, u32>,
    classes: BTreeMap<String, u32>,
    late: u32,
    reordered: u32,
    repeated: u32,
    gaps: u32,
    put_right: u32,
    silent: u32,
    deleted: u32,
}

/// A version: feed, kind, reference and number.
type Version<'p> = (&'p str, &'static str, &'p str, i64);

fn version(one: &Published) -> Version<'_> {
    let head = one.record.head();
    let number = head.version.expect("generated records are numbered");
    (
        feed_of(one),
        head.record.as_str(),
        head.reference.as_str(),
        number,
    )
}

impl Seen {
    fn of(told: &[Published]) -> Seen {
        let mut seen = Seen::default();
        let mut versions = BTreeMap::new();
        let mut newest: BTreeMap<(&str, &str, &str), i64> = BTreeMap::new();
        for one in told.iter().filter(|one| !is_beat(one)) {
            let (feed, kind, reference, number) = version(one);
            let committed = one.record.head().committed_at.earliest();
            seen.deleted += u32::from(one.record.head().deleted.is_some());
            if versions
                .insert((feed, kind, reference, number), one)
                .is_some()
            {
                seen.repeated += 1;
                continue;
            }
            seen.late += u32::from(one.at.since(committed) >= Elapsed::minutes(8));
            let before = newest.entry((feed, kind, reference)).or_default();
            seen.reordered += u32::from(number < *before);
            *before = number.max(*before);
        }
        let mut last: Option<(Version<'_>, Value)> = None;
        for (place, one) in versions {
            let value = serde_json::to_value(&one.record).expect("a record is JSON");
            match &last {
                Some((before, old))
                    if (before.0, before.1, before.2) == (place.0, place.1, place.2) =>
                {
                    seen.gaps += u32::from(place.3 > before.3 + 1);
                    seen.changed(old, &value);
                }
                _ => seen.began(&one.record),
            }
            last = Some((place, value));
        }
        seen
    }

    fn began(&mut self, record: &Record) {
        if let Record::Incident(incident) = record {
            let log = incident
                .blocks
                .log
                .as_ref()
                .expect("the first version tells it");
            let received = log.received_at.expect("every log tells it").earliest();
            let hour = received
                .since(received.london_day().start())
                .whole_seconds()
                / 3_600;
            self.by_hour[usize::try_from(hour).expect("a day has hours").min(23)] += 1;
            let channel = log.channel.expect("every log tells it");
            *self
                .channels
                .entry(channel.as_str().to_owned())
                .or_default() += 1;
        }
        if let Record::Crime(crime) = record
            && let Some(core) = &crime.blocks.core
        {
            let class = core.offence_class.as_ref().map(ToString::to_string);
            *self.classes.entry(class.unwrap_or_default()).or_default() += 1;
        }
    }

    fn changed(&mut self, old: &Value, new: &Value) {
        let fields = ["/log/received_at", "/core/owning_unit"];
        let put_right = fields.iter().filter(|path| {
            let (old, new) = (old.pointer(path), new.pointer(path));
            old.is_some() && new.is_some() && old != new
        });
        self.put_right += u32::try_from(put_right.count()).expect("two at the most");
        let class = |value: &Value| {
            let fields = ["/core/offence_class", "/core/offence_code"];
            fields.map(|path| value.pointer(path).cloned())
        };
        let history = |value: &Value| value.pointer("/classification").cloned();
        let is_silent = class(old) != class(new) && history(old) == history(new);
        self.silent +=
            u32::from(is_silent && new.pointer("/core").is_some_and(|core| !core.is_null()));
    }
}

#[test]
fn a_reference_is_used_for_one_thing() {
    let told = Material::of(month(4)).published;
    let mut kinds: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in told.iter().filter(|one| !is_beat(one)) {
        let (_, kind, reference, _) = version(one);
        kinds.entry(reference).or_default().insert(kind);
    }
    assert!(kinds.values().all(|kinds| kinds.len() == 1));
}
