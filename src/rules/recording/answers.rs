//! Whether a crime record answers a disclosure: whose name says so, and whether what it names is, or
//! lawfully was, a record that counts. Judges no time. Start at [`answers`].

use crate::domain::case::live_disclosures;
use crate::domain::known::both;
use crate::domain::names::LinkKind;
use crate::domain::records::{CrimeBlocks, CrimeKind, Disclosure};
use crate::domain::{Far, IncidentCase, Known, Linked, Missing, Verdict};
use crate::reference::{ClassListName, Library};
use crate::told;

/// A source crime that leaves open which of several disclosures it answers.
pub const UNNAMED: Missing = Missing::leaf("origin", "disclosure");

/// Does the crime at the other end of this link answer the disclosure?
pub fn answers(
    case: &IncidentCase<'_>,
    link: &Linked<'_, CrimeBlocks>,
    said: &Disclosure,
    library: &Library,
) -> Known<bool> {
    both(names(case, link, said), || is_record(link, said, library))
}

/// The verdict once every name that leads nowhere has had its time: what it names may still come.
pub fn once_named<'c, 'a: 'c>(
    verdict: Verdict,
    links: impl Iterator<Item = &'c Linked<'a, CrimeBlocks>>,
) -> Verdict {
    let named = links.filter_map(|link| match link.far {
        Far::Dangling { named_at } => Some(named_at),
        _ => None,
    });
    named.fold(verdict, Verdict::after)
}

/// Does this side or the other say that the crime came from this disclosure?
fn names(
    case: &IncidentCase<'_>,
    link: &Linked<'_, CrimeBlocks>,
    said: &Disclosure,
) -> Known<bool> {
    both(link.is(LinkKind::Source), || {
        if !link.disclosures.is_empty() {
            return Ok(link.disclosures.contains(&&said.id));
        }
        match live_disclosures(case.incident)?.as_slice() {
            [_only] => Ok(true),
            _ => Err(UNNAMED),
        }
    })
}

/// Is there, or was there lawfully, a record at the other end that answers such a disclosure?
fn is_record(link: &Linked<'_, CrimeBlocks>, said: &Disclosure, library: &Library) -> Known<bool> {
    match link.far {
        Far::Disposed => Ok(true),
        Far::Gone | Far::Dangling { .. } => Ok(false),
        Far::Unknown => Err(Missing::leaf("core", "status")),
        Far::Held(crime) => match told!(crime.core, kind)? {
            CrimeKind::Crime => Ok(true),
            CrimeKind::NRecord => is_notifiable_report(crime, said, library),
        },
    }
}

/// crr-2026 p63 and pp34 to 37: a rape not yet confirmed is recorded as N100, a death not yet
/// explained as N300; no other class may wait as a notifiable report.
fn is_notifiable_report(crime: &CrimeBlocks, said: &Disclosure, library: &Library) -> Known<bool> {
    let class = told!(said, offence_class)?.as_str();
    let book = library.on(told!(said, at)?.earliest().london_day());
    let number = if book.is_listed(ClassListName::AnsweredByN100, class) {
        "100"
    } else if book.is_listed(ClassListName::AnsweredByN300, class) {
        "300"
    } else {
        return Ok(false);
    };
    let code = told!(crime.core, n_code)?.as_str();
    Ok(code.trim_start_matches('N').starts_with(number))
}
