//! Comments, messages and reservations of a state.

use std::collections::BTreeSet;

use super::State;
use super::documents::slot_of;
use crate::model::doc::Doc;
use crate::model::id::ItemRef;
use crate::model::reservation::Reservation;
use crate::model::uid::Uid;
use crate::store::index::{self, Index};
use crate::store::read_document::Loaded;

impl State<'_> {
    /// The comments on an item, by uid.
    pub(crate) fn comments_on(&self, item: &Uid) -> Vec<&Doc> {
        let on = |doc: &Doc| is_on(doc, item);
        self.records("comment", |index| index.comments(item), on)
    }

    /// The comments on an item that existed before anything was staged, and are unchanged. For
    /// thousands of items at a time: staged comments are not searched.
    pub(crate) fn comments_before(&self, item: &Uid) -> Vec<&Doc> {
        let indexed = match self.all[slot_of("comment")].get() {
            Some(_) => None,
            None => self.ask(|index| index.comments(item)),
        };
        let Some(mut uids) = indexed else {
            return self.comments_on(item);
        };
        let changed = self.changed.borrow();
        uids.retain(|uid| !self.hidden.contains(uid) && !changed.contains(uid));
        drop(changed);
        let docs = uids.iter().filter_map(|uid| self.doc(uid));
        docs.filter(|doc| is_on(doc, item)).collect()
    }

    /// The messages to a recipient that were created after a moment (milliseconds since the Unix
    /// epoch).
    pub(crate) fn messages_to(&self, to: &str, after_ms: u64) -> Vec<&Doc> {
        self.records(
            "message",
            |index| index.messages(to, after_ms),
            |doc| doc.contains("to", to) && doc.birth.ms > after_ms,
        )
    }

    /// The records of a kind that the index names, corrected by the differences of this state;
    /// without an index those that match.
    fn records(
        &self,
        kind: &str,
        question: impl FnOnce(&Index) -> index::Result<Vec<Uid>>,
        fits: impl Fn(&Doc) -> bool,
    ) -> Vec<&Doc> {
        let slot = slot_of(kind);
        let indexed = match self.all[slot].get() {
            Some(_) => None,
            None => self.ask(question),
        };
        let Some(mut uids) = indexed else {
            let docs = self.family(slot).values().map(|l| &l.doc);
            return docs.filter(|doc| fits(doc)).collect();
        };
        let mut changed: Vec<Uid> = self.changed.borrow().iter().cloned().collect();
        uids.retain(|uid| !self.hidden.contains(uid) && changed.binary_search(uid).is_err());
        changed.retain(|uid| self.settled.slot(uid).is_none_or(|of| of == slot));
        uids.extend(changed);
        uids.sort();
        let docs = uids.iter().filter_map(|uid| self.doc(uid));
        docs.filter(|doc| doc.kind == kind && fits(doc)).collect()
    }

    /// All reservations ever made that can be read.
    pub fn reservations(&self) -> Vec<Reservation> {
        self.reserved(Index::all_reservations)
    }

    /// The reservations that have not ended, except those that expired by `now_ms`.
    pub(crate) fn open_reservations(&self, now_ms: u64) -> Vec<Reservation> {
        let mut open = self.reserved(|index| index.open_reservations(now_ms));
        open.retain(|r| r.ended.is_none() && (r.claim.is_some() || r.expires_ms > now_ms));
        open
    }

    /// As [`State::open_reservations`], of which `choose` picks some by their patterns: each text
    /// holds the patterns of one, a line each.
    pub(crate) fn open_reservations_among(
        &self,
        now_ms: u64,
        choose: impl Fn(&[&str]) -> BTreeSet<usize>,
    ) -> Vec<Reservation> {
        if self.is_exact()
            && self.all[2].get().is_none()
            && let Some(mut open) = self.ask(|index| index.open_reservations_among(now_ms, &choose))
        {
            open.retain(|r| r.claim.is_some() || r.expires_ms > now_ms);
            return open;
        }
        let open = self.open_reservations(now_ms);
        let texts: Vec<String> = open.iter().map(|r| r.patterns.join("\n")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let chosen = choose(&texts);
        let all = open.into_iter().enumerate();
        all.filter(|(at, _)| chosen.contains(at))
            .map(|(_, r)| r)
            .collect()
    }

    fn reserved(
        &self,
        question: impl FnOnce(&Index) -> index::Result<Vec<Reservation>>,
    ) -> Vec<Reservation> {
        let indexed = match self.all[2].get() {
            Some(_) => None,
            None => self.ask(question),
        };
        let typed = |loaded: &Loaded| Reservation::from_doc(&loaded.doc);
        let Some(mut all) = indexed else {
            return self.reservation_docs().values().filter_map(typed).collect();
        };
        let changed = self.changed.borrow();
        all.retain(|r| !self.hidden.contains(&r.uid) && !changed.contains(&r.uid));
        all.extend(changed.iter().filter_map(|uid| typed(self.some.get(uid)?)));
        all.sort_by(|a, b| a.uid.cmp(&b.uid));
        all
    }
}

fn is_on(comment: &Doc, item: &Uid) -> bool {
    let target = comment
        .text("item")
        .and_then(|text| ItemRef::parse(text).uid);
    comment.kind == "comment" && target.as_ref() == Some(item)
}
