//! The offences that are generated: a table of its own, over classes and codes that the counting
//! rules have. Start at [`OFFENCES`].

use super::chance::Chance;
use crate::domain::names::Basis;

/// One offence that is generated.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Offence {
    /// Its class.
    pub(super) class: &'static str,
    /// Its code.
    pub(super) code: &'static str,
    /// Another code of the same class, where a correction inside the class is told.
    pub(super) sibling: &'static str,
    /// Whom it is against.
    pub(super) basis: Basis,
    /// How often it is reported, in proportion.
    weight: u32,
    /// How often its victim is a business, in a thousand.
    pub(super) business: i64,
    /// How often it is domestic abuse, in a thousand.
    pub(super) domestic: i64,
}

const fn victim(
    class: &'static str,
    (code, sibling): (&'static str, &'static str),
    weight: u32,
    business: i64,
    domestic: i64,
) -> Offence {
    Offence {
        class,
        code,
        sibling,
        basis: Basis::Victim,
        weight,
        business,
        domestic,
    }
}

const fn state(class: &'static str, code: &'static str, weight: u32) -> Offence {
    Offence {
        class,
        code,
        sibling: code,
        basis: Basis::State,
        weight,
        business: 0,
        domestic: 0,
    }
}

/// The mix of a force: violence first, then theft, damage, public order; the rare ones are there.
pub(super) const OFFENCES: &[Offence] = &[
    victim("8N", ("008/06", "008/01"), 105, 0, 330),
    victim("105A", ("105/01", "105/02"), 150, 0, 340),
    victim("8L", ("008/30", "008/29"), 45, 0, 300),
    victim("8Q", ("008/65", "008/66"), 55, 0, 520),
    victim("8R", ("008/72", "005/28"), 45, 20, 250),
    victim("5D", ("005/01", "005/27"), 9, 0, 150),
    victim("3B", ("003/01", "003/01"), 9, 0, 300),
    victim("8T", ("008/77", "008/01"), 5, 0, 0),
    victim("9A", ("125/09", "125/11"), 70, 40, 60),
    victim("20A", ("020/03", "020/05"), 9, 0, 120),
    victim("46", ("046/00", "046/00"), 130, 1_000, 0),
    victim("49", ("049/10", "049/11"), 60, 300, 20),
    victim("45", ("045/10", "045/10"), 38, 100, 0),
    victim("48", ("048/01", "130/01"), 22, 80, 10),
    victim("39", ("039/00", "039/00"), 12, 0, 0),
    victim("44", ("044/00", "137/18"), 14, 0, 0),
    victim("40", ("040/00", "040/00"), 8, 0, 80),
    victim("28I", ("028/03", "028/03"), 28, 0, 10),
    victim("28M", ("028/03", "028/03"), 9, 0, 0),
    victim("30C", ("030/02", "030/02"), 13, 1_000, 0),
    victim("34B", ("034/01", "034/02"), 11, 0, 0),
    victim("58A", ("149/00", "058/00"), 28, 60, 180),
    victim("58C", ("149/00", "058/00"), 36, 70, 60),
    victim("58D", ("149/00", "058/00"), 20, 350, 40),
    state("92D", "092/55", 28),
    state("92A", "092/30", 7),
    state("10D", "008/26", 9),
];

/// What a notifiable report is made of before it is confirmed.
pub(super) const RAPE: &Offence = &victim("19C", ("019/08", "019/12"), 0, 0, 150);

/// Any offence, as often as it is reported.
pub(super) fn any(chance: &mut Chance) -> &'static Offence {
    drawn(chance, |_| true)
}

/// An offence that has a person as its victim.
pub(super) fn against_a_person(chance: &mut Chance) -> &'static Offence {
    drawn(chance, |one| {
        one.basis == Basis::Victim && one.business == 0
    })
}

/// An offence with a victim, of another class than this one.
pub(super) fn other_than(offence: &Offence, chance: &mut Chance) -> &'static Offence {
    drawn(chance, |one| {
        one.basis == Basis::Victim && one.class != offence.class
    })
}

/// An offence whose class has a second code, which a person is the victim of.
pub(super) fn with_sibling(chance: &mut Chance) -> &'static Offence {
    drawn(chance, |one| one.code != one.sibling && one.business == 0)
}

/// An offence against the state.
pub(super) fn against_the_state(chance: &mut Chance) -> &'static Offence {
    drawn(chance, |one| one.basis == Basis::State)
}

fn drawn(chance: &mut Chance, fits: impl Fn(&Offence) -> bool) -> &'static Offence {
    let weighted: Vec<(&'static Offence, u32)> = OFFENCES
        .iter()
        .filter(|one| fits(one))
        .map(|one| (one, one.weight))
        .collect();
    chance.weighted(&weighted)
}
