//! What was set aside, as a table with its sum by reason, and one of it in full. Shows names and
//! references; of bytes nothing. Start at [`Listed`] and [`facts`].

use std::collections::BTreeMap;

use comfy_table::ContentArrangement;

use super::layout::{columns, counted, lines, minute, wrapped};
use crate::domain::journal::SourcePosition;
use crate::domain::{Instant, Refusal};

/// What stands where nothing is known.
const NOTHING: &str = "–";

/// One record that was set aside, as it is listed.
#[derive(Clone, PartialEq, Debug)]
pub struct Listed {
    /// Where it stands: what the other commands take.
    pub position: String,
    /// When it came there.
    pub arrival: Instant,
    /// Why; none if nothing beside it says so.
    pub refusal: Option<Refusal>,
}

/// The table of what was set aside, and how much of it for which reason.
pub fn table(listed: &[Listed]) -> String {
    let header = [
        "position",
        "arrival",
        "force",
        "feed",
        "record",
        "reference",
        "version",
        "reason",
        "field",
    ];
    let mut table = columns(header, []);
    // One record, one line, however long: it is searched by line, and names are not torn.
    table.set_content_arrangement(ContentArrangement::Disabled);
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for one in listed {
        let reason = one
            .refusal
            .as_ref()
            .map_or(NOTHING, |refusal| refusal.reason.as_str());
        *reasons.entry(reason).or_default() += 1;
        table.add_row(row(one));
    }
    let mut sums = columns(["reason", "records"], [1]);
    let mut ranked: Vec<_> = reasons.into_iter().collect();
    ranked.sort_by_key(|(reason, count)| (std::cmp::Reverse(*count), *reason));
    for (reason, count) in ranked {
        sums.add_row([reason.to_owned(), count.to_string()]);
    }
    let total = counted(listed.len(), "record", "records");
    format!(
        "{}\n\n{total} set aside:\n\n{}\n",
        lines(&table),
        lines(&sums)
    )
}

fn row(one: &Listed) -> [String; 9] {
    let refusal = one.refusal.as_ref();
    let head = refusal.map(|refusal| &refusal.head);
    let field = refusal.and_then(|refusal| refusal.problems.first());
    let field = field
        .map(|problem| problem.field.as_str())
        .filter(|field| !field.is_empty());
    [
        one.position.clone(),
        minute(one.arrival),
        told(head.and_then(|head| head.force.as_ref())),
        told(head.and_then(|head| head.source.as_ref())),
        told(head.and_then(|head| head.record)),
        told(head.and_then(|head| head.reference.as_ref())),
        told(head.and_then(|head| head.version)),
        told(refusal.map(|refusal| refusal.reason)),
        told(field),
    ]
}

fn told(value: Option<impl ToString>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |value| printable(&value.to_string()))
}

/// A text without signs that would drive a terminal or break a line.
pub fn printable(text: &str) -> String {
    let shown = text.chars().map(|sign| match sign {
        sign if sign.is_control() => sign.escape_default().to_string(),
        sign => sign.to_string(),
    });
    shown.collect()
}

/// Everything that is known of one record beside its bytes: where from, by whom, why, what to do.
pub fn facts(
    position: &str,
    arrival: Instant,
    from: &SourcePosition,
    stage: &str,
    refusal: &Refusal,
) -> String {
    let head = &refusal.head;
    let source = format!("{}, offset {}", from.partition, from.offset);
    let rows = [
        ("position", position.to_owned()),
        ("arrival", arrival.to_string()),
        ("came from", source),
        ("set aside by", stage.to_owned()),
        ("reason", refusal.reason.to_string()),
        ("force", told(head.force.as_ref())),
        ("feed", told(head.source.as_ref())),
        ("record", told(head.record)),
        ("reference", told(head.reference.as_ref())),
        ("version", told(head.version)),
    ];
    let mut text: String = rows
        .iter()
        .map(|(name, value)| format!("{name:<13} {value}\n", value = printable(value)))
        .collect();
    text.push('\n');
    for problem in &refusal.problems {
        text.push_str(&format!(
            "{}\n",
            wrapped(&printable(&problem.to_string()), 2)
        ));
    }
    text
}

/// What `list` says where there is nothing to list.
pub fn nothing(topic: &str, in_all: usize) -> String {
    match in_all {
        0 => format!("`{topic}` is empty: nothing is set aside\n"),
        _ => format!(
            "nothing like that is set aside; without conditions `{topic}` has {}\n",
            counted(in_all, "record", "records")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::feed::Partition;
    use crate::domain::names::RecordKind;
    use crate::domain::{Glimpse, Moment, Problem, Reason};

    #[test]
    fn what_was_set_aside_is_one_line_each_and_a_sum_by_reason() {
        let known = refusal(Reason::BlockNotOwned, "core", glimpse("34/26/000001"));
        let unknown = refusal(Reason::UnreadableJson, "", Glimpse::default());
        let listed = [
            listed("0:1", Some(unknown.clone())),
            listed("0:12", Some(known)),
            listed("1:7", Some(unknown)),
            listed("1:8", None),
        ];
        assert_eq!(
            table(&listed),
            "\
position  arrival           force  feed  record  reference     version  reason           field
--------- ----------------- ------ ----- ------- ------------- -------- ---------------- ------
0:1       2026-05-01 10:00  –      –     –       –             –        unreadable_json  –
0:12      2026-05-01 10:00  kent   rms   crime   34/26/000001  4        block_not_owned  core
1:7       2026-05-01 10:00  –      –     –       –             –        unreadable_json  –
1:8       2026-05-01 10:00  –      –     –       –             –        –                –

4 records set aside:

reason           records
---------------- -------
unreadable_json        2
block_not_owned        1
–                      1
"
        );
    }

    #[test]
    fn one_is_told_with_where_it_came_from_and_every_problem() {
        let mut refusal = refusal(Reason::WrongType, "core.kind", glimpse("34/26/1"));
        refusal.problems.push(Problem::of(
            Reason::EmptyName,
            "source",
            "a name",
            "nothing",
        ));
        let from = SourcePosition {
            partition: Partition {
                topic: "crimes".to_owned(),
                number: 2,
            },
            offset: 99,
        };
        let text = facts("0:1", at(), &from, "read", &refusal);
        for part in [
            "position      0:1\n",
            "offset 99\n",
            "set aside by  read\n",
            "reference     34/26/1\n",
            "\ncore.kind: expected x, found y (correct the type",
            "\nsource: expected a name, found nothing (send the name",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn what_drives_a_terminal_is_shown_and_not_done() {
        let one = listed(
            "0:1",
            Some(refusal(Reason::WrongType, "a", glimpse("\u{1b}[2J\n34"))),
        );
        let text = table(&[one]);
        assert!(
            text.contains(r"\u{1b}[2J\n34") && !text.contains('\u{1b}'),
            "{text}"
        );
    }

    #[test]
    fn nothing_is_said_in_words() {
        assert_eq!(
            nothing("quarantine", 0),
            "`quarantine` is empty: nothing is set aside\n"
        );
        assert!(nothing("quarantine", 1).ends_with("`quarantine` has 1 record\n"));
    }

    fn at() -> Instant {
        Moment::parse("2026-05-01T09:00:00Z")
            .expect("a moment")
            .earliest()
    }

    fn listed(position: &str, refusal: Option<Refusal>) -> Listed {
        Listed {
            position: position.to_owned(),
            arrival: at(),
            refusal,
        }
    }

    fn refusal(reason: Reason, field: &str, head: Glimpse) -> Refusal {
        Refusal::one(reason, Problem::of(reason, field, "x", "y"), head)
    }

    fn glimpse(reference: &str) -> Glimpse {
        Glimpse {
            record: Some(RecordKind::Crime),
            force: Some("kent".into()),
            source: Some("rms".into()),
            reference: Some(reference.into()),
            version: Some(4),
        }
    }
}
