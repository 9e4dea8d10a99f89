//! What goes to webhooks and units: who is told, what is refused, what is signed, how it stops, and
//! what a wrong configuration says.

use std::fs;
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::publishing::{Publisher, exception, id};
use crate::receiver::{KEY, Post, Receiver};
use crate::rig::{Rig, tools};
use crate::running::{Running, Setup, target};
use crate::tree;

fn keys(posts: &[Post]) -> Vec<String> {
    let mut keys: Vec<String> = posts.iter().map(|post| post.key.clone()).collect();
    keys.sort();
    keys
}

#[test]
fn each_webhook_is_told_what_is_its_own_and_one_that_is_refused_blocks_no_other() {
    let rig = Rig::shared();
    let publisher = Publisher::new(rig.access(), 2);
    let receiver = Receiver::start();
    receiver.answer(|post| match post.path.as_str() {
        "/west" if post.key.starts_with(&id(2)) => (422, ""),
        "/down" => (503, ""),
        _ => (200, ""),
    });
    let west = target("webhook", "west", &receiver.url("/west"))
        + "units = [\"west\"]\ntoken_file = \"key\"\n";
    let abuse = target("webhook", "abuse", &receiver.url("/abuse"))
        + "domestic_abuse = [\"yes\"]\nseverities = [\"critical\"]\n";
    let down = target("webhook", "down", &receiver.url("/down"));
    let lines = format!("[http]\nretry_first_ms = 20\nretry_most_ms = 100\n{west}{abuse}{down}");
    let setup = Setup::new(rig.access(), &publisher, &lines);
    let running = Running::start(&setup);
    publisher.publish(&[
        exception(1, 1, json!({})),
        exception(2, 1, json!({})),
        exception(
            3,
            1,
            json!({"owning_unit": "east", "domestic_abuse": true, "severity": "critical"}),
        ),
        exception(4, 1, json!({"owning_unit": "east"})),
    ]);
    publisher.put(&publisher.exceptions, "x", Some(b"{\"id\": \"CANARY\"}"));
    running.wait_until("the first are told", || receiver.taken("/west").len() == 1);
    // It goes to another unit, and the one it had is told so; then it closes, and is told of there.
    publisher.publish(&[exception(1, 2, json!({"owning_unit": "east"}))]);
    running.wait_until("it has left", || receiver.taken("/west").len() == 2);
    let closed = |number, revision| {
        exception(
            number,
            revision,
            json!({"state": "superseded", "owning_unit": null,
                                           "domestic_abuse": null, "severity": "critical"}),
        )
    };
    publisher.publish(&[
        exception(1, 3, json!({"owning_unit": "east"})),
        closed(3, 2),
    ]);
    running.wait_until("what is closed is told", || {
        receiver.taken("/abuse").len() == 2
    });
    running.wait_until("what is closed is told to all", || {
        receiver.taken("/west").len() == 3
    });
    assert_eq!(
        keys(&receiver.taken("/west")),
        [
            format!("{}/1", id(1)),
            format!("{}/2", id(1)),
            format!("{}/2", id(3))
        ]
    );
    assert_eq!(
        keys(&receiver.taken("/abuse")),
        [format!("{}/1", id(3)), format!("{}/2", id(3))]
    );
    assert!(receiver.posts().iter().all(Post::is_signed));
    assert_eq!(receiver.taken("/west")[0].token, format!("Bearer {KEY}"));

    // Put aside: the one that is refused, and the record that is no exception.
    let aside = "truecount_alert_put_aside_total{target=\"west\"}";
    running.wait_until("both are counted", || running.metric(aside) == Some(2.0));
    running.wait_until("the others wait", || {
        running.metric("truecount_alert_waiting{target=\"down\"}") == Some(4.0)
    });
    let oldest = running.metric("truecount_alert_oldest_waiting_seconds{target=\"down\"}");
    assert!(oldest.is_some());
    let said = running.said();
    let refused = said
        .lines()
        .find(|line| line.contains("refuses a revision for good"));
    let refused = refused.expect("the log says so");
    assert!(
        refused.contains(&format!("{}/1", id(2))) && refused.contains("offset="),
        "{refused}"
    );
    assert!(!said.contains(KEY) && !said.contains("CANARY"), "{said}");
    let metrics = running.metrics();
    assert!(!metrics.contains("34/26/"), "no reference is in a metric");
    // A target that is down holds up no end.
    let took = running.stop();
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn after_an_outage_a_webhook_is_told_the_last_state_and_not_all_that_happened() {
    let rig = Rig::shared();
    let publisher = Publisher::new(rig.access(), 2);
    let mut receiver = Receiver::start();
    receiver.go_down();
    let lines = target("webhook", "desk", &receiver.url("/"));
    let lines = format!("[http]\nretry_first_ms = 20\nretry_most_ms = 100\n{lines}");
    let setup = Setup::new(rig.access(), &publisher, &lines);
    let running = Running::start(&setup);
    for revision in 1..=20 {
        let all = (1..=50).map(|number| exception(number, revision, json!({})));
        publisher.publish(&all.collect::<Vec<_>>());
    }
    running.wait_until("all is read", || {
        running.metric("truecount_alert_skipped_total{target=\"desk\"}") == Some(50.0 * 19.0)
    });
    let failed = "truecount_alert_deliveries_total{outcome=\"failed\",target=\"desk\"}";
    running.wait_until("it was tried", || running.metric(failed) > Some(5.0));
    receiver.come_up();
    running.wait_until("all are told", || receiver.taken("/").len() >= 50);
    running.wait_until("nothing waits", || {
        running.metric("truecount_alert_waiting{target=\"desk\"}") == Some(0.0)
    });
    let told = keys(&receiver.taken("/"));
    let last: Vec<String> = (1..=50)
        .map(|number| format!("{}/20", id(number)))
        .collect();
    assert_eq!(told, last, "once each");
    let _ = running.stop();
}

#[test]
fn of_two_under_one_name_the_newer_lives() {
    let rig = Rig::shared();
    let publisher = Publisher::new(rig.access(), 1);
    let receiver = Receiver::start();
    let lines = target("webhook", "desk", &receiver.url("/"));
    let first = Setup::new(rig.access(), &publisher, &lines);
    let second = Setup::new(rig.access(), &publisher, &lines);
    let text = fs::read_to_string(first.file()).expect("it is there");
    let group = text.lines().find(|line| line.starts_with("group = "));
    second.change(|text| {
        let own = text.lines().find(|line| line.starts_with("group = "));
        text.replace(own.expect("it has one"), group.expect("it has one"))
    });
    let older = Running::start(&first);
    let newer = Running::start(&second);
    let code = older.ended();
    assert_eq!(code, Some(11));
    publisher.publish(&[exception(1, 1, json!({}))]);
    newer.wait_until("it is told", || receiver.taken("/").len() == 1);
}

#[test]
fn the_program_of_the_page_checks_the_signature() {
    let rig = Rig::shared();
    let publisher = Publisher::new(rig.access(), 1);
    let receiver = Receiver::start();
    let lines = target("webhook", "desk", &receiver.url("/"));
    let setup = Setup::new(rig.access(), &publisher, &lines);
    publisher.publish(&[exception(1, 1, json!({"title": "Grüße"}))]);
    let running = Running::start(&setup);
    running.wait_until("it is told", || !receiver.taken("/").is_empty());
    running.kill9();
    let post = receiver.taken("/").remove(0);

    let page = tree::text("docs/alerting.md");
    let program = page.split_once("```python\n").expect("it has a program").1;
    let program = program.split_once("```").expect("the block ends").0;
    assert!(program.lines().count() <= 12, "it is short");
    let folder = tools::folder("signature");
    fs::write(folder.join("verify.py"), program).expect("the folder is there");
    fs::write(folder.join("body"), &post.body).expect("the folder is there");
    let ask = "import sys, verify\nbody = open('body', 'rb').read()\n\
               headers = {'Truecount-Timestamp': sys.argv[1], 'Truecount-Signature': sys.argv[2]}\n\
               print(verify.is_ours(sys.argv[3].encode(), headers, body, now=int(sys.argv[4])))";
    let is_ours = |timestamp: &str, signature: &str, key: &str, now: i64| {
        tools::run(
            Command::new(tools::python())
                .args(["-c", ask, timestamp, signature, key, &now.to_string()])
                .current_dir(&folder),
        )
    };
    let at: i64 = post.timestamp.parse().expect("seconds");
    let (time, signature) = (post.timestamp.as_str(), post.signature.as_str());
    assert_eq!(is_ours(time, signature, KEY, at), "True\n");
    assert_eq!(is_ours(time, signature, "another", at), "False\n");
    assert_eq!(
        is_ours(time, signature, KEY, at + 3_600),
        "False\n",
        "it is old"
    );
    let later = (at + 1).to_string();
    assert_eq!(
        is_ours(&later, signature, KEY, at),
        "False\n",
        "the time is signed"
    );
}

#[test]
fn a_digest_tells_each_unit_what_is_due_and_one_failure_is_one_line() {
    let rig = Rig::shared();
    let publisher = Publisher::new(rig.access(), 2);
    publisher.publish(&[
        exception(1, 1, json!({})),
        exception(2, 1, json!({"cause": id(1), "rule": "REC-031"})),
        exception(3, 1, json!({"owning_unit": "east", "state": "met"})),
        exception(4, 1, json!({"owning_unit": "north", "state": "waived"})),
    ]);
    let receiver = Receiver::start();
    let lines = target("digest", "often", &receiver.url("/digest")) + "every_minutes = 1\n";
    let setup = Setup::new(rig.access(), &publisher, &lines);
    let running = Running::start(&setup);
    let of = |unit: &str| {
        let taken = receiver.taken("/digest");
        taken.into_iter().find(|post| post.json()["unit"] == unit)
    };
    running.wait_until("the units are told", || {
        of("west").is_some() && of("east").is_some()
    });
    let (west, east) = (of("west").expect("told"), of("east").expect("told"));
    assert!(
        west.is_signed() && west.key.starts_with("often/northamptonshire/west/20"),
        "{}",
        west.key
    );
    let said = west.json();
    assert_eq!(
        (&said["overdue"]["count"], &said["closed"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(said["overdue"]["lines"][0]["exceptions"], 2);
    let text = said["text"].as_str().expect("it has one");
    assert!(
        text.contains("34/26/000001  Recorded within 24 hours (2 exceptions)"),
        "{text}"
    );
    assert_eq!(east.json()["closed"], 1);
    assert!(of("north").is_none(), "it has nothing to be told");
}

#[test]
fn what_has_to_be_changed_first_ends_with_two_and_says_what() {
    let rig = Rig::shared();
    let publisher = Publisher::new(rig.access(), 1);
    let nobody = Setup::new(rig.access(), &publisher, "");
    let code = |setup: &Setup, arguments: &[&str]| {
        let output = setup.run(arguments);
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (ended, said) = code(&nobody, &["alert"]);
    assert_eq!(ended, Some(2));
    assert!(said.contains("nobody is told"), "{said}");
    assert_eq!(code(&nobody, &["alert", "--check-config"]).0, Some(0));

    let desk = target("webhook", "desk", "http://127.0.0.1:1/");
    let unknown = Setup::new(rig.access(), &publisher, &desk);
    let text = fs::read_to_string(unknown.file()).expect("it is there");
    let text = text.replace(&publisher.exceptions, "no-such-topic");
    fs::write(unknown.file(), text).expect("it is there");
    let (ended, said) = code(&unknown, &["alert"]);
    assert_eq!(ended, Some(2), "{said}");
    assert!(said.contains("there is no topic `no-such-topic`"), "{said}");

    let wrong = Setup::new(rig.access(), &publisher, &desk.replace("webhook", "webook"));
    let (ended, said) = code(&wrong, &["alert"]);
    assert_eq!(ended, Some(2));
    assert!(said.contains("did you mean webhook?"), "{said}");
}
