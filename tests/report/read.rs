//! Runs to report on, and the reading of a page. Start at [`example`] and [`Page`].

use scraper::{ElementRef, Html, Selector};

use crate::command::{Folder, Ran};
use crate::support::tree;

/// What a feed may send as the name of a unit to break out of a page.
pub(crate) const HOSTILE: &str = "</td><script>alert(\"1\")</script> & 'Co' <b>";

/// The shipped example, with a hostile name for a unit that stands in it.
pub(crate) fn example() -> Ran {
    let folder = Folder::new();
    let config = tree::text("config/feeds-example.toml");
    folder.write("feeds.toml", config);
    let mut arguments = vec!["--config", "feeds.toml"];
    for name in ["cad.jsonl", "desk.jsonl", "rms.jsonl", "victim-hub.jsonl"] {
        let text = tree::text(&format!("examples/northamptonshire/{name}"));
        let unit = serde_json::to_string(HOSTILE).expect("a text can be written");
        folder.write(name, text.replace("\"north-cid\"", &unit));
        arguments.push(name);
    }
    folder.check(&arguments)
}

/// A day of open data under the demonstration profile.
pub(crate) fn demonstration() -> Ran {
    let folder = Folder::new();
    let names = ["cad-2018-12-05.csv", "rms-2018-12-05.csv"];
    for name in names {
        let path = format!("examples/san-francisco/{name}");
        folder.write(name, tree::text(&path));
    }
    folder.check(&["--profile", "demonstration-us", names[0], names[1]])
}

/// A page that was read.
pub(crate) struct Page {
    pub(crate) html: Html,
}

impl Page {
    pub(crate) fn of(ran: &Ran) -> Page {
        Page {
            html: Html::parse_document(ran.text("report.html")),
        }
    }

    pub(crate) fn every(&self, selector: &str) -> Vec<ElementRef<'_>> {
        let selector = Selector::parse(selector).expect("the test's own selector");
        self.html.select(&selector).collect()
    }

    pub(crate) fn one(&self, selector: &str) -> ElementRef<'_> {
        let found = self.every(selector);
        assert_eq!(found.len(), 1, "{selector}");
        found[0]
    }

    /// The cells of a table, row by row.
    pub(crate) fn rows(&self, table: &str) -> Vec<Vec<String>> {
        let rows = self.every(&format!("#{table} tbody tr"));
        let cell = Selector::parse("th, td").expect("the test's own selector");
        rows.iter()
            .map(|row| row.select(&cell).map(text_of).collect())
            .collect()
    }
}

/// The text of an element, its spaces made one.
pub(crate) fn text_of(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
