//! How numbers that are no quantities are written where something is kept: hashes as hexadecimal
//! text, which no reader rounds. And what is left out because it says nothing. Start at [`hex`].

/// A hash as sixteen hexadecimal digits.
pub(super) mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use crate::domain::Word;

    pub(in super::super) fn serialize<S: Serializer>(
        hash: &u64,
        into: S,
    ) -> Result<S::Ok, S::Error> {
        into.collect_str(&format_args!("{hash:016x}"))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<u64, D::Error> {
        let text = Word::deserialize(from)?;
        u64::from_str_radix(text.as_str(), 16)
            .map_err(|_| de::Error::custom("expected sixteen hexadecimal digits"))
    }
}

/// A digest as thirty-two hexadecimal digits.
pub(super) mod digest {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use crate::domain::Word;

    pub(in super::super) fn serialize<S: Serializer>(
        digest: &[u8; 16],
        into: S,
    ) -> Result<S::Ok, S::Error> {
        into.collect_str(&format_args!("{:032x}", u128::from_be_bytes(*digest)))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<[u8; 16], D::Error> {
        let text = Word::deserialize(from)?;
        u128::from_str_radix(text.as_str(), 16)
            .map(u128::to_be_bytes)
            .map_err(|_| de::Error::custom("expected thirty-two hexadecimal digits"))
    }
}

pub(super) fn is_false(flag: &bool) -> bool {
    !flag
}

pub(super) fn is_zero<N: Default + PartialEq>(number: &N) -> bool {
    *number == N::default()
}
