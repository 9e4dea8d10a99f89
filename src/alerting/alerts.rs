//! What Alertmanager is told: one alert for each force, unit, severity and rule, with how many
//! failures press. Alertmanager forgets what it is not told again, so an alert is posted when it
//! changes and before it runs out, and is resolved when nothing of it presses any longer. Start at
//! [`standing`] and [`Sending`].

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::backoff::Backoff;
use super::book::Book;
use super::failures::failures;
use super::revision::Severity;
use super::route::Route;
use crate::domain::exception::State;
use crate::domain::{Elapsed, ForceCode, Instant, Word};

/// The name of every alert.
pub const ALERT: &str = "TruecountExceptionsOpen";

/// What tells one alert from another.
pub type Name = (ForceCode, Option<Word>, Severity, Word);

/// What an alert says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Alert {
    title: Box<str>,
    failures: usize,
    exceptions: usize,
    due_soon: usize,
    overdue: usize,
    earliest_due: Option<Instant>,
}

/// The alerts that stand: what presses, of a route.
pub fn standing(book: &Book, route: &Route) -> BTreeMap<Name, Alert> {
    let mut alerts: BTreeMap<Name, Alert> = BTreeMap::new();
    for failure in failures(book.of(route).filter(|revision| revision.is_pressing())) {
        let head = failure.head;
        let unit = head.owning_unit.clone();
        let name = (head.force.clone(), unit, head.severity, head.rule.clone());
        let alert = alerts.entry(name).or_default();
        alert.title = head.title.clone();
        alert.failures += 1;
        alert.exceptions += failure.exceptions;
        alert.due_soon += usize::from(failure.state == State::DueSoon);
        alert.overdue += usize::from(failure.state == State::Raised);
        alert.earliest_due = match (alert.earliest_due, failure.due) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
    }
    alerts
}

/// How often, and for how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pace {
    /// After how long an alert that has not changed is posted again.
    pub resend: Elapsed,
    /// For how long a posted alert stands if nothing more is heard.
    pub expires: Elapsed,
}

/// One alert to be posted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Posting {
    name: Name,
    /// None resolves it.
    alert: Option<Alert>,
    began: Instant,
    ends: Instant,
}

/// What one Alertmanager was told.
#[derive(Clone, Debug)]
pub struct Sending {
    pace: Pace,
    backoff: Backoff,
    told: BTreeMap<Name, Told>,
    failures: u32,
    resume: Instant,
}

#[derive(Clone, Debug)]
struct Told {
    alert: Alert,
    began: Instant,
    posted: Instant,
}

impl Sending {
    /// Nothing was told yet.
    pub const fn new(pace: Pace, backoff: Backoff) -> Sending {
        Sending {
            pace,
            backoff,
            told: BTreeMap::new(),
            failures: 0,
            resume: Instant::BEGINNING,
        }
    }

    /// What has to be posted now, given what stands.
    pub fn due(&mut self, standing: &BTreeMap<Name, Alert>, now: Instant) -> Vec<Posting> {
        // What has run out there needs no resolving.
        let expires = self.pace.expires;
        self.told
            .retain(|name, told| standing.contains_key(name) || told.posted.plus(expires) > now);
        if now < self.resume {
            return Vec::new();
        }
        let resolved = self
            .told
            .iter()
            .filter(|(name, _)| !standing.contains_key(*name));
        let resolved = resolved.map(|(name, told)| Posting {
            name: name.clone(),
            alert: None,
            began: told.began,
            ends: now,
        });
        let fires = standing.iter().filter_map(|(name, alert)| {
            let told = self.told.get(name);
            let is_told = told.is_some_and(|told| {
                told.alert == *alert && now < told.posted.plus(self.pace.resend)
            });
            (!is_told).then(|| Posting {
                name: name.clone(),
                alert: Some(alert.clone()),
                began: told.map_or(now, |told| told.began),
                ends: now.plus(self.pace.expires),
            })
        });
        resolved.chain(fires).collect()
    }

    /// Alertmanager has taken these.
    pub fn taken(&mut self, postings: &[Posting], now: Instant) {
        self.failures = 0;
        for posting in postings {
            match &posting.alert {
                None => drop(self.told.remove(&posting.name)),
                Some(alert) => {
                    let told = Told {
                        alert: alert.clone(),
                        began: posting.began,
                        posted: now,
                    };
                    self.told.insert(posting.name.clone(), told);
                }
            }
        }
    }

    /// Alertmanager has not answered: nothing is posted for a while.
    pub fn failed(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        self.resume = self.backoff.after(self.failures, b"alertmanager", now);
    }
}

/// Postings in the form of Alertmanager's v2 API; `labels` are put on each.
pub fn as_json(postings: &[Posting], labels: &BTreeMap<String, String>) -> Value {
    let each = postings.iter().map(|posting| {
        json!({
            "labels": labelled(&posting.name, labels),
            "annotations": posting.alert.as_ref().map_or_else(Map::new, |alert| {
                annotated(&posting.name, alert)
            }),
            "startsAt": utc(posting.began),
            "endsAt": utc(posting.ends),
        })
    });
    Value::Array(each.collect())
}

fn labelled(name: &Name, more: &BTreeMap<String, String>) -> Map<String, Value> {
    let (force, unit, severity, rule) = name;
    let own = [
        ("alertname", ALERT),
        ("audience", "data"),
        ("force", force.as_str()),
        (
            "unit",
            unit.as_ref().map_or(super::route::UNTOLD, Word::as_str),
        ),
        ("severity", severity.as_str()),
        ("rule", rule.as_str()),
    ];
    let more = more
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()));
    let all = more.chain(own);
    all.map(|(key, value)| (key.to_owned(), Value::from(value)))
        .collect()
}

fn annotated(name: &Name, alert: &Alert) -> Map<String, Value> {
    let (_, unit, _, rule) = name;
    let whose = unit
        .as_ref()
        .map_or_else(|| "of no unit".to_owned(), |unit| format!("with {unit}"));
    let due = alert.earliest_due.map(|due| due.to_string());
    let until = due
        .as_ref()
        .map_or_else(String::new, |due| format!("; the earliest due {due}"));
    let summary = format!(
        "{} of {rule} {whose}: {} due soon, {} overdue{until}",
        alert.failures, alert.due_soon, alert.overdue
    );
    let all = [
        ("summary", Some(summary)),
        ("title", Some(alert.title.to_string())),
        ("count", Some(alert.failures.to_string())),
        ("exceptions", Some(alert.exceptions.to_string())),
        ("due_soon", Some(alert.due_soon.to_string())),
        ("overdue", Some(alert.overdue.to_string())),
        ("earliest_due", due),
    ];
    all.into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), Value::from(value?))))
        .collect()
}

/// An instant as Alertmanager reads it: RFC 3339 with an offset.
fn utc(at: Instant) -> String {
    at.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::super::revision::tests::told;
    use super::*;

    const NOON: Instant = Instant::from_millis(1_775_000_000_000);
    const PACE: Pace = Pace {
        resend: Elapsed::seconds(60),
        expires: Elapsed::seconds(300),
    };

    fn sending() -> Sending {
        let backoff = Backoff {
            first_ms: 1_000,
            most_ms: 60_000,
            seed: 1,
        };
        Sending::new(PACE, backoff)
    }

    fn after(seconds: i64) -> Instant {
        NOON.plus(Elapsed::seconds(seconds))
    }

    fn book(of: &[(u128, u32, Value)]) -> Book {
        let mut book = Book::default();
        for (number, revision, more) in of {
            book.note(told(*number, *revision, more.clone()), NOON);
        }
        book
    }

    #[test]
    fn there_is_one_alert_for_each_force_unit_severity_and_rule_and_it_counts_failures() {
        let cause = json!({"cause": Uuid::from_u128(1), "rule": "REC-031"});
        let book = book(&[
            (1, 1, json!({})),
            (2, 1, cause),
            (
                3,
                1,
                json!({"state": "due_soon", "due": "2026-04-09T12:00:00+01:00"}),
            ),
            (4, 1, json!({"owning_unit": null})),
            (5, 1, json!({"severity": "low"})),
            (6, 1, json!({"state": "remedied"})),
            (7, 1, json!({"state": "waived"})),
        ]);
        let alerts = standing(&book, &Route::default());
        assert_eq!(alerts.len(), 3, "{alerts:#?}");
        let west = (
            "kent".into(),
            Some("west".into()),
            Severity::Critical,
            "REC-030".into(),
        );
        let alert = &alerts[&west];
        assert_eq!((alert.failures, alert.exceptions), (2, 3));
        assert_eq!((alert.due_soon, alert.overdue), (1, 1));
        let posting = Posting {
            name: west,
            alert: Some(alert.clone()),
            began: NOON,
            ends: after(300),
        };
        let job = BTreeMap::from([("job".to_owned(), "truecount".to_owned())]);
        let said = as_json(&[posting], &job);
        assert_eq!(
            said[0]["labels"],
            json!({"alertname": "TruecountExceptionsOpen", "audience": "data", "force": "kent",
                   "unit": "west", "severity": "critical", "rule": "REC-030", "job": "truecount"})
        );
        let notes = &said[0]["annotations"];
        assert_eq!(
            (&notes["count"], &notes["exceptions"]),
            (&json!("2"), &json!("3"))
        );
        assert_eq!(notes["earliest_due"], "2026-04-02T09:04:00+01:00");
        assert_eq!(
            notes["summary"],
            "2 of REC-030 with west: 1 due soon, 1 overdue; the earliest due 2026-04-02T09:04:00+01:00"
        );
    }

    #[test]
    fn an_alert_is_posted_when_it_is_new_or_changes_and_again_before_it_runs_out() {
        let mut sending = sending();
        let one = standing(&book(&[(1, 1, json!({}))]), &Route::default());
        let first = sending.due(&one, NOON);
        assert_eq!((first.len(), first[0].ends), (1, after(300)));
        sending.taken(&first, NOON);
        assert_eq!(sending.due(&one, after(59)), []);
        let again = sending.due(&one, after(60));
        assert_eq!((again[0].began, again[0].ends), (NOON, after(360)));
        sending.taken(&again, after(60));
        let two = book(&[(1, 1, json!({})), (2, 1, json!({}))]);
        let changed = sending.due(&standing(&two, &Route::default()), after(61));
        assert_eq!(changed.len(), 1);
    }

    #[test]
    fn what_no_longer_presses_is_resolved_until_that_is_taken_or_has_run_out() {
        let mut sending = sending();
        let one = standing(&book(&[(1, 1, json!({}))]), &Route::default());
        let first = sending.due(&one, NOON);
        sending.taken(&first, NOON);
        let none = BTreeMap::new();
        let resolved = sending.due(&none, after(5));
        assert_eq!(
            (resolved[0].alert.as_ref(), resolved[0].ends),
            (None, after(5))
        );
        assert_eq!(
            as_json(&resolved, &BTreeMap::new())[0]["annotations"],
            json!({})
        );
        assert_eq!(sending.due(&none, after(6)).len(), 1, "it was not taken");
        let mut lost = sending.clone();
        assert_eq!(lost.due(&none, after(300)), [], "it has run out by itself");
        sending.taken(&resolved, after(6));
        assert_eq!(sending.due(&none, after(7)), []);
    }

    #[test]
    fn after_a_failure_nothing_is_posted_for_a_while() {
        let mut sending = sending();
        let one = standing(&book(&[(1, 1, json!({}))]), &Route::default());
        assert_eq!(sending.due(&one, NOON).len(), 1);
        sending.failed(NOON);
        assert_eq!(sending.due(&one, NOON).len(), 0);
        assert_eq!(sending.due(&one, after(1)).len(), 1);
    }
}
