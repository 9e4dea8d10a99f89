//! The listener for people: the rules, and what is held of a case and why. Off unless it is asked for,
//! behind a token, and every read is logged with who, from where, and what. Start at [`router`].

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::{Shown, as_json};
use crate::config::serve::Secret;
use crate::reference::Library;
use crate::report::rule::{list, page};
use crate::rules;
use crate::telemetry::question::{Answer, Asked, Question};

const INDEX: &str = "\
truecount console

/rules                        every rule
/rules/ID                     one rule, with its sources and scenarios
/cases/FORCE/REFERENCE        what is held of a record and how it is judged, as JSON
/explain/FORCE/REFERENCE      why, and why not
";

/// How many questions may wait at a time: each costs the thread that judges a moment.
const WAITING_MAX: usize = 4;

#[derive(Clone)]
struct Console {
    questions: Sender<Question>,
    patience: Duration,
    waiting: Arc<Semaphore>,
    library: Arc<Library>,
    token: Token,
}

/// A token as its hash: comparing hashes takes as long for every guess.
#[derive(Clone, Copy)]
struct Token([u8; 32]);

impl Token {
    fn of(text: &[u8]) -> Token {
        Token(Sha256::digest(text).into())
    }

    /// True if both are the same; looks at every byte, whichever differs first.
    fn is(&self, other: &Token) -> bool {
        let differs = self
            .0
            .iter()
            .zip(other.0)
            .fold(0, |sum, (one, two)| sum | (one ^ two));
        std::hint::black_box(differs) == 0
    }

    /// By what a token is called in the log.
    fn id(&self) -> String {
        self.0[..4]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// The routes of the listener for people.
pub(super) fn router(shown: &Shown, token: &Secret) -> Router {
    let console = Console {
        questions: shown.questions.clone(),
        patience: shown.patience,
        waiting: Arc::new(Semaphore::new(WAITING_MAX)),
        library: Arc::clone(&shown.library),
        token: Token::of(token.expose().as_bytes()),
    };
    Router::new()
        .route("/", get(async || INDEX))
        .route("/rules", get(every_rule))
        .route("/rules/{id}", get(one_rule))
        // A reference may have slashes in it, as 34/26/004512.
        .route("/cases/{force}/{*reference}", get(case))
        .route("/explain/{force}/{*reference}", get(explain))
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(middleware::from_fn_with_state(console.clone(), admitted))
        .with_state(console)
}

/// Lets in whoever shows the token, and logs every read, also one that is turned away.
async fn admitted(
    State(console): State<Console>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    // As it was sent, percent signs and all: nothing in it can break a line of the log.
    let path = request.uri().path().to_owned();
    let shown = bearer(request.headers()).map(|token| Token::of(token.as_bytes()));
    let mut response = if shown.is_some_and(|shown| console.token.is(&shown)) {
        let response = next.run(request).await;
        let (reader, status) = (console.token.id(), response.status().as_u16());
        tracing::info!(%reader, %peer, path, status, "console read");
        response
    } else {
        let because = if shown.is_some() {
            "wrong token"
        } else {
            "no token"
        };
        tracing::warn!(%peer, path, because, "console read refused");
        let asks = [(header::WWW_AUTHENTICATE, "Bearer")];
        let told = "send the token of admin.console as `Authorization: Bearer …`\n";
        (StatusCode::UNAUTHORIZED, asks, told).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn every_rule(State(console): State<Console>) -> String {
    list(rules::all(), &console.library)
}

async fn one_rule(State(console): State<Console>, Path(id): Path<String>) -> Response {
    match rules::named(&id) {
        Some(rule) => page(rule, &console.library).into_response(),
        None => (StatusCode::NOT_FOUND, "no such rule; see /rules\n").into_response(),
    }
}

async fn case(
    State(console): State<Console>,
    Path((force, reference)): Path<(String, String)>,
) -> Response {
    let (force, reference) = (force.as_str().into(), reference.as_str().into());
    console.ask(Asked::Case { force, reference }).await
}

async fn explain(
    State(console): State<Console>,
    Path((force, reference)): Path<(String, String)>,
) -> Response {
    let (force, reference) = (force.as_str().into(), reference.as_str().into());
    console.ask(Asked::Explain { force, reference }).await
}

impl Console {
    /// Asks the thread that judges, and waits no longer than is reasonable.
    async fn ask(&self, asked: Asked) -> Response {
        let Ok(_place) = self.waiting.try_acquire() else {
            return unavailable("busy: other questions wait already; ask again");
        };
        let (question, answer) = Question::new(asked);
        if self.questions.send(question).is_err() {
            return unavailable("nobody judges in this process");
        }
        match tokio::time::timeout(self.patience, answer).await {
            Ok(Ok(answer)) => answered(answer),
            Ok(Err(_)) => unavailable("the stage began anew; ask again"),
            Err(_) => unavailable("busy: no answer in time; ask again"),
        }
    }
}

fn unavailable(because: &str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, format!("{because}\n")).into_response()
}

fn answered(answer: Answer) -> Response {
    match answer {
        Answer::Text(text) => text.into_response(),
        Answer::Json(value) => as_json(&value).into_response(),
        Answer::NotFound => {
            let told = "no record of this reference; references are compared letter by letter\n";
            (StatusCode::NOT_FOUND, told).into_response()
        }
        Answer::NotHere => {
            let told = "this process does not hold the force; ask the one whose metrics show it\n";
            (StatusCode::MISDIRECTED_REQUEST, told).into_response()
        }
        Answer::Restoring => unavailable("what was kept is still being read back; see /ready"),
    }
}
