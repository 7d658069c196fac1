//! Closing and reopening items of any kind.

use crate::coordinate::claim::ownership;
use crate::error::{self, Error, Hint, Result};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::status::{Status, is_given_up};
use crate::model::text::first_of;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::handles::Issues;
use crate::pm::shared_views::{ItemView, item_view};
use crate::store::transaction::Tx;
use crate::work::ending::{require_closable, require_merged, require_parts_by_agent};
use crate::work::task::many_items;
use crate::work::task::status_verbs;
use crate::work::task::status_verbs::End;
use crate::work::task::transition::{borrowed, move_to};

/// What the record of an idempotency key is about.
const OP: &str = "close";

/// The greatest number of items that a notice names.
const NAMED_MAX: usize = 5;

impl Issues<'_> {
    /// Closes items in one commit; items that are already closed are reported and skipped. A task
    /// is closed as with `Tasks::done`, with the reason as its evidence. A reason that says that the
    /// work was not done, such as `not planned`, cancels tasks and issues.
    ///
    /// # Errors
    /// When one of them does not exist, has open children or criteria, waits for an open item or is
    /// pinned, without `force`; nothing is closed then.
    pub fn close(
        &self,
        ids: &[String],
        reason: Option<&str>,
        force: bool,
    ) -> Result<Vec<ItemView>> {
        if let Some(before) = many_items::repeated(self.pm, OP)? {
            return Ok(before);
        }
        let found = many_items::found(self.pm, ids)?;
        // One that is closed already is reported and does not stop the others.
        let (over, open): (Vec<Item>, Vec<Item>) =
            found.into_iter().partition(|item| item.status.is_closed());
        if !over.is_empty() {
            let state = self.pm.store.snapshot()?;
            for item in &over {
                self.pm
                    .notice(format!("{} is already closed", state.shown_id(item)));
            }
        }
        if open.is_empty() {
            return Ok(Vec::new());
        }
        // Children may be closed in the same commit as their parent, in any order.
        let closing: Vec<Uid> = open.into_iter().map(|item| item.uid).collect();
        let ids: Vec<String> = closing.iter().map(Uid::to_string).collect();
        let closed = many_items::settle_all(
            self.pm,
            OP,
            &ids,
            |tx, item, is_final| close_in(self.pm, tx, item, is_final, (reason, force), &closing),
            Some(reason.unwrap_or("closed")),
        )?;
        self.tell_released(&closed)?;
        Ok(closed)
    }

    /// Says which items became ready because others were cancelled: their work may need what was not done.
    pub(crate) fn tell_released(&self, ended: &[ItemView]) -> Result<()> {
        let state = self.pm.store.snapshot()?;
        let of = |item: &&ItemView| {
            item.status == Status::Cancelled && !state.dependents(&item.uid).is_empty()
        };
        let cancelled: Vec<ItemView> = ended.iter().filter(of).cloned().collect();
        drop(state);
        if cancelled.is_empty() {
            return Ok(());
        }
        let released = self.unblocked_by(&cancelled)?;
        let ids = |items: &[ItemView]| {
            let ids: Vec<String> = items.iter().map(|item| item.id.clone()).collect();
            first_of(&ids, NAMED_MAX)
        };
        if !released.is_empty() {
            self.pm.notice(format!(
                "no longer waiting for what was cancelled ({}), and ready now: {}",
                ids(&cancelled),
                ids(&released)
            ));
        }
        Ok(())
    }

    /// Reopens closed items, in one commit.
    ///
    /// # Errors
    /// When one of them does not exist or is not closed; nothing is written then.
    pub fn reopen(&self, ids: &[String], reason: Option<&str>) -> Result<Vec<ItemView>> {
        let what = reason.unwrap_or("reopened");
        let state = self.pm.store.state()?;
        for id in ids {
            status_verbs::tell_open_again(self.pm, &state, state.find(id)?);
        }
        drop(state);
        many_items::settle_all(
            self.pm,
            "reopen",
            ids,
            |tx, item, _| status_verbs::reopen_in(tx, item.uid.as_str(), reason).map(drop),
            Some(what),
        )
    }

    /// The items that became ready when some items were closed: those that waited for them, or
    /// whose ancestors did, best first.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn unblocked_by(&self, closed: &[ItemView]) -> Result<Vec<ItemView>> {
        let state = self.pm.store.snapshot()?;
        let closed: Vec<&Uid> = closed.iter().map(|item| &item.uid).collect();
        let here = self.pm.here();
        let ready = crate::store::index::Scan::Ready(self.pm.now_ms());
        let found = state.scan(
            &ready,
            |item| {
                let mut above: Vec<Uid> = vec![item.uid.clone()];
                let mut at = 0;
                // A hierarchy with a cycle ends where it began.
                while let Some(uid) = above.get(at).cloned() {
                    at += 1;
                    let Some(one) = state.item(&uid) else {
                        continue;
                    };
                    let waits = one.depends_on.iter().map(|d| &d.target);
                    let waits = waits.chain(
                        one.edges
                            .iter()
                            .filter(|e| crate::graph::is_blocking(&e.kind))
                            .map(|e| &e.target),
                    );
                    let mut waits = waits.filter_map(|t| t.uid.as_ref());
                    if waits.any(|uid| closed.contains(&uid)) {
                        return true;
                    }
                    let parents = one.parent().into_iter().chain(&one.epic);
                    for parent in parents.filter_map(|p| p.uid.clone()) {
                        if !above.contains(&parent) {
                            above.push(parent);
                        }
                    }
                }
                false
            },
            usize::MAX,
        );
        Ok(found
            .into_iter()
            .map(|item| item_view(&state, item, &here))
            .collect())
    }

    /// The next ready item after a closed one that is not another actor's: one with the same parent, else
    /// one that waited for it.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn continuation(&self, closed: &ItemView) -> Result<Option<ItemView>> {
        let state = self.pm.store.snapshot()?;
        let Some(item) = state.item(&closed.uid) else {
            return Ok(None);
        };
        let family = |item: &Item| {
            let parents = item.parent().into_iter().chain(&item.epic);
            parents.filter_map(|p| p.uid.clone()).collect::<Vec<Uid>>()
        };
        let parents = family(item);
        let ready = crate::store::index::Scan::Ready(self.pm.now_ms());
        let beside = |other: &Item| {
            family(other).iter().any(|p| parents.contains(p)) && self.pm.may_take(other)
        };
        let found = state.scan(&ready, beside, 1);
        if let Some(next) = found.first() {
            return Ok(Some(item_view(&state, next, &self.pm.here())));
        }
        state.release();
        Ok(self
            .pm
            .issues()
            .unblocked_by(std::slice::from_ref(closed))?
            .into_iter()
            .find(|next| self.pm.may_take(&next.item)))
    }
}

/// `Issues::close` of one item as part of a transaction that closes `others` too.
pub(crate) fn close_in(
    pm: &Pm,
    tx: &mut Tx<'_>,
    item: &Item,
    is_final: bool,
    how: End<'_>,
    others: &[Uid],
) -> Result<()> {
    let (reason, force) = how;
    if item.status.is_closed() {
        let id = tx.state.shown_id(item);
        return Err(Error::refused(format!("{id} is already closed"))
            .because(error::Reason::CloseClosed)
            .about(&id)
            .hint(Hint::run([item.kind.as_str(), "reopen", &id], "reopens it")));
    }
    let is_work = matches!(item.kind, ItemKind::Task | ItemKind::Issue);
    let is_given_up = is_work && reason.is_some_and(is_given_up);
    match (force, is_given_up) {
        (true, _) => {
            ownership::require_free(pm, &tx.state, item, true)?;
            require_parts_by_agent(pm, &tx.state, item, others)?;
        }
        (false, true) => {}
        (false, false) => require_closable(pm, &tx.state, item, others)?,
    }
    if is_given_up {
        return status_verbs::cancel_in(pm, tx, item, is_final, how, others);
    }
    if item.kind == ItemKind::Task {
        return status_verbs::done_in(pm, tx, item, is_final, how, others);
    }
    let how_it_went = (Some(reason.unwrap_or_default()), force);
    let passed_over = status_verbs::require_proven(pm, &tx.state, item, how_it_went)?;
    end_in(pm, tx, item, is_final, how, passed_over)
}

/// Closes an item other than a task as it was closed elsewhere, or as its condition holds; `passed_over` is what force
/// passes over here.
pub(crate) fn end_in(
    pm: &Pm,
    tx: &mut Tx<'_>,
    item: &Item,
    is_final: bool,
    (reason, force): End<'_>,
    passed_over: Option<String>,
) -> Result<()> {
    ownership::require_free(pm, &tx.state, item, force)?;
    require_merged(pm, &tx.state, item, force)?;
    let mut extra = status_verbs::times(pm, tx, "closed");
    extra.push(("reason".into(), Value::from(reason)));
    let passed_over = passed_over.iter().map(std::slice::from_ref);
    extra.extend(passed_over.flat_map(status_verbs::forced_past));
    move_to(tx, &item.uid, &Status::Done, &borrowed(&extra))?;
    status_verbs::end_all(pm, tx, item, is_final, "closed")?;
    let id = tx.state.shown_id(item);
    let what = format!("{id}: {}", reason.unwrap_or("closed"));
    tx.describe(&format!("{} close", item.kind), &[&id], &what);
    Ok(())
}
