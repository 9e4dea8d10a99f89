//! Hashes of content, by which a duplicate is told from a conflict and a revision from an occasion.
//! They are hashes of the JSON form, where a field that is not told is not written: a field that the
//! contract gains leaves the hash of older content as it was. XXH3 is fixed by its specification, so
//! a hash that is kept today is the same under every later version. Start at [`hash_of`].

use serde::Serialize;
use xxhash_rust::xxh3::Xxh3Default;

/// Eight bytes of a content.
pub(super) fn hash_of(content: &impl Serialize) -> u64 {
    written(content).digest()
}

/// Sixteen bytes of a content, for what would hide a change if two contents fell together.
pub(super) fn long_hash_of(content: &impl Serialize) -> [u8; 16] {
    written(content).digest128().to_be_bytes()
}

fn written(content: &impl Serialize) -> Xxh3Default {
    /// Feeds a hash with what a serialiser writes, without a copy of it.
    struct Into(Xxh3Default);
    impl std::io::Write for Into {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut into = Into(Xxh3Default::new());
    serde_json::to_writer(&mut into, content)
        .expect("what is held here holds nothing that JSON cannot write");
    into.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_that_was_kept_is_still_the_same() {
        // What the reference implementation makes of these five bytes, quotes included.
        assert_eq!(hash_of(&"abc"), 0x236a_c269_8e6b_6688);
        let long = u128::from_be_bytes(long_hash_of(&"abc"));
        assert_eq!(long, 0x590c_ff53_cfd1_1226_98f8_32b3_85c1_69a4);
    }

    #[test]
    fn what_is_not_told_leaves_no_trace() {
        #[derive(Serialize)]
        struct Before {
            told: i64,
        }
        #[derive(Serialize)]
        struct After {
            told: i64,
            #[serde(skip_serializing_if = "Option::is_none")]
            gained: Option<i64>,
        }
        let before = hash_of(&Before { told: 1 });
        let same = hash_of(&After {
            told: 1,
            gained: None,
        });
        let other = hash_of(&After {
            told: 1,
            gained: Some(2),
        });
        assert_eq!(before, same);
        assert_ne!(before, other);
    }
}
