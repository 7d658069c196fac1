//! The built-in table of roles and profiles, read from `agent/routes.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use toml_edit::{DocumentMut, Item, TableLike};

use super::agent::Agent;
use super::role::{Role, Specialty};
use super::routes::Profile;

/// The text of the table.
const TEXT: &str = include_str!("../routes.toml");

/// The signs of a role.
#[derive(Clone, Debug, Default)]
pub(super) struct Signs {
    pub types: Vec<String>,
    pub labels: Vec<String>,
    pub paths: Vec<String>,
    pub estimates: Vec<String>,
    pub risks: Vec<String>,
}

/// A role in the table.
#[derive(Clone, Debug)]
pub(super) struct RoleRow {
    pub role: Role,
    pub signs: Signs,
    /// The variable that sets its model.
    pub env: String,
    /// The role whose agents it uses if it has none of its own.
    pub like: Option<Role>,
    /// The name of its caps.
    pub caps: String,
}

/// The limits of a role in the profile `local`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct CapsRow {
    pub prompt: u64,
    pub answer: u64,
    pub temperature: f64,
    pub temperatures: (f64, f64),
}

/// A model that no route names.
#[derive(Clone, Debug)]
pub(super) struct ByHand {
    pub agent: Agent,
    pub context: u64,
    pub prompt: u64,
}

/// The table.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub roles: Vec<RoleRow>,
    pub profiles: BTreeMap<Profile, BTreeMap<Role, Vec<Agent>>>,
    pub caps: BTreeMap<String, CapsRow>,
    pub by_hand: Vec<ByHand>,
    pub specialties: Vec<(Specialty, Signs, String)>,
}

impl Table {
    /// The row of a role.
    pub(super) fn role(&self, role: Role) -> Option<&RoleRow> {
        self.roles.iter().find(|row| row.role == role)
    }

    /// The agents of a role in a profile, and the role whose row it is.
    pub(super) fn agents(&self, profile: Profile, role: Role) -> (&[Agent], Role) {
        let own = |role| self.profiles.get(&profile)?.get(&role).map(Vec::as_slice);
        let like = self.role(role).and_then(|row| row.like);
        match (own(role), like) {
            (Some(agents), _) => (agents, role),
            (None, Some(like)) => (own(like).unwrap_or_default(), like),
            (None, None) => (&[], role),
        }
    }
}

/// The built-in table. A test checks that it can be read.
pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| read().unwrap_or_default());

pub(super) fn read() -> Option<Table> {
    let document = TEXT.parse::<DocumentMut>().ok()?;
    let part = |name: &str| document.get(name).and_then(Item::as_table_like);
    let mut table = Table::default();
    for (name, row) in part("roles")?.iter() {
        let row = row.as_table_like()?;
        table.roles.push(RoleRow {
            role: Role::parse(name)?,
            signs: signs(row)?,
            env: text(row, "env").unwrap_or_default(),
            like: match text(row, "like") {
                Some(like) => Some(Role::parse(&like)?),
                None => None,
            },
            caps: text(row, "caps")?,
        });
    }
    for (name, rows) in part("profiles")?.iter() {
        let mut roles = BTreeMap::new();
        for (role, agents) in rows.as_table_like()?.iter() {
            let agents: Option<Vec<Agent>> =
                words(agents)?.iter().map(|one| one.parse().ok()).collect();
            roles.insert(Role::parse(role)?, agents?);
        }
        table.profiles.insert(Profile::parse(name)?, roles);
    }
    for (name, row) in part("caps")?.iter() {
        let row = row.as_table_like()?;
        let range = row.get("temperatures")?.as_array()?;
        table.caps.insert(
            name.to_string(),
            CapsRow {
                prompt: number(row, "prompt")?,
                answer: number(row, "answer")?,
                temperature: row.get("temperature")?.as_float()?,
                temperatures: (range.get(0)?.as_float()?, range.get(1)?.as_float()?),
            },
        );
    }
    for (name, row) in part("by-hand")?.iter() {
        let row = row.as_table_like()?;
        table.by_hand.push(ByHand {
            agent: name.parse().ok()?,
            context: number(row, "context")?,
            prompt: number(row, "prompt")?,
        });
    }
    for (name, row) in part("specialties")?.iter() {
        let row = row.as_table_like()?;
        table
            .specialties
            .push((Specialty::parse(name)?, signs(row)?, text(row, "text")?));
    }
    Some(table)
}

fn text(row: &dyn TableLike, key: &str) -> Option<String> {
    row.get(key)?.as_str().map(str::to_string)
}

fn number(row: &dyn TableLike, key: &str) -> Option<u64> {
    row.get(key)?.as_integer()?.try_into().ok()
}

fn words(item: &Item) -> Option<Vec<String>> {
    let array = item.as_array()?.iter();
    array.map(|one| one.as_str().map(str::to_string)).collect()
}

fn signs(row: &dyn TableLike) -> Option<Signs> {
    let list = |key: &str| match row.get(key) {
        Some(item) => words(item),
        None => Some(Vec::new()),
    };
    Some(Signs {
        types: list("types")?,
        labels: list("labels")?,
        paths: list("paths")?,
        estimates: list("estimates")?,
        risks: list("risks")?,
    })
}
