//! One case explained: what was seen of it and when, what each rule says, why an exception was
//! raised or why not, what would change that and when, and which feed holds it. Never judges.
//! Start at [`explain`].

use std::fmt::Write;

use super::layout::{elapsed, wrapped};
use crate::domain::Instant;
use crate::domain::exception::{ProofKind, State};
use crate::domain::names::Word;
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
    verdicts(&mut page, force, rules, inspection);
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

/// The verdicts that say something; the duties that do not arise share a line.
fn verdicts(page: &mut String, force: &Force, rules: &RuleSet, inspection: &Inspection) {
    let _ = writeln!(page, "\nVerdicts");
    if inspection.judgements.is_empty() {
        let _ = writeln!(page, "  no rule that is on judges it");
    }
    let (silent, speaking): (Vec<_>, Vec<_>) = inspection
        .judgements
        .iter()
        .partition(|line| line.verdict == "not_applicable" && of(inspection, line).is_none());
    for line in speaking {
        verdict(page, force, rules, inspection, line);
    }
    if !silent.is_empty() {
        let mut ids: Vec<&str> = silent.iter().map(|line| line.rule).collect();
        ids.dedup();
        let ids = ids.join(", ");
        let _ = writeln!(
            page,
            "\n  {}",
            wrapped(&format!("the duty does not arise: {ids}"), 4)
        );
    }
}

type ExceptionLine = (&'static str, Word, State, u32);

/// The exception of a judgement, open or closed.
fn of<'a>(inspection: &'a Inspection, line: &JudgementLine) -> Option<&'a ExceptionLine> {
    let mut exceptions = inspection.exceptions.iter();
    exceptions.find(|(id, obligation, _, _)| *id == line.rule && *obligation == line.obligation)
}

fn verdict(
    page: &mut String,
    force: &Force,
    rules: &RuleSet,
    inspection: &Inspection,
    line: &JudgementLine,
) {
    let rule = rules.rules()[line.place];
    let obligation = if line.obligation.as_str() == inspection.reference.as_str() {
        String::new()
    } else {
        format!(" [{}]", line.obligation)
    };
    let (id, title) = (rule.id, rule.title());
    let _ = writeln!(page, "\n  {id} {title}{obligation}: {}", line.verdict);
    let mut said = reasons(force, rule, line);
    if let Some(cited) = rule.sources.first() {
        let source = rules.library().source(cited.source);
        let title = source.map_or(cited.source, |source| source.title.as_str());
        said.push(format!("text: {title}, {}", cited.place));
    }
    said.push(match of(inspection, line) {
        Some((_, _, state, revision)) if state.is_open() => {
            format!("exception: {state}, revision {revision}")
        }
        Some((_, _, state, revision)) => {
            format!("exception: closed as {state}, revision {revision}")
        }
        None => format!("exception: none{}", why_none(line)),
    });
    for why in said {
        let _ = writeln!(page, "      {}", wrapped(&why, 10));
    }
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
        reasons.push(format!("done late by {} ({seconds} s)", elapsed(seconds)));
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
    reasons.extend(proof(line));
    reasons.extend(change(line).map(|text| format!("what would change it: {text}")));
    reasons
}

fn proof(line: &JudgementLine) -> Option<String> {
    let text = match line.proof {
        ProofKind::Impaired => {
            "proof: impaired; a record set aside unread, or one that came after its feed's promise, \
             may bear on it"
        }
        ProofKind::Declared if line.verdict == "breach" => {
            "proof: declared; as good as what was stated of the feeds"
        }
        ProofKind::Declared | ProofKind::Stated => return None,
    };
    Some(text.to_owned())
}

/// What would change a verdict, where the record can still change it.
fn change(line: &JudgementLine) -> Option<&'static str> {
    match (line.verdict, line.remedied) {
        ("breach", true) => Some(
            "it was made good, and stays a breach, since it was late; a corrected time in its record",
        ),
        ("breach", false) => Some(
            "a record that shows the duty done, or a cited exemption; a waiver sets it aside for a time",
        ),
        ("advisory", _) => Some("a record that shows the duty done; it accuses nobody"),
        _ => None,
    }
}

/// What a pending accusation waits for, and which feed holds it.
fn waiting(force: &Force, rule: usize, stands_from: Instant) -> String {
    let claims: Vec<ClaimView> = force.claims().collect();
    let through = |feed: &str| {
        let mut claims = claims.iter();
        claims
            .find(|claim| claim.feed.as_str() == feed)
            .map(|claim| claim.through)
    };
    let holding: Vec<String> = force
        .feeds_of(rule)
        .filter(|feed| through(feed.as_str()).is_none_or(|through| through <= stands_from))
        .map(|feed| match through(feed.as_str()) {
            None | Some(Instant::BEGINNING) => format!("{feed} (proved through nothing)"),
            Some(proved) => format!("{feed} (proved through {proved})"),
        })
        .collect();
    let held = match holding.as_slice() {
        [] => "no feed".to_owned(),
        holding => holding.join(", "),
    };
    format!(
        "waits: it becomes a breach once every feed is proved later than {stands_from}, unless a record \
         shows the duty done; held by {held}"
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
            1 => "; 1 of its records was set aside unread".to_owned(),
            count => format!("; {count} of its records were set aside unread"),
        };
        let through = match claim.through {
            Instant::BEGINNING => "nothing".to_owned(),
            through => through.to_string(),
        };
        let (feed, kind) = (claim.feed, claim.kind);
        let _ = writeln!(page, "  {feed} proved through {through} ({kind}){unread}");
    }
}
