//! What the report can and cannot tell. Start at [`body`].

use maud::{Markup, html};

use super::is_demonstration;
use crate::report::html::facts::Facts;

const CAVEATS: [(&str, &str); 7] = [
    (
        "It is about recording, not about guilt or legality.",
        "A breach means that a record does not show what the recording rules ask for. It does not say that anybody broke the law, nor that a victim was failed; it says where to look.",
    ),
    (
        "It sees structured fields only.",
        "Free text, audio and video are not read. A crime that was described and never entered is invisible here, so an audit of calls and logs is still needed.",
    ),
    (
        "It is no inspection result.",
        "Every record is judged, by our reading of the texts. An inspectorate samples, reads the files and estimates; its rates and these must not be compared as if they were one measure.",
    ),
    (
        "What cannot be told is in no rate.",
        "A high rate over few decided duties says little. Read it beside the number that cannot be told.",
    ),
    (
        "Nothing is held against a record before its time is proved.",
        "A feed that is late makes a finding late, and never wrong. A duty past its time may still be waiting here.",
    ),
    (
        "It is as good as what was declared.",
        "Where a feed sends no heartbeat, the run was told through when it is complete. If that is wrong, what is said of missing facts is wrong.",
    ),
    (
        "A record may have been put right since.",
        "The report knows each record as its newest version in these files.",
    ),
];

/// The section.
pub(super) fn body(facts: &Facts<'_>) -> Markup {
    html! {
        @if is_demonstration(facts) {
            p class="demonstration" {
                strong { "This is a demonstration and no finding." }
                " The records were made under another law and with other words. No number of this report says anything about the place or the people they come from."
            }
        }
        dl class="caveats" {
            @for (claim, why) in CAVEATS {
                dt { (claim) }
                dd { (why) }
            }
        }
    }
}
