//! On a broker that speaks TLS and knows its users: the alerting works with exactly the rights that
//! `deploy/kafka/acls.sh` gives it, and without one of them it ends and says which.

use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::foreign::grant;
use crate::publishing::{Publisher, exception};
use crate::receiver::Receiver;
use crate::rig::secured::Secured;
use crate::rights::granted;
use crate::running::{Running, Setup, target};

const ENDS_WITHIN: Duration = Duration::from_secs(30);
const ALERT: &str = "User:truecount-alert ";

#[test]
fn with_the_rights_of_the_script_it_works_and_without_one_it_says_which() {
    let users = ["all", "u0", "u1", "u2"];
    let secured = Secured::start(&users);
    let admin = secured.rig.access();
    let publisher = Publisher::new(admin, 1);
    publisher.publish(&[exception(1, 1, json!({}))]);
    let rights = granted(&[
        ("BOOTSTRAP", "broker:9092"),
        ("SOURCES", "rms"),
        ("EXCEPTIONS", &publisher.exceptions),
        ("EXCEPTIONS_CURRENT", &publisher.current),
        ("ALERT_GROUP", "telling"),
    ]);
    let own = rights.iter().filter_map(|right| right.strip_prefix(ALERT));
    let own: Vec<Vec<&str>> = own.map(|right| right.split(' ').collect()).collect();
    assert_eq!(own.len(), 3, "{own:?}");
    let mut rows = Vec::new();
    for (user, lacks) in users.iter().zip([None, Some(0), Some(1), Some(2)]) {
        for (number, right) in own
            .iter()
            .enumerate()
            .filter(|(number, _)| Some(*number) != lacks)
        {
            assert!(number < 3);
            let pattern = right.get(3).copied().unwrap_or("literal");
            rows.push([*user, right[1], right[2], pattern, right[0]]);
        }
    }
    grant(admin, &rows);

    let receiver = Receiver::start();
    let lines = target("webhook", "desk", &receiver.url("/"));
    let setup = |user: &str| {
        let setup = Setup::new(&secured.as_user(user), &publisher, &lines);
        setup.change(|text| {
            let group = text
                .lines()
                .find(|line| line.starts_with("group = "))
                .expect("it has one");
            text.replace(group, "group = \"telling\"")
        });
        setup
    };
    let running = Running::start(&setup("all"));
    running.wait_until("it is told", || receiver.taken("/").len() == 1);
    let _ = running.stop();

    for (number, user) in users[1..].iter().enumerate() {
        let began = Instant::now();
        let output: Output = setup(user).run(&["alert"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let lacks = &own[number];
        assert_eq!(output.status.code(), Some(2), "{lacks:?}: {said}");
        assert!(began.elapsed() < ENDS_WITHIN, "{lacks:?}");
        let last = said.lines().last().unwrap_or_default();
        for word in [lacks[2], "READ", user] {
            assert!(last.contains(word), "{lacks:?}: {word} in {last}");
        }
    }
}
