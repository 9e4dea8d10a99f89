//! The sections of the report, in the order in which a meeting needs them. Start at [`every`].

mod advisories;
mod ageing;
mod caveats;
mod coverage;
mod failing;
mod first;
mod next;
mod owners;
mod sources;
mod undecidable;

use maud::Markup;

pub(super) use next::steps;

use super::facts::Facts;

/// A section with its heading.
pub(super) struct Section {
    /// Its id on the page.
    pub(super) id: &'static str,
    /// Its heading.
    pub(super) title: &'static str,
    /// What it says.
    pub(super) body: Markup,
}

/// Every section, in order.
pub(super) fn every(facts: &Facts<'_>) -> Vec<Section> {
    let section = |id, title, body| Section { id, title, body };
    vec![
        section("first", "What must be fixed first", first::body(facts)),
        section("failing", "Which rules fail most", failing::body(facts)),
        section(
            "owners",
            "By owning unit and by offence group",
            owners::body(facts),
        ),
        section(
            "ageing",
            "How long it has been open, and what falls due this week",
            ageing::body(facts),
        ),
        section(
            "undecidable",
            "What cannot be told, and which field would decide it",
            undecidable::body(facts),
        ),
        section(
            "coverage",
            "What the data does not cover",
            coverage::body(facts),
        ),
        section(
            "advisories",
            "Worth a look, but no breach",
            advisories::body(facts),
        ),
        section(
            "sources",
            "The texts behind the rules",
            sources::body(facts),
        ),
        section(
            "caveats",
            "What this report can and cannot tell",
            caveats::body(facts),
        ),
        section("next", "What to do next", next::body(facts)),
    ]
}

/// True if the records are not under the law of the rules.
pub(super) fn is_demonstration(facts: &Facts<'_>) -> bool {
    let profile = facts.input.validation.rules().library().profile();
    !profile.is_england_and_wales()
}
