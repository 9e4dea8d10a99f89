//! What the listener answers, what it refuses, and how the process ends. Start at the first test.

use std::net::TcpListener;

use crate::promtool;

use super::process::{Running, ended, feed};

/// Few records, so that a day passes in moments.
const FEW: [&str; 4] = ["--things", "600", "--speed", "600"];

#[test]
fn the_page_says_that_the_traffic_is_invented_and_runs_nothing_but_its_own_script() {
    let running = Running::with(&FEW);
    let page = running.get("/");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Invented traffic."), "{}", page.body);
    for says in [
        "content-type: text/html; charset=utf-8",
        "default-src 'none'",
        "script-src 'sha256-",
        "frame-ancestors 'none'",
        "cache-control: no-store",
    ] {
        assert!(page.head.contains(says), "{says} is not in {}", page.head);
    }
    assert!(!page.body.contains("src="), "nothing is fetched");
    assert_eq!(running.state()["invented"], true);
    assert_eq!(running.get("/live").status, 200);
    assert_eq!(running.get("/stuck").status, 200);
    assert_eq!(running.get("/elsewhere").status, 404);
}

#[test]
fn the_metrics_are_those_of_the_service_and_promtool_has_nothing_to_say() {
    let running = Running::with(&["--things", "3000", "--speed", "3600"]);
    running.press("turn-rms-silent");
    let metrics = running.until("a silent feed holds a deadline", |running| {
        let metrics = running.get("/metrics").body;
        let holds = "truecount_feed_holds_deadlines{feed=\"rms\"";
        metrics.contains(holds).then_some(metrics)
    });
    assert!(metrics.contains("\ntruecount_record_to_exception_seconds_count "));
    for name in [
        "truecount_build_info",
        "truecount_things",
        "truecount_feed_claim_timestamp_seconds",
        "truecount_feed_holds_deadlines",
        "truecount_feed_holds_since_timestamp_seconds",
        "truecount_exceptions_open",
        "truecount_exceptions_open_by_state",
        "truecount_obligations",
        "truecount_balance_off",
        "truecount_records_total",
        "truecount_exceptions_published_total",
        "truecount_transactions_total",
        "truecount_source_lag",
        "truecount_journal_lag",
    ] {
        assert!(
            metrics.contains(&format!("\n{name}{{")),
            "{name}\n{metrics}"
        );
    }
    assert!(metrics.contains("truecount_balance_off{force=\"northamptonshire\"} 0\n"));
    assert_eq!(promtool::says_of(&metrics), "");
}

#[test]
fn a_switch_is_turned_from_the_page_and_from_nowhere_else() {
    let running = Running::with(&FEW);
    let own = format!("http://{}", running.address);
    for heads in [
        vec![],
        vec![("Sec-Fetch-Site", "cross-site")],
        vec![("Origin", "http://elsewhere.example")],
        vec![("Origin", own.as_str()), ("Sec-Fetch-Site", "cross-site")],
    ] {
        let answer = running.send("POST", "/feeds/rms/silent", &heads);
        assert_eq!(answer.status, 403, "{heads:?}");
    }
    assert_eq!(running.get("/feeds/rms/silent").status, 405);
    assert_eq!(feed(&running.state(), "rms")["speaks"], "at_once");
    let from_the_page = [("Origin", own.as_str())];
    for unknown in ["/feeds/other/silent", "/feeds/rms/loudly"] {
        let answer = running.send("POST", unknown, &from_the_page);
        assert_eq!(answer.status, 404, "{unknown}");
    }
    running.press("turn-rms-at_night");
    assert_eq!(feed(&running.state(), "rms")["speaks"], "at_night");
}

#[test]
fn after_its_days_it_begins_anew_and_goes_on_being_ready() {
    let running = Running::with(&["--things", "300", "--speed", "86400", "--days", "11"]);
    running.press("turn-cad-silent");
    let state = running.until("the third run began", |running| {
        let state = running.state();
        (state["round"].as_u64() >= Some(3)).then_some(state)
    });
    assert!(state["things"].as_u64() < Some(200), "{state}");
    assert_eq!(feed(&state, "cad")["speaks"], "silent", "switches stay");
    running.until("it is ready again", |running| {
        (running.get("/ready").status == 200).then_some(())
    });
}

#[test]
fn it_ends_with_0_when_it_is_asked_to() {
    for signal in ["INT", "TERM"] {
        let running = Running::with(&FEW);
        assert_eq!(running.end(signal).code(), Some(0), "{signal}");
    }
}

#[test]
fn what_cannot_be_done_is_said_at_once_and_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = taken.local_addr().expect("it has one").to_string();
    let all = [
        "--speed", "0", "--force", "atlantis", "--things", "0", "--days", "3",
    ];
    for (arguments, says) in [
        (vec!["--listen", &address], vec!["choose another port"]),
        (
            all.to_vec(),
            vec!["--speed 0", "--force atlantis", "--things 0", "--days 3"],
        ),
    ] {
        let output = ended(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let told = String::from_utf8_lossy(&output.stderr);
        for says in says {
            assert!(told.contains(says), "{says} is not in {told}");
        }
    }
}

#[test]
fn the_help_says_that_the_traffic_is_invented() {
    let output = ended(&["--help"]);
    let help = String::from_utf8_lossy(&output.stdout);
    assert!(help.contains("The traffic is invented"), "{help}");
}
