//! A month that flows into a service while tests disturb it, and what must stand afterwards. Start at
//! [`Flow::of`].

use std::collections::BTreeMap;
use std::thread::{self, JoinHandle};

use serde_json::json;

use crate::checker::{Evidence, broken_laws};
use crate::foreign::python;
use crate::month::{Month, Outcome, apply_topics};
use crate::plan::Plan;
use crate::readers::{Follower, Isolation, dump};

pub(crate) use crate::month::FROM;

/// Of the heartbeats of a feed one in so many is sent: every partition hears each.
const HEARTBEATS: u32 = 80;

/// The records of every force of a plan.
pub(crate) struct Flow {
    plan: Plan,
    month: Month,
}

impl Flow {
    /// So many incidents and crimes a force; makes the topics that they flow through.
    pub(crate) fn of(plan: &Plan, things: u32) -> Flow {
        let forces: Vec<&str> = plan
            .forces
            .iter()
            .map(|force| force.code.as_str())
            .collect();
        plan.create_sources();
        apply_topics(plan);
        Flow {
            plan: plan.clone(),
            // Few things, and something wrong with many.
            month: Month::generated_with(&forces, things, &["--defects", "0.4"]),
        }
    }

    /// Lets the records flow, so many a second; ends when all were taken by the broker.
    pub(crate) fn begin(&self, seed: u64, rate: Option<u32>) -> JoinHandle<()> {
        let mut asked = self
            .plan
            .to_produce(&self.month.records(), seed, &json!({}));
        asked["heartbeats"] = json!(HEARTBEATS);
        asked["rate"] = json!(rate);
        thread::spawn(move || {
            let _ = python("produce.py", &asked);
        })
    }

    /// Holds what stands in the topics of a service that was stopped against the laws and `check`.
    pub(crate) fn holds(&self, followed: Option<Follower>) {
        let evidence = Evidence::of(&self.plan, followed);
        assert_eq!(broken_laws(&evidence), [""; 0]);
        self.is_whole(&evidence);
        let (ours, files) = (
            Outcome::published(&self.plan),
            self.month.checked(&self.plan),
        );
        assert!(files.standing.len() > 10, "there is something to find");
        let ids = |of: &Outcome| of.standing.keys().cloned().collect::<Vec<_>>();
        assert_eq!(ids(&ours), ids(&files), "the same exceptions stand");
        assert_eq!(ours, files);
    }

    /// No transaction is torn (I3): each says in the state how many exceptions and measures it wrote.
    /// Its heights rise by one, and all of them together wrote what is visible.
    fn is_whole(&self, evidence: &Evidence) {
        let written = |name: &str| {
            let topic = self.plan.output(name);
            dump(&self.plan.access, &topic, Isolation::Committed)
        };
        let mut heights: BTreeMap<i32, u64> = BTreeMap::new();
        let mut said_to_be_written = 0;
        let rows = written("case-state");
        for row in rows.iter().filter(|row| row.key_text() == PROGRESS) {
            let progress = row.json();
            let height = heights.entry(row.partition).or_default();
            *height += 1;
            assert_eq!(
                progress["height"], *height,
                "of partition {}",
                row.partition
            );
            said_to_be_written += progress["outputs"].as_u64().expect("it is a number");
        }
        let visible = evidence.exceptions.len() + written("measures").len();
        assert_eq!(said_to_be_written, visible as u64);
    }
}

/// What a transaction of validation says of itself in the state.
const PROGRESS: &str = "v1/@progress";
