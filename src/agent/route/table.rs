//! The built-in table of roles and profiles, read from `agent/routes.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value as Json;
use toml_edit::{DocumentMut, Item, TableLike, Value};

use super::agent::Agent;
use super::role::{Role, Specialty};
use super::routes::Profile;

/// The text of the table.
const TEXT: &str = include_str!("../routes.toml");

/// The signs of a role.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Signs {
    pub types: Vec<String>,
    pub labels: Vec<String>,
    pub paths: Vec<String>,
    pub estimates: Vec<String>,
    pub risks: Vec<String>,
}

/// A role in the table.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct RoleRow {
    pub role: Role,
    #[serde(flatten)]
    pub signs: Signs,
    /// The variable that sets its model.
    pub env: String,
    /// The role whose agents it uses if it has none of its own.
    pub like: Option<Role>,
    /// The name of its caps.
    pub caps: String,
}

/// The limits of a role in the profile `local`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub(super) struct CapsRow {
    pub prompt: u64,
    pub answer: u64,
    pub temperature: f64,
    pub temperatures: (f64, f64),
}

/// A model that no route names.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ByHand {
    pub agent: Agent,
    pub context: u64,
    pub prompt: u64,
}

/// A specialty, with what its agents are told in addition.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct SpecialtyRow {
    pub specialty: Specialty,
    #[serde(flatten)]
    pub signs: Signs,
    pub text: String,
}

/// The table.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Table {
    pub roles: Vec<RoleRow>,
    pub profiles: BTreeMap<Profile, BTreeMap<Role, Vec<Agent>>>,
    pub caps: BTreeMap<String, CapsRow>,
    #[serde(rename = "by-hand")]
    pub by_hand: Vec<ByHand>,
    pub specialties: Vec<SpecialtyRow>,
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
    serde_json::from_value(json(document.as_item())).ok()
}

/// The same value as JSON.
fn json(item: &Item) -> Json {
    let table = |table: &dyn TableLike| -> Json {
        let all = table.iter().map(|(key, item)| (key.to_owned(), json(item)));
        all.collect()
    };
    match item {
        Item::ArrayOfTables(all) => all.iter().map(|one| table(one)).collect(),
        Item::Value(Value::Array(all)) => all
            .iter()
            .map(|one| json(&Item::Value(one.clone())))
            .collect(),
        Item::Value(Value::String(text)) => text.value().as_str().into(),
        Item::Value(Value::Integer(number)) => (*number.value()).into(),
        Item::Value(Value::Float(number)) => (*number.value()).into(),
        other => other.as_table_like().map_or(Json::Null, table),
    }
}
