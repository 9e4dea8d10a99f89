//! One POST and what came of it. Each is signed: HMAC-SHA-256 over the time and the body, so that a
//! receiver knows who wrote it and that it is not an old one sent again. Start at [`Poster::post`].

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use ureq::Agent;

use crate::config::serve::Secret;
use crate::config::serve::alert::{HttpConfig, Target};
use crate::domain::{Elapsed, Instant};
use crate::drivers::clock;
use crate::drivers::registry::trusting;

/// The longest wait that a target may ask for.
const ASKED_MAX: i64 = 3_600;

/// What came of a POST.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    /// It was taken.
    Taken,
    /// It never will be: this status.
    Refused(u16),
    /// It was not, and may be later; not before then, if the target says so.
    Failed {
        /// In a few words, without an address.
        why: String,
        /// What the target asks for.
        at_least: Option<Instant>,
    },
}

/// Posts.
#[derive(Clone)]
pub(super) struct Poster {
    agent: Agent,
}

impl Poster {
    /// A poster with these limits, or why its authorities cannot be read.
    pub(super) fn new(config: &HttpConfig) -> Result<Poster, String> {
        let agent = Agent::config_builder()
            .timeout_global(Some(config.timeout))
            // A POST that is sent elsewhere may be lost there; who moves says so in the configuration.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_age(Duration::from_secs(15))
            .http_status_as_error(false);
        let agent = match &config.ca_file {
            None => agent,
            Some(path) => {
                let wrong = |fault: String| format!("http.ca_file {path}: {fault}");
                let pem = std::fs::read(path).map_err(|fault| wrong(fault.to_string()))?;
                agent.tls_config(trusting(&pem).map_err(|fault| wrong(fault.to_string()))?)
            }
        };
        Ok(Poster {
            agent: agent.build().new_agent(),
        })
    }

    /// Posts a body to a target, signed, under a key that is the same whenever it is told again.
    pub(super) fn post(&self, target: &Target, key: &str, body: &[u8]) -> Outcome {
        let timestamp = clock::now().millis() / 1_000;
        let mut request = self
            .agent
            .post(&target.url)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", key)
            .header("Truecount-Timestamp", timestamp.to_string())
            .header(
                "Truecount-Signature",
                signature(&target.key, timestamp, body),
            );
        if let Some(token) = &target.token {
            request = request.header("Authorization", format!("Bearer {}", token.expose()));
        }
        outcome(request.send(body))
    }

    /// Posts to an Alertmanager, which takes no signature.
    pub(super) fn tell(&self, url: &str, token: Option<&Secret>, body: &[u8]) -> Outcome {
        let mut request = self
            .agent
            .post(url)
            .header("Content-Type", "application/json");
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {}", token.expose()));
        }
        outcome(request.send(body))
    }
}

/// What a receiver checks: `v1=` and the HMAC-SHA-256, in hex, of the time, a dot and the body.
fn signature(key: &Secret, timestamp: i64, body: &[u8]) -> String {
    let mut keyed: Hmac<Sha256> =
        Hmac::new_from_slice(key.expose().as_bytes()).expect("a key of any length serves HMAC");
    keyed.update(timestamp.to_string().as_bytes());
    keyed.update(b".");
    keyed.update(body);
    let mut signature = "v1=".to_owned();
    for byte in keyed.finalize().into_bytes() {
        signature.push_str(&format!("{byte:02x}"));
    }
    signature
}

fn outcome(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Outcome {
    let mut answer = match answer {
        Ok(answer) => answer,
        Err(fault) => {
            return Outcome::Failed {
                why: fault.to_string(),
                at_least: None,
            };
        }
    };
    let status = answer.status().as_u16();
    let asked = answer.headers().get("Retry-After");
    let asked = asked.and_then(|value| value.to_str().ok()?.trim().parse::<i64>().ok());
    // Read, so that the connection can be used again; what it says is nothing to us.
    let _ = answer
        .body_mut()
        .with_config()
        .limit(64 << 10)
        .read_to_vec();
    match status {
        200..=299 => Outcome::Taken,
        // This body will never be taken. Any other answer is about the way there (a key, a path, a
        // load): the next body would fare no better, and putting all of them aside would lose them.
        400 | 409 | 413 | 415 | 422 => Outcome::Refused(status),
        _ => failed(status, asked),
    }
}

fn failed(status: u16, asked: Option<i64>) -> Outcome {
    let at_least = asked
        .filter(|seconds| (1..=ASKED_MAX).contains(seconds))
        .map(|seconds| clock::now().plus(Elapsed::seconds(seconds)));
    Outcome::Failed {
        why: format!("it answers {status}"),
        at_least,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_keyed_hash_of_time_and_body() {
        // By another program: printf '1775000000.{}' | openssl dgst -sha256 -hmac secret
        let expected = "v1=9bea6257543916b303034db299ccfd1617c561832ec2da6cb4f1de9a259eaa54";
        let made = signature(&Secret::of("secret"), 1_775_000_000, b"{}");
        assert_eq!(made, expected);
    }
}
