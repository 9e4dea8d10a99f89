//! What the brokers let this process do with topics, as they say themselves when a topic is described.
//! The binding does not describe topics, so the client library is asked: a file with unsafe code. Start
//! at [`operations`].
#![allow(
    unsafe_code,
    reason = "the binding has no safe way to ask which operations are authorized"
)]

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_int};
use std::ptr;
use std::time::Duration;

use rdkafka::bindings as native;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};

/// What may be done with a topic.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct May {
    /// READ.
    pub(super) read: bool,
    /// WRITE.
    pub(super) write: bool,
}

/// What may be done with each of these topics. A topic of which the broker tells nothing is left out:
/// old brokers do not, and a topic that may not be described is told elsewhere.
pub(super) fn operations<C: ConsumerContext>(
    asker: &BaseConsumer<C>,
    topics: &[String],
    within: Duration,
) -> BTreeMap<String, May> {
    let names: Vec<CString> = topics
        .iter()
        .filter_map(|name| CString::new(name.as_str()).ok())
        .collect();
    let mut pointers: Vec<*const std::ffi::c_char> =
        names.iter().map(|name| name.as_ptr()).collect();
    let within = c_int::try_from(within.as_millis()).unwrap_or(c_int::MAX);
    let mut found = BTreeMap::new();
    // SAFETY: the client outlives the call. The library copies names and options; each thing it gives
    // is destroyed once, after the last use of what lives in it: the event after its descriptions.
    unsafe {
        let client = asker.client().native_ptr();
        let kind = native::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS;
        let options = native::rd_kafka_AdminOptions_new(client, kind);
        let refused = native::rd_kafka_AdminOptions_set_include_authorized_operations(options, 1);
        if !refused.is_null() {
            native::rd_kafka_error_destroy(refused);
        }
        native::rd_kafka_AdminOptions_set_request_timeout(options, within, ptr::null_mut(), 0);
        let asked =
            native::rd_kafka_TopicCollection_of_topic_names(pointers.as_mut_ptr(), pointers.len());
        let queue = native::rd_kafka_queue_new(client);
        native::rd_kafka_DescribeTopics(client, asked, options, queue);
        let event = native::rd_kafka_queue_poll(queue, within);
        if !event.is_null() {
            let result = native::rd_kafka_event_DescribeTopics_result(event);
            if !result.is_null() {
                let mut count = 0;
                let topics = native::rd_kafka_DescribeTopics_result_topics(result, &mut count);
                for at in 0..count {
                    found.extend(told(*topics.add(at)));
                }
            }
            native::rd_kafka_event_destroy(event);
        }
        native::rd_kafka_queue_destroy(queue);
        native::rd_kafka_TopicCollection_destroy(asked);
        native::rd_kafka_AdminOptions_destroy(options);
    }
    found
}

/// What one description tells.
///
/// # Safety
///
/// The description has to be one that the library gave, and its event alive.
unsafe fn told(topic: *const native::rd_kafka_TopicDescription_t) -> Option<(String, May)> {
    // SAFETY: the caller says so; name and list live as long as the description.
    unsafe {
        let name = CStr::from_ptr(native::rd_kafka_TopicDescription_name(topic));
        let mut count = 0;
        let list = native::rd_kafka_TopicDescription_authorized_operations(topic, &mut count);
        if list.is_null() || count == 0 {
            return None;
        }
        // Read as the numbers they are: a newer library may know more than the binding.
        let list = list.cast::<u32>();
        let operations: Vec<u32> = (0..count).map(|at| *list.add(at)).collect();
        let has =
            |operation: native::rd_kafka_AclOperation_t| operations.contains(&(operation as u32));
        let may = May {
            read: has(native::rd_kafka_AclOperation_t::RD_KAFKA_ACL_OPERATION_READ),
            write: has(native::rd_kafka_AclOperation_t::RD_KAFKA_ACL_OPERATION_WRITE),
        };
        Some((name.to_string_lossy().into_owned(), may))
    }
}
