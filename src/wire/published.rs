//! What Truecount publishes, as bytes: exceptions and measures as JSON in the names of the contract,
//! and what was set aside as the bytes that came in, with the reason in headers beside them, so that
//! a re-drive is a copy. Start at [`exception`], [`measure`] and [`Quarantined`].

mod headers;
mod shapes;

pub use headers::{CannotReadHeaders, OWN_HEADERS, Quarantined, is_own, write_headers};
pub use shapes::{Said, avro};

use crate::domain::exception::{Exception, Measure};

/// One revision of an exception.
pub fn exception(exception: &Exception) -> Vec<u8> {
    serde_json::to_vec(exception).expect("an exception holds nothing that JSON cannot write")
}

/// The key of every revision of an exception: its id.
pub fn exception_key(exception: &Exception) -> Vec<u8> {
    exception.id.to_string().into_bytes()
}

/// One measure as it stands.
pub fn measure(measure: &Measure) -> Vec<u8> {
    serde_json::to_vec(measure).expect("a measure holds nothing that JSON cannot write")
}

/// The key of a measure: its force, what it measures, the period and the part; `-` stands for what it
/// does not have. The newest row under a key is the one that holds.
pub fn measure_key(measure: &Measure) -> Vec<u8> {
    let period = measure.period.map_or_else(
        || "-".to_owned(),
        |period| format!("{}..{}", period.from, period.to),
    );
    let stratum = measure.stratum.unwrap_or("-");
    format!("{}/{}/{period}/{stratum}", measure.force, measure.measure).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LondonDay;
    use crate::domain::exception::{Period, Tally};

    #[test]
    fn a_measure_has_one_key_for_each_force_period_and_part() {
        let of = |period, stratum| {
            let measure = Measure {
                force: "northamptonshire".into(),
                measure: "REC-030",
                period,
                stratum,
                counts: Tally::default(),
                design: "census",
                rate: None,
                frontier: None,
                ruleset: String::new(),
            };
            String::from_utf8(measure_key(&measure)).expect("keys are text")
        };
        let april = Period {
            from: LondonDay::of(2026, 4, 1),
            to: LondonDay::of(2026, 4, 30),
        };
        assert_eq!(
            of(Some(april), Some("urban")),
            "northamptonshire/REC-030/2026-04-01..2026-04-30/urban"
        );
        assert_eq!(of(None, None), "northamptonshire/REC-030/-/-");
    }
}
