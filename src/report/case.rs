//! One thing as JSON: what was seen of it, what it is linked with, how it is judged, its exceptions.
//! References and classes of values only. Start at [`case`].

use serde_json::{Value, json};

use crate::validation::Inspection;

/// What is held of a thing.
pub fn case(thing: &Inspection) -> Value {
    let versions = thing.versions.iter().map(|line| {
        json!({
            "feed": line.source,
            "version": line.version,
            "committed_at": line.committed_at,
            "says": line.says,
        })
    });
    let links = thing
        .names
        .iter()
        .map(|name| json!({ "reference": name.reference, "kind": name.kind, "far": name.far }));
    let exceptions = thing
        .exceptions
        .iter()
        .map(|(rule, obligation, state, revision)| {
            json!({
                "rule": rule,
                "obligation": obligation,
                "state": state,
                "revision": revision,
            })
        });
    json!({
        "record": thing.record,
        "reference": thing.reference,
        "gone": thing.gone,
        "versions": versions.collect::<Vec<_>>(),
        "links": links.collect::<Vec<_>>(),
        "judgements": thing.judgements,
        "exceptions": exceptions.collect::<Vec<_>>(),
    })
}
