//! The documentation is fresh and keeps its promises: generated pages say what the cards say, every
//! invariant names a test that exists, every gap cites a known text. `UPDATE_DOCS=1` rewrites the
//! generated pages. Start at [`generated_pages_are_fresh`].

use std::collections::BTreeSet;

use truecount::report::catalogue::{gaps, rules_page, traceability_page};
use truecount::{rules, telemetry};

#[allow(dead_code, unreachable_pub, reason = "shared with the other tests")]
#[path = "support/tree.rs"]
mod tree;

const UPDATE: &str = "UPDATE_DOCS";

#[test]
fn generated_pages_are_fresh() {
    tree::fresh("docs/rules.md", &rules_page(rules::all()), UPDATE);
    let not_covered = tree::text("docs/not-covered.md");
    tree::fresh(
        "docs/traceability.md",
        &traceability_page(rules::all(), &not_covered),
        UPDATE,
    );
    tree::fresh("docs/telemetry.md", &telemetry::page::page(), UPDATE);
}

#[test]
fn every_gap_cites_a_known_text_and_is_one() {
    let sources: toml::Table = tree::text("config/reference/common/sources.toml")
        .parse()
        .expect("sources are TOML");
    let cited: BTreeSet<(&str, &str)> = rules::all()
        .flat_map(|rule| rule.sources)
        .map(|citation| (citation.source, citation.place))
        .collect();
    let not_covered = tree::text("docs/not-covered.md");
    let gaps = gaps(&not_covered);
    assert!(!gaps.is_empty(), "the table can be read");
    for gap in gaps {
        assert!(
            sources.contains_key(gap.source),
            "`{}` is no source",
            gap.source
        );
        assert!(
            !gap.because.is_empty(),
            "{} {} has a reason",
            gap.source,
            gap.place
        );
        assert!(
            !cited.contains(&(gap.source, gap.place)),
            "a rule cites {} {}",
            gap.source,
            gap.place
        );
    }
}

#[test]
fn every_invariant_names_a_test_that_exists() {
    let architecture = tree::text("docs/architecture.md");
    let folders = ["tests", "src"].into_iter();
    let sources: String = folders
        .flat_map(|folder| tree::files(folder, "rs"))
        .map(|name| tree::text(&name))
        .collect();
    let invariants: Vec<&str> = architecture
        .split("\n\n")
        .filter(|paragraph| paragraph.starts_with("**Invariant:**"))
        .collect();
    assert!(invariants.len() >= 5, "the invariants can be read");
    for invariant in invariants {
        let named = invariant.split('`').skip(1).step_by(2);
        let found = named
            .filter(|word| sources.contains(&format!("fn {word}(")))
            .count();
        assert!(found > 0, "names no test that exists:\n{invariant}");
    }
}

#[test]
fn the_architecture_fits_a_sitting() {
    let lines = tree::text("docs/architecture.md").lines().count();
    assert!(lines <= 300, "{lines} lines");
}

#[test]
fn every_file_that_a_page_links_exists() {
    for page in tree::files("docs", "md") {
        let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
        for target in links(&tree::text(&page)) {
            let path = tree::root().join(folder).join(&target);
            assert!(path.exists(), "{page} links {target}");
        }
    }
}

/// The relative targets of a page's links, without their anchors.
fn links(page: &str) -> Vec<String> {
    let targets = page
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let own = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    own.map(|target| target.split('#').next().unwrap_or(target).to_owned())
        .collect()
}

#[test]
fn a_link_is_read_without_its_anchor() {
    let page = "[a](b.md#c), [d](https://example.org), [e](#f), [g](../h.md)";
    assert_eq!(links(page), ["b.md", "../h.md"]);
}
