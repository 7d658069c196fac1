//! The worktrees of items.

use super::super::session::Session;
use super::super::tool::{Effect, Tool};
use super::super::views::{List, list};
use super::{Id, Nothing};
use crate::coordinate::worktree::worktree_verbs::{GcView, WorktreeView};
use crate::error::Result;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool::new(
            "worktree_list",
            Effect::Reads,
            "Worktrees of items in this clone",
            all,
        ),
        Tool::new(
            "worktree_path",
            Effect::Reads,
            "The worktree of an item",
            path,
        ),
        Tool::new(
            "worktree_gc",
            Effect::Removes,
            "Remove worktrees of finished items",
            gc,
        ),
    ]
}

fn all(session: &Session, _: Nothing) -> Result<List<WorktreeView>> {
    Ok(list(session.pm()?.worktrees().list(false)?))
}

#[derive(Serialize)]
struct Path {
    path: String,
}

fn path(session: &Session, input: Id) -> Result<Path> {
    let path = session.pm()?.worktrees().path(&input.id)?;
    Ok(Path { path })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Gc {
    /// Only list what would be removed
    #[serde(default)]
    dry_run: bool,
}

fn gc(session: &Session, input: Gc) -> Result<List<GcView>> {
    Ok(list(session.pm()?.worktrees().gc(input.dry_run, false)?))
}
