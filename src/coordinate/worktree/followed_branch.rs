//! The remote and the branch there that a branch of this clone follows.

use crate::coordinate::worktree::target;
use crate::error::Result;
use crate::pm::Pm;
use crate::store::git::repo::Oid;
use crate::store::remote_names::Remote;

/// The remote that holds branches: the one that confirms claims, if it has a name here, else the
/// one that the target follows, `origin`, or the only one.
pub(crate) fn branch_remote(pm: &Pm) -> Option<Remote> {
    let (repo, confirming) = (pm.store.repo(), pm.main_remote()?);
    let remotes = repo.remotes();
    if remotes.contains(&confirming.name) {
        return Some(confirming);
    }
    let target = target::default_target(pm).unwrap_or_default();
    let followed = repo.config(&format!("branch.{target}.remote"));
    let only = remotes.first().filter(|_| remotes.len() == 1).cloned();
    let names = [followed, Some("origin".into()), only];
    let mut names = names.into_iter().flatten();
    Remote::named(repo, &names.find(|name| remotes.contains(name))?).ok()
}

/// The branch against which another's commits are counted: the newer one of the target here and at
/// the remote, as far as this clone knows it.
pub(crate) fn counted_against(pm: &Pm, target: &str) -> Result<String> {
    if let Some(remote) = branch_remote(pm)
        && let (own, Some(other)) = tips_of(pm, &remote, target)?
        && own.is_none_or(|own| own != other && is_behind(pm, own, other))
    {
        return Ok(format!("refs/remotes/{}/{target}", remote.name));
    }
    // In full: a tag may have the same name.
    Ok(format!("refs/heads/{target}"))
}

/// The tips of a target here and at the remote, as far as this clone knows it, without one that the other has: of
/// two, the first is the one here. A commit that one of them has is no work's own.
pub(crate) fn sides(pm: &Pm, target: &str) -> Result<Vec<Oid>> {
    let Some(remote) = branch_remote(pm) else {
        let own = pm
            .store
            .repo()
            .ref_target(&format!("refs/heads/{target}"))?;
        return Ok(own.into_iter().collect());
    };
    Ok(match tips_of(pm, &remote, target)? {
        (Some(own), Some(other)) if own != other && is_behind(pm, own, other) => vec![other],
        (Some(own), Some(other)) if is_behind(pm, other, own) => vec![own],
        (own, other) => own.into_iter().chain(other).collect(),
    })
}

/// True if one of the sides of a target has a commit.
pub(crate) fn is_in(pm: &Pm, commit: Oid, sides: &[Oid]) -> bool {
    sides.iter().any(|side| is_behind(pm, commit, *side))
}

/// The remote and the branch there that a branch follows: as git is configured, else the
/// branch of that name at the remote that holds branches.
pub(crate) fn upstream_of(pm: &Pm, branch: &str) -> Option<(String, String)> {
    let set = |key| pm.store.repo().config(&format!("branch.{branch}.{key}"));
    let configured = set("remote").zip(set("merge")).and_then(|(remote, name)| {
        let name = name.strip_prefix("refs/heads/")?;
        (remote != ".").then(|| (remote, name.to_string()))
    });
    configured.or_else(|| Some((branch_remote(pm)?.name, branch.to_string())))
}

/// The commits of a branch here and, as last fetched, at the remote.
pub(crate) fn tips_of(
    pm: &Pm,
    remote: &Remote,
    branch: &str,
) -> Result<(Option<Oid>, Option<Oid>)> {
    let repo = pm.store.repo();
    Ok((
        repo.ref_target(&format!("refs/heads/{branch}"))?,
        repo.ref_target(&format!("refs/remotes/{}/{branch}", remote.name))?,
    ))
}

pub(crate) fn is_behind(pm: &Pm, a: Oid, b: Oid) -> bool {
    pm.store.repo().is_ancestor(a, b).unwrap_or(false)
}

/// The commit of the branch at the remote that a branch follows, as last fetched or pushed.
pub(crate) fn tip_there(pm: &Pm, branch: &str) -> Result<Option<Oid>> {
    match upstream_of(pm, branch) {
        Some((remote, there)) => {
            let name = format!("refs/remotes/{remote}/{there}");
            pm.store.repo().ref_target(&name)
        }
        None => Ok(None),
    }
}

/// The remote-tracking ref of a branch, at any remote.
pub(crate) fn at_remote(pm: &Pm, branch: &str) -> Option<String> {
    let repo = pm.store.repo();
    repo.remotes().into_iter().find_map(|remote| {
        let name = format!("refs/remotes/{remote}/{branch}");
        repo.ref_target(&name).ok().flatten().map(|_| name)
    })
}

/// The newest tip of a target that this clone knows: that of the remote's branch, if the one here is merely behind.
/// What decides about work is read there, as a merge follows the remote first.
pub(crate) fn newest_tip(pm: &Pm, target: &str) -> Result<Option<Oid>> {
    let newest = counted_against(pm, target)?;
    match pm.store.repo().ref_target(&newest)? {
        None => tip_of(pm, target),
        found => Ok(found),
    }
}

/// The tip of a target branch, local or else at a remote.
pub(crate) fn tip_of(pm: &Pm, target: &str) -> Result<Option<Oid>> {
    let repo = pm.store.repo();
    match (
        repo.ref_target(&format!("refs/heads/{target}"))?,
        at_remote(pm, target),
    ) {
        (None, Some(remote)) => repo.ref_target(&remote),
        (here, _) => Ok(here),
    }
}
