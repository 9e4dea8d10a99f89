//! The generation and the member name under which a worker commits. The broker accepts a transaction
//! without them unfenced, and the binding hides them, so they are read here through the client
//! library itself: a file with unsafe code. Start at [`membership`].
#![allow(
    unsafe_code,
    reason = "the binding has no safe way to read the generation of a group's member"
)]

use std::ffi::CStr;

use rdkafka::bindings as native;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};

/// Under which generation and name a consumer is a member of its group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Membership {
    /// Rises with every assignment; −1 before the first.
    pub generation: i32,
    /// The name the group's coordinator knows it by; empty before it joins.
    pub member: String,
}

impl Membership {
    /// True if the broker can tell it from a member that was replaced.
    pub fn can_be_fenced(&self) -> bool {
        self.generation >= 0 && !self.member.is_empty()
    }
}

/// The membership of a consumer as the client library has it at this moment.
pub(super) fn membership<C: ConsumerContext>(consumer: &BaseConsumer<C>) -> Option<Membership> {
    // SAFETY: the client outlives the call; the library gives a copy or null; the copy's text lives as
    // long as the copy, which is destroyed once, after the text was copied.
    unsafe {
        let metadata = native::rd_kafka_consumer_group_metadata(consumer.client().native_ptr());
        if metadata.is_null() {
            return None;
        }
        let generation = native::rd_kafka_consumer_group_metadata_generation_id(metadata);
        let member = native::rd_kafka_consumer_group_metadata_member_id(metadata);
        let member = if member.is_null() {
            String::new()
        } else {
            CStr::from_ptr(member).to_string_lossy().into_owned()
        };
        native::rd_kafka_consumer_group_metadata_destroy(metadata);
        Some(Membership { generation, member })
    }
}
