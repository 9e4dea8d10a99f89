//! The page is well formed, reachable by ear and by keyboard, fetches nothing, and lets no text of a
//! feed out of its place. Start at [`the_page_is_well_formed`].

use std::collections::BTreeSet;

use crate::read::{HOSTILE, Page, demonstration, example, text_of};

#[test]
fn the_page_is_well_formed() {
    for ran in [example(), demonstration()] {
        let page = Page::of(&ran);
        assert_eq!(page.html.errors, Vec::<String>::new());
        let html = page.one("html");
        assert_eq!(html.value().attr("lang"), Some("en-GB"));
        for landmark in ["header", "main", "nav", "footer", "h1", "title + style"] {
            page.one(landmark);
        }
    }
}

#[test]
fn every_id_is_unique_and_every_reference_leads_to_one() {
    let page = Page::of(&example());
    let ids: Vec<&str> = page
        .every("[id]")
        .iter()
        .filter_map(|element| element.value().attr("id"))
        .collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len());
    for element in page.every("[aria-labelledby]") {
        let id = element.value().attr("aria-labelledby").unwrap_or_default();
        assert!(unique.contains(id), "{id}");
    }
    for link in page.every("a[href^='#']") {
        let id = &link.value().attr("href").unwrap_or_default()[1..];
        assert!(unique.contains(id), "{id}");
    }
}

#[test]
fn no_heading_skips_a_level() {
    let page = Page::of(&example());
    let mut last = 0;
    for heading in page.every("h1, h2, h3, h4") {
        let level: u32 = heading.value().name()[1..].parse().expect("a level");
        assert!(level <= last + 1, "{}", text_of(heading));
        last = level;
    }
}

#[test]
fn the_sections_stand_in_the_order_a_meeting_needs() {
    let page = Page::of(&example());
    let ids: Vec<&str> = page
        .every("main > section")
        .iter()
        .filter_map(|section| section.value().attr("id"))
        .collect();
    assert_eq!(
        ids,
        [
            "answer",
            "first",
            "failing",
            "owners",
            "ageing",
            "undecidable",
            "coverage",
            "advisories",
            "sources",
            "caveats",
            "next"
        ]
    );
}

#[test]
fn every_chart_has_a_name_and_a_table_behind_it() {
    let page = Page::of(&example());
    let charts = page.every("svg.chart");
    assert!(charts.len() >= 6, "{}", charts.len());
    assert_eq!(
        page.every("figure svg.chart[role=img] > title").len(),
        charts.len()
    );
    assert_eq!(
        page.every("figure:has(svg.chart):has(figcaption):has(table)")
            .len(),
        charts.len()
    );
    for table in page.every("table") {
        let id = table.value().attr("id").unwrap_or_default();
        page.one(&format!("#{id} > caption"));
        assert!(!page.rows(id).is_empty(), "{id}");
        let heads = page.every(&format!("#{id} thead th[scope=col]")).len();
        let widths: BTreeSet<usize> = page.rows(id).iter().map(Vec::len).collect();
        assert_eq!(widths, BTreeSet::from([heads]), "{id}");
    }
}

#[test]
fn what_is_too_wide_can_be_scrolled_by_keyboard() {
    let page = Page::of(&example());
    assert_eq!(
        page.every("table.figures").len(),
        page.every(".scroll[tabindex='0'][role=region] > table.figures")
            .len()
    );
    let first = page.every("body > *")[0];
    assert_eq!(first.value().attr("href"), Some("#answer"), "the skip link");
}

#[test]
fn nothing_is_fetched_and_nothing_is_run() {
    let ran = example();
    let page = Page::of(&ran);
    for selector in [
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "[src]",
        "[onload]",
        "[onclick]",
    ] {
        assert_eq!(page.every(selector).len(), 0, "{selector}");
    }
    for element in page.every("style") {
        let style = text_of(element);
        assert!(!style.contains("url(") && !style.contains("@import"));
    }
    let policy = page.one("meta[http-equiv='Content-Security-Policy']");
    assert_eq!(
        policy.value().attr("content"),
        Some("default-src 'none'; style-src 'unsafe-inline'")
    );
    for link in page.every("a[href]") {
        let to = link.value().attr("href").unwrap_or_default();
        assert!(to.starts_with('#') || to.starts_with("https://"), "{to}");
    }
}

#[test]
fn no_text_of_a_feed_leaves_its_place() {
    let page = Page::of(&example());
    let units: Vec<String> = page
        .rows("units-table")
        .into_iter()
        .map(|mut row| row.remove(0))
        .collect();
    assert!(units.contains(&HOSTILE.to_owned()), "{units:?}");
    assert_eq!(page.every("td script, td b, svg script").len(), 0);
}

#[test]
fn a_demonstration_says_so_first_and_again() {
    let page = Page::of(&demonstration());
    let header = text_of(page.one("header"));
    assert!(
        header.starts_with("DEMONSTRATION. NOT A FINDING"),
        "{header}"
    );
    for place in ["head > title", "#answer", "#caveats"] {
        let text = text_of(page.one(place)).to_lowercase();
        assert!(text.contains("demonstration"), "{place}: {text}");
    }
    let page = Page::of(&example());
    assert!(!text_of(page.one("header")).contains("DEMONSTRATION"));
}

#[test]
fn every_rule_has_its_text_and_a_provisional_one_says_why() {
    let page = Page::of(&example());
    let rows = page.rows("sources-rules");
    let rules: Vec<_> = truecount::rules::all().collect();
    assert_eq!(rows.len(), rules.len());
    for (row, rule) in rows.iter().zip(rules) {
        assert!(row[0].starts_with(rule.id));
        for cited in rule.sources {
            assert!(row[1].contains(cited.place), "{row:?}");
        }
        if let truecount::rules::Status::Provisional { because, .. } = rule.status {
            assert_eq!(row[2], format!("provisional: {because}"));
        }
    }
}
