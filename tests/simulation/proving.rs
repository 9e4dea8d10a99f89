//! Laws of proving.
