//! Who is told: addresses, keys, routes and times. Start at [`webhooks`].

use std::collections::BTreeSet;

use toml::de::DeValue;

use super::super::ground::{At, Found, Ground, Section};
use super::{AlertmanagerConfig, DigestConfig, Target, WebhookConfig, is_name};
use crate::alerting::alerts::Pace;
use crate::alerting::route::UNTOLD;
use crate::alerting::{Route, Schedule, Severity};
use crate::config::serve::Secret;
use crate::domain::{Elapsed, ForceCode, Word};

/// Reads `[alertmanager]`, if it is there.
pub(super) fn alertmanager<'a>(
    ground: &mut Ground<'a>,
    root: &mut Section<'a>,
) -> Option<AlertmanagerConfig> {
    let mut section = root.optional(ground, "alertmanager")?;
    let urls = section.texts(ground, "urls");
    if urls.is_empty() && section.raw("urls").is_none() {
        let what = "is missing: name each Alertmanager as http(s)://host:port";
        ground.wrong(&section.at(), section.named("urls"), what);
    }
    for url in &urls {
        check_url(ground, &section.named("urls"), url);
    }
    let token = section.secret(ground, "token", "token_file");
    let resend = section.number(ground, "resend_seconds", 60, 1..=3_600);
    let expires = section.number(ground, "expires_seconds", 300, 2..=86_400);
    if expires < resend * 2 {
        let what = format!(
            "{expires} is less than twice alertmanager.resend_seconds ({resend}): one post that is lost would resolve what stands"
        );
        ground.wrong(&section.at(), section.named("expires_seconds"), what);
    }
    let labels = labels(ground, &mut section);
    let route = route(ground, &mut section);
    section.close(ground);
    Some(AlertmanagerConfig {
        urls: urls
            .into_iter()
            .map(|url| url.value.trim_end_matches('/').to_owned())
            .collect(),
        token: token.map(|found| found.value),
        labels,
        pace: Pace {
            resend: Elapsed::seconds(resend),
            expires: Elapsed::seconds(expires),
        },
        route,
    })
}

/// Reads the labels that every alert has: `job` has to be that of the alerts that Prometheus sends, or
/// these do not inhibit one another.
fn labels<'a>(
    ground: &mut Ground<'a>,
    alertmanager: &mut Section<'a>,
) -> std::collections::BTreeMap<String, String> {
    const OWN: [&str; 6] = ["alertname", "audience", "force", "unit", "severity", "rule"];
    let section = alertmanager.inner(ground, "labels");
    let mut labels = [("job".to_owned(), "truecount".to_owned())].into();
    let Some(table) = section.table() else {
        return labels;
    };
    for (key, value) in table {
        let at = At::Line(ground.line_of(value));
        let name = key.get_ref().to_string();
        let is_label = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
        let is_sound =
            name.chars().all(is_label) && !name.starts_with(|c: char| c.is_ascii_digit());
        match value.get_ref() {
            _ if OWN.contains(&name.as_str()) => {
                ground.wrong(&at, section.named(&name), "is set by the alert itself");
            }
            DeValue::String(text) if is_sound => {
                labels.insert(name, text.to_string());
            }
            _ => {
                let what = "is a name of letters, digits and `_`, and a text";
                ground.wrong(&at, section.named(&name), what);
            }
        }
    }
    labels
}

/// Reads every `[[webhook]]`.
pub(super) fn webhooks<'a>(ground: &mut Ground<'a>, root: &mut Section<'a>) -> Vec<WebhookConfig> {
    let sections = root.list(ground, "webhook");
    let read = sections.into_iter().filter_map(|mut section| {
        let words = [("beginning", true), ("end", false)];
        let from_beginning = section.choice(ground, "first_start", true, &words);
        let target = target(ground, &mut section);
        section.close(ground);
        Some(WebhookConfig {
            target: target?,
            from_beginning,
        })
    });
    read.collect()
}

/// Reads every `[[digest]]`.
pub(super) fn digests<'a>(ground: &mut Ground<'a>, root: &mut Section<'a>) -> Vec<DigestConfig> {
    let sections = root.list(ground, "digest");
    let read = sections.into_iter().filter_map(|mut section| {
        let schedule = schedule(ground, &mut section);
        let hours = section.number(ground, "due_within_hours", 4, 1..=720);
        let target = target(ground, &mut section);
        section.close(ground);
        Some(DigestConfig {
            target: target?,
            schedule: schedule?,
            within: Elapsed::hours(hours),
        })
    });
    read.collect()
}

fn schedule<'a>(ground: &mut Ground<'a>, section: &mut Section<'a>) -> Option<Schedule> {
    let times = section.texts(ground, "at");
    let every = section.number(ground, "every_minutes", 0, 1..=1_440);
    let mut daily = Vec::new();
    for time in &times {
        match Schedule::time(&time.value) {
            Some(time) => daily.push(time),
            None => {
                let what = format!("`{}` is no time of the day, as 07:00", time.value);
                ground.wrong(&time.at, section.named("at"), what);
            }
        }
    }
    match (times.is_empty(), every) {
        (true, 0) => {
            let what = "is missing: say at = [\"07:00\"] or every_minutes = 60";
            ground.wrong(&section.at(), section.named("at"), what);
            None
        }
        (false, 0) => Some(Schedule::Daily(daily)),
        (true, minutes) => Some(Schedule::Every(minutes)),
        (false, _) => {
            let what = "stands beside `at`: leave one of them out";
            ground.wrong(&section.at(), section.named("every_minutes"), what);
            None
        }
    }
}

fn target<'a>(ground: &mut Ground<'a>, section: &mut Section<'a>) -> Option<Target> {
    let because =
        "give it a short name: it stands in the log, in metrics and in the consumer group";
    let name = section.needed(ground, "name", because);
    if let Some(name) = name.as_ref().filter(|name| !is_name(&name.value)) {
        let what = "is made of letters, digits, `-`, `_` and `.`";
        ground.wrong(&name.at, section.named("name"), what);
    }
    let url = section.needed(ground, "url", "say where it listens: http(s)://host/path");
    if let Some(url) = &url {
        check_url(ground, &section.named("url"), url);
    }
    let key = secret(ground, section, "key", "key_file");
    let what = "is missing: name the file that holds the key that POSTs are signed with";
    section.check_key(ground, key.as_ref(), what);
    let token = secret(ground, section, "token", "token_file");
    let route = route(ground, section);
    Some(Target {
        name: name?.value,
        url: url?.value,
        key: key?.value,
        token: token.map(|found| found.value),
        route,
    })
}

/// A secret of a table in a list, which no variable names: it comes from a file.
fn secret<'a>(
    ground: &mut Ground<'a>,
    section: &mut Section<'a>,
    key: &'static str,
    file_key: &'static str,
) -> Option<Found<Secret>> {
    if let Some(value) = section.raw(key) {
        let at = At::Line(ground.line_of(value));
        let what = format!(
            "a secret does not stand in this file: put it into a file of its own and name that in {file_key}"
        );
        ground.wrong(&at, section.named(key), what);
    }
    let path = section.text(ground, file_key)?;
    let what = match std::fs::read_to_string(&path.value) {
        Ok(text) if !text.trim_end().is_empty() => {
            let value = Secret::of(text.trim_end_matches(['\r', '\n']));
            return Some(Found { value, at: path.at });
        }
        Ok(_) => "names an empty file".to_owned(),
        // Who writes the secret itself here by mistake does not find it in a log.
        Err(fault) => format!("names a file that cannot be read: {fault}"),
    };
    ground.wrong(&path.at, section.named(file_key), what);
    None
}

fn check_url(ground: &mut Ground<'_>, setting: &str, url: &Found<String>) {
    let value = &url.value;
    let host = value
        .strip_prefix("https://")
        .or(value.strip_prefix("http://"));
    if host.is_none_or(str::is_empty) {
        ground.wrong(&url.at, setting, "begins with http:// or https://");
    } else if host.is_some_and(|rest| {
        rest.split('/')
            .next()
            .is_some_and(|host| host.contains('@'))
    }) {
        // The address is not repeated: a password may stand in it.
        ground.wrong(&url.at, setting, "has a login in it: use token_file");
    }
}

fn route<'a>(ground: &mut Ground<'a>, section: &mut Section<'a>) -> Route {
    let words = |found: Vec<Found<String>>| -> BTreeSet<Word> {
        found.into_iter().map(|one| Word::from(one.value)).collect()
    };
    let forces = section.texts(ground, "forces").into_iter();
    let forces = forces.map(|force| ForceCode::from(force.value)).collect();
    let units = words(section.texts(ground, "units"));
    let offence_groups = words(section.texts(ground, "offence_groups"));
    let mut severities = BTreeSet::new();
    for found in section.texts(ground, "severities") {
        match Severity::EVERY
            .iter()
            .find(|(word, _)| *word == found.value)
        {
            Some((_, severity)) => drop(severities.insert(*severity)),
            None => {
                let what = format!(
                    "`{}` is not one of critical, high, medium, low",
                    found.value
                );
                ground.wrong(&found.at, section.named("severities"), what);
            }
        }
    }
    let abuse = section.texts(ground, "domestic_abuse");
    for found in &abuse {
        if !["yes", "no", UNTOLD].contains(&found.value.as_str()) {
            let what = format!("`{}` is not one of yes, no, {UNTOLD}", found.value);
            ground.wrong(&found.at, section.named("domestic_abuse"), what);
        }
    }
    Route {
        forces,
        units,
        severities,
        offence_groups,
        domestic_abuse: words(abuse),
    }
}

/// Each has a name of its own, since a group and series go by it.
pub(super) fn names_differ(
    ground: &mut Ground<'_>,
    root: &Section<'_>,
    webhooks: &[WebhookConfig],
    digests: &[DigestConfig],
) {
    let targets = webhooks.iter().map(|one| &one.target);
    let targets = targets.chain(digests.iter().map(|one| &one.target));
    let mut seen = BTreeSet::new();
    for target in targets {
        if !seen.insert(&target.name) {
            let what = format!("`{}` is the name of two: give each its own", target.name);
            ground.wrong(&root.at(), "name", what);
        }
    }
}
