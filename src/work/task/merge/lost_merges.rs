//! Merges that their target has lost, as it was moved back or they were reverted: of all items, or lately.

use std::collections::BTreeMap;

use crate::coordinate::changes;
use crate::coordinate::worktree::name_template::check_branch;
use crate::coordinate::worktree::{branch, followed_branch, integrated};
use crate::error::Result;
use crate::model::item::Item;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::pm::lost_merge::LostMerge;
use crate::query::{Expr, Facts, Mark, Test};
use crate::store::git::repo::{Oid, Repo};
use crate::store::index::{Line, Scan};
use crate::store::state::State;
use crate::work::task::merge::reverts::{MOST, reverted};

/// The number of items that are named, and whose changes are looked for in the target.
const NAMED: usize = 10;

/// The number of earlier tips of a target that are compared.
const EARLIER: usize = 20;

/// The greatest number of commits that a target lost at once.
const COMMITS: &str = "--max-count=1000";

/// The number of commits of a target that are looked at by `doctor` for reverts.
const REVERTS_LONG: usize = 10_000;

/// The most commits of a piece of work that are compared.
const COMMITS_OF_WORK: &str = "--max-count=100";

/// By how many seconds two clocks may differ.
const MINUTE: i64 = 60;

/// The number of items closed last that are looked at, of each kind, status and priority.
const CLOSED_LAST: usize = 20;

/// The commit that brought an item's work into its target, and the target; none if the commit is not
/// here: one that was never fetched says nothing about this clone's branches.
fn merge_of(pm: &Pm, state: &State<'_>, item: &Item) -> Option<(String, Oid)> {
    let repo = pm.store.repo();
    let commit = repo.parse_id(item.merged_commit.as_deref()?)?;
    let doc = state.doc_once(&item.uid).filter(|_| !item.deleted)?;
    let into = doc.text("merged_into")?;
    (repo.is_commit(commit) && check_branch(into).is_ok()).then(|| (into.to_string(), commit))
}

/// The ref that says what a target has: at its remote, else here.
fn ref_of(pm: &Pm, target: &str) -> String {
    let there = followed_branch::at_remote(pm, target);
    there.unwrap_or_else(|| format!("refs/heads/{target}"))
}

/// The merge as one that was lost, unless one of these tips has its changes in another form.
fn lost(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    (target, commit, tips): (&str, Oid, &[Oid]),
) -> Result<Option<LostMerge>> {
    let repo = pm.store.repo();
    let git = repo.git().plain();
    let doc = state.doc(&item.uid);
    // The commit of the merge may have been just the target's tip, where the host rebased the work.
    let submitted = doc.and_then(|doc| repo.parse_id(doc.text("finished_commit")?));
    for one in [Some(commit), submitted].into_iter().flatten() {
        for tip in tips.iter().filter(|_| repo.is_commit(one)) {
            if integrated(&git, &one.to_string(), &tip.to_string())?.is_some() {
                return Ok(None);
            }
        }
    }
    Ok(Some(view(state, item, (target, commit), None)))
}

/// Commits that a target lost, each with the tips that may have its changes in another form, or with the commit that
/// reverted it.
type Gone = BTreeMap<Oid, Left>;

/// What a target has in the place of a commit that it lost.
enum Left {
    Tips(Vec<Oid>),
    Reverted { by: Oid, written: Option<Written> },
}

/// What a rebase keeps of a commit: who wrote it, when in seconds since the Unix epoch, and its subject.
type Written = (String, i64, String);

fn written(repo: &Repo, id: Oid) -> Option<Written> {
    let commit = repo.commit(id).ok()?;
    let subject = commit.subject().to_string();
    Some((commit.author.name, commit.author.seconds, subject))
}

/// The commits that the last ones of a target reverted.
fn reverted_in(pm: &Pm, tip: Oid, most: usize) -> Result<Gone> {
    let left = |(commit, by)| {
        let written = written(pm.store.repo(), commit);
        (commit, Left::Reverted { by, written })
    };
    Ok(reverted(pm, tip, most)?.into_iter().map(left).collect())
}

impl Left {
    /// The merge of an item as one that was lost so.
    fn lost(
        &self,
        pm: &Pm,
        state: &State<'_>,
        item: &Item,
        (target, commit): (&str, Oid),
    ) -> Result<Option<LostMerge>> {
        match self {
            Left::Tips(tips) => lost(pm, state, item, (target, commit, tips)),
            // What was reopened says itself what became of it.
            Left::Reverted { .. } if !item.status.is_closed() => Ok(None),
            Left::Reverted { by, .. } => {
                let by_merge = pm.store.repo().commit(*by);
                Ok(Some(LostMerge {
                    reverted_by_merge: by_merge.is_ok_and(|by| by.parents.len() > 1),
                    ..view(state, item, (target, commit), Some(*by))
                }))
            }
        }
    }
}

fn view(
    state: &State<'_>,
    item: &Item,
    (target, commit): (&str, Oid),
    reverted_by: Option<Oid>,
) -> LostMerge {
    let id = state.shown_id(item);
    LostMerge {
        command: format!("git pm task reopen {id}"),
        target: one_line(target),
        commit: commit.to_string(),
        reverted_by: reverted_by.map(|by| by.to_string()),
        reverted_by_merge: false,
        id,
    }
}

/// The commits that a target lost when it was last moved back, at its remote or, if they never got there,
/// here; as far as the reflogs show it. Without such a move only these are read.
fn moved_out(pm: &Pm, target: &str) -> Result<Gone> {
    let (repo, name) = (pm.store.repo(), ref_of(pm, target));
    let here = format!("refs/heads/{target}");
    let mut gone = Gone::new();
    let Some(tip) = repo.ref_target(&name)? else {
        return Ok(gone);
    };
    // A revert that was not pushed yet undid the work here.
    for side in followed_branch::sides(pm, target)? {
        gone.extend(reverted_in(pm, side, MOST)?);
    }
    let git = repo.git().plain();
    let mut lose = |name: &str, tips: &[Oid]| -> Result<()> {
        let was = repo.moved_back(name, EARLIER)?;
        if was.is_empty() {
            return Ok(());
        }
        let mut args = vec!["rev-list".to_string(), COMMITS.into()];
        args.extend(was.iter().map(ToString::to_string));
        args.extend(tips.iter().map(|tip| format!("^{tip}")));
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        for hex in git.require(&args)?.lines() {
            if let Some(id) = repo.parse_id(&hex) {
                gone.entry(id).or_insert_with(|| Left::Tips(tips.to_vec()));
            }
        }
        Ok(())
    };
    lose(&name, &[tip])?;
    if let Some(own) = repo.ref_target(&here)?.filter(|_| name != here) {
        lose(&here, &[tip, own])?;
    }
    Ok(gone)
}

/// The merge of an item, if its target was moved back lately and has lost it.
pub(crate) fn lost_of(pm: &Pm, state: &State<'_>, item: &Item) -> Result<Option<LostMerge>> {
    let Some((target, commit)) = merge_of(pm, state, item) else {
        return Ok(None);
    };
    let gone = moved_out(pm, &target)?;
    match lost_part(pm, state, item, (&gone, commit)) {
        Some((commit, left)) => left.lost(pm, state, item, (&target, commit)),
        None => Ok(None),
    }
}

/// The commit that a target lost of those that brought an item's work: that of its merge, or one of several that were
/// rebased there or came with a merge, and were reverted one by one.
fn lost_part<'g>(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    (gone, merged): (&'g Gone, Oid),
) -> Option<(Oid, &'g Left)> {
    if let Some(left) = gone.get(&merged) {
        return Some((merged, left));
    }
    if !item.status.is_closed() {
        return None;
    }
    let repo = pm.store.repo();
    let finished = state.doc(&item.uid)?.text("finished_commit")?;
    let finished = repo.parse_id(finished).filter(|id| repo.is_commit(*id))?;
    let last = written(repo, finished)?.1;
    let begun = item.claims.iter().map(|claim| claim.at.ms / 1000).min();
    let begun = i64::try_from(begun?).ok()?.saturating_sub(MINUTE);
    let near = gone.iter().filter_map(|(id, left)| match left {
        Left::Reverted {
            by,
            written: Some(written),
        } if (begun..=last).contains(&written.1) => Some((*id, *by, written, left)),
        _ => None,
    });
    let near: Vec<(Oid, Oid, &Written, &Left)> = near.collect();
    if near.is_empty() {
        return None;
    }
    let before = repo.commit(merged).ok()?.parents.first().copied()?;
    let git = repo.git().plain();
    let [finished, before] = [finished, before].map(|id| id.to_string());
    let fork = branch::merge_base(&git, &finished, &before).ok()??;
    let not = format!("^{fork}");
    let works = git.require(&["rev-list", COMMITS_OF_WORK, &finished, &not]);
    let works = works.ok()?.lines();
    let works = works
        .iter()
        .filter_map(|hex| written(repo, repo.parse_id(hex)?));
    let works: Vec<Written> = works.collect();
    let is_by_work = |by: Oid| written(repo, by).is_some_and(|one| works.contains(&one));
    // What the work itself took back is not lost.
    let is_lost = |by: Oid, written: &Written| works.contains(written) && !is_by_work(by);
    let mut near = near.into_iter();
    let (id, _, _, left) = near.find(|(_, by, written, _)| is_lost(*by, written))?;
    Some((id, left))
}

/// The items that were closed last, of each kind, status and priority.
pub(crate) fn closed_last(pm: &Pm, state: &State<'_>) -> Vec<Item> {
    let closed = Expr::Test(Test::Is(Mark::Closed));
    let facts = Facts {
        now_ms: pm.now_ms(),
        now: pm.now(),
        ..Facts::default()
    };
    let add = |last: &mut Vec<Item>, line: Line<'_>, _| {
        if !line.is_pile() {
            last.push(line.item()?);
        }
        Ok(())
    };
    state.fold_matching((&closed, &facts), Some(CLOSED_LAST), Vec::new, add)
}

/// The merges that some targets lost lately, of the items that were closed last. Items are read only if there may
/// be any.
pub(crate) fn lost_lately(
    pm: &Pm,
    state: &State<'_>,
    targets: &[String],
) -> Result<Vec<LostMerge>> {
    let mut gone: BTreeMap<&String, Gone> = BTreeMap::new();
    for target in targets {
        let found = moved_out(pm, target)?;
        if !found.is_empty() {
            gone.insert(target, found);
        }
    }
    if gone.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for item in &closed_last(pm, state) {
        if found.len() < NAMED
            && let Some((target, commit)) = merge_of(pm, state, item)
            && let Some(gone) = gone.get(&target)
            && let Some((commit, left)) = lost_part(pm, state, item, (gone, commit))
        {
            found.extend(left.lost(pm, state, item, (&target, commit))?);
        }
    }
    found.sort_by(|a: &LostMerge, b| a.id.cmp(&b.id));
    Ok(found)
}

/// The lost merges of all items, some of each target; for `doctor`, which may take long.
pub(crate) fn lost_of_all(pm: &Pm, state: &State<'_>) -> Result<Vec<LostMerge>> {
    let repo = pm.store.repo();
    let git = repo.git().plain();
    let mut merged: BTreeMap<String, Vec<(&Item, Oid)>> = BTreeMap::new();
    let is_merged = |item: &Item| item.status.is_closed() && item.merged_commit.is_some();
    for item in state.scan(&Scan::All(None), is_merged, usize::MAX) {
        if let Some((into, commit)) = merge_of(pm, state, item) {
            merged.entry(into).or_default().push((item, commit));
        }
    }
    let mut all = Vec::new();
    for (target, items) in &merged {
        let ids: Vec<String> = items.iter().map(|(_, commit)| commit.to_string()).collect();
        let of = |tip: Oid| changes::ancestors_filter(&git, &ids, &tip.to_string());
        let name = ref_of(pm, target);
        let here = repo.ref_target(&format!("refs/heads/{target}"))?;
        let Some(tip) = repo.ref_target(&name)? else {
            continue;
        };
        let mut kept = of(tip)?;
        // What only this clone has was perhaps not pushed yet.
        if let Some(here) = here.filter(|here| *here != tip) {
            let mut was_there = Vec::new();
            let logged = repo.logged(&name).into_iter().rev().take(EARLIER);
            for old in logged.filter(|old| repo.is_commit(*old)) {
                was_there.extend(of(old)?);
            }
            let own = of(here)?.into_iter();
            kept.extend(own.filter(|commit| !was_there.contains(commit)));
        }
        let gone = items
            .iter()
            .filter(|(_, commit)| !kept.contains(&commit.to_string()));
        for (item, commit) in gone.take(NAMED) {
            all.extend(lost(pm, state, item, (target, *commit, &[tip]))?);
        }
        let mut gone = Gone::new();
        for side in followed_branch::sides(pm, target)? {
            gone.extend(reverted_in(pm, side, REVERTS_LONG)?);
        }
        let lost = items.iter().filter_map(|(item, commit)| {
            let (commit, left) = lost_part(pm, state, item, (&gone, *commit))?;
            Some((item, commit, left))
        });
        for (item, commit, left) in lost.take(NAMED) {
            all.extend(left.lost(pm, state, item, (target, commit))?);
        }
    }
    Ok(all)
}
