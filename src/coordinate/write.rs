//! Local writes, and writes that are settled with the remote that confirms claims, with the steps
//! common to every mutation: the actor's name, the idempotency key, the compared version, and the
//! renewal of the caller's claim.

use std::collections::BTreeMap;
use std::path::Path;

use crate::coordinate::claim::settle::{Settled, settle};
use crate::coordinate::reserve::queue::Case;
use crate::coordinate::worktree::branch::{head_of, rebasing};
use crate::coordinate::worktree::moved::made_for;
use crate::coordinate::worktree::path::same;
use crate::error::{Error, Hint, Kind, Result};
use crate::model::item::Item;
use crate::model::settings::{self, SyncMode};
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::pm::handles::Tasks;
use crate::pm::requester::Requester;
use crate::pm::shared_views::{Here, ItemView, Texts, item_view};
use crate::pm::{Caller, Pm};
use crate::store::git::irregular;
use crate::store::handle::Actor;
use crate::store::index::Scan;
use crate::store::remote_names::{OFFLINE, Remote};
use crate::store::state::State;
use crate::store::sync::publish::{Edit, PendingSettlement, Published};
use crate::store::sync::push_advice::is_denial;
use crate::store::transaction::Tx;

impl Tasks<'_> {
    /// The id of the task whose branch is checked out in the caller's worktree.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn here(&self) -> Result<Option<String>> {
        let state = self.pm.store.snapshot()?;
        let uid = self.pm.named_or_here(&state, None).ok();
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

    pub(crate) fn case(&self) -> Case {
        match self.store.repo().config_bool("core.ignorecase") {
            Some(true) => Case::Folded,
            _ => Case::Sensitive,
        }
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
            worktrees,
        }
    }

    /// The view of one item with body and comments.
    pub(crate) fn full_view(&self, state: &State<'_>, uid: &Uid) -> Result<ItemView> {
        let item = state.item(uid).or_else(|| state.proposed_of_any_plan(uid));
        let item = item.ok_or_else(|| {
            Error::not_found(format!("there is no item {uid}")).about(uid.as_str())
        })?;
        let mut view = item_view(state, item, &self.here());
        let doc = state.doc(uid);
        let body = doc.map(|doc| doc.body.text().to_string());
        if let Some(doc) = doc {
            view.texts = Texts::of(doc);
        }
        view.body = Some(body.unwrap_or_default());
        view.comments = Some(crate::pm::shared_views::comments(state, uid));
        view.explain_return();
        Ok(view)
    }

    /// A local mutation of one item; returns its view.
    pub(crate) fn mutate(
        &self,
        op: &str,
        stage: impl FnMut(&mut Tx<'_>) -> Result<Uid>,
    ) -> Result<ItemView> {
        self.mutate_comparing(op, stage, |tx, uid| self.compare_before(tx, uid))
    }

    /// As [`Pm::mutate`], for a version that is not the item's own.
    pub(crate) fn mutate_comparing(
        &self,
        op: &str,
        stage: impl FnMut(&mut Tx<'_>) -> Result<Uid>,
        compare: impl Fn(&Tx<'_>, &Uid) -> Result<()>,
    ) -> Result<ItemView> {
        let uid = self.mutate_unsent(op, stage, compare)?;
        self.after_write();
        let state = self.store.snapshot()?;
        self.full_view(&state, &uid)
    }

    /// As [`Pm::mutate_comparing`], for a caller that pushes the change and then calls
    /// [`Pm::notify_ended`].
    pub(crate) fn mutate_unsent(
        &self,
        op: &str,
        mut stage: impl FnMut(&mut Tx<'_>) -> Result<Uid>,
        compare: impl Fn(&Tx<'_>, &Uid) -> Result<()>,
    ) -> Result<Uid> {
        let written = self.store.write(&self.named_writer(op)?, |tx| {
            if let Some(done) = self.repeated(&tx.state, op)? {
                return Ok(done);
            }
            let uid = stage(tx)?;
            compare(tx, &uid)?;
            self.record_key(tx, op, std::slice::from_ref(&uid))?;
            self.renew_here(tx)?;
            Ok(uid)
        })?;
        if let Some(remote) = self.main_remote() {
            self.warn_of_mirror(&remote);
        }
        Ok(written.value)
    }

    /// The step after a local write: an exchange if `pm.sync` is `always`; else at most the push of
    /// a renewed claim.
    pub(crate) fn after_write(&self) {
        if self.sync_mode() == SyncMode::Always {
            self.try_sync();
            self.notify_ended();
        } else {
            self.share_renewal();
        }
    }

    /// The step after a local write that is meant for others: it is pushed to the remote if that is
    /// allowed; a reason for keeping it here is reported.
    pub(crate) fn share_at_once(&self) -> Result<()> {
        if self.sync_mode() == SyncMode::Always {
            self.try_sync();
        }
        self.send()?;
        self.notify_ended();
        Ok(())
    }

    /// Pushes the state, and settles everything pending in this clone in the same commit.
    pub(crate) fn publish(&self, remote: &Remote) -> Result<Published<(), Settled>> {
        self.publish_as(&self.writer("sync"), remote, None, |_, _| Ok(()))
    }

    fn publish_as<T>(
        &self,
        actor: &Actor,
        remote: &Remote,
        write: Option<Edit<'_>>,
        stage: impl FnMut(&mut Tx<'_>, &mut PendingSettlement) -> Result<T>,
    ) -> Result<Published<T, Settled>> {
        let known = self.known_tip(remote)?;
        let published = self.store.publish(actor, remote, write, settle, stage)?;
        self.notice_vanished(remote, [Some(published.local), known], published.before)?;
        Ok(published)
    }

    /// A mutation that is settled with the remote if there is one. The last argument of `stage` is
    /// set if the change will be confirmed. Returns the value, and true if it is settled.
    pub(crate) fn coordinated<T>(
        &self,
        op: &str,
        stage: impl FnMut(&mut Tx<'_>, &mut PendingSettlement, bool) -> Result<T>,
    ) -> Result<(T, bool)> {
        self.coordinated_after(op, None, stage)
    }

    /// As [`Pm::coordinated`], after a `write` to this clone's state before the join: its texts and
    /// fields are joined with what others wrote in the meantime, instead of replacing it unseen.
    pub(crate) fn coordinated_after<T>(
        &self,
        op: &str,
        mut write: Option<Edit<'_>>,
        mut stage: impl FnMut(&mut Tx<'_>, &mut PendingSettlement, bool) -> Result<T>,
    ) -> Result<(T, bool)> {
        let actor = self.named_writer(op)?;
        let remote = self.main_remote();
        let Some(remote) = remote else {
            return Ok((self.locally(&actor, write, &mut stage)?, true));
        };
        if !self.is_online() {
            return Ok((self.locally(&actor, write, &mut stage)?, false));
        }
        let published = if self.is_read_only(&remote) {
            Err(Error::remote(format!(
                "the remote {} denied your push a few minutes ago, so it cannot confirm claims",
                remote.shown()
            ))
            .hint(OFFLINE)
            .hint(Hint::run(
                ["config", settings::REMOTE.key, "NAME-OR-URL"],
                "selects a remote that you may push to",
            ))
            .hint(Hint::run(["sync"], "tries this one again"))
            .because("remote.read_only")
            .about(remote.shown()))
        } else {
            self.announce_first_push(&remote)?;
            let before = write.as_mut().map(|write| &mut **write as Edit<'_>);
            let publish =
                |tx: &mut Tx<'_>, unsettled: &mut PendingSettlement| stage(tx, unsettled, true);
            let published = self.publish_as(&actor, &remote, before, publish);
            self.tidy_up();
            published
        };
        if let Err(error) = &published
            && is_denial(&remote, error)
        {
            self.set_read_only(&remote, true);
        }
        match published {
            Ok(published) => {
                self.notify_settled(&published.settled);
                Ok((published.value, true))
            }
            Err(error)
                if error.kind() == Kind::Remote
                    && self.store.repo().text_of(&settings::OFFLINE) == "allow" =>
            {
                self.notice(format!("{}; continuing offline", error.message()));
                Ok((self.locally(&actor, write, &mut stage)?, false))
            }
            Err(error) => Err(error),
        }
    }

    /// A mutation that only the local compare-and-swap decides, for now.
    fn locally<T>(
        &self,
        actor: &Actor,
        mut write: Option<Edit<'_>>,
        stage: &mut impl FnMut(&mut Tx<'_>, &mut PendingSettlement, bool) -> Result<T>,
    ) -> Result<T> {
        let written = self.store.write(actor, |tx| {
            if let Some(write) = write.as_mut() {
                write(tx)?;
            }
            stage(tx, &mut PendingSettlement::default(), false)
        })?;
        Ok(written.value)
    }

    /// The uid of the item that the caller means by an id, if this clone has it: joining the
    /// remote's state may give that id to another item before the mutation looks it up.
    pub(crate) fn named_before(&self, id: Option<&str>) -> Result<Option<String>> {
        let Some(id) = id else {
            return Ok(None);
        };
        let state = self.store.snapshot()?;
        Ok(Some(state.find(id).map_or_else(
            |_| id.to_string(),
            |item| item.uid.to_string(),
        )))
    }

    /// Compares the version that an item had before a mutation, if the caller gave one: the item is
    /// known only afterwards.
    pub(crate) fn compare_before(&self, tx: &Tx<'_>, uid: &Uid) -> Result<()> {
        let Some(base) = tx
            .state
            .commit
            .filter(|_| self.options.if_version.is_some())
        else {
            return Ok(());
        };
        let before = self.store.state_at(tx.state.repo(), base)?;
        match before.item(uid) {
            Some(item) => self.require_version(&tx.state, item),
            None => Ok(()),
        }
    }

    /// Refuses a version for an operation that does not change one document.
    pub(crate) fn require_no_version(&self, op: &str) -> Result<()> {
        match self.options.if_version {
            None => Ok(()),
            Some(_) => Err(Error::usage(format!(
                "{op} does not change an item, so `--if-version` does not apply"
            ))
            .because("version.not_applicable")
            .hint("run it without `--if-version`")),
        }
    }

    /// Refuses to change an item that is not at the version that the caller gave.
    pub(crate) fn require_version(&self, state: &State<'_>, item: &Item) -> Result<()> {
        match &self.options.if_version {
            Some(wanted) => require_this_version(state, item, wanted),
            None => Ok(()),
        }
    }

    /// Reports the results of a settlement that users of this clone need to know.
    pub(crate) fn notify_settled(&self, settled: &Settled) {
        for lost in &settled.lost {
            self.notice(format!(
                "{} lost {} to {}; the work stays on {}",
                lost.actor,
                lost.id,
                lost.holder,
                lost.branch.as_deref().unwrap_or("its branch")
            ));
        }
        for moved in &settled.renumbered {
            self.notice(format!(
                "{} is now {} (another clone had used the id); `{}` still finds it",
                moved.old, moved.new, moved.alias
            ));
        }
        for text in &settled.reservations_lost {
            self.notice(format!("a reservation was lost: {text}"));
        }
    }

    /// The named item, or the one whose worktree the caller is in.
    pub(crate) fn named_or_here(&self, state: &State<'_>, id: Option<&str>) -> Result<Uid> {
        if let Some(id) = id {
            return Ok(state.find(id)?.uid.clone());
        }
        // Nothing is checked out where the caller is.
        let branch = match self.options.caller {
            Caller::Away => None,
            Caller::Here | Caller::Client => self.branch_here(state),
        };
        let branch = branch.unwrap_or_default();
        state
            .scan(&Scan::Branch(&branch), |_| true, 1)
            .first()
            .map(|item| item.uid.clone())
            .ok_or_else(|| {
                Error::usage("no id was given, and no task is checked out here")
                    .hint(Hint::run(["status"], "shows what you hold"))
                    .because("item.unnamed")
            })
    }

    /// As [`Pm::named_or_here`], else the only item in progress that the caller holds in this clone.
    pub(crate) fn named_or_held(&self, state: &State<'_>, id: Option<&str>) -> Result<Uid> {
        let unnamed = match self.named_or_here(state, id) {
            Err(error) if error.reason() == "item.unnamed" => error,
            found => return found,
        };
        let is_own = |item: &Item| {
            let holder = item.holder();
            item.status == Status::InProgress
                && holder.is_some_and(|one| self.is_here(&one.replica))
        };
        let held = state.scan(&Scan::Owner(&self.actor.name), is_own, usize::MAX);
        match &held[..] {
            [only] => Ok(only.uid.clone()),
            [] => Err(unnamed),
            several => {
                let ids: Vec<String> = several.iter().map(|item| state.shown_id(item)).collect();
                Err(
                    Error::usage(format!("no id was given, and you hold {}", ids.join(", ")))
                        .hint("name one of them, or run the command in its worktree")
                        .because("item.unnamed"),
                )
            }
        }
    }

    /// The branch of an item that is checked out in the caller's worktree, else the one that the
    /// worktree was made for.
    pub(crate) fn branch_here(&self, state: &State<'_>) -> Option<String> {
        let is_work = |branch: &String| !state.scan(&Scan::Branch(branch), |_| true, 1).is_empty();
        let here = self.requester().branch.filter(is_work);
        here.or_else(|| made_for(self.store.repo().git_dir()))
    }
}

/// Refuses to change an item that is not at a version.
pub(crate) fn require_this_version(state: &State<'_>, item: &Item, wanted: &str) -> Result<()> {
    if item.version == wanted {
        return Ok(());
    }
    let id = state.shown_id(item);
    Err(Error::conflict(format!(
        "{id} was changed in the meantime; its version is now {}",
        item.version
    ))
    .hint(Hint::run(["show", &id], "shows it"))
    .because("item.changed")
    .about(&id))
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
        let Some(top) = link.parent().filter(|top| top.exists()) else {
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
