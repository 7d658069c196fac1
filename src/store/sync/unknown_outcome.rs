//! Pushes with an unknown outcome: whether one arrived after all.
//!
//! It finds them, checks that, and settles the intents that dead processes left.

use super::intent::{Intent, Orphan};
use super::publish::PendingSettlement;
use super::published;
use crate::error::Result;
use crate::git::repo::Oid;
use crate::handle::Store;
use crate::model::uid::Uid;
use crate::remote_names::Remote;

impl Store {
    /// True if the outcome of a push to the main remote is unknown.
    pub(super) fn is_main_unknown(&self, living: &[Intent], orphans: &[Orphan]) -> bool {
        let main = Remote::main(self.repo()).map(|main| main.name);
        living
            .iter()
            .chain(orphans.iter().map(|o| &o.intent))
            .any(|intent| intent.remote.is_empty() || Some(&intent.remote) == main.as_ref())
    }

    pub(super) fn intent_of(
        &self,
        remote: &Remote,
        before: Option<Oid>,
        commit: Oid,
        pending: &PendingSettlement,
    ) -> Result<Intent> {
        let published = published::items(self, "")?;
        let state = self.state_at(self.repo(), commit)?;
        let text = |uid: &Uid| uid.to_string();
        Ok(Intent {
            remote: remote.name.clone(),
            before: before.map(|tip| tip.to_string()),
            claims: pending
                .claims
                .iter()
                .map(|(item, claim)| (text(item), claim.clone()))
                .collect(),
            reservations: pending.reservations.iter().map(text).collect(),
            items: published.missing_of(&state).iter().map(text).collect(),
            until_ms: pending.until_ms,
        })
    }

    /// True if the remote has the push after an unknown outcome. Claims are found by their ids, not
    /// by ancestry: another clone may have joined them into another commit.
    pub(super) fn arrived(
        &self,
        remote: &Remote,
        commit: Oid,
        pending: &PendingSettlement,
        known: Option<Oid>,
    ) -> bool {
        let Ok(Some(tip)) = self.fetch_state(remote) else {
            return false;
        };
        let Ok(state) = self.state_at(self.repo(), tip) else {
            return false;
        };
        let has_claims = pending.claims.iter().all(|(item, claim)| {
            state
                .item(item)
                .is_some_and(|i| i.claims.iter().any(|c| c.id == *claim && c.ended.is_none()))
        });
        let has_reservations = pending
            .reservations
            .iter()
            .all(|uid| state.doc(uid).is_some());
        if pending.is_empty() {
            return self.repo().is_ancestor(commit, tip).unwrap_or(false);
        }
        if !(has_claims && has_reservations) {
            return false;
        }
        self.join_fetched(tip, known).is_ok()
    }

    /// Removes the intents of dead processes once the remote has ended their claims, or can no
    /// longer receive the push, or their claims have expired.
    pub(super) fn clear_orphans(
        &self,
        remote: &Remote,
        commit: Oid,
        orphans: &[Orphan],
    ) -> Result<()> {
        if !remote.confirms || orphans.is_empty() {
            return Ok(());
        }
        let state = self.state_at(self.repo(), commit)?;
        let now = self.env().now_ms();
        for orphan in orphans {
            let intent = &orphan.intent;
            let ended = |item: &str, claim: &str| {
                let item = Uid::new(item).and_then(|uid| state.item(&uid))?;
                let claim = item.claims.iter().find(|c| c.id == claim)?;
                Some(claim.ended.is_some())
            };
            let arrived = |uid: &str| Uid::new(uid).is_some_and(|uid| state.doc(&uid).is_some());
            let claims: Vec<Option<bool>> =
                intent.claims.iter().map(|(i, c)| ended(i, c)).collect();
            let settled = claims.iter().all(|c| *c == Some(true))
                && intent.reservations.iter().all(|r| arrived(r));
            let absent = claims.iter().all(Option::is_none)
                && !intent.reservations.iter().any(|r| arrived(r));
            let passed = intent.remote == remote.name
                && intent.before.as_deref() != Some(commit.to_string().as_str());
            if settled || (absent && passed) || intent.until_ms < now {
                orphan.remove();
            }
        }
        Ok(())
    }
}
