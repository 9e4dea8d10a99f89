//! The alerts, their cases and the names in them, read line by line from files that are written in one
//! manner. Start at [`all`].

use std::collections::BTreeSet;

use super::tree;

/// The files of rules, beside `prometheus.yml`.
pub(crate) const RULES: [&str; 4] = [
    "rules/recording.yml",
    "rules/service.yml",
    "rules/data.yml",
    "rules/alerting.yml",
];

/// What every runbook says, in this order.
const HEADINGS: [&str; 4] = [
    "## What it means",
    "## What to look at",
    "## What to do",
    "## When it is safe to ignore",
];

/// One alert as its file has it.
pub(crate) struct Alert {
    pub(crate) name: String,
    text: String,
}

/// One case of an alert.
pub(crate) struct Case {
    pub(crate) alert: String,
    pub(crate) fires: bool,
}

/// Every alert.
pub(crate) fn all() -> Vec<Alert> {
    let texts = RULES.map(|file| tree::text(&format!("deploy/prometheus/{file}")));
    let of_one = |text: &String| -> Vec<Alert> {
        let parts = text.split("- alert: ").skip(1);
        let alerts = parts.map(Alert::of);
        alerts.collect()
    };
    texts.iter().flat_map(of_one).collect()
}

impl Alert {
    /// An alert, from behind `- alert: ` to wherever the text ends or the next group begins.
    pub(crate) fn of(text: &str) -> Alert {
        Alert {
            name: text.lines().next().unwrap_or_default().trim().to_owned(),
            text: text
                .split("\n  - name:")
                .next()
                .unwrap_or_default()
                .to_owned(),
        }
    }

    /// What it lacks beside cases: how grave it is, for whom, what it says, and its page.
    pub(crate) fn lacks(&self) -> Vec<String> {
        let Alert { name, text } = self;
        let mut lacks = Vec::new();
        let severities = ["critical", "warning", "info"].map(|word| format!("severity: {word},"));
        if !severities.iter().any(|severity| text.contains(severity)) {
            lacks.push(format!("{name} has no severity"));
        }
        if !["service", "data"]
            .iter()
            .any(|word| text.contains(&format!("audience: {word}}}")))
        {
            lacks.push(format!("{name} has no audience"));
        }
        let summary = text
            .lines()
            .find_map(|line| line.trim().strip_prefix("summary: "));
        if !summary.is_some_and(|summary| summary.ends_with('.')) {
            lacks.push(format!("{name} has no summary that is a sentence"));
        }
        if !text.contains("description: >-\n") {
            lacks.push(format!("{name} does not say what to do"));
        }
        let page = format!("docs/runbooks/{name}.md");
        if !text.contains(&format!("runbook_url: {page}\n")) {
            lacks.push(format!("{name} does not name {page}"));
        }
        if !tree::root().join(&page).exists() {
            lacks.push(format!("{name} has no {page}"));
            return lacks;
        }
        let runbook = tree::text(&page);
        let headings: Vec<&str> = runbook
            .lines()
            .filter(|line| line.starts_with("## "))
            .collect();
        if headings != HEADINGS || !runbook.starts_with(&format!("# {name}\n")) {
            lacks.push(format!("{page} has other headings than every runbook"));
        }
        lacks
    }
}

/// Every case in which an alert fires or does not.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for file in tree::files("deploy/prometheus/tests", "yml") {
        for part in tree::text(&file).split("- alertname: ").skip(1) {
            let alert = part.lines().next().unwrap_or_default().trim().to_owned();
            let quiet = part.contains("exp_alerts: []");
            let fires = part.contains("exp_alerts:\n") && part.contains("- exp_labels: {");
            assert!(quiet != fires, "{file}: a case of {alert} can be read");
            cases.push(Case { alert, fires });
        }
    }
    cases
}

/// Every metric of `docs/telemetry.md`.
pub(crate) fn metrics() -> BTreeSet<String> {
    let page = tree::text("docs/telemetry.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('`').next())
        .map(str::to_owned)
        .collect()
}

/// Every name that a rule records.
pub(crate) fn recorded() -> BTreeSet<String> {
    let text = tree::text("deploy/prometheus/rules/recording.yml");
    let names = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- record: "));
    names.map(str::to_owned).collect()
}

/// The names of metrics and of what is recorded, in the order of a text.
pub(crate) fn named(text: &str) -> Vec<String> {
    let is_part = |sign: char| sign.is_ascii_alphanumeric() || sign == '_' || sign == ':';
    // Groups of rules are named much like metrics.
    let is_group =
        |line: &&str| line.contains("- name: truecount_") || line.contains("[truecount_");
    let lines = text.lines().filter(|line| !is_group(line));
    let words = lines.flat_map(|line| line.split(|sign| !is_part(sign)));
    let words = words.map(|word| word.trim_end_matches(':'));
    let ours = words.filter(|word| word.starts_with("truecount_") || word.contains(":truecount_"));
    ours.map(str::to_owned).collect()
}

/// True if it is a metric, or a series of a histogram.
pub(crate) fn is_metric(name: &str, known: &BTreeSet<String>) -> bool {
    let parts = ["_bucket", "_sum", "_count"].iter();
    let mut whole = parts.filter_map(|part| name.strip_suffix(part));
    known.contains(name) || whole.any(|whole| known.contains(whole))
}
