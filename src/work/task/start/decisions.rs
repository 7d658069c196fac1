//! The decisions of `start`: the branch's name, its base, and the path of its worktree.
//!
//! They are made before anything is written.

use std::path::PathBuf;

use super::StartDecisions;
use crate::coordinate::claim::ownership;
use crate::coordinate::gate::trust;
use crate::coordinate::rules::target_branches;
use crate::coordinate::sync;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::target;
use crate::coordinate::worktree::worktree_verbs;
use crate::coordinate::worktree::{self, Worktree, name_template};
use crate::error::{self, Error, Hint, Result};
use crate::graph::Reason;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::settings;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::store::git::repo::Oid;
use crate::store::index::Scan;
use crate::store::state::State;
use crate::work::moved_file::moved_paths;
use crate::work::plan_notices;
use crate::work::task::branch_work;
use crate::work::task::deps::graph_around;
use crate::work::task::finish;
use crate::work::task::gone_branch;
use crate::work::task::remote_branch;
use crate::work::task::start::missing_work;
use crate::work::task::start::options::StartOptions;

/// The branch pattern in which each branch starts at the one that its task softly waits for.
const STACKED: &str = "stacked-branches";

/// The branch pattern in which all tasks of an epic are done on the epic's branch.
const SINGLE: &str = "single-branch";

/// The branch pattern chosen for an item's epic.
fn pattern_of<'s>(state: &'s State<'_>, item: &Item) -> Option<&'s str> {
    let epic = state.doc(item.epic.as_ref()?.uid.as_ref()?)?;
    epic.text("branch_pattern")
}

/// Checks as much as possible before the claim, so that little has to be rolled back.
pub(super) fn decide_start(
    pm: &Pm,
    id: &str,
    options: &StartOptions,
    warnings: &mut Vec<String>,
) -> Result<StartDecisions> {
    pm.named_writer("task start")?;
    if options.worktree {
        trust::set_up(pm)?;
        trust::worktree(pm)?;
    }
    let state = pm.store.state()?;
    // An item that only the remote knows is found after the fetch; its names are then planned
    // from the fetched state.
    let item = match state.find(id) {
        Ok(item) => item.clone(),
        Err(error) => {
            let Some(remote) = pm.main_remote().filter(|_| !pm.options.offline) else {
                return Err(error);
            };
            sync::pull_from(pm, &remote)?;
            pm.store.state()?.find(id)?.clone()
        }
    };
    let state = pm.store.state()?;
    if let Some(prd) = &item.planned_from {
        plan_notices::require_plan_stands(pm, &state, prd)?;
    }
    let git = pm.store.repo().git();
    if options.worktree {
        super::new_checkout::require_linkable(
            pm.store.repo().common_dir(),
            &state.shown_id(&item),
        )?;
    }
    if options.branch {
        remote_branch::fetch_branch_of(pm, &item)?;
    }
    let (branch, reuse) = branch_for(pm, &state, &item, options)?;
    let base = if reuse || !options.branch {
        None
    } else {
        Some(base_for(pm, &state, &item, options.base.as_deref())?)
    };
    if !reuse && options.branch {
        gone_branch::tell_new(pm, &state, &item, &branch);
    }
    if reuse && options.base.is_some() {
        let branch = one_line(&branch);
        pm.notice(format!("{branch} exists, so `--base` does not apply"));
    }
    // Who only claims it begins to work as well. A claim that is there already stays.
    let is_held = (item.holder()).is_some_and(|claim| ownership::holds(pm, &item, claim));
    let has_begun = item.branch.is_some() || item.started_at.is_some() || !item.claims.is_empty();
    let target = match base.as_deref().filter(|_| options.base.is_some()) {
        // What was committed since the claim is the work itself.
        Some(base) if is_held && finish::commits_here(pm).as_deref() == Some(base) => None,
        // Of what has begun, only a human changes the target.
        Some(_) if pm.actor.is_bound && has_begun => None,
        Some(base) => target::target_of_base(pm, &state, base)?,
        None => None,
    };
    if !reuse && options.base.is_none() && (options.branch || !is_held) {
        missing_work::require_reached(pm, &state, &item)?;
    }
    let place = if options.worktree {
        let worktrees = worktree::list(git)?;
        let common = pm.store.repo().common_dir();
        let holders = worktree::branch::holders(common, &worktrees, &branch);
        match holders.iter().find(|w| w.prunable.is_none()) {
            Some(w) if w.locked.is_some() && !w.path.exists() => {
                let why = w.locked.as_deref().unwrap_or_default();
                return Err(Error::refused(format!(
                    "the worktree of {} is not there, and git keeps its place (locked: {}): {}",
                    state.shown_id(&item),
                    crate::model::text::one_line(why),
                    w.path.display()
                ))
                .because(error::Reason::StartWorktreeLocked)
                .hint("make the folder available again, such as by mounting its drive")
                .hint(Hint::git(
                    ["worktree", "unlock", &w.path.to_string_lossy()],
                    "gives it up, and the next start makes another one",
                )));
            }
            Some(w) if options.resume || w.path.exists() => {
                let goes_on = worktree::moved::goes_on(git, &w.path);
                warnings.extend(goes_on.map(|how| format!("a rebase is in progress: {how}")));
                Some(w.path.clone())
            }
            _ => match worktree_verbs::moved_of(pm, &item)? {
                Some(moved) if moved.is_at_tip() => Some(moved.place),
                Some(moved) if moved.stops_start() => {
                    return Err(moved.refusal(&state.shown_id(&item)));
                }
                _ => Some(place_for(pm, &state, &item, &worktrees)?),
            },
        }
    } else {
        None
    };
    if let Some(place) = place.as_ref().filter(|_| !pm.actor.is_confined) {
        worktree::links::require_returned(place)?;
    }
    for reason in graph_around(&state, &item.uid, pm.now_ms()).reasons(&item.uid) {
        if let Reason::SoftOpen(on) = reason {
            warnings.push(format!(
                "{} is not done yet; the dependency is soft, so its result may be incomplete",
                state
                    .item(&on)
                    .map_or_else(|| on.to_string(), |i| state.shown_id(i))
            ));
        }
    }
    let moves = moved_paths(pm, base.as_deref().unwrap_or(&branch), &item.paths)?;
    Ok(StartDecisions {
        uid: item.uid.clone(),
        branch,
        base,
        target,
        reuse,
        place,
        moves,
    })
}

/// The branch of an item: the stored one, unless the target has all of it, else a new name that is not in use. The
/// flag is set if it exists.
pub(super) fn branch_for(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    options: &StartOptions,
) -> Result<(String, bool)> {
    let repo = pm.store.repo();
    let exists = |name: &str| {
        repo.ref_target(&format!("refs/heads/{name}"))
            .is_ok_and(|r| r.is_some())
    };
    if let Some(branch) = &item.branch
        && name_template::check_branch(branch).is_ok()
        && !target_branches::is_target(pm, branch)
    {
        // State is data from other actors: only a name that could be this item's is accepted.
        let tip = repo.ref_target(&format!("refs/heads/{branch}"))?;
        let goes_on = |tip| !is_merged_whole(pm, state, item, tip);
        if tip.is_some_and(|tip| goes_on(Some(tip)) || brings(pm, state, item, tip))
            || unmerged_at_remote(pm, state, item).is_some()
        {
            return Ok((branch.clone(), tip.is_some()));
        }
    }
    // What was begun here under a claim that was lost is continued.
    let replica = pm.store.known_replica();
    let lost = replica.and_then(|replica| item.lost_branch(replica.as_str()));
    let is_others = |branch: &str| {
        let other = |other: &Item| other.uid != item.uid;
        !state.scan(&Scan::Branch(branch), other, 1).is_empty()
    };
    if let Some(branch) = lost
        && name_template::check_branch(branch).is_ok()
        && !target_branches::is_target(pm, branch)
        && exists(branch)
        && !is_others(branch)
    {
        return Ok((branch.to_string(), true));
    }
    if let Some(epic) = epic_of_one_branch(state, item) {
        // The branch of an earlier task of the epic, else the epic's own.
        let of_epic = |other: &&Item| {
            let target = other.epic.as_ref().and_then(|epic| epic.uid.as_ref());
            target == Some(&epic.uid)
        };
        let taken = state.items().into_iter().filter(of_epic);
        let taken = taken.filter_map(|other| other.branch.clone());
        // From fetched state only a name that could be the epic's is accepted.
        let pattern = repo.text_of(&settings::EPIC_BRANCH);
        let own = name_template::branch(
            &pattern,
            &name_template::Fields {
                id: &epic.id,
                title: &epic.title,
                agent: Some(&pm.actor.name),
                run: None,
                epic: None,
            },
        );
        let own = own.unwrap_or_default();
        let is_own = |name: &String| {
            let rest = name.strip_prefix(&own).filter(|_| !own.is_empty());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let known = taken.filter(|name| name_template::check_branch(name).is_ok());
        // Also the name of one that was deleted after a merge.
        let known = known.filter(is_own).map(|name| (!exists(&name), name));
        if let Some((is_gone, name)) = known.min() {
            return Ok((name, !is_gone));
        }
        return branch_for(pm, state, &epic, options);
    }
    let pattern = match item.kind {
        ItemKind::Epic => repo.text_of(&settings::EPIC_BRANCH),
        _ => match &options.pattern {
            Some(pattern) => pattern.clone(),
            None => repo.text_of(&settings::BRANCH),
        },
    };
    let epic = item.epic.as_ref().map(|e| state.shown_ref(e));
    let run = options.run.clone();
    let run = run.unwrap_or_else(|| (pm.now_ms() / 1000).to_string());
    let fields = name_template::Fields {
        id: &item.id,
        title: &item.title,
        agent: Some(&pm.actor.name),
        run: Some(&run),
        epic: epic.as_deref(),
    };
    let name = name_template::branch(&pattern, &fields)?;
    let used = exists(&name)
        || followed_branch::at_remote(pm, &name).is_some()
        || target_branches::is_target(pm, &name)
        || is_others(&name);
    let name = match used {
        true => format!("{name}-{}", item.uid.suffix(4)),
        false => name,
    };
    Ok((name.clone(), exists(&name)))
}

/// The branch of an item at a remote, unless it only has the work of a merge that the target has: it is deleted there
/// once the target is pushed, and the merge may be another commit.
fn unmerged_at_remote(pm: &Pm, state: &State<'_>, item: &Item) -> Option<String> {
    let remote = followed_branch::at_remote(pm, item.branch.as_deref()?)?;
    let tip = pm.store.repo().ref_target(&remote).ok().flatten();
    (!is_merged_whole(pm, state, item, tip)).then_some(remote)
}

/// True if merged work would bring something to its target again, which has reverted it. What the target has in
/// another form, as after a squash, would conflict with the next change of the same lines.
fn brings(pm: &Pm, state: &State<'_>, item: &Item, tip: Oid) -> bool {
    let names = target::target_of(pm, state, item, None)
        .and_then(|target| branch_work::changed_names(pm, &target, &tip.to_string()));
    names.is_ok_and(|names| !names.is_empty())
}

/// True if the tip of a branch is the work of an item as it was merged, and its target has the merge.
fn is_merged_whole(pm: &Pm, state: &State<'_>, item: &Item, tip: Option<Oid>) -> bool {
    let (repo, doc) = (pm.store.repo(), state.doc(&item.uid));
    let [submitted, merge] = ["finished_commit", "merged_commit"].map(|name| {
        let register = doc?.regs.get(name)?;
        Some((&register.stamp, repo.parse_id(register.value.as_str()?)?))
    });
    let Some(((submitted, work), (at, merged))) = submitted.zip(merge) else {
        return false;
    };
    if at < submitted || tip != Some(work) {
        return false;
    }
    let sides = target::target_of(pm, state, item, None)
        .and_then(|target| followed_branch::sides(pm, &target));
    sides.is_ok_and(|sides| followed_branch::is_in(pm, merged, &sides))
}

/// The epic on whose single branch a task is done, if the epic has that pattern.
fn epic_of_one_branch(state: &State<'_>, item: &Item) -> Option<Item> {
    if item.kind == ItemKind::Epic || pattern_of(state, item) != Some(SINGLE) {
        return None;
    }
    let epic = state.item(item.epic.as_ref()?.uid.as_ref()?)?;
    (epic.kind == ItemKind::Epic).then(|| epic.clone())
}

/// The base of a new branch: the requested one, which may be a branch that only a remote has, the remote's branch of
/// the item's name, the epic's branch, a stacked parent's, or the default branch.
pub(super) fn base_for(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    asked: Option<&str>,
) -> Result<String> {
    let repo = pm.store.repo();
    if let Some(base) = asked {
        let named = |folder: &str| {
            let name = format!("{folder}{base}");
            let found = repo.ref_target(&name).ok().flatten();
            found.map(|_| name)
        };
        let folders = ["refs/heads/", "refs/tags/", "refs/remotes/"];
        let names: Vec<String> = folders.into_iter().filter_map(named).collect();
        if let [one, other, ..] = &names[..] {
            let shown = crate::model::text::one_line(base);
            return Err(Error::usage(format!(
                "`{shown}` is ambiguous: it names {one} and {other}"
            ))
            .because(error::Reason::StartAmbiguousBase)
            .hint(format!("use `--base {one}` or `--base {other}`")));
        }
        if repo.resolve(base).is_none() {
            // As `git switch` does.
            if let Some(there) = followed_branch::at_remote(pm, base) {
                return Ok(there);
            }
            let shown = crate::model::text::one_line(base);
            return Err(
                Error::not_found(format!("`{shown}` is not a commit or branch"))
                    .hint(Hint::git(["branch", "-a"], "lists the branches")),
            );
        }
        return Ok(base.to_string());
    }
    if let Some(remote) = unmerged_at_remote(pm, state, item) {
        return Ok(remote);
    }
    let branch_of = |target: &crate::model::id::ItemRef| {
        let branch = state.item(target.uid.as_ref()?)?.branch.clone()?;
        // In full: a branch name from fetched state must not become an option of git's.
        let name = format!("refs/heads/{branch}");
        repo.ref_target(&name).ok().flatten().map(|_| name)
    };
    let pattern = pattern_of(state, item);
    let stacked = || {
        let soft = item.depends_on.iter().filter(|d| d.soft);
        soft.filter(|d| target::is_open(state, &d.target))
            .find_map(|d| branch_of(&d.target))
    };
    // The pattern chosen for this epic precedes the clone's own.
    if pattern == Some(STACKED)
        && let Some(branch) = stacked()
    {
        return Ok(branch);
    }
    let target = target::shared_target_of(pm, state, item, None)?;
    if pattern.is_none()
        && target == target::default_target(pm)?
        && repo.is_on(&settings::STACKED)
        && let Some(branch) = stacked()
    {
        return Ok(branch);
    }
    let newest = remote_branch::newest_of(pm, &target)?;
    // The branch of work that its target has lost was deleted with the merge.
    let doc = state.doc(&item.uid);
    let finished = doc.and_then(|doc| repo.parse_id(doc.text("finished_commit")?));
    let onto = repo.resolve(&newest).filter(|onto| finished != Some(*onto));
    let is_lost =
        |&(tip, onto): &_| repo.is_commit(tip) && followed_branch::is_behind(pm, onto, tip);
    let lost = finished.zip(onto).filter(is_lost);
    Ok(lost.map_or(newest, |(tip, _)| tip.to_string()))
}

/// The folder that `pm.worktreePath` gives for a worktree.
pub(crate) fn worktree_place(
    pm: &Pm,
    fields: &name_template::Fields<'_>,
    worktrees: &[Worktree],
) -> Result<PathBuf> {
    let repo = pm.store.repo();
    let common = repo.common_dir();
    let bare = repo.config_bool("core.bare").unwrap_or(false);
    let main = worktrees.iter().find(|w| w.main);
    let root = match (&main, bare) {
        (Some(main), false) => worktree::path::beside_superproject(&main.path, common),
        _ => common.to_path_buf(),
    };
    let home = pm.store.env().var("HOME").map(PathBuf::from);
    let around = name_template::Repo {
        root: &root,
        bare,
        home: home.as_deref(),
    };
    // An orchestrator names the folder of its work.
    let named = pm.store.env().text("WORKDIR_ROOT");
    let named = named.filter(|root| root.starts_with('/') && !root.contains(['{', '}']));
    let named = named.map(|root| format!("{}/{{id}}-{{slug}}", root.trim_end_matches('/')));
    let set = repo.config(settings::WORKTREE_PATH.key).or(named);
    let pattern = set.unwrap_or_else(|| settings::WORKTREE_PATH.default.into());
    name_template::place(&pattern, fields, &around)
}

pub(super) fn place_for(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    worktrees: &[Worktree],
) -> Result<PathBuf> {
    let epic = item.epic.as_ref().map(|e| state.shown_ref(e));
    let fields = name_template::Fields {
        id: &item.id,
        title: &item.title,
        agent: Some(&pm.actor.name),
        run: None,
        epic: epic.as_deref(),
    };
    let place = worktree_place(pm, &fields, worktrees)?;
    let occupied = std::fs::read_dir(&place).is_ok_and(|mut d| d.next().is_some());
    if !occupied {
        return Ok(place);
    }
    // Another item of that id, before it was renumbered, or files of the user.
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let other = place.with_file_name(format!("{name}-{}", item.uid.suffix(4)));
    let occupied = std::fs::read_dir(&other).is_ok_and(|mut d| d.next().is_some());
    if occupied {
        return Err(
            Error::refused(format!("{} is not empty", place.display())).hint(
                "move or remove it, or choose another path: `git pm config pm.worktreePath \
                     PATTERN`",
            ),
        );
    }
    Ok(other)
}

/// The commit at which the work starts; its ancestors are never stopped.
pub(super) fn commit_of(pm: &Pm, start: &StartDecisions) -> Option<String> {
    let name = start.base.as_deref().unwrap_or(&start.branch);
    Some(pm.store.repo().resolve(name)?.to_string())
}
