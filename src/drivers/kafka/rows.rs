//! The rows of the state topic as bytes: how far a partition is judged, and what the core keeps. Start
//! at [`Progress`] and [`row_of`].

use serde::{Deserialize, Serialize};

use super::fault::{EndCode, Fault};
use crate::validation::{Kept, KeptKey, KeptRow};

/// The key of the row that says how far a partition is judged. No force's code begins like it.
pub(super) const PROGRESS_KEY: &[u8] = b"v1/@progress";

/// How far a partition is judged, as it is kept: written in every transaction.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The next entry to take.
    pub position: i64,
    /// Rises by one with every transaction that wrote something.
    pub height: u64,
    /// How many exceptions and measures the transaction wrote.
    pub outputs: u64,
    /// SHA-256 of them in their order, so that a torn transaction shows.
    pub digest: String,
    /// Where the journal ended when the state was found lost, while that is not reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catches_up_to: Option<i64>,
}

/// Ends the process where a row of progress does not go on from the one before: two wrote at once,
/// or a transaction came after its successor. Other rows may say anything after anything.
pub(super) fn follows(partition: i32, key: &[u8], older: &[u8], newer: &[u8]) -> Result<(), Fault> {
    if key != PROGRESS_KEY {
        return Ok(());
    }
    let (older, newer): (Progress, Progress) = (read_row(key, older)?, read_row(key, newer)?);
    if newer.height > older.height && newer.position >= older.position {
        return Ok(());
    }
    Err(Fault::end(
        EndCode::Inconsistent,
        format!(
            "the state of partition {partition} goes from height {} at position {} to height {} at \
             position {}: a transaction came late, or something else writes this topic. Nothing was \
             judged on it; do not go on before it is known which",
            older.height, older.position, newer.height, newer.position
        ),
    ))
}

/// A row that the core kept.
pub(super) fn row_of(key: &[u8], value: &[u8]) -> Result<KeptRow<'static>, Fault> {
    let text = String::from_utf8_lossy(key);
    let value: Kept<'static> = read_row(key, value)?;
    let key = KeptKey::parse(&text).map_err(|why| unreadable(&text, &why))?;
    let value = Some(value);
    Ok(KeptRow { key, value })
}

/// The value of a row.
pub(super) fn read_row<T: serde::de::DeserializeOwned>(
    key: &[u8],
    value: &[u8],
) -> Result<T, Fault> {
    serde_json::from_slice(value).map_err(|why| unreadable(&String::from_utf8_lossy(key), &why))
}

fn unreadable(key: &str, why: &dyn std::fmt::Display) -> Fault {
    Fault::end(
        EndCode::Inconsistent,
        format!(
            "the row {key} of the state topic cannot be read: {why}. Only this service writes it: if a \
             newer version did, run that version"
        ),
    )
}

/// Bytes as people compare them.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_that_does_not_go_on_ends_the_process() {
        let row = |height: u64, position: i64| {
            let progress = Progress {
                position,
                height,
                outputs: 0,
                digest: String::new(),
                catches_up_to: None,
            };
            serde_json::to_vec(&progress).expect("it can be written")
        };
        let says_of = |older: Vec<u8>, newer: Vec<u8>| {
            follows(0, PROGRESS_KEY, &older, &newer).map_err(|fault| fault.to_string())
        };
        // Compaction may have eaten what stood between.
        assert_eq!(says_of(row(3, 10), row(7, 10)), Ok(()));
        for newer in [row(3, 11), row(2, 11), row(4, 9)] {
            let says = says_of(row(3, 10), newer).expect_err("it does not go on");
            assert!(says.contains("height 3 at position 10"), "{says}");
        }
        assert!(follows(0, b"v1/kent/thing", b"", b"").is_ok());
    }
}
