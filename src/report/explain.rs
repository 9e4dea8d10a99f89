//! One case explained: what was seen of it and when, what each rule says, why an exception was
//! raised or why not, what would change that and when, and which feed holds it. Never judges.
//! Start at [`explain`].

use std::fmt::Write;

use crate::domain::Instant;
use crate::rules::Rule;
use crate::validation::{ClaimView, Force, Inspection, JudgementLine, RuleSet};

/// A page of text on everything held under one reference in a force.
pub fn explain(force: &Force, rules: &RuleSet, inspection: &Inspection) -> String {
    let mut page = String::new();
    let _ = writeln!(
        page,
        "{} {} of {}",
        inspection.record,
        inspection.reference,
        force.code()
    );
    if let Some(reason) = inspection.gone {
        let _ = writeln!(page, "  gone: {reason}; it is not judged");
    }
    timeline(&mut page, inspection);
    links(&mut page, inspection);
    let _ = writeln!(page, "\nVerdicts");
    for line in &inspection.judgements {
        verdict(&mut page, force, rules, inspection, line);
    }
    if inspection.judgements.is_empty() {
        let _ = writeln!(page, "  no rule that is on judges it");
    }
    feeds(&mut page, force);
    page
}

fn timeline(page: &mut String, inspection: &Inspection) {
    let _ = writeln!(page, "\nTimeline (as its systems committed it)");
    let mut versions: Vec<_> = inspection.versions.iter().collect();
    versions.sort_by_key(|line| {
        (
            line.committed_at.earliest(),
            line.source.clone(),
            line.version,
        )
    });
    for line in versions {
        let version = line
            .version
            .map_or_else(|| "no number".to_owned(), |number| number.to_string());
        let says = if line.says.is_empty() {
            String::new()
        } else {
            format!(" · {}", line.says)
        };
        let _ = writeln!(
            page,
            "  {}  {} version {version}{says}",
            line.committed_at, line.source
        );
    }
}

fn links(page: &mut String, inspection: &Inspection) {
    if inspection.names.is_empty() {
        return;
    }
    let _ = writeln!(page, "\nLinks");
    for name in &inspection.names {
        let meaning = match name.far {
            "held" => "its record is here",
            "disposed" => "it was there and was lawfully disposed of or merged",
            "gone" => "it was deleted as an error, or nobody says why",
            "dangling" => "its feed covers the time and has no such record",
            _ => "it may lie outside what its feed covers",
        };
        let _ = writeln!(
            page,
            "  {} {}: {} ({meaning})",
            name.kind, name.reference, name.far
        );
    }
}

fn verdict(
    page: &mut String,
    force: &Force,
    rules: &RuleSet,
    inspection: &Inspection,
    line: &JudgementLine,
) {
    let rule = rules.rules()[line.place];
    let of = if line.obligation.as_str() == inspection.reference.as_str() {
        String::new()
    } else {
        format!(" [{}]", line.obligation)
    };
    let _ = writeln!(
        page,
        "\n  {} {}{of}: {}",
        rule.id,
        rule.title(),
        line.verdict
    );
    for why in reasons(force, rule, line) {
        let _ = writeln!(page, "      {why}");
    }
    let exception = inspection
        .exceptions
        .iter()
        .find(|(id, obligation, _, _)| *id == line.rule && *obligation == line.obligation);
    let _ = match exception {
        Some((_, _, state, revision)) if state.is_open() => {
            writeln!(page, "      exception: {state}, revision {revision}")
        }
        Some((_, _, state, revision)) => {
            writeln!(
                page,
                "      exception: closed as {state}, revision {revision}"
            )
        }
        None => writeln!(page, "      exception: none{}", why_none(line)),
    };
}

fn reasons(force: &Force, rule: &Rule, line: &JudgementLine) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(code) = line.finding {
        reasons.push(format!("why: {}", rule.finding_text(code)));
    }
    if let Some(due) = line.due {
        reasons.push(format!("due: {}", due.0));
    }
    if let Some(seconds) = line.late_by_seconds {
        reasons.push(format!("done late by {seconds} s"));
    }
    if let Some(by) = line.by {
        let text = rule
            .excuses
            .iter()
            .find(|(code, _)| *code == by)
            .map_or("", |(_, text)| text);
        reasons.push(format!("excused by {by}: {text}"));
    }
    for path in &line.missing {
        reasons.push(format!(
            "cannot be told: {path} is missing; a record that carries it decides"
        ));
    }
    for unread in &line.unread {
        reasons.push(format!("carried and not readable: {unread}"));
    }
    if line.verdict == "pending"
        && let Some(stands_from) = line.stands_from
    {
        reasons.push(waiting(force, line.place, stands_from));
    }
    if let Some(cited) = rule.sources.first() {
        reasons.push(format!("text: {}, {}", cited.source, cited.place));
    }
    reasons
}

/// What a pending accusation waits for, and which feed holds it.
fn waiting(force: &Force, rule: usize, stands_from: Instant) -> String {
    let frontier = force.frontier(rule);
    let claims: Vec<ClaimView> = force.claims().collect();
    let through = |feed: &str| {
        claims
            .iter()
            .find(|claim| claim.feed.as_str() == feed)
            .map(|claim| claim.through)
    };
    let holding: Vec<String> = force
        .feeds_of(rule)
        .filter(|feed| through(feed.as_str()).is_none_or(|through| through <= stands_from))
        .map(|feed| {
            let proved = through(feed.as_str()).unwrap_or(Instant::BEGINNING);
            format!("{feed} (proved through {proved})")
        })
        .collect();
    format!(
        "it stands once every feed is proved later than {stands_from}, unless a record met it; proved through {frontier}; held by {}",
        if holding.is_empty() {
            "no feed".to_owned()
        } else {
            holding.join(", ")
        }
    )
}

fn why_none(line: &JudgementLine) -> &'static str {
    match line.verdict {
        "met" => ", since the duty was done",
        "excused" => ", since a cited exemption permits it",
        "undecidable" => ", since nobody is accused on missing data",
        "advisory" => ", since an advisory opens none",
        "pending" => ", since its time is not proved past",
        "breach" if !line.opens => ", since the profile judges it and opens none",
        _ => ", since the duty does not arise",
    }
}

fn feeds(page: &mut String, force: &Force) {
    let _ = writeln!(page, "\nFeeds");
    for claim in force.claims() {
        let unread = match claim.expired + claim.held_by {
            0 => String::new(),
            count => format!("; {count} of its records were set aside unread"),
        };
        let _ = writeln!(
            page,
            "  {} proved through {} ({}){unread}",
            claim.feed, claim.through, claim.kind
        );
    }
}
