//! Which agent works on which item. A table (`agent/routes.toml`) says by type, labels, paths and effort
//! what role an item has, and which agents a profile has for each role; settings and variables of the
//! user change it ([`Routes`]). Nothing of it is read from the state, which anyone can write who can
//! push: the state only says what the item is.

mod agent;
mod duty;
mod privacy;
mod routes;
mod table;
#[cfg(test)]
mod tests;
mod trust;

pub use self::agent::Agent;
pub use self::duty::{Duty, Facts, Role, Specialty};
pub use self::privacy::{Privacy, not_local};
pub use self::routes::{Caps, Choice, Chosen, Excluded, Profile, Routes, Source};
pub use self::trust::{Trust, trust};

use self::table::TABLE;

/// What an agent is told in addition about the part of the product that an item is about.
pub fn instructions(specialty: Specialty) -> &'static str {
    let rows = TABLE.specialties.iter();
    let found = rows.into_iter().find(|(of, ..)| *of == specialty);
    found.map_or("", |(_, _, text)| text)
}
