//! What stands, as a real Alertmanager has it: alerts arrive, are grouped, are inhibited by a feed that
//! holds deadlines, and are resolved. A webhook that is down changes nothing of it.

use serde_json::{Value, json};

use crate::paging::Manager;
use crate::publishing::{Publisher, exception};
use crate::receiver::Receiver;
use crate::rig::Rig;
use crate::running::{Running, Setup, target};

const NAME: &str = "TruecountExceptionsOpen";

/// The alerts of one force, by rule.
fn of<'a>(alerts: &'a [Value], force: &str) -> Vec<&'a Value> {
    let ours = alerts
        .iter()
        .filter(|alert| alert["labels"]["alertname"] == NAME && alert["labels"]["force"] == force);
    let mut ours: Vec<&Value> = ours.collect();
    ours.sort_by_key(|alert| alert["labels"]["rule"].to_string());
    ours
}

#[test]
fn alerts_arrive_grouped_are_inhibited_by_a_held_feed_and_are_resolved() {
    let rig = Rig::shared();
    let publisher = Publisher::new(rig.access(), 2);
    let kent = |number, revision, state: &str| {
        exception(
            number,
            revision,
            json!({"force": "kent", "owning_unit": "east", "state": state}),
        )
    };
    publisher.publish(&[
        exception(1, 1, json!({})),
        exception(
            2,
            1,
            json!({"state": "due_soon", "due": "2026-04-01T12:00:00+01:00"}),
        ),
        exception(3, 1, json!({"rule": "VIC-040"})),
        kent(4, 1, "raised"),
    ]);
    let receiver = Receiver::start();
    receiver.answer(|post| {
        if post.path == "/desk" {
            (503, "")
        } else {
            (200, "")
        }
    });
    let manager = Manager::start(&receiver);
    let lines = format!(
        "[http]\nretry_first_ms = 20\nretry_most_ms = 50\n[alertmanager]\nurls = [\"{}\"]\n\
         resend_seconds = 1\nexpires_seconds = 30\n{}",
        manager.url,
        target("webhook", "desk", &receiver.url("/desk"))
    );
    let setup = Setup::new(rig.access(), &publisher, &lines);
    let running = Running::start(&setup);
    running.wait_until("alerts arrive", || {
        of(&manager.alerts(), "northamptonshire").len() == 2
    });
    running.wait_until("those of the other force arrive", || {
        of(&manager.alerts(), "kent").len() == 1
    });
    let alerts = manager.alerts();
    let late = of(&alerts, "northamptonshire")[0];
    assert_eq!(
        late["labels"],
        json!({"alertname": NAME, "audience": "data", "job": "truecount", "unit": "west",
               "force": "northamptonshire", "severity": "high", "rule": "REC-030"})
    );
    let notes = &late["annotations"];
    assert_eq!(
        (&notes["count"], &notes["due_soon"]),
        (&json!("2"), &json!("1"))
    );
    assert_eq!(notes["earliest_due"], "2026-04-01T12:00:00+01:00");
    assert!(
        late["endsAt"].as_str() > late["updatedAt"].as_str(),
        "{late}"
    );

    // One message for the unit, with both rules in it.
    let told = |force: &str, status: &str| {
        let posts = receiver.posts();
        let messages = posts
            .iter()
            .filter(|post| post.path != "/desk")
            .map(|post| post.json());
        let own = messages.filter(|message| {
            message["commonLabels"]["force"] == force
                && message["commonLabels"]["alertname"] == NAME
        });
        let all: Vec<Value> = own.filter(|message| message["status"] == status).collect();
        all
    };
    running.wait_until("both are told together", || {
        let all = told("northamptonshire", "firing");
        all.iter()
            .any(|message| message["alerts"].as_array().map(Vec::len) == Some(2))
    });

    // A feed of the one force holds deadlines: its figures are not complete.
    manager.add(
        &json!({"alertname": "TruecountFeedHoldsDeadlines", "audience": "service",
                        "severity": "warning", "job": "truecount", "feed": "rms",
                        "force": "northamptonshire"}),
    );
    let suppressed = |force: &str| {
        let alerts = manager.alerts();
        let states = of(&alerts, force)
            .into_iter()
            .map(|alert| alert["status"]["state"].clone());
        states.collect::<Vec<_>>()
    };
    running.wait_until("those of its force are inhibited", || {
        suppressed("northamptonshire") == ["suppressed", "suppressed"]
    });
    assert_eq!(suppressed("kent"), ["active"]);

    // The last of one alert closes, and one of two of another.
    publisher.publish(&[
        kent(4, 2, "met"),
        exception(1, 2, json!({"state": "remedied"})),
    ]);
    running.wait_until("it is resolved", || !told("kent", "resolved").is_empty());
    running.wait_until("the other counts one", || {
        let alerts = manager.alerts();
        of(&alerts, "northamptonshire").iter().any(|alert| {
            alert["annotations"]["count"] == "1" && alert["labels"]["rule"] == "REC-030"
        })
    });
    assert_eq!(of(&manager.alerts(), "kent"), Vec::<&Value>::new());
    running.wait_until("nothing of it is shown as open", || {
        running.metric("truecount_alert_exceptions_open{force=\"kent\"}") == Some(0.0)
    });
    let failed = "truecount_alert_deliveries_total{outcome=\"failed\",target=\"desk\"}";
    assert!(
        running.metric(failed) > Some(0.0),
        "the webhook was down all the while"
    );
    let _ = running.stop();
}
