//! A CloudEvents envelope as JSON around a record: its attributes, and the record in `data`. Start at
//! [`open`].

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Envelope;
use super::attributes::Attributes;

const CONTENT_TYPE: &str = "application/cloudevents+json";

/// An envelope that was opened.
pub(super) struct Structured<'a> {
    pub(super) attributes: Attributes<'a>,
    /// The record.
    pub(super) data: Cow<'a, [u8]>,
}

#[derive(Deserialize)]
struct Form<'a> {
    #[serde(borrow)]
    specversion: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    source: Option<Cow<'a, str>>,
    #[serde(borrow)]
    subject: Option<Cow<'a, str>>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    time: Option<Cow<'a, str>>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    data_base64: Option<Cow<'a, str>>,
}

/// Opens a value that says of itself, or of which a header says, that it is such an envelope. What
/// cannot be opened is no envelope, and is read, and refused, as a record.
pub(super) fn open<'a>(envelope: &Envelope<'_>, value: &'a [u8]) -> Option<Structured<'a>> {
    let said = envelope.header("content-type");
    let said = said.is_some_and(|told| {
        let told = told.get(..CONTENT_TYPE.len());
        told.is_some_and(|told| told.eq_ignore_ascii_case(CONTENT_TYPE.as_bytes()))
    });
    if !said && !mentions(value, r#""specversion""#) {
        return None;
    }
    let form: Form<'_> = serde_json::from_slice(value).ok()?;
    form.specversion.as_ref()?;
    let data = match (form.data, &form.data_base64) {
        (Some(data), None) => Cow::Borrowed(data.get().as_bytes()),
        (None, Some(text)) => Cow::Owned(STANDARD.decode(text.as_bytes()).ok()?),
        _ => return None,
    };
    Some(Structured {
        attributes: Attributes {
            kind: form.kind,
            source: form.source,
            subject: form.subject,
            id: form.id,
            time: form.time,
        },
        data,
    })
}

/// True if the bytes hold the word. A record may hold it too: then the form decides.
fn mentions(value: &[u8], word: &str) -> bool {
    std::str::from_utf8(value).is_ok_and(|text| text.contains(word))
}
