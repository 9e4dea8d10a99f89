//! Outcomes: whether the code that ends a crime is one, was one on its day, and agrees with what
//! else the record says. What the rules read alike stands in [`readings`].

use super::catalogue;

pub mod out_001_outcome_code_known;
pub mod out_002_outcome_code_valid_on_its_date;
pub mod out_022_no_suspect_named_under_18;
pub mod readings;

catalogue! {
    out_001_outcome_code_known,
    out_002_outcome_code_valid_on_its_date,
    out_022_no_suspect_named_under_18,
}
