//! Who is told of which exceptions. A list that is empty takes all. Start at [`Route::takes`].

use std::collections::BTreeSet;

use super::revision::{Revision, Severity};
use crate::domain::{ForceCode, Word};

/// Stands in a list for what an exception does not tell.
pub const UNTOLD: &str = "-";

/// Which exceptions go somewhere.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Route {
    /// Of these forces.
    pub forces: BTreeSet<ForceCode>,
    /// Of these units.
    pub units: BTreeSet<Word>,
    /// This grave.
    pub severities: BTreeSet<Severity>,
    /// Of these offence groups.
    pub offence_groups: BTreeSet<Word>,
    /// Concerning domestic abuse: `yes`, `no` and [`UNTOLD`].
    pub domestic_abuse: BTreeSet<Word>,
}

impl Route {
    /// True if it takes this revision.
    ///
    /// An exception whose record is gone is closed by a revision that names no unit, no group and no
    /// flag; such a one is taken whatever the lists say, or it would stay open for ever with whoever
    /// was told of it. Who never heard of its id has nothing to close.
    pub fn takes(&self, revision: &Revision) -> bool {
        let is_closed = !revision.state.is_open();
        let has = |list: &BTreeSet<Word>, told: Option<&str>| {
            list.is_empty()
                || match told {
                    Some(word) => list.contains(word),
                    None => is_closed || list.contains(UNTOLD),
                }
        };
        let abuse = revision
            .domestic_abuse
            .map(|is_so| if is_so { "yes" } else { "no" });
        (self.forces.is_empty() || self.forces.contains(revision.force.as_str()))
            && (self.severities.is_empty() || self.severities.contains(&revision.severity))
            && has(&self.units, revision.owning_unit.as_ref().map(Word::as_str))
            && has(
                &self.offence_groups,
                revision.offence_group.as_ref().map(Word::as_str),
            )
            && has(&self.domestic_abuse, abuse)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::revision::tests::told;
    use super::*;

    fn words(list: &[&str]) -> BTreeSet<Word> {
        list.iter().map(|word| Word::from(*word)).collect()
    }

    fn takes(route: &Route, more: Value) -> bool {
        route.takes(&told(1, 1, more))
    }

    #[test]
    fn an_empty_route_takes_all_and_each_list_narrows_it() {
        let all = Route::default();
        assert!(takes(
            &all,
            json!({"owning_unit": null, "domestic_abuse": null})
        ));
        let of = |change: fn(&mut Route)| {
            let mut route = Route::default();
            change(&mut route);
            route
        };
        let west = of(|route| route.units = words(&["west", "north"]));
        assert!(takes(&west, json!({})) && !takes(&west, json!({"owning_unit": "east"})));
        let grave = of(|route| route.severities = [Severity::Critical].into());
        assert!(takes(&grave, json!({})) && !takes(&grave, json!({"severity": "low"})));
        let kent = of(|route| route.forces = [ForceCode::from("kent")].into());
        assert!(takes(&kent, json!({})) && !takes(&kent, json!({"force": "essex"})));
        let theft = of(|route| route.offence_groups = words(&["theft"]));
        assert!(!takes(&theft, json!({})) && takes(&theft, json!({"offence_group": "theft"})));
        let abuse = of(|route| route.domestic_abuse = words(&["yes", UNTOLD]));
        assert!(takes(&abuse, json!({"domestic_abuse": true})));
        assert!(takes(&abuse, json!({"domestic_abuse": null})) && !takes(&abuse, json!({})));
    }

    #[test]
    fn what_is_not_told_is_taken_where_asked_for_and_when_it_closes() {
        let west = Route {
            units: words(&["west"]),
            ..Route::default()
        };
        let untold = |state: &str| json!({"owning_unit": null, "state": state});
        assert!(!takes(&west, untold("raised")));
        assert!(takes(&west, untold("superseded")));
        assert!(!takes(
            &west,
            json!({"owning_unit": "east", "state": "met"})
        ));
        let nobody = Route {
            units: words(&[UNTOLD]),
            ..Route::default()
        };
        assert!(takes(&nobody, untold("raised")) && !takes(&nobody, json!({})));
    }
}
