//! The parts of a rule's page: its headings and its scenarios, as text. Runs nothing.
//! Start at [`sections`].

/// The headings every page has, in this order; `Known limits` may be left out.
pub const HEADINGS: &[&str] = &[
    "What it checks",
    "Why it matters",
    "Source",
    "Does not apply when",
    "Known limits",
    "Scenarios",
];

/// The sections of a page: heading and body, in order.
pub fn sections(page: &str) -> Vec<(&str, &str)> {
    let mut sections = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find("\n## ") {
        rest = &rest[at + 4..];
        let (heading, body) = rest.split_once('\n').unwrap_or((rest, ""));
        let end = body.find("\n## ").unwrap_or(body.len());
        sections.push((heading.trim(), body[..end].trim()));
    }
    sections
}

/// The scenario blocks of a page, each as the lines between its fences.
pub fn scenarios(page: &str) -> Vec<&str> {
    page.split("```scenario\n")
        .skip(1)
        .filter_map(|block| block.split_once("```").map(|(lines, _)| lines.trim_end()))
        .collect()
}
