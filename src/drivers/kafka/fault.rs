//! What can go wrong with the log and what then: start again from the broker's truth, or end with a
//! code and words that say what to do. There is no third way: nothing is repaired in memory. Start at
//! [`Fault`].

use std::fmt;

use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

/// Why a worker cannot go on.
#[derive(Debug)]
pub enum Fault {
    /// It drops what it has and starts again from what the broker holds.
    Again(Again),
    /// The broker denies a right; the process ends.
    Denied(Denied),
    /// The process ends.
    End(Ending),
}

/// A right that the broker denies.
#[derive(Clone, Debug)]
pub struct Denied {
    to: Resource,
    doing: String,
    error: String,
}

/// What a right is to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Resource {
    Topic,
    Group,
    TransactionalId,
    Cluster,
}

/// What a stage needs rights to, by name.
#[derive(Clone, Debug)]
pub struct Needs {
    /// The topics it reads.
    pub topics: Vec<String>,
    /// Its consumer group.
    pub group: String,
    /// Its transactional id.
    pub transactional_id: String,
    /// As whom the brokers know it.
    pub principal: String,
}

/// Why a worker starts again.
#[derive(Clone, Debug)]
pub struct Again {
    /// A short name, for the metric.
    pub because: &'static str,
    /// What was seen.
    pub detail: String,
}

/// How the process ends, and what a person reads.
#[derive(Clone, Debug)]
pub struct Ending {
    /// The exit code by name.
    pub code: EndCode,
    /// What happened and what to do.
    pub says: String,
}

/// The exit codes of the service; its unit restarts after some and not after others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EndCode {
    /// It was asked to stop and has drained.
    Done = 0,
    /// A passing fault lasted too long; starting again may help.
    Failed = 1,
    /// Configuration, topics or rights have to be changed first.
    Setup = 2,
    /// A newer rule set has judged here; this process is old.
    OldRuleSet = 10,
    /// Another process runs under the same instance name.
    Displaced = 11,
    /// What the topics hold does not fit together; a person has to look.
    Inconsistent = 12,
}

impl EndCode {
    /// The number the shell sees.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

impl Fault {
    /// A fault after which the worker starts again.
    pub fn again(because: &'static str, detail: impl fmt::Display) -> Fault {
        Fault::Again(Again {
            because,
            detail: detail.to_string(),
        })
    }

    fn denied(to: Resource, doing: &str, error: &KafkaError) -> Fault {
        Fault::Denied(Denied {
            to,
            doing: doing.to_owned(),
            error: error.to_string(),
        })
    }

    /// The end of the process.
    pub fn end(code: EndCode, says: impl Into<String>) -> Fault {
        Fault::End(Ending {
            code,
            says: says.into(),
        })
    }

    /// What an error of the client means for a worker; `doing` says what it was about.
    pub fn of(doing: &str, error: &KafkaError) -> Fault {
        let code = code_of(error);
        match code {
            Some(Code::FencedInstanceId) => Fault::end(
                EndCode::Displaced,
                format!(
                    "another process runs under this instance name ({doing}: {error}); give each \
                     process an `instance` of its own, or stop the other one"
                ),
            ),
            Some(Code::TopicAuthorizationFailed) => Fault::denied(Resource::Topic, doing, error),
            Some(Code::GroupAuthorizationFailed) => Fault::denied(Resource::Group, doing, error),
            Some(Code::TransactionalIdAuthorizationFailed) => {
                Fault::denied(Resource::TransactionalId, doing, error)
            }
            Some(Code::ClusterAuthorizationFailed) => {
                Fault::denied(Resource::Cluster, doing, error)
            }
            Some(Code::MessageSizeTooLarge) => Fault::end(
                EndCode::Setup,
                format!(
                    "a record is larger than the topic takes ({doing}: {error}); raise \
                     max.message.bytes of the topic, `truecount topics plan` says to how much"
                ),
            ),
            Some(Code::UnknownTopicOrPartition | Code::UnknownTopic | Code::UnknownPartition) => {
                Fault::again("topic_unknown", format!("{doing}: {error}"))
            }
            _ => Fault::again(name_of(error), format!("{doing}: {error}")),
        }
    }
}

impl Denied {
    /// How the process ends over it; `needs` names what the broker's answer leaves out.
    pub fn ending(&self, needs: Option<&Needs>) -> Ending {
        let Denied { to, doing, error } = self;
        let right = needs.map_or_else(String::new, |needs| to.right(needs));
        let principal = needs.map_or("the principal of this service", |needs| &needs.principal);
        Ending {
            code: EndCode::Setup,
            says: format!(
                "the broker denies a right: {doing}: {error}. {right}Grant it to {principal}, or \
                 correct the name in the configuration"
            ),
        }
    }
}

impl Resource {
    fn right(self, needs: &Needs) -> String {
        match self {
            Resource::Topic => format!(
                "Reading needs READ on {}, writing WRITE on the topics of [topics]. ",
                needs.topics.join(", ")
            ),
            Resource::Group => format!("It needs READ on the group {}. ", needs.group),
            Resource::TransactionalId => format!(
                "It needs WRITE and DESCRIBE on the transactional id {}. ",
                needs.transactional_id
            ),
            Resource::Cluster => "It needs IDEMPOTENT_WRITE on the cluster. ".to_owned(),
        }
    }
}

/// The code under an error, also of a transaction.
pub(super) fn code_of(error: &KafkaError) -> Option<Code> {
    match error {
        KafkaError::Transaction(error) => Some(error.code()),
        other => other.rdkafka_error_code(),
    }
}

/// A short name of an error, for the metric.
fn name_of(error: &KafkaError) -> &'static str {
    match (error, code_of(error)) {
        (KafkaError::Flush(_), _) => "in_doubt",
        (_, Some(Code::Fenced | Code::InvalidProducerEpoch | Code::ProducerFenced)) => "fenced",
        (_, Some(Code::IllegalGeneration | Code::UnknownMemberId | Code::RebalanceInProgress)) => {
            "generation"
        }
        (_, Some(Code::OperationTimedOut | Code::MessageTimedOut | Code::RequestTimedOut)) => {
            "timed_out"
        }
        (KafkaError::Transaction(_), _) => "transaction",
        (KafkaError::MessageProduction(_), _) => "production",
        (KafkaError::MessageConsumption(_) | KafkaError::MessageConsumptionFatal(_), _) => {
            "consumption"
        }
        _ => "client",
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Again(again) => write!(out, "{}: {}", again.because, again.detail),
            Fault::Denied(denied) => out.write_str(&denied.ending(None).says),
            Fault::End(ending) => out.write_str(&ending.says),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denied_right_and_a_newer_process_end_and_the_rest_starts_again() {
        let end = |error| match Fault::of("commit", &error) {
            Fault::End(ending) => Some(ending.code),
            Fault::Denied(denied) => Some(denied.ending(None).code),
            Fault::Again(_) => None,
        };
        let denied = KafkaError::MessageConsumption(Code::GroupAuthorizationFailed);
        assert_eq!(end(denied), Some(EndCode::Setup));
        let displaced = KafkaError::MessageConsumptionFatal(Code::FencedInstanceId);
        assert_eq!(end(displaced), Some(EndCode::Displaced));
        assert_eq!(end(KafkaError::Flush(Code::OperationTimedOut)), None);
    }

    #[test]
    fn a_denied_right_is_named_with_what_it_is_to() {
        let needs = Needs {
            topics: vec!["cad".to_owned(), "rms".to_owned()],
            group: "truecount-intake".to_owned(),
            transactional_id: "truecount-0-intake".to_owned(),
            principal: "User:truecount".to_owned(),
        };
        for (code, right) in [
            (Code::TopicAuthorizationFailed, "READ on cad, rms"),
            (
                Code::GroupAuthorizationFailed,
                "READ on the group truecount-intake",
            ),
            (
                Code::TransactionalIdAuthorizationFailed,
                "WRITE and DESCRIBE on the transactional id truecount-0-intake",
            ),
        ] {
            let error = KafkaError::MessageConsumption(code);
            let Fault::Denied(denied) = Fault::of("reading", &error) else {
                panic!("{code} is a denied right");
            };
            let says = denied.ending(Some(&needs)).says;
            assert!(
                says.contains(right) && says.contains("to User:truecount"),
                "{says}"
            );
        }
    }

    #[test]
    fn a_flush_that_fails_leaves_the_transaction_in_doubt() {
        let fault = Fault::of("commit", &KafkaError::Flush(Code::OperationTimedOut));
        assert!(matches!(fault, Fault::Again(again) if again.because == "in_doubt"));
    }
}
