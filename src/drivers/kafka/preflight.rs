//! What has to be right before anything is read: somebody answers, the topics are there and are what
//! they have to be. Says everything that is wrong at once. Start at [`check`].

use std::time::{Duration, Instant as Ticks};

use rdkafka::consumer::{BaseConsumer, Consumer};

use super::authorized::operations;
use super::client::Clients;
use super::fault::{EndCode, Fault};
use super::heard::Heard;
use super::listening::Listening;
use super::rights;
use crate::config::serve::ServiceConfig;
use crate::drivers::topics::{
    self,
    brokers::{Brokers, CannotAsk},
};

/// How long a broker is waited for at the start: its unit starts the service again anyway.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// Ends the start where the broker cannot be reached or its topics cannot be right.
pub(super) fn check(config: &ServiceConfig, clients: &Clients) -> Result<(), Fault> {
    let heard = Heard::default();
    let principal = rights::principal(&config.kafka);
    let asker = asker(clients, &heard)?;
    wait_for_an_answer(config, &asker, &heard)?;
    let found = Brokers::new(&config.kafka)
        .and_then(|brokers| brokers.found(&topics::touched(config)))
        .map_err(|why| {
            match why {
                // No waiting grants a right.
                CannotAsk::Refused { .. } => Fault::end(
                    EndCode::Setup,
                    format!("{why}; to the brokers this process is {principal}"),
                ),
                _ => Fault::end(EndCode::Failed, why.to_string()),
            }
        })?;
    let refusals = topics::refusals(&found, config);
    if !refusals.is_empty() {
        let hidden = rights::to_hidden(config, &found);
        let hidden = if hidden.is_empty() {
            String::new()
        } else {
            format!(
                "\nA topic that is missing may be hidden from {principal}, who needs:\n  {}",
                hidden.join("\n  ")
            )
        };
        return Err(Fault::end(
            EndCode::Setup,
            format!(
                "the topics cannot be right:\n  {}\n`truecount topics plan` shows all of it{hidden}",
                refusals.join("\n  ")
            ),
        ));
    }
    may_all_be_done(config, &asker, &principal)
}

/// Ends the start where a right to a topic is missing, also one that is not needed at once.
fn may_all_be_done(
    config: &ServiceConfig,
    asker: &BaseConsumer<Listening>,
    principal: &str,
) -> Result<(), Fault> {
    let touched = topics::touched(config).into_iter();
    let names: Vec<String> = touched.map(|wanted| wanted.name).collect();
    let granted = operations(asker, &names, ANSWER_MAX);
    let missing = rights::missing(config, &granted);
    if missing.is_empty() {
        return Ok(());
    }
    Err(Fault::end(
        EndCode::Setup,
        format!(
            "the brokers do not grant {principal}:\n  {}\nGrant it (deploy/kafka/acls.sh grants exactly \
             what is needed), or correct the names in the configuration",
            missing.join("\n  ")
        ),
    ))
}

/// A client that asks, and is heard.
pub(super) fn asker(clients: &Clients, heard: &Heard) -> Result<BaseConsumer<Listening>, Fault> {
    let listening = Listening::new(heard.clone());
    clients
        .asker()
        .create_with_context(listening)
        .map_err(|error| {
            Fault::end(
                EndCode::Setup,
                format!("the client cannot be set up: {error}; check [kafka.librdkafka]"),
            )
        })
}

/// Waits for the first answer, or says why there is none.
pub(super) fn wait_for_an_answer(
    config: &ServiceConfig,
    asker: &BaseConsumer<Listening>,
    heard: &Heard,
) -> Result<(), Fault> {
    let began = Ticks::now();
    loop {
        // Serves the callbacks, through which refusals are heard.
        let _ = asker.poll(Duration::from_millis(10));
        heard.refusal()?;
        match asker.fetch_metadata(None, Duration::from_secs(2)) {
            Ok(_) => return Ok(()),
            Err(error) if began.elapsed() > ANSWER_MAX => {
                let last = heard.connection().unwrap_or_else(|| error.to_string());
                return Err(Fault::end(
                    EndCode::Failed,
                    format!(
                        "no broker answers at {} for {} s: {last}; check kafka.bootstrap_servers, \
                         security.protocol in [kafka.librdkafka], the network and that the brokers run",
                        config.kafka.bootstrap_servers,
                        ANSWER_MAX.as_secs()
                    ),
                ));
            }
            Err(_) => {}
        }
    }
}
