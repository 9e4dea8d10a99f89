//! Holding a law over many seeds; where it fails, taking events away while it still fails and
//! printing what is left. Start at [`hold`].

use super::stream::Stream;

/// Seeds of a law unless it says otherwise.
pub(crate) const SEEDS: u64 = 50;

/// Holds a law over streams, or prints the seed and the smallest stream that breaks it.
pub(crate) fn hold(
    seeds: u64,
    make: impl Fn(u64) -> Stream,
    law: impl Fn(&Stream) -> Result<(), String>,
) {
    // More seeds are a matter of patience: `TRUECOUNT_SEEDS=5000`.
    let asked = std::env::var("TRUECOUNT_SEEDS").ok();
    let seeds = asked.and_then(|seeds| seeds.parse().ok()).unwrap_or(seeds);
    for seed in 0..seeds {
        let stream = make(seed);
        if law(&stream).is_err() {
            let smallest = smallest(stream, |stream| law(stream).is_err());
            let why = law(&smallest).expect_err("the smallest stream still breaks the law");
            let events: Vec<String> = smallest.events.iter().map(ToString::to_string).collect();
            let feeds = smallest.feeds.iter();
            let feeds: Vec<String> = feeds
                .map(|feed| format!("{} covers from {:?}", feed.name, feed.covers_from))
                .collect();
            panic!(
                "seed {seed}: {why}\n{}\n{}",
                feeds.join(", "),
                events.join("\n")
            );
        }
    }
}

/// The stream without everything that can be taken away while it still fails.
pub(crate) fn smallest(mut stream: Stream, fails: impl Fn(&Stream) -> bool) -> Stream {
    let mut length = stream.events.len() / 2;
    while length > 0 {
        let (mut from, before) = (0, stream.events.len());
        while from < stream.events.len() {
            let mut fewer = stream.events.clone();
            fewer.drain(from..(from + length).min(fewer.len()));
            let fewer = stream.with(fewer);
            if fails(&fewer) {
                stream = fewer;
            } else {
                from += length;
            }
        }
        // What could not go before may go once others have.
        if length > 1 || stream.events.len() == before {
            length /= 2;
        }
    }
    stream
}
