//! Comments, messages and reservations of a state.

use std::collections::BTreeSet;

use super::State;
use super::documents::slot_of;
use crate::index::{self, Contested, Index, Mail, SentRequest, Sum};
use crate::layout::Family;
use crate::model::doc::Doc;
use crate::model::id::ItemRef;
use crate::model::learning::Learning;
use crate::model::limits::SUPERSEDED_MAX;
use crate::model::message::{self, Envelope, Topic};
use crate::model::reservation::Reservation;
use crate::model::uid::Uid;
use crate::read_document::Loaded;

impl State<'_> {
    /// The comments on an item, by uid.
    pub fn comments_on(&self, item: &Uid) -> Vec<&Doc> {
        let on = |doc: &Doc| is_on(doc, item);
        self.records("comment", |index| index.comments(item), on)
    }

    /// The comments on an item that existed before anything was staged, and are unchanged. For
    /// thousands of items at a time: staged comments are not searched.
    pub fn comments_before(&self, item: &Uid) -> Vec<&Doc> {
        let indexed = self.ask_unread(slot_of("comment"), |index| index.comments(item));
        let Some(mut uids) = indexed else {
            return self.comments_on(item);
        };
        let changed = self.changed.borrow();
        let hidden = self.hidden.borrow();
        uids.retain(|uid| !hidden.contains(uid) && !changed.contains(uid));
        drop((changed, hidden));
        let docs = uids.iter().filter_map(|uid| self.doc(uid));
        docs.filter(|doc| is_on(doc, item)).collect()
    }

    /// The mail of some addresses after a time (milliseconds since the Unix epoch), oldest first.
    pub fn mail(&self, addresses: &[String], after_ms: u64) -> Vec<Mail> {
        let indexed = match self.is_exact() && self.all[slot_of(message::KIND)].get().is_none() {
            true => self.ask(|index| index.mail(addresses, after_ms)),
            false => None,
        };
        let mut all = indexed.unwrap_or_else(|| {
            let envelopes = self.envelopes().into_iter();
            let fits = |e: &Envelope| e.ms > after_ms && e.is_to(addresses);
            let mail = |(uid, e): (Uid, Envelope)| Mail {
                ms: e.ms,
                uid,
                notice: e.topic == Topic::Notice,
            };
            envelopes.filter(|(_, e)| fits(e)).map(mail).collect()
        });
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The sum over the mail of some addresses up to a time; none without the index.
    pub fn mail_sum(&self, addresses: &[String], until_ms: u64) -> Option<Sum> {
        let indexed = self.is_exact() && self.all[slot_of(message::KIND)].get().is_none();
        indexed.then(|| self.ask(|index| index.mail_sum(addresses, until_ms)))?
    }

    /// The messages of a thread, oldest first.
    pub fn thread(&self, thread: &str) -> Vec<&Doc> {
        let mut found = self.records(
            message::KIND,
            |index| index.thread(thread),
            |doc| message::thread(doc) == thread,
        );
        found.sort_by(|a, b| (a.birth.ms, &a.uid).cmp(&(b.birth.ms, &b.uid)));
        found
    }

    /// The notices with a topic.
    pub fn notices_on(&self, topic: &str) -> Vec<&Doc> {
        let is_notice = |doc: &Doc| message::topic(doc) == Topic::Notice;
        self.records(message::KIND, Index::notices, |doc| {
            is_notice(doc) && doc.text("topic") == Some(topic)
        })
    }

    /// The newest message of a thread with a topic.
    pub fn newest_in_thread(&self, thread: &str, topic: Topic) -> Option<&Doc> {
        let found = self.records(
            message::KIND,
            |index| Ok(index.newest_in_thread(thread, topic)?.into_iter().collect()),
            |doc| message::topic(doc) == topic && message::thread(doc) == thread,
        );
        let newest = |doc: &&Doc| (doc.birth.ms, doc.uid.clone());
        found.into_iter().max_by_key(newest)
    }

    /// The requests that an actor sent. The ends of their items are known only where the index has
    /// the same answers as this state.
    pub fn requests_of(&self, author: &str) -> Vec<SentRequest> {
        if self.is_exact()
            && self.all[slot_of(message::KIND)].get().is_none()
            && let Some(sent) = self.ask(|index| index.requests_of(author))
        {
            return sent;
        }
        let docs = self.message_docs().values().map(|loaded| &loaded.doc);
        docs.filter(|doc| message::topic(doc) == Topic::Request && message::author(doc) == author)
            .map(|doc| SentRequest {
                uid: doc.uid.clone(),
                end: None,
            })
            .collect()
    }

    /// The threads with at least so many messages of agents since a human last wrote or
    /// acknowledged one, except those of closed items. Only the index counts them.
    pub fn contested(&self, rounds: u64) -> Vec<Contested> {
        self.ask(|index| index.contested(rounds))
            .unwrap_or_default()
    }

    /// The names that messages are from or to, also of roles and clones.
    pub fn correspondents(&self) -> BTreeSet<String> {
        if self.is_exact()
            && let Some(names) = self.ask(Index::correspondents)
        {
            return names.into_iter().collect();
        }
        let names = |(_, e): (Uid, Envelope)| e.addresses.into_iter().chain([e.author]);
        self.envelopes().into_iter().flat_map(names).collect()
    }

    fn envelopes(&self) -> Vec<(Uid, Envelope)> {
        let docs = self.message_docs().values().map(|loaded| &loaded.doc);
        docs.map(|doc| (doc.uid.clone(), Envelope::of(doc)))
            .collect()
    }

    /// The documents of a family of records whose uid has this end, of six characters or more.
    pub fn ending_with(&self, family: Family, end: &str) -> Vec<Uid> {
        let found = self.records(
            family.kind(),
            |index| index.ending_with(family, end),
            |doc| doc.uid.as_str().ends_with(end),
        );
        found.into_iter().map(|doc| doc.uid.clone()).collect()
    }

    /// The records of a kind that the index names, corrected by the differences of this state;
    /// without an index those that match.
    fn records(
        &self,
        kind: &str,
        question: impl Fn(&Index) -> index::Result<Vec<Uid>>,
        fits: impl Fn(&Doc) -> bool,
    ) -> Vec<&Doc> {
        let slot = slot_of(kind);
        let indexed = self.ask_unread(slot, question);
        let Some(mut uids) = indexed else {
            let docs = self.family(slot).values().map(|l| &l.doc);
            return docs.filter(|doc| fits(doc)).collect();
        };
        let mut changed: Vec<Uid> = self.changed.borrow().iter().cloned().collect();
        let hidden = self.hidden.borrow();
        uids.retain(|uid| !hidden.contains(uid) && changed.binary_search(uid).is_err());
        drop(hidden);
        changed.retain(|uid| self.settled.slot(uid).is_none_or(|of| of == slot));
        uids.extend(changed);
        uids.sort();
        let docs = uids.iter().filter_map(|uid| self.doc(uid));
        docs.filter(|doc| doc.kind == kind && fits(doc)).collect()
    }

    /// Every learning, deleted ones too, by uid.
    pub fn learnings(&self) -> Vec<Learning> {
        self.typed("learning", Index::learnings, Learning::from_doc, |one| {
            &one.uid
        })
    }

    /// The learnings in force that `choose` picks by their patterns, a line each, and their gist.
    pub fn learnings_about(&self, mut choose: impl FnMut(&str, &str) -> bool) -> Vec<Learning> {
        if self.is_exact()
            && self.all[slot_of("learning")].get().is_none()
            && let Some(mut found) = self.ask(|index| index.learnings_about(&mut choose))
        {
            found.sort_by(|a, b| a.uid.cmp(&b.uid));
            return found;
        }
        let mut all = self.learnings();
        all.retain(|l| l.is_in_force() && choose(&l.paths.join("\n"), &l.gist()));
        all
    }

    /// The learnings whose text has concurrent versions, by uid.
    pub fn conflicted_learnings(&self) -> Vec<&Doc> {
        self.records("learning", Index::conflicted_learnings, |doc| {
            doc.is_live() && doc.body.is_conflicted()
        })
    }

    /// A learning, deleted or not.
    pub fn learning(&self, uid: &Uid) -> Option<Learning> {
        Learning::from_doc(self.doc(uid)?)
    }

    /// The learnings in force that supersede another one, or those not deleted that contradict it
    /// (`index::SUPERSEDES`, `index::CONTRADICTS`). Learnings in a circle supersede none of it, since
    /// all of them would be hidden.
    pub fn learnings_against(&self, uid: &Uid, kind: i64) -> Vec<Uid> {
        let replaces = kind == index::SUPERSEDES;
        let set = if replaces {
            "supersedes"
        } else {
            "contradicts"
        };
        let found = self.records(
            "learning",
            |index| index.sources(uid, kind),
            |doc| doc.contains(set, uid.as_str()) && !doc.value("deleted").is_true(),
        );
        let counts = |doc: &&Doc| {
            !replaces || Learning::from_doc(doc).is_some_and(|learning| learning.is_in_force())
        };
        let found = found.into_iter().filter(counts);
        let mut found: Vec<Uid> = found.map(|doc| doc.uid.clone()).collect();
        if replaces && !found.is_empty() {
            let below = self.all_superseded(uid, Learning::is_in_force);
            found.retain(|other| !below.contains(other));
        }
        found
    }

    /// The learnings that one supersedes, directly or through others, of those that count; in a
    /// circle also itself. At most [`SUPERSEDED_MAX`].
    pub fn all_superseded(&self, uid: &Uid, counts: impl Fn(&Learning) -> bool) -> BTreeSet<Uid> {
        let mut found = BTreeSet::new();
        let mut waiting = vec![uid.clone()];
        while let Some(next) = waiting.pop() {
            let learning = self.learning(&next).filter(&counts);
            for other in learning.into_iter().flat_map(|one| one.supersedes) {
                if found.len() < SUPERSEDED_MAX && found.insert(other.clone()) {
                    waiting.push(other);
                }
            }
        }
        found
    }

    /// All reservations ever made that can be read.
    pub fn reservations(&self) -> Vec<Reservation> {
        self.reserved(Index::all_reservations)
    }

    /// The reservations that have not ended, except those that expired by `now_ms`.
    pub fn open_reservations(&self, now_ms: u64) -> Vec<Reservation> {
        let mut open = self.reserved(|index| index.open_reservations(now_ms));
        open.retain(|r| r.ended.is_none() && (r.claim.is_some() || r.expires_ms > now_ms));
        open
    }

    /// As [`State::open_reservations`], of which `choose` picks some by their patterns: each text
    /// holds the patterns of one, a line each.
    pub fn open_reservations_among(
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
        question: impl Fn(&Index) -> index::Result<Vec<Reservation>>,
    ) -> Vec<Reservation> {
        self.typed("reservation", question, Reservation::from_doc, |one| {
            &one.uid
        })
    }

    /// What all documents of a kind, deleted ones too, say, by uid: of those that the index knows as
    /// they are, it is read there.
    fn typed<T>(
        &self,
        kind: &str,
        question: impl Fn(&Index) -> index::Result<Vec<T>>,
        of: fn(&Doc) -> Option<T>,
        uid: fn(&T) -> &Uid,
    ) -> Vec<T> {
        let slot = slot_of(kind);
        let indexed = self.ask_unread(slot, question);
        let typed = |loaded: &Loaded| of(&loaded.doc);
        let Some(mut all) = indexed else {
            return self.family(slot).values().filter_map(typed).collect();
        };
        let changed = self.changed.borrow();
        let hidden = self.hidden.borrow();
        all.retain(|one| !hidden.contains(uid(one)) && !changed.contains(uid(one)));
        all.extend(changed.iter().filter_map(|uid| typed(self.some.get(uid)?)));
        all.sort_by(|a, b| uid(a).cmp(uid(b)));
        all
    }
}

fn is_on(comment: &Doc, item: &Uid) -> bool {
    let target = comment
        .text("item")
        .and_then(|text| ItemRef::parse(text).uid);
    comment.kind == "comment" && target.as_ref() == Some(item)
}
