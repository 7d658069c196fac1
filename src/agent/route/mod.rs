//! The routing of items to agents: the role of an item, and the agents of each role.
//!
//! A table (`agent/routes.toml`) maps type, labels, paths and effort to a role, and each role to the
//! agents of a profile; the user's settings and variables override it ([`Routes`]). No routing is
//! read from the state, which anyone who can push can write: the state only describes the item.

mod agent;
mod role;
mod routes;
mod table;
#[cfg(test)]
mod tests;
mod trust;

pub use self::agent::Agent;
pub use self::role::{Duty, Facts, Role, Specialty};
pub use self::routes::{Caps, Choice, Chosen, Excluded, Profile, Routes, Source};
pub use self::trust::{Trust, trust};

use self::table::TABLE;

/// The additional instructions for work on a part of the product.
pub fn instructions(specialty: Specialty) -> &'static str {
    let mut rows = TABLE.specialties.iter();
    let found = rows.find(|row| row.specialty == specialty);
    found.map_or("", |row| &row.text)
}
