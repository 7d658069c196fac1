//! The policy for requests for permission: what stays in the worktree is allowed, what names a path
//! outside of it is refused. The agent's word is taken for what it is about to do, so this keeps an
//! honest agent in its place; another one is kept by a sandbox.

use std::path::Path;

use super::super::super::json::Json;
use super::named_paths::Named;

/// Why a tool call is refused; none if it is allowed.
pub(in super::super::super) fn refusal(
    call: &Json,
    has_gaps: bool,
    worktree: &Path,
) -> Option<String> {
    if has_gaps {
        return Some("it is too large to be checked".into());
    }
    Named::new(worktree).outside(call)
}

/// The id of the option that allows or refuses, by its kind. Nothing is allowed for more than this
/// time, because later uses would not be seen.
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
