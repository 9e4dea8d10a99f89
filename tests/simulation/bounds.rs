//! Laws of bounds.
