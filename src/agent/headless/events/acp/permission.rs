//! Which tool calls of an agent are allowed: those that stay in the worktree.
//!
//! Those that name a path outside are refused. The agent's description of what it is about to do is
//! trusted, so this confines an honest agent; a malicious one is confined by a sandbox.

use std::path::Path;

use super::super::super::json::{Fields, Json};
use super::named_paths::Named;

/// The reason for refusing a tool call; none if it is allowed.
pub(in super::super::super) fn refusal(call: &Json, worktree: &Path) -> Option<String> {
    Named::new(worktree).outside(call)
}

/// The id of the option that allows or refuses, by its kind. Nothing is allowed more than once,
/// because later uses would not be checked.
pub(super) fn choose(options: &[Json], is_allowed: bool) -> Option<&str> {
    let kinds: &[&str] = match is_allowed {
        true => &["allow_once"],
        false => &["reject_once", "reject_always"],
    };
    kinds.iter().find_map(|kind| {
        let of_kind = options.iter().find(|option| option["kind"].text() == *kind);
        of_kind.map(|option| option["optionId"].text())
    })
}
