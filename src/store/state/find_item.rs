//! Finding items and runs by the names that users give.

use std::collections::BTreeSet;

use super::State;
use crate::ephemeral::WISP;
use crate::error::{Error, Hint, Kind, Reason, Result};
use crate::index::{Index, Scan};
use crate::model::doc::Doc;
use crate::model::id::{self, ItemKind};
use crate::model::issue_name::{GITHUB, IssueName, LINKS, MIRRORS, is_numbered};
use crate::model::item::Item;
use crate::model::limits::AMBIGUOUS_ITEMS_SHOWN;
use crate::model::short_id::{LEARNING, RUN, end_of, short_id};
use crate::model::stamp::ReplicaId;
use crate::model::text::{excerpt, first_of, one_line, spelled};
use crate::model::uid::Uid;
use crate::replica;

/// The time after a renumbering for which a write by the former number is ambiguous, in milliseconds.
const AMBIGUOUS_MS: u64 = 24 * 3_600_000;

impl State<'_> {
    /// An item by uid, also a deleted one, or a proposed one of a plan that was named.
    pub fn item(&self, uid: &Uid) -> Option<&Item> {
        let stored = self.stored(uid);
        let is_free = stored.is_none_or(|item| item.deleted);
        let proposed = || self.proposed(uid)?.item.as_ref();
        is_free.then(proposed).flatten().or(stored)
    }

    /// An item by uid, also a deleted one, that is not only proposed.
    pub fn stored(&self, uid: &Uid) -> Option<&Item> {
        if let Some(docs) = self.all[0].get() {
            return docs.get(uid)?.item.as_ref();
        }
        let known = || {
            if let Some(loaded) = self.here(uid) {
                return Some(loaded.item.as_ref());
            }
            if let Some(item) = self.items.get(uid) {
                return Some(Some(item));
            }
            self.hidden.borrow().contains(uid).then_some(None)
        };
        let indexed = || {
            if let Some(item) = self.every.get().and_then(|every| every.get(uid)) {
                return Some(Some(&**item));
            }
            let found = self.ask(|index| index.item(uid))?;
            Some(found.map(|item| self.cached(item)))
        };
        let found = self.while_served(|| known().or_else(indexed));
        match found.or_else(known) {
            Some(found) => found,
            None => self.item_docs().get(uid)?.item.as_ref(),
        }
    }

    /// The items, deleted ones too, whose id, birth id or former number in this clone this is.
    pub fn named(&self, id: &str) -> Vec<&Item> {
        let mut uids = self.known(|index| index.named(id), |names| names.named(id));
        let former = self.former_ids().iter();
        let former = former.filter(|(former, ..)| former == id);
        uids.extend(former.map(|(_, uid, _)| uid.clone()));
        // Proposed items are in no index.
        uids.iter().filter_map(|uid| self.stored(uid)).collect()
    }

    /// The answer of the index, corrected by the differences of this state; from the names alone
    /// without an index.
    pub(super) fn known(
        &self,
        question: impl Fn(&Index) -> crate::index::Result<Vec<Uid>>,
        names: impl FnOnce(&super::Names) -> BTreeSet<Uid>,
    ) -> BTreeSet<Uid> {
        let indexed = self.ask_unread(0, question);
        let mut out: BTreeSet<Uid> = match indexed {
            Some(uids) => {
                let changed = self.changed.borrow();
                let hidden = self.hidden.borrow();
                let here = |uid: &Uid| !changed.contains(uid) && !hidden.contains(uid);
                uids.into_iter().filter(here).collect()
            }
            None => {
                self.item_docs();
                BTreeSet::new()
            }
        };
        out.extend(names(&self.names.borrow()));
        out
    }

    /// The items with an id, deleted ones not counted, by uid.
    pub fn bearers(&self, id: &str) -> Vec<&Item> {
        let mut named = self.named(id);
        named.retain(|item| item.id == id && !item.deleted);
        named
    }

    /// Finds the item that `text` names: a live id (leading zeros don't matter), an alias, a uid,
    /// for hash ids only a unique prefix, the issue that it mirrors (`gh:12`), its id in the
    /// tracker that it came from, or a task's number (`1`; `#1`, unless that can be the number of an issue of
    /// the linked repository) or a hash alone, or an id without its dash (`T1`). The first kind of name that
    /// matches wins, but a word that is an id elsewhere and a number or hash here names two things.
    ///
    /// # Errors
    /// When nothing or more than one item has that name.
    pub fn find<'s>(&'s self, text: &str) -> Result<&'s Item> {
        // In the notation of texts and commits: `#17`; as people read it: `T-0017?`.
        let plain = text.trim();
        let plain = plain.strip_suffix(id::UNSETTLED).unwrap_or(plain);
        let wanted = id::normalized(plain.strip_prefix('#').unwrap_or(plain));
        let planned = std::cell::OnceCell::new();
        let named = std::cell::LazyCell::new(|| self.named(&wanted));
        let alone = || {
            let elsewhere = self.known_elsewhere(&wanted.to_lowercase());
            let number = plain.strip_prefix('#').filter(|_| !self.is_linked());
            [elsewhere, self.without_prefix(number.unwrap_or(plain))].concat()
        };
        let ways: [&dyn Fn() -> Vec<&'s Item>; 8] = [
            &|| self.meant(&wanted, &named),
            // By its original id, where that is not shown.
            &|| {
                let born = named.iter().filter(|item| id::plain(&item.born).is_none());
                born.copied().collect()
            },
            &|| self.aliased(&wanted),
            &|| self.begun(&wanted, &named),
            // Before the next way, which looks at every item.
            &|| match self.find_planned(plain) {
                Some(Ok(item)) => vec![item],
                Some(Err(error)) => {
                    let _ = planned.set(error);
                    Vec::new()
                }
                None => Vec::new(),
            },
            &|| self.mirroring(plain),
            &alone,
            &|| self.without_dash(plain),
        ];
        for way in ways {
            let mut found = way();
            let mut seen = BTreeSet::new();
            found.retain(|item| !item.deleted && seen.insert(item.uid.clone()));
            if !found.is_empty() {
                return self.only(text, &found);
            }
        }
        if let Some(error) = planned.into_inner() {
            return Err(error);
        }
        if let Some(gone) = self.find_deleted(text) {
            let id = self.shown_id(gone);
            let hint = Hint::run(["show", &id], "says whether a command brings it back");
            return Err(self.was_deleted(gone).hint(hint));
        }
        let shown = one_line(text);
        let missing = Error::not_found(format!("there is no item `{shown}`"));
        let head = wanted.rsplit_once('-').map(|(head, _)| head);
        let is_learning = head.is_some_and(|head| head == LEARNING.to_string())
            && end_of(LEARNING, &wanted).is_some();
        Err(if is_learning {
            missing.hint(Hint::run(
                ["learn", "show", &wanted],
                "shows the learning with this id",
            ))
        } else if head.is_some_and(|head| head.ends_with(WISP)) {
            missing.hint(
                "`git pm issue --ephemeral` followed by a command works on this clone's ephemeral \
                 issues",
            )
        } else if IssueName::parse(plain).is_some() {
            missing.hint(Hint::run(
                ["start", plain],
                "reads the issue, if it is of the linked repository, and starts it",
            ))
        } else if let Some(item) = self.scan(&Scan::Titled(text.trim()), |_| true, 1).first() {
            missing.hint(format!(
                "`{}` is the item with this title",
                self.shown_id(item)
            ))
        } else {
            missing
                .hint("`git pm list --all` lists all items; `git pm sync` fetches those of others")
        })
    }

    /// The deleted item that a text names, where no other one has that name.
    pub fn find_deleted(&self, text: &str) -> Option<&Item> {
        let plain = text.trim();
        let wanted = id::normalized(plain.strip_prefix('#').unwrap_or(plain));
        let number = format!("T-{wanted}");
        let known = [wanted.as_str(), &number].map(|name| self.known_as(name));
        known.into_iter().flatten().find(|item| item.deleted)
    }

    /// The error for a deleted item: by whom it was deleted, and why.
    pub fn was_deleted(&self, gone: &Item) -> Error {
        let id = self.shown_id(gone);
        let said = |name: &str, before: &str| {
            let text = self.doc(&gone.uid).and_then(|doc| doc.text(name));
            text.map_or(String::new(), |text| format!("{before}{}", one_line(text)))
        };
        let (by, why) = (said("deleted_by", " by "), said("delete_reason", ": "));
        Error::not_found(format!("{id} was deleted{by}{why}")).about(&id)
    }

    /// The items that have an id, of those that have or had it. One of this clone's that was renumbered
    /// may be known there by that id, which now names another one: who reads is told of it while it
    /// is open. Who writes may mean either, for a day, so it is ambiguous, whoever of the clone it is; in the
    /// command that renumbers it they mean their own.
    fn meant<'s>(&'s self, id: &str, named: &[&'s Item]) -> Vec<&'s Item> {
        let live = named.iter().copied().filter(|item| !item.deleted);
        let (bearers, moved): (Vec<&Item>, Vec<&Item>) = live.partition(|item| item.id == id);
        if bearers.is_empty() || moved.is_empty() {
            return bearers;
        }
        let clone = replica::known(self.repo.common_dir());
        let mut meant = bearers.clone();
        for item in moved {
            let Some(at_ms) = self.lost_ms(item, id, clone.as_ref()) else {
                continue;
            };
            let written_ms = self.written_ms.get();
            if written_ms.is_some_and(|now_ms| at_ms + AMBIGUOUS_MS > now_ms) {
                match self.changed.borrow().contains(&item.uid) {
                    true => meant = vec![item],
                    false => meant.push(item),
                }
            }
            if !item.is_open() {
                continue;
            }
            let note = format!(
                "{id} was this clone's \"{}\" until that became {}",
                excerpt(&item.title, 60),
                self.shown_id(item)
            );
            let mut notes = self.notes.borrow_mut();
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        meant
    }

    /// When a renumbered item lost an id that it had in this clone, in milliseconds; none if it had it elsewhere.
    fn lost_ms(&self, item: &Item, id: &str, clone: Option<&ReplicaId>) -> Option<u64> {
        let mut former = self.former_ids().iter().rev();
        if let Some((.., at_ms)) = former.find(|(was, uid, _)| was == id && *uid == item.uid) {
            return Some(*at_ms);
        }
        let doc = &self.loaded_stored(&item.uid)?.doc;
        let at_ms = || doc.regs.get("id").map_or(0, |reg| reg.stamp.ms);
        (item.born == id && Some(&doc.birth.replica) == clone).then(at_ms)
    }

    /// The ids that another item has now and that an item of this clone had until lately: who writes may mean
    /// either, so the other one is shown with a suffix, which names it alone.
    pub(super) fn lost_ids(&self) -> &BTreeSet<String> {
        self.lost.get_or_init(|| {
            let lately = self.former_ids().iter().filter(|(id, uid, at_ms)| {
                let has_moved = |item: &Item| !item.deleted && item.id != *id;
                at_ms + AMBIGUOUS_MS > self.now_ms
                    && self.item(uid).is_some_and(has_moved)
                    && !self.bearers(id).is_empty()
            });
            match self.now_ms {
                0 => BTreeSet::new(),
                _ => lately.map(|(id, ..)| id.clone()).collect(),
            }
        })
    }

    /// The issues whose hash id begins with a text that has something after the dash, and not a
    /// number; none if it is the id of a deleted one, whose children have longer ids.
    fn begun(&self, text: &str, named: &[&Item]) -> Vec<&Item> {
        let begins = text
            .rsplit_once('-')
            .is_some_and(|(_, end)| !end.is_empty());
        let is_number = id::parse_sequential(text).is_some() || is_numbered(text);
        let is_whole = named.iter().any(|item| item.deleted);
        if text.len() < 4 || !begins || is_number || is_whole {
            return Vec::new();
        }
        let uids = self.known(
            |index| index.starting_with(text),
            |names| names.starting_with(text).cloned().collect(),
        );
        let items = uids.iter().filter_map(|uid| self.item(uid));
        items.filter(|item| item.kind == ItemKind::Issue).collect()
    }

    /// The items that mirror an issue of the linked repository, by its name there: `gh:12`.
    fn mirroring(&self, text: &str) -> Vec<&Item> {
        let links = &self.repository.doc;
        let link = links.entries(LINKS).find(|(id, _)| *id == GITHUB);
        let (Some(name), Some((_, link))) = (IssueName::parse(text), link) else {
            return Vec::new();
        };
        let [host, owner, repository] =
            ["host", "owner", "name"].map(|key| link.text(key).unwrap_or_default());
        if !name.is_of(host, owner, repository) {
            return Vec::new();
        }
        let key = link.value("repository").as_int();
        let key = format!("{host} {}", key.unwrap_or_default());
        let number = i64::try_from(name.number).ok();
        let is_it = |doc: &Doc| {
            let mut mirrors = doc.entries(MIRRORS);
            mirrors.any(|(id, one)| id == key && one.value("number").as_int() == number)
        };
        let docs = self.item_docs().values().filter(|one| is_it(&one.doc));
        docs.filter_map(|one| one.item.as_ref()).collect()
    }

    /// The items that had this id in the tracker they came from: `task-1`, `master/29.1`, `29.1`, `gh-12`.
    fn known_elsewhere(&self, id: &str) -> Vec<&Item> {
        let named = |item: &Item| item.external_refs.iter().any(|one| is_named(one, id));
        self.scan(&Scan::All(None), named, usize::MAX)
    }

    /// The task with this number, and the issues whose hash this is: their ids without the prefix.
    fn without_prefix(&self, text: &str) -> Vec<&Item> {
        let of_issue = |item: &Item| {
            let parts = item.id.rsplit_once('-');
            parts.is_some_and(|(_, hash)| hash == text)
        };
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let mut found = match is_number {
            true => {
                let id = id::normalized(&format!("T-{text}"));
                self.meant(&id, &self.named(&id))
            }
            false => Vec::new(),
        };
        found.extend(self.scan(&Scan::All(Some(ItemKind::Issue)), of_issue, usize::MAX));
        found
    }

    /// The items with a sequential id that was typed without its dash: `T1`.
    fn without_dash(&self, text: &str) -> Vec<&Item> {
        let Some((letter, number)) = text.split_at_checked(1) else {
            return Vec::new();
        };
        let id = format!("{letter}-{number}");
        match id::parse_sequential(&id) {
            Some((kind, number)) => {
                let id = id::sequential(kind, number);
                self.meant(&id, &self.named(&id))
            }
            None => Vec::new(),
        }
    }

    /// True if the repository is linked to one at GitHub, whose issues have numbers, too.
    fn is_linked(&self) -> bool {
        let mut links = self.repository.doc.entries(LINKS);
        links.any(|(id, _)| id == GITHUB)
    }

    /// The items that have this as their uid, or as their birth or live id followed by at least
    /// four characters of the uid's end.
    pub(super) fn aliased(&self, text: &str) -> Vec<&Item> {
        let known = |uid: Uid| self.item(&uid).or_else(|| self.proposed_of_any_plan(&uid));
        if let Some(item) = Uid::new(text).and_then(known) {
            return vec![item];
        }
        let Some((head, tail)) = text.rsplit_once('-') else {
            return Vec::new();
        };
        if tail.len() < id::SUFFIX {
            return Vec::new();
        }
        let mut found = self.named(&id::normalized(head));
        found.retain(|item| item.uid.as_str().ends_with(tail));
        found
    }

    /// The items, deleted ones too, that have or had a text as their id, or have it as their uid.
    pub fn known_as(&self, text: &str) -> Vec<&Item> {
        let mut found = self.named(&id::normalized(text));
        found.extend(self.aliased(text));
        found
    }

    /// Finds an item and requires its kind; any epic is of kind epic.
    pub fn find_kind(&self, text: &str, kind: ItemKind) -> Result<&Item> {
        let item = self.find(text)?;
        if item.kind == kind || (kind == ItemKind::Epic && item.is_epic()) {
            return Ok(item);
        }
        let message = format!("{} is of kind {}, not {kind}", item.id, item.kind);
        Err(Error::usage(message).hint(format!("`git pm show {}` shows it", item.id)))
    }

    /// Finds the run that `text` names: its id, as `R-k3f9a2`, or more characters of its end.
    ///
    /// # Errors
    /// When no run or more than one has that name.
    pub fn find_run(&self, text: &str) -> Result<Uid> {
        let named = |uid: &Uid| end_of(RUN, text).is_some_and(|end| uid.as_str().ends_with(&end));
        let mut found = self.runs().into_iter().filter(named);
        match (found.next(), found.next()) {
            (Some(uid), None) => Ok(uid),
            (Some(one), Some(other)) => Err(Error::new(
                Kind::Ambiguous,
                format!("{} names several runs: {one} and {other}", spelled(text)),
            )
            .about(text)),
            (None, _) => Err(self.no_run(text)),
        }
    }

    /// The error for a run that does not exist.
    pub fn no_run(&self, text: &str) -> Error {
        let runs = self.runs();
        let newest = runs.iter().rev().take(3).map(|uid| short_id(RUN, uid));
        let newest: Vec<String> = newest.collect();
        let error = Error::not_found(format!("there is no run {}", spelled(text)))
            .because(Reason::RunNotFound)
            .about(text);
        match newest.is_empty() {
            true => error.hint(Hint::run(["run"], "starts one")),
            false => error.hint(format!("the newest are {}", first_of(&newest, 3))),
        }
    }

    fn only<'a>(&self, text: &str, found: &[&'a Item]) -> Result<&'a Item> {
        if let [one] = found {
            return Ok(one);
        }
        let typed = id::normalized(text.trim());
        let plain = text.trim().trim_start_matches('#').to_lowercase();
        let name = |item: &&Item| {
            let mut refs = item.external_refs.iter().rev();
            let shown = self.shown_id(item);
            match refs.find(|one| is_named(one, &plain)) {
                Some(origin) => format!("{shown} ({})", excerpt(origin, 100)),
                // What was typed is no name for it.
                None if id::normalized(&item.id) == typed => {
                    let name = match shown == item.id {
                        true => item.alias(),
                        false => shown,
                    };
                    format!("{name} (\"{}\")", excerpt(&item.title, 40))
                }
                None => shown,
            }
        };
        let first = found.iter().take(AMBIGUOUS_ITEMS_SHOWN).map(name);
        let mut names: Vec<String> = first.collect();
        if found.len() > AMBIGUOUS_ITEMS_SHOWN {
            names.push(format!("{} more", found.len() - AMBIGUOUS_ITEMS_SHOWN));
        }
        let shown = one_line(text);
        let message = format!("`{shown}` matches {}", names.join(" and "));
        Err(Error::new(Kind::Ambiguous, message).hint("use one of these names in full"))
    }
}

/// True if a reference to a record of another tracker has this id there: whole, without the tracker, its end, or
/// as an issue of GitHub.
fn is_named(reference: &str, id: &str) -> bool {
    let reference = reference.to_lowercase();
    let (_, own) = reference.split_once(':').unwrap_or(("", &reference));
    let end = own.rsplit_once('/').map_or(own, |(_, end)| end);
    let mut names = [reference.as_str(), own, end].into_iter();
    names.any(|name| name.trim_start_matches('#') == id) || IssueName::names_import(id, &reference)
}
