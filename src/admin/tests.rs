//! Both listeners over real sockets, with a stub that answers for the thread that judges.
//! Start at [`Stand`].

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use super::*;
use crate::config::serve::{ConsoleConfig, Secret};
use crate::telemetry::board::{Hold, Phase};
use crate::telemetry::logs::{Log, subscriber};
use crate::telemetry::question::{Answer, Asked};

const TOKEN: &str = "made-up-token-0123456789abcdef0123456789";

/// Both listeners, and what stands behind them.
struct Stand {
    serving: Serving,
    board: Arc<Board>,
    metrics: Arc<Metrics>,
    questions: Option<Receiver<Question>>,
}

fn stand(patience: Duration) -> Stand {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let config = AdminConfig {
        listen: Some(any),
        stuck_after: Duration::from_secs(60),
        console: Some(ConsoleConfig {
            listen: any,
            token: Secret::of(TOKEN),
        }),
    };
    let board = Arc::new(Board::new(&["validation"], Instant::now()));
    let metrics = Arc::new(Metrics::new());
    let (asking, questions) = channel();
    let shown = Shown {
        board: Arc::clone(&board),
        metrics: Arc::clone(&metrics),
        library: library(),
        questions: asking,
        patience,
    };
    let serving = serve(&config, &shown).expect("ports are free");
    Stand {
        serving,
        board,
        metrics,
        questions: Some(questions),
    }
}

fn library() -> Arc<Library> {
    Arc::new(Library::shipped("national").expect("the shipped tables are sound"))
}

/// What came back.
struct Got {
    status: u16,
    head: String,
    body: String,
}

fn get(address: Option<SocketAddr>, path: &str, token: Option<&str>) -> Got {
    let mut stream = TcpStream::connect(address.expect("it listens")).expect("it accepts");
    let token = token.map_or_else(String::new, |token| {
        format!("Authorization: Bearer {token}\r\n")
    });
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: t\r\n{token}Connection: close\r\n\r\n"
    )
    .expect("it reads");
    let mut text = String::new();
    stream
        .read_to_string(&mut text)
        .expect("it answers in UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer has a head");
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .expect("a status");
    Got {
        status,
        head: head.to_lowercase(),
        body: body.to_owned(),
    }
}

impl Stand {
    fn health(&self, path: &str) -> Got {
        get(self.serving.health, path, None)
    }

    fn console(&self, path: &str, token: Option<&str>) -> Got {
        get(self.serving.console, path, token)
    }

    /// Answers every question by what the stub says.
    fn answered(&mut self, answer: impl Fn(&Asked) -> Answer + Send + 'static) {
        let questions = self.questions.take().expect("nobody answers yet");
        std::thread::spawn(move || {
            for question in questions {
                let answer = answer(&question.asked);
                question.answer(answer);
            }
        });
    }
}

fn json(got: &Got) -> serde_json::Value {
    serde_json::from_str(&got.body).unwrap_or_else(|fault| panic!("{fault}: {}", got.body))
}

#[test]
fn the_metrics_are_shown_as_prometheus_reads_them() {
    let stand = stand(PATIENCE);
    stand.metrics.things.set(["north"], 7.0);
    let got = stand.health("/metrics");
    assert_eq!(got.status, 200);
    assert!(
        got.head.contains("content-type: text/plain; version=0.0.4"),
        "{}",
        got.head
    );
    assert!(
        got.body.contains("truecount_things{force=\"north\"} 7"),
        "{}",
        got.body
    );
    assert!(stand.health("/").body.contains("/ready"));
    assert_eq!(
        stand.health("/cases/north/1").status,
        404,
        "cases are on the other listener"
    );
}

#[test]
fn live_ready_and_stuck_have_three_answers() {
    let stand = stand(PATIENCE);
    let restoring = Phase::Restoring {
        done: 0,
        of: 2,
        rows: 12,
    };
    stand.board.entered("validation", restoring, Instant::now());
    assert_eq!(stand.health("/live").status, 200);
    let ready = stand.health("/ready");
    assert_eq!((ready.status, &json(&ready)["ready"]), (503, &false.into()));
    assert_eq!(
        json(&ready)["because"][0]["because"],
        "reads back what was kept: 0 of 2 partitions, 12 rows"
    );
    assert_eq!(stand.health("/stuck").status, 200, "not ready is not stuck");

    stand.board.entered(
        "validation",
        Phase::Running { partitions: 2 },
        Instant::now(),
    );
    assert_eq!(stand.health("/ready").status, 200);
    let long_ago = Instant::now()
        .checked_sub(Duration::from_secs(61))
        .expect("the machine is up");
    stand.board.committed("validation", long_ago);
    assert_eq!(stand.health("/live").status, 200);
    assert_eq!(stand.health("/ready").status, 200, "stuck is not unready");
    let stuck = stand.health("/stuck");
    assert_eq!(stuck.status, 503);
    let because = json(&stuck)["because"][0]["because"].to_string();
    assert!(because.contains("has not committed for 6"), "{because}");

    stand.board.turned("validation", long_ago);
    assert_eq!(stand.health("/live").status, 503);
}

#[test]
fn a_feed_that_holds_deadlines_is_told_and_is_no_fault_of_the_process() {
    let stand = stand(PATIENCE);
    let since = crate::domain::Instant::BEGINNING;
    let hold = Hold {
        deadlines: 3,
        since,
        claim: None,
    };
    stand
        .board
        .holds(&"north".into(), BTreeMap::from([("rms".into(), hold)]));
    let stuck = stand.health("/stuck");
    assert_eq!(stuck.status, 200);
    let held = &json(&stuck)["held_by_feeds"][0];
    assert_eq!(
        (&held["force"], &held["feed"]),
        (&"north".into(), &"rms".into())
    );
    assert_eq!(held["deadlines"], 3);
}

#[test]
fn the_console_lets_in_whoever_shows_the_token() {
    let mut stand = stand(PATIENCE);
    stand.answered(|asked| match asked {
        Asked::Explain { force, reference } => Answer::Text(format!("{force} {reference}\n")),
        Asked::Case { reference, .. } if reference.as_str() == "none" => Answer::NotFound,
        Asked::Case { force, .. } if force.as_str() == "south" => Answer::NotHere,
        Asked::Case { reference, .. } => {
            Answer::Json(serde_json::json!({ "reference": reference.as_str() }))
        }
    });
    for (token, because) in [
        (None, "missing"),
        (Some("wrong"), "wrong"),
        (Some(""), "empty"),
    ] {
        for path in ["/", "/rules", "/explain/north/1", "/nowhere"] {
            let got = stand.console(path, token);
            assert_eq!(got.status, 401, "{because} {path}");
            assert!(
                got.head.contains("www-authenticate: bearer"),
                "{}",
                got.head
            );
        }
    }
    let explained = stand.console("/explain/north/34/26/004512", Some(TOKEN));
    assert_eq!(
        (explained.status, explained.body.as_str()),
        (200, "north 34/26/004512\n")
    );
    assert!(
        explained.head.contains("cache-control: no-store"),
        "{}",
        explained.head
    );
    let case = stand.console("/cases/north/NP%2D1", Some(TOKEN));
    assert_eq!(
        (case.status, json(&case)["reference"].as_str()),
        (200, Some("NP-1"))
    );
    assert_eq!(stand.console("/cases/north/none", Some(TOKEN)).status, 404);
    assert_eq!(stand.console("/cases/south/1", Some(TOKEN)).status, 421);
    assert!(
        stand
            .console("/rules", Some(TOKEN))
            .body
            .contains("REC-030")
    );
    assert!(
        stand
            .console("/rules/rec-030", Some(TOKEN))
            .body
            .contains("24 hours")
    );
    assert_eq!(stand.console("/rules/REC-999", Some(TOKEN)).status, 404);
}

#[test]
fn whoever_does_not_get_an_answer_in_time_is_told_that_it_is_busy() {
    let stand = stand(Duration::from_millis(50));
    let got = stand.console("/explain/north/1", Some(TOKEN));
    assert_eq!(got.status, 503);
    assert!(got.body.starts_with("busy"), "{}", got.body);
    let questions = stand.questions.as_ref().expect("nobody answers");
    let question = questions.try_recv().expect("it was asked");
    assert!(question.is_forgotten(), "the answer need not be worked out");
    assert_eq!(stand.health("/live").status, 200, "health waits for nobody");
}

#[test]
fn a_question_that_nobody_can_answer_is_told_at_once() {
    let mut stand = stand(PATIENCE);
    drop(stand.questions.take());
    let got = stand.console("/cases/north/1", Some(TOKEN));
    assert_eq!(
        (got.status, got.body.as_str()),
        (503, "nobody judges in this process\n")
    );
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panicked").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn every_read_is_logged_with_who_from_where_and_what() {
    let kept = Kept::default();
    let writer = kept.clone();
    let log = Log {
        json: true,
        level: tracing::Level::INFO,
    };
    let subscriber = subscriber(log, move || writer.clone());
    let (asking, questions) = channel();
    drop(questions);
    let shown = Shown {
        board: Arc::new(Board::new(&[], Instant::now())),
        metrics: Arc::new(Metrics::new()),
        library: library(),
        questions: asking,
        patience: PATIENCE,
    };
    let router = console::router(&shown, &Secret::of(TOKEN));
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let (listener, address) = listen(any).expect("ports are free");
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let (stop, stopped) = oneshot::channel();
    let reader = std::thread::spawn(move || {
        for token in [TOKEN, "a-wrong-token"] {
            get(Some(address), "/cases/north/34%2F26%0a", Some(token));
        }
        drop(stop);
    });
    // On this thread, so that the log of this test and of no other is kept.
    tracing::subscriber::with_default(subscriber, || {
        run(&runtime, vec![(listener, router)], stopped);
    });
    reader.join().expect("both were answered");
    let bytes = kept.0.lock().expect("nobody panicked").clone();
    let text = String::from_utf8(bytes).expect("a log is UTF-8");
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert_eq!(lines[0]["message"], "console read");
    let peer = lines[0]["peer"].as_str().unwrap_or_default();
    assert!(peer.starts_with("127.0.0.1:"), "{text}");
    assert_eq!(lines[0]["path"], "/cases/north/34%2F26%0a");
    assert_eq!(lines[0]["status"], 503);
    assert_eq!(lines[0]["reader"].as_str().map(str::len), Some(8));
    assert_eq!(lines[1]["message"], "console read refused");
    assert_eq!(lines[1]["because"], "wrong token");
    assert!(
        !text.contains(TOKEN) && !text.contains("a-wrong-token"),
        "{text}"
    );
}
