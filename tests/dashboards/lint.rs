//! What is wrong with the form of a dashboard, said in words: numbers that stand twice, panels that do not
//! say what they show, variables that are not there, rates of what is no counter. Start at [`complaints`].

use std::collections::BTreeSet;

use serde_json::Value;

use super::dashboards::{Dashboard, words};
use super::{alerts, tree};

/// Metrics of Prometheus itself, and the label sets of alerts.
const OF_PROMETHEUS: [&str; 2] = ["up", "ALERTS"];
/// Variables that Grafana brings.
const OF_GRAFANA: [&str; 1] = ["__rate_interval"];
const SOURCE: &str = "${datasource}";
const COLUMNS: u64 = 24;

/// Everything that is wrong with the form of a dashboard.
pub(crate) fn complaints(dashboard: &Dashboard) -> Vec<String> {
    let mut said = Vec::new();
    let json = &dashboard.json;
    for field in ["uid", "title", "description"] {
        if words(&json[field]).is_empty() {
            said.push(format!("it has no {field}"));
        }
    }
    if !json["schemaVersion"].is_u64() {
        said.push("it does not say its schemaVersion".to_owned());
    }
    said.extend(placed_twice(dashboard));
    said.extend(dashboard.panels().iter().flat_map(of_panel));
    said.extend(of_variables(json));
    for asked in dashboard.asked() {
        let wrong = of_expression(&asked.expr);
        said.extend(wrong.map(|wrong| format!("{}: {wrong}", asked.place)));
    }
    said
}

/// Panels with one number or on one place, or that stand out of the page.
fn placed_twice(dashboard: &Dashboard) -> Vec<String> {
    let mut said = Vec::new();
    let (mut numbers, mut cells) = (BTreeSet::new(), BTreeSet::new());
    for panel in dashboard.panels() {
        let title = &panel["title"];
        if !panel["id"].as_u64().is_some_and(|id| numbers.insert(id)) {
            said.push(format!("{title} has no number of its own"));
        }
        let place = |side: &str| panel["gridPos"][side].as_u64().unwrap_or_default();
        let (x, y, wide, high) = (place("x"), place("y"), place("w"), place("h"));
        if wide == 0 || high == 0 || x + wide > COLUMNS {
            said.push(format!("{title} stands out of the page"));
        }
        for cell in (x..x + wide).flat_map(|x| (y..y + high).map(move |y| (x, y))) {
            if !cells.insert(cell) {
                said.push(format!("{title} covers another panel at {cell:?}"));
                break;
            }
        }
    }
    said
}

/// What a panel does not say of itself.
fn of_panel(panel: &Value) -> Vec<String> {
    let title = words(&panel["title"]);
    let mut said = Vec::new();
    let mut lacks = |what: &str| said.push(format!("{title:?} {what}"));
    if title.is_empty() {
        lacks("has no title");
    }
    if panel["type"] == "row" {
        return said;
    }
    if words(&panel["description"]).is_empty() {
        lacks("has no description");
    }
    if panel["type"] == "text" {
        return said;
    }
    let defaults = &panel["fieldConfig"]["defaults"];
    if words(&defaults["unit"]).is_empty() {
        lacks("has no unit");
    }
    if defaults["thresholds"]["steps"][0]["color"].is_null() {
        lacks("has no thresholds");
    }
    if panel["datasource"]["uid"] != SOURCE {
        lacks("names its data source");
    }
    let targets = panel["targets"].as_array().map_or(&[][..], Vec::as_slice);
    if targets.is_empty() {
        lacks("asks nothing");
    }
    let mut letters = BTreeSet::new();
    for target in targets {
        if target["datasource"]["uid"] != SOURCE {
            lacks("has a query that names its data source");
        }
        if !letters.insert(words(&target["refId"])) {
            lacks("has two queries of one letter");
        }
    }
    said
}

/// Variables that are used and not there, or there and not used.
fn of_variables(json: &Value) -> Vec<String> {
    let list = json["templating"]["list"].as_array();
    let list = list.map_or(&[][..], Vec::as_slice);
    let there: BTreeSet<String> = list.iter().map(|one| words(&one["name"])).collect();
    let used = variables(&json.to_string());
    let mut said = Vec::new();
    for name in used.difference(&there) {
        if !OF_GRAFANA.contains(&name.as_str()) {
            said.push(format!("it uses ${name}, which is no variable"));
        }
    }
    let unused = there.difference(&used);
    said.extend(unused.map(|name| format!("nothing uses ${name}")));
    for name in ["datasource", "job", "force"] {
        if !there.contains(name) {
            said.push(format!("it has no variable {name}"));
        }
    }
    said
}

/// The names behind a `$`, in braces or not. Of `$__all`, the value of a choice, none.
fn variables(text: &str) -> BTreeSet<String> {
    let names = text.split('$').skip(1).map(|after| {
        let after = after.trim_start_matches('{');
        let is_part = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
        after
            .split(|sign| !is_part(sign))
            .next()
            .unwrap_or_default()
    });
    let names = names.filter(|name| !name.is_empty() && *name != "__all");
    names.map(str::to_owned).collect()
}

/// What is wrong with the names and rates in an expression.
fn of_expression(expr: &str) -> impl Iterator<Item = String> {
    let mut said = Vec::new();
    let kinds = kinds();
    for name in selected(expr) {
        if name.contains(':') {
            if !alerts::recorded().contains(&name) {
                said.push(format!("no rule records {name}"));
            }
            continue;
        }
        if OF_PROMETHEUS.contains(&name.as_str()) {
            continue;
        }
        let Some(counts) = kinds.counts(&name) else {
            said.push(format!("{name} is no metric"));
            continue;
        };
        let is_rated = ["rate", "increase"]
            .iter()
            .any(|function| expr.contains(&format!("{function}({name}")));
        if counts != is_rated {
            let what = if counts { "a counter" } else { "no counter" };
            said.push(format!(
                "{name} is {what}, so its rate is what can be asked, and only then"
            ));
        }
    }
    let windows = expr.split('[').skip(1);
    for window in windows {
        if !window.starts_with("$__rate_interval]") {
            said.push(
                "it has a window of its own; $__rate_interval fits what is looked at".to_owned(),
            );
        }
    }
    if !expr.contains("$job") {
        said.push("it asks every job".to_owned());
    }
    said.into_iter()
}

/// The names in front of a brace: what is selected.
fn selected(expr: &str) -> Vec<String> {
    let is_part = |sign: char| sign.is_ascii_alphanumeric() || sign == '_' || sign == ':';
    let before = expr.split('{').collect::<Vec<_>>();
    let named = before[..before.len() - 1].iter().map(|text| {
        let start = text.rfind(|sign| !is_part(sign)).map_or(0, |at| at + 1);
        text[start..].to_owned()
    });
    named.filter(|name| !name.is_empty()).collect()
}

/// Which metrics count.
struct Kinds {
    counters: BTreeSet<String>,
    gauges: BTreeSet<String>,
    histograms: BTreeSet<String>,
}

/// As `docs/telemetry.md` says.
fn kinds() -> Kinds {
    let page = tree::text("docs/telemetry.md");
    let of = |kind: &str| -> BTreeSet<String> {
        let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
        let rows = rows.filter(|row| row.contains(&format!("` | {kind} |")));
        let names = rows.filter_map(|row| row.split('`').next());
        names.map(str::to_owned).collect()
    };
    Kinds {
        counters: of("counter"),
        gauges: of("gauge"),
        histograms: of("histogram"),
    }
}

impl Kinds {
    /// True if a series of this name only ever rises; none if there is no such metric.
    fn counts(&self, name: &str) -> Option<bool> {
        let parts = ["_bucket", "_sum", "_count"].iter();
        let mut wholes = parts.filter_map(|part| name.strip_suffix(part));
        let is_part = wholes.any(|whole| self.histograms.contains(whole));
        if self.counters.contains(name) || is_part {
            return Some(true);
        }
        self.gauges.contains(name).then_some(false)
    }
}
