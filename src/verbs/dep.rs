//! The verbs on dependencies: add, remove, list.

use std::slice::from_ref;

use schemars::JsonSchema;
use serde::Deserialize;

use super::declare::{one, verb};
use super::{Effect, Staged, Verb};
use crate::error::Result;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::shared_views::ItemView;
use crate::store::transaction::Tx;
use crate::work::task::cycles::Cycles;
use crate::work::task::deps;
use crate::work::task::deps::{DepView, edge_type};

/// Make an item depend on another
///
/// Cycles of blocking dependencies are rejected.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm dep add T-0002 T-0001                  T-0002 waits for T-0001
  git pm dep add T-0002 T-0001 --soft           T-0002 should wait, but can start
  git pm dep add T-0009 T-0004 --type related   only relate the two")]
pub struct Add {
    /// Item that waits.
    pub id: String,
    /// Item to wait for.
    pub on: String,
    /// Make `start` warn instead of refusing.
    #[arg(long)]
    #[serde(default)]
    pub soft: bool,
    /// Type: blocks, parent-child, related, discovered-from, or another beads type.
    #[arg(short = 't', long = "type", value_name = "T", default_value = BLOCKS)]
    #[serde(rename = "type", default = "blocks")]
    pub kind: String,
    /// Accept an unknown type.
    #[arg(long)]
    #[serde(default)]
    pub force: bool,
    /// For a waits-for edge, wait for all-children or any-children of ON.
    #[arg(long)]
    pub gate: Option<String>,
}

verb!(Add: ItemView, Writes {
    run |self, pm| {
        let tasks = pm.tasks();
        match &self.gate {
            Some(gate) => tasks.add_gate_dependency(&self.id, &self.on, &self.kind, gate.parse()?),
            None => tasks.add_dependency(&self.id, &self.on, &self.kind, self.soft, self.force),
        }
    },
    ids |it| from_ref(&it.id),
    stage |tx, cycles| {
        let kind = edge_type(&tx.state, &self.kind, self.force)?;
        let uid = deps::dep_add_in(tx, cycles, &self.id, &self.on, &kind, self.soft)?;
        if let Some(gate) = &self.gate {
            deps::set_gate_in(tx, &uid, &self.on, &kind, gate.parse()?)?;
        }
        Ok(vec![uid])
    },
});

/// Remove a dependency
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Rm {
    /// Item that waits.
    pub id: String,
    /// Item to wait for.
    pub on: String,
    /// Type of the edge.
    #[arg(short = 't', long = "type", value_name = "T", default_value = BLOCKS)]
    #[serde(rename = "type", default = "blocks")]
    pub kind: String,
}

verb!(Rm: ItemView, Removes {
    run |self, pm| pm.tasks().remove_dependency(&self.id, &self.on, &self.kind),
    ids |it| from_ref(&it.id),
    stage |tx, cycles| one(deps::dep_remove_in(tx, &self.id, &self.on, &self.kind)),
});

/// List the dependencies and dependents of an item
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ListOf {
    /// Item ID.
    pub id: String,
}

verb!(ListOf: DepView, Reads {
    run |self, pm| pm.tasks().dependencies(&self.id),
});

/// The type of a plain dependency.
const BLOCKS: &str = "blocks";

fn blocks() -> String {
    BLOCKS.into()
}
