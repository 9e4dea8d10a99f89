//! The word somebody may have meant. Only ever a suggestion in a message; nothing acts on it.
//! Start at [`nearest`].

/// The word of `among` that is closest to `word`, if it is close enough to be a slip.
pub(crate) fn nearest<'a>(word: &str, among: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A third of the letters: more is another word, not a slip.
    let allowed = word.chars().count().max(3) / 3;
    among
        .into_iter()
        .map(|other| (distance(&word.to_lowercase(), &other.to_lowercase()), other))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, other)| other)
}

/// How many letters must be added, taken away or changed.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (place, other) in right.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let fields = ["core.recorded_at", "core.reported_at", "origin"];
        assert_eq!(nearest("core.recorded", fields), Some("core.recorded_at"));
        assert_eq!(
            nearest("Core.Reported_At", fields),
            Some("core.reported_at")
        );
        assert_eq!(nearest("victims", fields), None);
    }
}
