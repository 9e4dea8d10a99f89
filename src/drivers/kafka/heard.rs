//! What the client library says outside of any call: errors of connections, refused passwords, bad
//! certificates. Without it a wrong password looks like a slow broker for ever. Start at [`Heard`].

use std::sync::{Arc, Mutex};

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use super::fault::{EndCode, Fault};

/// What one client's callbacks have heard; shared between the clients of a worker.
#[derive(Clone, Debug, Default)]
pub struct Heard(Arc<Mutex<Told>>);

#[derive(Debug, Default)]
struct Told {
    /// What no waiting heals: authentication, certificates, names.
    refused: Option<String>,
    /// The newest word about a connection.
    connection: Option<String>,
}

impl Heard {
    /// Takes an error that belongs to no call.
    pub fn error(&self, error: &KafkaError, reason: &str) {
        let code = error.rdkafka_error_code();
        if code == Some(Code::PartitionEOF) {
            // The end of a partition is asked for and is no error.
            return;
        }
        tracing::warn!(target: "kafka", %error, reason, "the client reports an error");
        let mut told = self.told();
        match code {
            Some(Code::Authentication | Code::SSL | Code::SaslAuthenticationFailed) => {
                told.refused = Some(reason.to_owned());
            }
            _ => told.connection = Some(reason.to_owned()),
        }
    }

    /// Takes a line of the client's log.
    pub fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        match level {
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error => tracing::error!(target: "kafka", facility, "{line}"),
            RDKafkaLogLevel::Warning => tracing::warn!(target: "kafka", facility, "{line}"),
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => {
                tracing::info!(target: "kafka", facility, "{line}");
            }
            RDKafkaLogLevel::Debug => tracing::debug!(target: "kafka", facility, "{line}"),
        }
    }

    /// An error that no waiting heals, once one was heard.
    pub fn refusal(&self) -> Result<(), Fault> {
        match &self.told().refused {
            None => Ok(()),
            Some(reason) => Err(Fault::end(
                EndCode::Setup,
                format!(
                    "the broker and this service cannot agree to talk: {reason}; check \
                     security.protocol, the user and password, and ssl.ca.location in \
                     [kafka.librdkafka]"
                ),
            )),
        }
    }

    /// The newest word about a connection, for an error that says that nobody answers.
    pub fn connection(&self) -> Option<String> {
        self.told().connection.clone()
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_password_ends_and_a_lost_connection_does_not() {
        let heard = Heard::default();
        heard.error(&KafkaError::Global(Code::BrokerTransportFailure), "refused");
        assert!(heard.refusal().is_ok());
        assert_eq!(heard.connection().as_deref(), Some("refused"));
        heard.error(&KafkaError::Global(Code::Authentication), "bad password");
        let says = heard.refusal().expect_err("it was refused").to_string();
        assert!(says.contains("bad password") && says.contains("[kafka.librdkafka]"));
    }
}
