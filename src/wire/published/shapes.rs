//! What exceptions and measures look like from outside, and their Avro schemas. Held beside
//! the types by `tests/contracts.rs`: a field that is published and not described fails there. Start at
//! [`avro`].

use serde_json::{Value, json};

use crate::domain::exception::{Because, ProofKind, State};
use crate::domain::names::RecordKind;
use crate::domain::shape::{Field, Shape, Shaped, StructShape, Symbols};
use crate::wire::schema::{NAMESPACE, Written};

/// What is published under a schema of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Said {
    /// One revision of an exception.
    Exception,
    /// One measure.
    Measure,
}

impl Said {
    /// Its fields; a measure has its `rate` besides, which is no whole number.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Said::Exception => EXCEPTION,
            Said::Measure => MEASURE,
        }
    }
}

/// The Avro schema of what is published.
pub fn avro(said: Said) -> Value {
    let (name, doc) = match said {
        Said::Exception => ("Exception", "One revision of an exception."),
        Said::Measure => ("Measure", "One published number about recording."),
    };
    let mut written = Written::default();
    let fields = said.fields().iter();
    let mut fields: Vec<Value> = fields.map(|field| written.field(field)).collect();
    if said == Said::Measure {
        fields.push(json!({
            "name": "rate",
            "doc": "Duties done, of all that are decided.",
            "type": ["null", "double"],
            "default": null,
        }));
    }
    json!({
        "type": "record",
        "name": name,
        "namespace": NAMESPACE,
        "doc": doc,
        "fields": fields,
    })
}

const fn told(name: &'static str, doc: &'static str, shape: Shape) -> Field {
    Field {
        name,
        doc,
        shape,
        required: true,
    }
}

const fn maybe(name: &'static str, doc: &'static str, shape: Shape) -> Field {
    Field {
        name,
        doc,
        shape,
        required: false,
    }
}

const TEXTS: Shape = Shape::List(&Shape::Text);

const EXCEPTION: &[Field] = &[
    told(
        "id",
        "A UUID made from force, record, reference, rule and obligation.",
        Shape::Text,
    ),
    told(
        "revision",
        "1, 2, …: rises with every change.",
        Shape::Integer,
    ),
    told("force", "The force.", Shape::Text),
    told("record", "The kind of record.", RecordKind::SHAPE),
    told("reference", "The record's reference.", Shape::Text),
    told("rule", "The rule.", Shape::Text),
    told("obligation", "The duty.", Shape::Text),
    told("state", "How it stands.", State::SHAPE),
    told("severity", "How grave it is.", Shape::Symbol(&SEVERITY)),
    told("title", "The duty that was not done.", Shape::Text),
    maybe("finding", "Why it is a breach.", Shape::Struct(&FINDING)),
    told("missing", "What is missing to decide.", TEXTS),
    maybe("due", "By when it was due.", Shape::Moment),
    maybe("late_by_seconds", "How late it was done.", Shape::Integer),
    maybe("remedied_at", "When it was made good.", Shape::Moment),
    told(
        "citation",
        "The text that sets the duty.",
        Shape::Struct(&CITATION),
    ),
    told(
        "ruleset",
        "Fingerprint of the code, the reference data and the profile.",
        Shape::Text,
    ),
    told("profile", "The profile.", Shape::Text),
    told("proof", "What it rests on.", ProofKind::SHAPE),
    maybe("owning_unit", "The unit that owns the record.", Shape::Text),
    maybe("offence_group", "The offence group.", Shape::Text),
    maybe(
        "domestic_abuse",
        "True if it concerns domestic abuse.",
        Shape::Bool,
    ),
    maybe("because", "Why it was withdrawn.", Because::SHAPE),
    told("reopened", "True if it was closed before.", Shape::Bool),
    maybe(
        "cause",
        "The id of the exception of the rule that owns the failure.",
        Shape::Text,
    ),
    told(
        "provenance",
        "Where in the journal it was made.",
        Shape::Struct(&PROVENANCE),
    ),
];

const SEVERITY: Symbols = Symbols {
    name: "Severity",
    doc: "How grave an exception is.",
    words: &["critical", "high", "medium", "low"],
};

const FINDING: StructShape = StructShape {
    name: "Finding",
    doc: "Why a verdict is a breach.",
    fields: &[
        told("code", "The code.", Shape::Text),
        told(
            "facts",
            "The facts it rests on.",
            Shape::List(&Shape::Struct(&FACT)),
        ),
        told("text", "The text of the code.", Shape::Text),
    ],
};

const FACT: StructShape = StructShape {
    name: "Fact",
    doc: "One fact that a finding rests on.",
    fields: &[
        told(
            "field",
            "The path of the field, without index.",
            Shape::Text,
        ),
        maybe("value", "A class of value or a reference.", Shape::Text),
        maybe("at", "The moment it carries.", Shape::Moment),
    ],
};

const CITATION: StructShape = StructShape {
    name: "Citation",
    doc: "The text that sets a duty.",
    fields: &[
        told("source", "Its title.", Shape::Text),
        maybe("edition", "Its edition.", Shape::Text),
        told("place", "Page, section or heading.", Shape::Text),
    ],
};

const FRONTIER: &str =
    "Through when the feeds are proved: RFC 3339, `the beginning of time` or `the end of time`.";

const PROVENANCE: StructShape = StructShape {
    name: "Provenance",
    doc: "Where an exception was made; no part of its content.",
    fields: &[
        told("partition", "The partition of the journal.", Shape::Integer),
        told("position", "The position in it.", Shape::Integer),
        told("frontier", FRONTIER, Shape::Text),
    ],
};

const MEASURE: &[Field] = &[
    told("force", "The force.", Shape::Text),
    told("measure", "The rule that makes it.", Shape::Text),
    maybe(
        "period",
        "The London calendar month it speaks of.",
        Shape::Struct(&PERIOD),
    ),
    maybe("stratum", "The part of the measure.", Shape::Text),
    told("counts", "How many stand how.", Shape::Struct(&COUNTS)),
    told(
        "design",
        "Whether every record is judged or a sample.",
        Shape::Symbol(&DESIGN),
    ),
    maybe("frontier", FRONTIER, Shape::Text),
    told(
        "ruleset",
        "Fingerprint of the code, the reference data and the profile.",
        Shape::Text,
    ),
];

const PERIOD: StructShape = StructShape {
    name: "Period",
    doc: "A span of London days; both ends belong to it.",
    fields: &[
        told("from", "Its first day.", Shape::Text),
        told("to", "Its last day.", Shape::Text),
    ],
};

const DESIGN: Symbols = Symbols {
    name: "Design",
    doc: "How the records of a measure were chosen.",
    words: &["census", "sample"],
};

const COUNTS: StructShape = StructShape {
    name: "Counts",
    doc: "How many obligations stand how.",
    fields: &[
        told("met", "Done.", Shape::Integer),
        told("breach", "Not done, or done late.", Shape::Integer),
        told("remedied", "Of the breaches: done late.", Shape::Integer),
        told(
            "waived",
            "Of the breaches: lived with by a decision.",
            Shape::Integer,
        ),
        told("excused", "Permitted by a cited exemption.", Shape::Integer),
        told("advisory", "Worth a look.", Shape::Integer),
        told("undecidable", "Cannot be told.", Shape::Integer),
        told("pending", "Not due, or not proved.", Shape::Integer),
        told("not_applicable", "The duty does not arise.", Shape::Integer),
    ],
};
