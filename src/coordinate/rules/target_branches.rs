//! Which branches are targets: no task uses a branch that work is merged into, here or at a remote.

use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::reserve::pattern::overlap::Case;
use crate::coordinate::rules;
use crate::coordinate::worktree::branch::head_of;
use crate::coordinate::worktree::target::default_target;
use crate::model::settings;
use crate::model::text::one_line;
use crate::pm::Pm;

/// True if work is merged into a branch of that name, here or at a remote, or the branch is
/// protected from agents: no task uses such a branch.
pub(crate) fn is_target(pm: &Pm, name: &str) -> bool {
    let repo = pm.store.repo();
    let is_head = |remote: &String| {
        let head = repo.symbolic_target(&format!("refs/remotes/{remote}/HEAD"));
        head.is_some_and(|head| head == format!("refs/remotes/{remote}/{name}"))
    };
    let is_name = |other: &String| other == name;
    ["main", "master"].contains(&name)
        || repo.target_set().iter().any(is_name)
        || repo.config_all(settings::TARGET.key).iter().any(is_name)
        || rules::protected_branches(pm).iter().any(is_name)
        || repo.remotes().iter().any(is_head)
        || is_default_here(pm, name)
}

/// Why the caller may not do something to a branch, if it is an agent and the branch is protected from agents.
pub(crate) fn forbidden_to_agents(pm: &Pm, branch: &str, what: &str) -> Option<String> {
    let is_protected = || {
        rules::protected_branches(pm)
            .iter()
            .any(|one| one == branch)
    };
    (pm.actor.is_agent && is_protected()).then(|| {
        let branch = one_line(branch);
        format!("agents may not {what} the protected branch {branch} (pm.protectedBranches)")
    })
}

/// True if this clone has a branch of that name as its default, or its main worktree is on it.
/// Tasks without worktrees are done there, so a branch with a task's name does not count.
fn is_default_here(pm: &Pm, name: &str) -> bool {
    let repo = pm.store.repo();
    match head_of(repo.common_dir()) {
        Some(head) => head == name && !is_named_as_work(pm, name),
        None => match default_target(pm) {
            Ok(target) => target == name,
            // The default branch is not known.
            Err(_) => !is_named_as_work(pm, name),
        },
    }
}

/// True if a branch has a name of the pattern for tasks or epics.
fn is_named_as_work(pm: &Pm, name: &str) -> bool {
    let repo = pm.store.repo();
    let patterns = [settings::BRANCH, settings::EPIC_BRANCH];
    patterns
        .iter()
        .any(|pattern| could_give(&repo.text_of(pattern), name))
}

/// True if a pattern can produce a name, for any values of its placeholders.
fn could_give(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('{');
    let mut glob = parts.next().unwrap_or_default().to_string();
    for part in parts {
        glob.push('*');
        glob.push_str(part.split_once('}').map_or(part, |(_, literal)| literal));
    }
    Pattern::parse(&glob, "").is_ok_and(|glob| glob.matches(name, Case::Sensitive))
}
