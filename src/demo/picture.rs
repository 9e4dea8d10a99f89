//! What the page shows at one instant: plain values, made from the world by looking and by nothing
//! else. The same as text for programs. Start at [`Picture::of`].

use serde_json::{Value, json};

use super::gate::Speaks;
use super::remembered::{Released, Revision, by_rule};
use super::world::World;
use crate::domain::exception::{State, Tally};
use crate::domain::names::{Reference, Source};
use crate::domain::{Elapsed, Instant};
use crate::validation::{Force, Wait};

/// Deadlines ahead that are shown.
const COMING: usize = 8;
/// Accusations that are shown.
const NEWEST: usize = 10;

/// What is to be seen.
#[derive(Clone, PartialEq, Debug)]
pub struct Picture {
    /// The time of the made-up force.
    pub now: Instant,
    /// Seconds of it for one of ours.
    pub speed: f64,
    /// Which run through the days this is.
    pub round: u32,
    /// When everything begins anew.
    pub ends: Instant,
    /// The code under which the records are filed, and the name that goes with it.
    pub force: (String, String),
    /// What the run follows from.
    pub seed: u64,
    /// The feeds, in the order of their names.
    pub feeds: Vec<FeedSeen>,
    /// Entries of the journal.
    pub entries: u64,
    /// Incidents and crimes that are held.
    pub things: u64,
    /// How all duties stand.
    pub duties: Tally,
    /// Exceptions in an open state.
    pub open: u64,
    /// Revisions that were published.
    pub published: u64,
    /// Records that were set aside.
    pub set_aside: u64,
    /// Deadlines that are past and are held against nobody, since some feed is not proved past them.
    pub waiting: u64,
    /// Deadlines ahead, and the first of them.
    pub coming: (u64, Vec<Coming>),
    /// The newest revisions, the last one first.
    pub newest: Vec<Revision>,
    /// What came of deadlines that had waited, if that was not long ago.
    pub released: Option<Released>,
    /// How each rule stands.
    pub rates: Vec<Rate>,
}

/// One feed.
#[derive(Clone, PartialEq, Debug)]
pub struct FeedSeen {
    /// Its name.
    pub name: Source,
    /// How it speaks.
    pub speaks: Speaks,
    /// Since when, if it ever spoke otherwise.
    pub since: Option<Instant>,
    /// Records that it delivered.
    pub delivered: u64,
    /// When the last of them came.
    pub last: Option<Instant>,
    /// Records that are held back.
    pub held_back: u64,
    /// Everything committed before this was sent; none if it was never heard from.
    pub claim: Option<Instant>,
    /// Deadlines that are past and wait for it.
    pub waiting: u64,
    /// The earliest of them.
    pub waiting_since: Option<Instant>,
    /// Revisions that accused somebody on its word.
    pub accused: u64,
}

/// A deadline ahead.
#[derive(Clone, PartialEq, Debug)]
pub struct Coming {
    /// When it is.
    pub at: Instant,
    /// The record.
    pub reference: Reference,
    /// The rule, and the duty in words.
    pub rule: (&'static str, &'static str),
}

/// How a rule stands.
#[derive(Clone, PartialEq, Debug)]
pub struct Rate {
    /// The rule, and the duty in words.
    pub rule: (&'static str, &'static str),
    /// Now.
    pub now: Tally,
    /// A day ago, or as long ago as is known.
    pub before: Tally,
}

impl Picture {
    /// What is to be seen of a world that passes at this speed.
    pub fn of(world: &World, speed: f64) -> Picture {
        let force = world.force();
        let now = world.now();
        let (past, ahead): (Vec<Wait>, Vec<Wait>) = force
            .map_or_else(Vec::new, Force::waits)
            .into_iter()
            .partition(|wait| wait.stands_from < now);
        let code = world.code().as_str();
        let known = world.rules().library().force(code);
        Picture {
            now,
            speed,
            round: world.round(),
            ends: world.ends(),
            force: (
                code.to_owned(),
                known.map_or(code, |known| &known.name).to_owned(),
            ),
            seed: world.asked().traffic.seed,
            feeds: feeds(world, &past),
            entries: world.entries(),
            things: force.map_or(0, |force| force.things() as u64),
            duties: force.map_or_else(Tally::default, |force| {
                force
                    .tallies()
                    .values()
                    .fold(Tally::default(), |sum, tally| sum.plus(*tally))
            }),
            open: force.map_or(0, |force| force.open_exceptions().count() as u64),
            published: world.remembered().published(),
            set_aside: world.set_aside(),
            waiting: past.len() as u64,
            coming: coming(world, ahead),
            newest: world.remembered().newest().cloned().collect(),
            released: world.remembered().released(now).cloned(),
            rates: rates(world),
        }
    }

    /// The newest revisions that accuse somebody: what is shown to people.
    pub fn accusations(&self) -> impl Iterator<Item = &Revision> {
        let accuses = |state| matches!(state, State::Raised | State::Remedied);
        let newest = self.newest.iter();
        newest
            .filter(move |one| accuses(one.exception.state))
            .take(NEWEST)
    }

    /// How long a day of the made-up force is.
    pub fn day_takes(&self) -> Elapsed {
        // A speed is above 0, and what is cut off is less than a second.
        Elapsed::seconds((86_400.0 / self.speed).round() as i64)
    }

    /// The same for programs.
    pub fn as_json(&self) -> Value {
        let feeds = self.feeds.iter().map(|feed| {
            json!({
                "feed": feed.name.as_str(),
                "speaks": feed.speaks,
                "delivered": feed.delivered,
                "held_back": feed.held_back,
                "proved_through": feed.claim.map(text),
                "waiting": feed.waiting,
                "waiting_since": feed.waiting_since.map(text),
                "accused": feed.accused,
            })
        });
        let newest = self.newest.iter().map(|one| {
            json!({
                "number": one.number,
                "at": text(one.at),
                "rests_on": one.rests_on.iter().map(Source::as_str).collect::<Vec<_>>(),
                "exception": one.exception,
            })
        });
        json!({
            "invented": true,
            "now": text(self.now),
            "round": self.round,
            "begins_anew": text(self.ends),
            "feeds": feeds.collect::<Vec<_>>(),
            "entries": self.entries,
            "things": self.things,
            "open": self.open,
            "published": self.published,
            "set_aside": self.set_aside,
            "waiting": self.waiting,
            "coming": self.coming.0,
            "released": self.released.as_ref().map(|released| json!({
                "feed": released.feed.as_str(),
                "at": text(released.at),
                "decided": released.decided,
                "raised": released.raised,
            })),
            "newest": newest.collect::<Vec<_>>(),
        })
    }
}

fn text(at: Instant) -> String {
    at.to_string()
}

fn feeds(world: &World, past: &[Wait]) -> Vec<FeedSeen> {
    let claims = world.force().into_iter().flat_map(Force::claims);
    let feeds = claims.map(|claim| {
        let waiting = past
            .iter()
            .filter(|wait| wait.waits_for.contains(&claim.feed));
        let (speaks, since, held_back) = world.gate().of(&claim.feed);
        let delivered = world.delivered(&claim.feed);
        FeedSeen {
            speaks,
            since,
            delivered: delivered.records,
            last: delivered.last,
            held_back: held_back as u64,
            claim: Some(claim.through).filter(|through| *through > Instant::BEGINNING),
            waiting: waiting.clone().count() as u64,
            waiting_since: waiting.map(|wait| wait.stands_from).min(),
            accused: world.remembered().accused(&claim.feed),
            name: claim.feed,
        }
    });
    feeds.collect()
}

fn coming(world: &World, mut ahead: Vec<Wait>) -> (u64, Vec<Coming>) {
    ahead.sort_by(|one, other| {
        (one.stands_from, &one.reference, one.rule).cmp(&(
            other.stands_from,
            &other.reference,
            other.rule,
        ))
    });
    let all = ahead.len() as u64;
    let first = ahead.into_iter().take(COMING).map(|wait| Coming {
        at: wait.stands_from,
        reference: wait.reference,
        rule: (wait.rule, title(world, wait.rule)),
    });
    (all, first.collect())
}

fn rates(world: &World) -> Vec<Rate> {
    let now = world.force().map(by_rule).unwrap_or_default();
    let rules = world.rules().rules().iter().enumerate();
    rules
        .map(|(place, rule)| {
            let stands = now.get(&place).copied().unwrap_or_default();
            Rate {
                rule: (rule.id, rule.title()),
                now: stands,
                before: world.remembered().before(place).unwrap_or(stands),
            }
        })
        .collect()
}

fn title(world: &World, id: &str) -> &'static str {
    let mut rules = world.rules().rules().iter();
    rules
        .find(|rule| rule.id == id)
        .map_or("", |rule| rule.title())
}
