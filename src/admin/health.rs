//! The listener for machines: metrics, and whether the process lives, is ready, is stuck. Three
//! questions with three answers, since each asks for another remedy. Shows no record and no
//! reference. Start at [`router`].

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};

use super::{Shown, as_json};
use crate::telemetry::board::Trouble;
use crate::telemetry::{Board, Metrics};

const INDEX: &str = "\
truecount

/metrics  for Prometheus
/live     200 while the loop of every stage turns; else start the process anew
/ready    200 when what was kept is read back and the first batch is done; else wait
/stuck    200 while every stage commits; else look at the log and at the brokers
";

#[derive(Clone)]
struct Health {
    board: Arc<Board>,
    metrics: Arc<Metrics>,
    after: Duration,
}

/// The routes of the listener for machines.
pub(super) fn router(shown: &Shown, after: Duration) -> Router {
    probes(&shown.board, &shown.metrics, after).route("/", get(async || INDEX))
}

/// Metrics and the three questions; `after` is how long a stage may be silent.
pub(super) fn probes(board: &Arc<Board>, metrics: &Arc<Metrics>, after: Duration) -> Router {
    let health = Health {
        board: Arc::clone(board),
        metrics: Arc::clone(metrics),
        after,
    };
    Router::new()
        .route("/metrics", get(show_metrics))
        .route("/live", get(live))
        .route("/ready", get(ready))
        .route("/stuck", get(stuck))
        .with_state(health)
}

async fn show_metrics(State(health): State<Health>) -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)];
    (kind, health.metrics.render())
}

async fn live(State(health): State<Health>) -> Response {
    let troubles = health.board.not_live(Instant::now(), health.after);
    let told = json!({ "live": troubles.is_empty(), "because": listed(&troubles) });
    answered(&troubles, told)
}

async fn ready(State(health): State<Health>) -> Response {
    let troubles = health.board.not_ready();
    let told = json!({ "ready": troubles.is_empty(), "because": listed(&troubles) });
    answered(&troubles, told)
}

async fn stuck(State(health): State<Health>) -> Response {
    let troubles = health.board.stuck(Instant::now(), health.after);
    // A feed that is not proved past its deadlines is no fault of this process: it is told, and
    // starting anew would not help.
    let held = health
        .board
        .held()
        .into_iter()
        .map(|((force, feed), hold)| {
            json!({
                "force": force.as_str(),
                "feed": feed.as_str(),
                "deadlines": hold.deadlines,
                "since": hold.since.to_string(),
                "proved_through": hold.claim.map(|claim| claim.to_string()),
            })
        });
    let held: Vec<Value> = held.collect();
    let told = json!({
        "stuck": !troubles.is_empty(),
        "because": listed(&troubles),
        "held_by_feeds": held,
    });
    answered(&troubles, told)
}

fn listed(troubles: &[Trouble]) -> Vec<Value> {
    let told = troubles
        .iter()
        .map(|one| json!({ "stage": one.stage, "because": one.because }));
    told.collect()
}

fn answered(troubles: &[Trouble], told: Value) -> Response {
    let status = if troubles.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, as_json(&told)).into_response()
}
