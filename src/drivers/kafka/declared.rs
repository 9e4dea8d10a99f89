//! What the configuration declares of forces and feeds, in the words of the domain. Start at
//! [`Declared`].

use std::collections::BTreeMap;

use crate::config::serve::ServiceConfig;
use crate::domain::feed::Partition;
use crate::domain::names::{ForceCode, Source};
use crate::domain::records::BlockSet;
use crate::domain::{Feed, Feeds, Glimpse};

/// The forces, by code.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    forces: BTreeMap<ForceCode, DeclaredForce>,
}

/// One force.
#[derive(Clone, Debug)]
pub struct DeclaredForce {
    /// Its partition of the journal and of the state.
    pub partition: i32,
    /// Its feeds, with every partition they are proved through.
    pub feeds: Feeds,
}

impl Declared {
    /// What the configuration declares.
    pub fn of(config: &ServiceConfig) -> Declared {
        let forces = config.forces.iter().map(|force| {
            let feeds = force.feeds.iter().map(|of| {
                let mut partitions: Vec<Partition> = Vec::new();
                for topic in &of.topics {
                    let count = config.source(topic).map_or(0, |source| source.partitions);
                    partitions.extend((0..count).map(|number| Partition {
                        topic: topic.clone(),
                        number,
                    }));
                }
                Feed {
                    name: of.feed.name.clone(),
                    owns: BlockSet::of(&of.feed.owns),
                    covers_from: of.feed.covers_from,
                    not_carried: of.feed.not_carried.clone(),
                    partitions,
                    promise: of.feed.promise,
                }
            });
            let declared = DeclaredForce {
                partition: force.partition,
                feeds: Feeds::declared(feeds.collect()),
            };
            (force.code.clone(), declared)
        });
        Declared {
            forces: forces.collect(),
        }
    }

    /// A force that is declared.
    pub fn force(&self, code: &ForceCode) -> Option<&DeclaredForce> {
        self.forces.get(code)
    }

    /// The forces, in the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = (&ForceCode, &DeclaredForce)> {
        self.forces.iter()
    }

    /// The feeds an unread record can have come from: the one its head names if it is declared, else
    /// every feed that is read from this topic.
    pub fn suspects(&self, head: &Glimpse, topic: &str) -> Vec<(ForceCode, Vec<Source>)> {
        if let (Some(code), Some(source)) = (&head.force, &head.source)
            && self
                .force(code)
                .is_some_and(|force| force.feeds.named(source).is_some())
        {
            return vec![(code.clone(), vec![source.clone()])];
        }
        let named = head
            .force
            .as_ref()
            .filter(|code| self.force(code).is_some());
        let mut suspects = Vec::new();
        for (code, force) in &self.forces {
            let read_here = |feed: &&Feed| feed.partitions.iter().any(|one| one.topic == topic);
            let feeds: Vec<Source> = force
                .feeds
                .iter()
                .filter(read_here)
                .map(|feed| feed.name.clone())
                .collect();
            if !feeds.is_empty() && named.is_none_or(|named| named == code) {
                suspects.push((code.clone(), feeds));
            }
        }
        suspects
    }
}
