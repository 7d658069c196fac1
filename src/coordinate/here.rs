//! What an operation knows about its caller, and which item is meant where none is named.
//!
//! It knows the clone with its remote, the worktree and its branch, and the time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::coordinate::claim::ownership;
use crate::coordinate::claim::renumber::has_id_of_source;
use crate::coordinate::reserve::queue::Case;
use crate::coordinate::worktree::branch::{head_of, rebasing};
use crate::coordinate::worktree::moved::made_for;
use crate::coordinate::worktree::path::same;
use crate::coordinate::worktree::target;
use crate::coordinate::worktree::worktree_verbs::lost_work;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::doc::Doc;
use crate::model::id::parse_sequential;
use crate::model::item::Item;
use crate::model::settings::{self, SyncMode};
use crate::model::status::Status;
use crate::model::text::{counted, one_line};
use crate::model::uid::Uid;
use crate::pm::handles::{Items, Tasks};
use crate::pm::requester::Requester;
use crate::pm::shared_views::{Here, ItemView, Texts, item_view};
use crate::pm::{Caller, Pm};
use crate::store::git::irregular;
use crate::store::index::Scan;
use crate::store::remote_names::Remote;
use crate::store::state::State;
use crate::store::sync::published;

impl Tasks<'_> {
    /// The id of the task whose branch is checked out in the caller's worktree.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn here(&self) -> Result<Option<String>> {
        let state = self.pm.store.snapshot()?;
        let uid = named_or_here(self.pm, &state, None).ok();
        Ok(uid
            .and_then(|uid| state.item(&uid))
            .map(|item| state.shown_id(item)))
    }
}

impl Pm {
    pub(crate) fn sync_mode(&self) -> SyncMode {
        match self.store.is_main() {
            true => SyncMode::of(self.store.repo().config(settings::SYNC.key).as_deref()),
            false => SyncMode::Manual,
        }
    }

    /// The remote that confirms claims; none for ephemeral items, which are never exchanged.
    pub(crate) fn main_remote(&self) -> Option<Remote> {
        if !self.store.is_main() {
            return None;
        }
        Remote::main(self.store.repo())
    }

    /// As [`Pm::main_remote`], from the repository's own configuration files.
    pub(crate) fn own_remote(&self) -> Option<Remote> {
        let repo = self.store.repo();
        Remote::own(repo).filter(|_| self.store.is_main())
    }

    /// True if the tool may use the network on its own.
    pub(crate) fn is_online(&self) -> bool {
        !self.options.offline && self.sync_mode() != SyncMode::Manual
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.store.env().now_ms()
    }

    /// The time in the zone of the days that users type.
    pub(crate) fn now(&self) -> jiff::Zoned {
        self.store.env().now()
    }

    /// The caller with its clone, worktree and branch.
    pub(crate) fn requester(&self) -> Requester {
        let repo = self.store.repo();
        Requester {
            actor: self.actor.name.clone(),
            agent: self.actor.own.clone().filter(|_| !self.actor.is_inferred),
            replica: self
                .store
                .known_replica()
                .map(|r| r.to_string())
                .unwrap_or_default(),
            worktree: repo.worktree_key(),
            branch: repo
                .current_branch()
                .or_else(|| rebasing(repo.git_dir()))
                .or_else(|| made_for(repo.git_dir())),
            task: repo.task_dir().and_then(head_of),
        }
    }

    /// The facts about this clone that views need.
    pub(crate) fn here(&self) -> Here {
        let repo = self.store.repo();
        let mut worktrees = branches_checked_out(repo.common_dir());
        // Of several worktrees with one branch, the one in which the command runs counts.
        if let (Some(branch), Some(top)) = (repo.current_branch(), repo.workdir())
            && let Some(known) = worktrees.get_mut(&branch)
            && !same(Path::new(known), top)
        {
            *known = top.display().to_string();
        }
        Here {
            replica: self.store.known_replica().map(|r| r.to_string()),
            has_remote: self.main_remote().is_some(),
            now_ms: self.now_ms(),
            env: Some(self.env().clone()),
            worktrees,
        }
    }
}

pub(crate) fn case(pm: &Pm) -> Case {
    match pm.store.repo().config_bool("core.ignorecase") {
        Some(true) => Case::Folded,
        _ => Case::Sensitive,
    }
}

/// The view of one item now, with body and comments.
pub(crate) fn view_of(pm: &Pm, uid: &Uid) -> Result<ItemView> {
    full_view(pm, &*pm.store.snapshot()?, uid)
}

pub(crate) fn views_of(pm: &Pm, uids: &[Uid]) -> Result<Vec<ItemView>> {
    let state = pm.store.snapshot()?;
    uids.iter().map(|uid| full_view(pm, &state, uid)).collect()
}

/// The view of one item with body and comments.
pub(crate) fn full_view(pm: &Pm, state: &State<'_>, uid: &Uid) -> Result<ItemView> {
    let item = state.item(uid).or_else(|| state.proposed_of_any_plan(uid));
    let item = item
        .ok_or_else(|| Error::not_found(format!("there is no item {uid}")).about(uid.as_str()))?;
    let mut view = item_view(state, item, &pm.here());
    let doc = state.doc(uid);
    let body = doc.map(|doc| doc.body.text().to_string());
    if let Some(doc) = doc {
        view.texts = Texts::of(doc);
    }
    view.body = Some(body.unwrap_or_default());
    view.comments = Some(crate::pm::shared_views::comments(state, uid));
    view.provisional = doc.is_some_and(|doc| may_be_renumbered(pm, doc));
    view.explain_return();
    Ok(view)
}

/// True if the number of an item may still change, also that of a child below its parent: another clone
/// may have used it, and no remote has seen the item yet. Imported items keep the ids of their source.
fn may_be_renumbered(pm: &Pm, doc: &Doc) -> bool {
    let is_settled = || published::has(&pm.store, doc).unwrap_or(true);
    is_counted(doc) && pm.main_remote().is_some() && !is_settled()
}

/// The largest number of new items whose ids are marked in lists.
const MARKED_MAX: usize = 300;

/// True if an id is a number that each clone counts on its own.
fn is_counted(doc: &Doc) -> bool {
    doc.text("id").is_some_and(is_numbered) && !has_id_of_source(doc)
}

/// True if an id is a number, or that of a child below its parent.
fn is_numbered(id: &str) -> bool {
    let is_child = |id: &str| (id.rsplit_once('.')).is_some_and(|(_, n)| n.parse::<u32>().is_ok());
    parse_sequential(id).is_some() || is_child(id)
}

/// As [`has_id_of_source`], of an item.
fn has_own_id(item: &Item) -> bool {
    let number = parse_sequential(&item.id).filter(|(kind, _)| *kind == item.kind);
    number.is_none() && item.is_imported
}

/// The ids, as they are shown, of the items whose number may still change, as [`ItemView::provisional`] says of one:
/// for the mark that people see behind them.
#[derive(Clone, Debug)]
pub struct UnsettledIds(Option<BTreeSet<String>>);

impl UnsettledIds {
    /// True if the number of the item with this id may still change.
    pub fn contains(&self, id: &str) -> bool {
        match &self.0 {
            Some(ids) => ids.contains(id),
            // Nothing was ever published, so no item has to be looked up.
            None => parse_sequential(id).is_some(),
        }
    }

    /// True if no number may change.
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_some_and(BTreeSet::is_empty)
    }
}

impl Default for UnsettledIds {
    fn default() -> UnsettledIds {
        UnsettledIds(Some(BTreeSet::new()))
    }
}

impl FromIterator<String> for UnsettledIds {
    fn from_iter<I: IntoIterator<Item = String>>(ids: I) -> UnsettledIds {
        UnsettledIds(Some(ids.into_iter().collect()))
    }
}

impl Items<'_> {
    /// The ids whose number may still change.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn unsettled_ids(&self) -> Result<UnsettledIds> {
        let store = &self.pm.store;
        if self.pm.main_remote().is_none() {
            return Ok(UnsettledIds::default());
        }
        // Two refs, and no object, tell whether the whole state is as it was last fetched or pushed.
        let main = store.repo().ref_target(store.main_ref())?;
        let known = published::tip(store)?;
        if main.is_none() || main == known {
            return Ok(UnsettledIds::default());
        }
        let Some(known) = known else {
            return Ok(UnsettledIds(None));
        };
        let state = store.snapshot()?;
        let tree = store.repo().commit(known)?.tree;
        // Where very many are new, no list reads them all for a mark: `create` and `show` say it of each.
        let new = state.items_beyond(tree, MARKED_MAX).unwrap_or_default();
        let items = new.iter().filter_map(|uid| state.item(uid));
        let items = items.filter(|item| is_numbered(&item.id) && !has_own_id(item));
        Ok(items.map(|item| state.shown_id(item)).collect())
    }
}

/// The id of an item for what outlives the state, such as a commit message: its alias while its number
/// may still change.
pub(crate) fn lasting_id(pm: &Pm, state: &State<'_>, item: &Item) -> String {
    match state
        .doc(&item.uid)
        .is_some_and(|doc| may_be_renumbered(pm, doc))
    {
        true => item.alias(),
        false => state.shown_id(item),
    }
}

/// The uid of the item that the caller means by an id, if this clone has it: joining the
/// remote's state may give that id to another item before the mutation looks it up.
pub(crate) fn named_before(pm: &Pm, id: Option<&str>) -> Result<Option<String>> {
    let Some(id) = id else {
        return Ok(None);
    };
    let state = pm.store.snapshot()?;
    Ok(Some(state.find(id).map_or_else(
        |_| id.to_string(),
        |item| item.uid.to_string(),
    )))
}

/// The named item, or the one whose worktree the caller is in.
pub(crate) fn named_or_here(pm: &Pm, state: &State<'_>, id: Option<&str>) -> Result<Uid> {
    if let Some(id) = id {
        return Ok(state.find(id)?.uid.clone());
    }
    // Nothing is checked out where the caller is.
    let branch = match pm.options.caller {
        Caller::Away => None,
        Caller::Here | Caller::Client => branch_here(pm, state),
    };
    let branch = branch.unwrap_or_default();
    state
        .scan(&Scan::Branch(&branch), |_| true, 1)
        .first()
        .map(|item| item.uid.clone())
        .ok_or_else(|| {
            deleted_here(pm, state).unwrap_or_else(|| {
                let error = Error::usage("no id was given, and no task is checked out here")
                    .because(Reason::ItemUnnamed);
                match lost_work(pm, state, &branch) {
                    Some((_, command)) => error.hint(format!(
                        "the claim under which {} was begun was lost; `{command}` takes it up again",
                        one_line(&branch)
                    )),
                    None => error.hint(Hint::run(["status"], "shows what you hold")),
                }
            })
        })
}

/// The error for a caller in the worktree, or on the branch, of an item that was deleted.
pub(crate) fn deleted_here(pm: &Pm, state: &State<'_>) -> Option<Error> {
    if pm.options.caller == Caller::Away {
        return None;
    }
    let branch = branch_here(pm, state).or_else(|| pm.requester().branch)?;
    if !state.scan(&Scan::Branch(&branch), |_| true, 1).is_empty() {
        return None;
    }
    let gone = state.scan(&Scan::Deleted(&branch), |_| true, 1).pop()?;
    let error = state.was_deleted(gone);
    let said = format!(
        "this is the worktree of a deleted item: {}",
        error.message()
    );
    let id = state.shown_id(gone);
    let hint = Hint::run(["log", &id], "names the commit that deleted it");
    let undo = "`git pm undo COMMIT` brings it back; for other work, name its task";
    Some(error.reworded(said).hint(hint).hint(undo))
}

/// As [`named_or_here`], else the only item in progress that the caller holds in this clone. Who is on a
/// branch of other work is not taken to mean it.
pub(crate) fn named_or_held(pm: &Pm, state: &State<'_>, id: Option<&str>) -> Result<Uid> {
    let unnamed = match named_or_here(pm, state, id) {
        Err(error) if error.reason() == "item.unnamed" => error,
        found => return found,
    };
    let is_own = |item: &Item| {
        let holder = item.holder();
        item.status == Status::InProgress
            && holder.is_some_and(|one| ownership::holds(pm, item, one))
    };
    let held = state.scan(&Scan::Owner(&pm.actor.name), is_own, usize::MAX);
    match &held[..] {
        [only] if is_on_target(pm, state, only) => Ok(only.uid.clone()),
        [] => Err(unnamed),
        several => {
            let ids: Vec<String> = several.iter().map(|item| state.shown_id(item)).collect();
            Err(
                Error::usage(format!("no id was given, and you hold {}", ids.join(", ")))
                    .hint("name one of them, or run the command in its worktree")
                    .because(Reason::ItemUnnamed),
            )
        }
    }
}

/// True unless another branch than the target of an item is checked out where the caller is.
fn is_on_target(pm: &Pm, state: &State<'_>, item: &Item) -> bool {
    let here = pm.requester().branch;
    let own = target::target_of(pm, state, item, None).ok();
    let whole = target::default_target(pm).ok();
    // Without a target there are no commits yet.
    pm.options.caller == Caller::Away || whole.is_none() || here == whole || here == own
}

/// The branch of an item that is checked out in the caller's worktree, else the one that the
/// worktree was made for.
pub(crate) fn branch_here(pm: &Pm, state: &State<'_>) -> Option<String> {
    let is_work = |branch: &String| !state.scan(&Scan::Branch(branch), |_| true, 1).is_empty();
    let here = pm.requester().branch.filter(is_work);
    here.or_else(|| made_for(pm.store.repo().git_dir()))
}

/// Branch to worktree path, read from the git directory without a process, as every view needs it. A
/// branch that is checked out nowhere has the worktree that was made for it.
fn branches_checked_out(common_dir: &Path) -> BTreeMap<String, String> {
    let (mut out, mut made) = (BTreeMap::new(), Vec::new());
    let main = common_dir.file_name().is_some_and(|n| n == ".git");
    if let (true, Some(branch), Some(top)) = (main, head_of(common_dir), common_dir.parent()) {
        out.insert(branch, top.display().to_string());
    }
    for entry in std::fs::read_dir(common_dir.join("worktrees"))
        .into_iter()
        .flatten()
        .flatten()
    {
        let dir = entry.path();
        let Some(link) = irregular::read(&dir.join("gitdir")) else {
            continue;
        };
        let link = dir.join(link.trim());
        let Some(top) = link.parent().filter(|top| top.is_dir()) else {
            continue;
        };
        let top = top.display().to_string();
        made.extend(made_for(&dir).map(|branch| (branch, top.clone())));
        let on = head_of(&dir).or_else(|| rebasing(&dir));
        out.extend(on.map(|branch| (branch, top)));
    }
    for (branch, top) in made {
        out.entry(branch).or_insert(top);
    }
    out
}

/// Reports the damaged items that a list leaves out.
pub(crate) fn tell_damaged(pm: &Pm, state: &State<'_>) {
    for damaged in state.damaged() {
        pm.notice(format!(
            "{} is damaged and left out: {}; `git pm doctor` shows more",
            damaged.path, damaged.reason
        ));
    }
}

/// Reports how many ids of a state that leaves this clone may still change.
pub(crate) fn tell_unsettled(pm: &Pm, state: &State<'_>) {
    let (Some(_), Ok(known)) = (pm.main_remote(), published::fetched(&pm.store)) else {
        return;
    };
    let unknown = known.missing_of(state).into_iter();
    let docs = unknown.filter_map(|uid| state.doc(&uid));
    match docs.filter(|doc| doc.is_live() && is_counted(doc)).count() {
        0 => {}
        number => pm.notice(format!(
            "{} may still change: `git pm sync` before you send this file",
            counted(number, "number")
        )),
    }
}
