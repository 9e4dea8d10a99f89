//! What people decided, kept a second time: which breach is lived with until when. Also makes the
//! decisions of the streams. Start at [`Decisions::until`].

use std::collections::BTreeMap;

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use truecount::domain::names::{RecordKind, Reference};
use truecount::domain::records::{DecisionKind, DecisionRecord, Record};
use truecount::domain::{Elapsed, Instant};
use truecount::validation::JudgementLine;
use truecount::wire::json::decode_tree;

use super::engine::Engine;
use super::stream::{Event, FORCE, Stream, What};

/// The newest version of every decision.
#[derive(Default)]
pub(crate) struct Decisions(BTreeMap<Reference, DecisionRecord>);

impl Decisions {
    /// Takes a decision, unless a newer version of it is known.
    pub(crate) fn take(&mut self, decision: &DecisionRecord) {
        let known = self.0.get(&decision.head.reference);
        if known.is_none_or(|known| known.head.version < decision.head.version) {
            self.0
                .insert(decision.head.reference.clone(), decision.clone());
        }
    }

    /// Until when a breach is waived, if it is.
    pub(crate) fn until(&self, line: &JudgementLine) -> Option<Instant> {
        let about = |decision: &&DecisionRecord| {
            let about = &decision.about;
            decision.head.deleted.is_none()
                && about.record == line.record
                && about.reference == line.reference
                && about.rule.as_str() == line.rule
                && about
                    .obligation
                    .as_ref()
                    .is_none_or(|own| *own == line.obligation)
        };
        let of = |kind| {
            self.0
                .values()
                .filter(about)
                .filter(move |one| one.kind == kind)
        };
        let live = of(DecisionKind::Waive).filter(|waiver| {
            let from = waiver.at.earliest();
            !of(DecisionKind::EndWaiver).any(|end| end.at.latest() >= from)
        });
        live.filter_map(|waiver| Some(waiver.expires_at?.latest()))
            .max()
    }
}

/// A decision on what a rule says of a record. Only a waiver has an expiry.
pub(crate) fn decision(
    id: &str,
    kind: &str,
    on: (RecordKind, &str, &str),
    at: Instant,
    expires_at: Option<Instant>,
) -> Event {
    let record = json!({
        "record": "decision", "force": FORCE, "source": "desk", "reference": id, "version": 1,
        "committed_at": at.to_string(), "kind": kind,
        "about": {"record": on.0, "reference": on.1, "rule": on.2},
        "at": at.to_string(), "by": {"role": "force_crime_registrar"}, "reason_code": "agreed",
        "expires_at": expires_at.map(|at| at.to_string()),
    });
    let record = decode_tree(record)
        .expect("a decision is well formed")
        .record;
    assert!(matches!(record, Record::Decision(_)));
    Event {
        at,
        what: What::Record(record),
    }
}

/// The stream with waivers on some of the exceptions it opens, some ended and some early.
pub(crate) fn with_decisions(stream: Stream, seed: u64) -> Stream {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let engine = Engine::fed(&stream);
    let mut events = stream.events.clone();
    for (number, on) in engine.newest.values().enumerate() {
        if !chance.random_bool(0.4) {
            continue;
        }
        let on = (on.record, on.reference.as_str(), on.rule);
        let at = events
            .choose(&mut chance)
            .expect("an exception had a cause")
            .at;
        let until = at.plus(Elapsed::hours(
            *[5, 50, 800].choose(&mut chance).expect("not empty"),
        ));
        events.push(decision(
            &format!("W{number}"),
            "waive",
            on,
            at,
            Some(until),
        ));
        if chance.random_bool(0.4) {
            let at = at.plus(Elapsed::hours(chance.random_range(-2..40)));
            events.push(decision(&format!("E{number}"), "end_waiver", on, at, None));
        }
    }
    events.sort_by_key(|event| event.at);
    stream.with(events)
}
