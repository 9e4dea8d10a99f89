//! The listener of the demonstration: its page, the same as JSON, and switches, beside metrics and
//! health as the service has them. A switch is turned from the page itself and from nowhere else.
//! Start at [`router`].

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use super::{PATIENCE, as_json, health};
use crate::demo::{SCRIPT, Speaks, Turn, Turned, Window, page};
use crate::domain::names::Source;
use crate::telemetry::{Board, Metrics};

/// Silent for longer than this, the thread that judges is taken for dead or stuck.
const STUCK_AFTER: Duration = Duration::from_secs(60);

/// What the listener of the demonstration shows.
#[derive(Clone)]
pub struct Demonstrated {
    /// Where it listens.
    pub listen: SocketAddr,
    /// How the stages are.
    pub board: Arc<Board>,
    /// What they count.
    pub metrics: Arc<Metrics>,
    /// What is seen.
    pub window: Window,
}

#[derive(Clone)]
struct Page {
    window: Window,
    policy: Arc<str>,
    /// True if nobody but this machine is answered.
    is_loopback: bool,
}

/// The routes.
pub(super) fn router(shown: &Demonstrated) -> Router {
    let page = Page {
        window: shown.window.clone(),
        policy: policy().into(),
        is_loopback: shown.listen.ip().is_loopback(),
    };
    Router::new()
        .route("/", get(look))
        .route("/state", get(state))
        .route("/feeds/{feed}/{way}", post(turn))
        .with_state(page)
        .merge(health::probes(&shown.board, &shown.metrics, STUCK_AFTER))
}

/// Nothing is fetched but from here, and no script runs but the page's own.
fn policy() -> String {
    let script = STANDARD.encode(Sha256::digest(SCRIPT));
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{script}'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

async fn look(State(own): State<Page>) -> impl IntoResponse {
    let heads: [(HeaderName, String); 5] = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CONTENT_SECURITY_POLICY, own.policy.to_string()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::REFERRER_POLICY, "same-origin".to_owned()),
    ];
    (heads, page(&own.window.picture()))
}

async fn state(State(own): State<Page>) -> impl IntoResponse {
    as_json(&own.window.picture().as_json())
}

async fn turn(
    State(own): State<Page>,
    Path((feed, way)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if !is_from_the_page(&headers, own.is_loopback) {
        let told = "switches are turned from this page only: send Origin as a browser does\n";
        return (StatusCode::FORBIDDEN, told).into_response();
    }
    let feed = Source::from(feed.as_str());
    let picture = own.window.picture();
    let known = picture.feeds.iter().any(|seen| seen.name == feed);
    let Some(to) = Speaks::named(&way).filter(|_| known) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let back = format!("/#feed-{}", feed.as_str());
    let (done, waits) = oneshot::channel();
    let turned = Turned {
        turn: Turn { feed, to },
        // Whoever asked may have gone away; the switch is turned all the same.
        done: Box::new(move || {
            let _ = done.send(());
        }),
    };
    let is_done = own.window.turn(turned)
        && matches!(tokio::time::timeout(PATIENCE, waits).await, Ok(Ok(())));
    if is_done {
        Redirect::to(&back).into_response()
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the demonstration is busy or ends\n",
        )
            .into_response()
    }
}

/// True if a browser says that this was sent from a page of ours. A page of somebody else can send a
/// form here, and a name of somebody else can lead here; neither can say this.
fn is_from_the_page(headers: &HeaderMap, is_loopback: bool) -> bool {
    let told = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(host) = told(header::HOST) else {
        return false;
    };
    let site = told(HeaderName::from_static("sec-fetch-site"));
    let origin = told(header::ORIGIN);
    let is_own = |origin: &str| {
        let name = origin.split_once("://").map(|(_, name)| name);
        name.is_some_and(|name| name.eq_ignore_ascii_case(host))
    };
    (site.is_some() || origin.is_some())
        && site.is_none_or(|site| site == "same-origin")
        && origin.is_none_or(is_own)
        && (!is_loopback || is_loopback_name(host))
}

/// True for a name that cannot lead anywhere but to this machine.
fn is_loopback_name(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_browser_on_our_page_may_turn_a_switch() {
        for heads in [
            [
                ("host", "127.0.0.1:8080"),
                ("sec-fetch-site", "same-origin"),
            ],
            [
                ("host", "127.0.0.1:8080"),
                ("origin", "http://127.0.0.1:8080"),
            ],
            [
                ("host", "localhost:8080"),
                ("origin", "http://localhost:8080"),
            ],
            [("host", "[::1]:8080"), ("origin", "http://[::1]:8080")],
        ] {
            assert!(is_from_the_page(&of(&heads), true), "{heads:?}");
        }
    }

    #[test]
    fn nobody_else_may() {
        for heads in [
            vec![("host", "127.0.0.1:8080")],
            vec![("sec-fetch-site", "same-origin")],
            vec![("host", "127.0.0.1:8080"), ("sec-fetch-site", "cross-site")],
            vec![("host", "127.0.0.1:8080"), ("sec-fetch-site", "same-site")],
            vec![
                ("host", "127.0.0.1:8080"),
                ("origin", "http://elsewhere.example"),
            ],
            vec![
                ("host", "127.0.0.1:8080"),
                ("origin", "http://127.0.0.1:9090"),
            ],
            vec![("host", "127.0.0.1:8080"), ("origin", "null")],
            vec![
                ("host", "127.0.0.1:8080"),
                ("sec-fetch-site", "same-origin"),
                ("origin", "http://elsewhere.example"),
            ],
            // A name of somebody else that was made to lead here.
            vec![
                ("host", "elsewhere.example:8080"),
                ("sec-fetch-site", "same-origin"),
                ("origin", "http://elsewhere.example:8080"),
            ],
        ] {
            assert!(!is_from_the_page(&of(&heads), true), "{heads:?}");
        }
    }

    #[test]
    fn who_listens_to_others_on_purpose_is_reached_by_any_name_of_theirs() {
        let heads = of(&[("host", "show.example"), ("origin", "https://show.example")]);
        assert!(is_from_the_page(&heads, false));
        assert!(!is_from_the_page(&heads, true));
    }

    fn of(heads: &[(&'static str, &'static str)]) -> HeaderMap {
        let heads = heads.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        heads.collect()
    }
}
