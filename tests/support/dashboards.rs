//! The dashboards of `deploy/grafana`, read as what Grafana would ask: panels, their expressions, and why
//! one may be empty. Start at [`all`].

use serde_json::Value;

use super::tree;

/// One dashboard.
pub struct Dashboard {
    /// The file it stands in.
    pub file: String,
    /// What the file says.
    pub json: Value,
}

/// One expression of a panel.
pub struct Asked {
    /// Dashboard and panel, for whoever reads a failure.
    pub place: String,
    /// The expression, with Grafana's variables.
    pub expr: String,
    /// What the panel says of itself.
    pub description: String,
}

/// Every dashboard that is committed.
pub fn all() -> Vec<Dashboard> {
    let files = tree::files("deploy/grafana/dashboards", "json");
    assert_eq!(files.len(), 3, "service, integrity and feeds");
    let read = |file: String| {
        let json = serde_json::from_str(&tree::text(&file))
            .unwrap_or_else(|fault| panic!("{file}: {fault}"));
        Dashboard { file, json }
    };
    files.into_iter().map(read).collect()
}

impl Dashboard {
    /// Its panels, headings too.
    pub fn panels(&self) -> &[Value] {
        self.json["panels"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Every expression of its panels.
    pub fn asked(&self) -> Vec<Asked> {
        let mut all = Vec::new();
        for panel in self.panels() {
            for target in panel["targets"].as_array().into_iter().flatten() {
                all.push(Asked {
                    place: format!("{}: {} {}", self.file, panel["title"], target["refId"]),
                    expr: words(&target["expr"]),
                    description: words(&panel["description"]),
                });
            }
        }
        all
    }
}

impl Asked {
    /// The expression as Grafana sends it, every force and process chosen.
    pub fn filled(&self) -> String {
        filled(&self.expr)
    }

    /// True if the panel says that it needs another command than a demonstration.
    pub fn needs_more(&self) -> bool {
        self.description.contains("Needs `truecount ")
    }

    /// True if the panel says while what it is empty.
    pub fn may_be_empty(&self) -> bool {
        self.description.contains("Empty while ")
    }
}

/// An expression with what Grafana puts in place of its variables.
pub fn filled(expr: &str) -> String {
    let values = [
        // Four scrapes, one a second.
        ("$__rate_interval", "5s"),
        ("$instance", ".*"),
        ("$force", ".*"),
        ("$job", "truecount"),
    ];
    let replaced = |expr: String, (name, value): (&str, &str)| expr.replace(name, value);
    values.into_iter().fold(expr.to_owned(), replaced)
}

/// A text of the file, or none.
pub fn words(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
