//! The state at one commit, read as a whole family at a time and only when asked for. What cannot
//! be read is set aside with its path and reason; everything else works.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::git::repo::{Entry, EntryType, Oid, Repo};
use super::layout::{self, Family};
use super::repository::{self, Repository};
use crate::error::{Error, Kind, Result};
use crate::model::codec::{self, Damage};
use crate::model::doc::Doc;
use crate::model::id::{self, ItemKind, ItemRef};
use crate::model::item::Item;
use crate::model::reservation::Reservation;
use crate::model::uid::Uid;

/// How deep the state's tree may nest; what lies deeper is not read.
pub const MAX_DEPTH: usize = 8;

/// A document with the place it was read from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The document.
    pub doc: Doc,
    /// Its typed view, for items.
    pub item: Option<Item>,
    /// Its path; empty while it is only staged.
    pub path: String,
}

/// A file of the state that is no document.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Damaged {
    /// The path in the state's tree, escaped for printing.
    pub path: String,
    /// Why it cannot be read.
    pub reason: String,
}

/// The documents of one family (all items count as one).
pub(crate) type Docs = BTreeMap<Uid, Loaded>;

/// The state at one commit.
pub struct State<'r> {
    repo: &'r Repo,
    /// The commit it was read from.
    pub commit: Option<Oid>,
    /// The commit's tree.
    pub tree: Oid,
    /// Format, generation and shared settings.
    pub repository: Repository,
    pub(crate) items: OnceCell<Docs>,
    pub(crate) comments: OnceCell<Docs>,
    pub(crate) reservations: OnceCell<Docs>,
    pub(crate) messages: OnceCell<Docs>,
    pub(crate) keys: OnceCell<Docs>,
    damaged: RefCell<Vec<Damaged>>,
    duplicates: OnceCell<BTreeSet<String>>,
}

impl<'r> State<'r> {
    /// Opens the state at a commit.
    ///
    /// # Errors
    /// When commit or tree cannot be read, or the format's major version is newer than ours.
    pub fn at(repo: &'r Repo, commit: Oid) -> Result<Self> {
        let tree = repo.commit(commit)?.tree;
        Self::of_tree(repo, Some(commit), tree)
    }

    /// Opens the state of a tree.
    ///
    /// # Errors
    /// When the tree cannot be read, or the format's major version is newer than ours.
    pub fn of_tree(repo: &'r Repo, commit: Option<Oid>, tree: Oid) -> Result<Self> {
        let repository = repository::read(repo, tree)?;
        repository.require_readable()?;
        Ok(State {
            repo,
            commit,
            tree,
            repository,
            items: OnceCell::new(),
            comments: OnceCell::new(),
            reservations: OnceCell::new(),
            messages: OnceCell::new(),
            keys: OnceCell::new(),
            damaged: RefCell::default(),
            duplicates: OnceCell::new(),
        })
    }

    /// The repository it is read from.
    pub fn repo(&self) -> &'r Repo {
        self.repo
    }

    fn family(&self, cell: &'r str) -> Docs {
        let mut docs = Docs::new();
        let root = self.repo.tree(self.tree).unwrap_or_default();
        for (folder, family) in layout::FOLDERS {
            let wanted = match family {
                Family::Item(_) => cell == "items",
                other => other.folder() == cell,
            };
            let found = root.iter().find(|e| e.name == folder.as_bytes());
            if let (true, Some(entry)) = (wanted, found) {
                self.walk(entry, folder, 0, *family, &mut docs);
            }
        }
        docs
    }

    fn walk(&self, entry: &Entry, path: &str, depth: usize, family: Family, out: &mut Docs) {
        match entry.kind {
            EntryType::Other => {
                self.damage(path, "it is a link or a submodule, which is never followed")
            }
            EntryType::Tree if depth >= MAX_DEPTH => self.damage(path, "it nests too deeply"),
            EntryType::Tree => match self.repo.tree(entry.oid) {
                Err(error) => self.damage(path, error.message()),
                Ok(entries) => {
                    for child in entries {
                        let name = String::from_utf8_lossy(&child.name).into_owned();
                        let below = format!("{path}/{name}");
                        if layout::is_safe_name(&child.name) {
                            self.walk(&child, &below, depth + 1, family, out);
                        } else {
                            self.damage(&below, "its name is not allowed in the state");
                        }
                    }
                }
            },
            EntryType::Blob => match read_doc(self.repo, entry.oid, path, family) {
                Err(error) => self.damage(path, &error.to_string()),
                Ok(doc) => {
                    let item = match family {
                        Family::Item(_) => match Item::from_doc(&doc) {
                            Ok(item) => Some(item),
                            Err(error) => return self.damage(path, &error.to_string()),
                        },
                        _ => None,
                    };
                    let uid = doc.uid.clone();
                    let path = path.to_string();
                    out.insert(uid, Loaded { doc, item, path });
                }
            },
        }
    }

    fn damage(&self, path: &str, reason: &str) {
        let escape = crate::model::text::one_line;
        self.damaged.borrow_mut().push(Damaged {
            path: escape(path),
            reason: escape(reason),
        });
    }

    /// Every file that could not be read so far, items first loaded.
    pub fn damaged(&self) -> Vec<Damaged> {
        self.item_docs();
        let mut all = self.damaged.borrow().clone();
        all.extend(self.repository.damaged.clone());
        all
    }

    /// All item documents by uid, deleted ones included.
    pub fn item_docs(&self) -> &Docs {
        self.items.get_or_init(|| self.family("items"))
    }

    /// All comments by uid.
    pub fn comment_docs(&self) -> &Docs {
        self.comments.get_or_init(|| self.family("comments"))
    }

    /// All reservations by uid.
    pub fn reservation_docs(&self) -> &Docs {
        self.reservations
            .get_or_init(|| self.family("reservations"))
    }

    /// All messages by uid.
    pub fn message_docs(&self) -> &Docs {
        self.messages.get_or_init(|| self.family("messages"))
    }

    /// All idempotency records by uid.
    pub fn key_docs(&self) -> &Docs {
        self.keys.get_or_init(|| self.family("keys"))
    }

    /// All items that were not deleted, in the order of kind and id.
    pub fn items(&self) -> Vec<&Item> {
        let mut all: Vec<&Item> = self
            .item_docs()
            .values()
            .filter_map(|l| l.item.as_ref())
            .filter(|item| !item.deleted)
            .collect();
        all.sort_by_cached_key(|item| (item.kind, id_key(&item.id), item.uid.clone()));
        all
    }

    /// An item by uid, also a deleted one.
    pub fn item(&self, uid: &Uid) -> Option<&Item> {
        self.item_docs().get(uid)?.item.as_ref()
    }

    /// Any document by uid.
    pub fn doc(&self, uid: &Uid) -> Option<&Doc> {
        for docs in [
            self.item_docs(),
            self.reservation_docs(),
            self.comment_docs(),
            self.message_docs(),
        ] {
            if let Some(loaded) = docs.get(uid) {
                return Some(&loaded.doc);
            }
        }
        None
    }

    /// All reservations ever made that can be read.
    pub fn reservations(&self) -> Vec<Reservation> {
        self.reservation_docs()
            .values()
            .filter_map(|l| Reservation::from_doc(&l.doc))
            .collect()
    }

    /// The id to show: the id itself, or the alias where two items have the same id.
    pub fn shown_id(&self, item: &Item) -> String {
        let duplicates = self.duplicates.get_or_init(|| {
            let mut seen = HashMap::new();
            for item in self.items() {
                *seen.entry(item.id.clone()).or_insert(0) += 1;
            }
            seen.into_iter()
                .filter(|(_, n)| *n > 1)
                .map(|(id, _)| id)
                .collect()
        });
        if duplicates.contains(&item.id) {
            format!("{}-{}", item.id, item.uid.suffix(id::SUFFIX))
        } else {
            item.id.clone()
        }
    }

    /// The id to show for the target of a reference.
    pub fn shown_ref(&self, target: &ItemRef) -> String {
        target
            .uid
            .as_ref()
            .and_then(|uid| self.item(uid))
            .map_or_else(|| target.born.clone(), |item| self.shown_id(item))
    }

    /// Finds the item that `text` names: a live id (zeros don't matter), an alias, a uid, or, for
    /// hash ids only, a unique prefix. A live id wins over an alias.
    ///
    /// # Errors
    /// When nothing or more than one item has that name.
    pub fn find(&self, text: &str) -> Result<&Item> {
        let wanted = id::normalised(text.trim());
        let live = self.items();
        let exact: Vec<&&Item> = live.iter().filter(|i| i.id == wanted).collect();
        if !exact.is_empty() {
            return self.only(text, &exact);
        }
        let aliased: Vec<&&Item> = live.iter().filter(|i| names_by_alias(i, &wanted)).collect();
        if !aliased.is_empty() {
            return self.only(text, &aliased);
        }
        if wanted.len() >= 4 && wanted.starts_with("pm-") {
            let begun: Vec<&&Item> = live
                .iter()
                .filter(|i| i.kind == ItemKind::Issue && i.id.starts_with(&wanted))
                .collect();
            if !begun.is_empty() {
                return self.only(text, &begun);
            }
        }
        let shown = crate::model::text::one_line(text);
        Err(Error::not_found(format!("there is no item `{shown}`"))
            .hint("`git pm task list` shows the tasks; `git pm sync` fetches those of others"))
    }

    /// Finds an item and requires its kind.
    ///
    /// # Errors
    /// As [`State::find`], and when the item is of another kind.
    pub fn find_kind(&self, text: &str, kind: ItemKind) -> Result<&Item> {
        let item = self.find(text)?;
        if item.kind == kind {
            return Ok(item);
        }
        let message = format!("{} is no {kind}, it is of kind {}", item.id, item.kind);
        Err(Error::usage(message).hint(format!("`git pm show {}` shows it", item.id)))
    }

    fn only<'a>(&self, text: &str, found: &[&&'a Item]) -> Result<&'a Item> {
        if let [one] = found {
            return Ok(one);
        }
        let names: Vec<String> = found.iter().map(|i| self.shown_id(i)).collect();
        let shown = crate::model::text::one_line(text);
        let message = format!("`{shown}` fits {}", names.join(" and "));
        Err(Error::new(Kind::Ambiguous, message).hint("use one of these names in full"))
    }

    /// The next free number for a kind: above every number that is or was in use.
    pub fn next_number(&self, kind: ItemKind) -> u32 {
        let used = self.item_docs().values().flat_map(|l| {
            let born = id::parse_sequential(&l.doc.born);
            let live = l.item.as_ref().and_then(|i| id::parse_sequential(&i.id));
            [born, live]
        });
        let damaged = self.damaged.borrow();
        let unreadable = damaged.iter().filter_map(|d| {
            let name = d.path.rsplit('/').next()?;
            id::parse_sequential(name.rsplit_once('-')?.0)
        });
        used.flatten()
            .chain(unreadable)
            .filter(|(k, _)| *k == kind)
            .map(|(_, number)| number)
            .max()
            .map_or(1, |n| n.saturating_add(1))
    }
}

/// Sorts sequential ids by number, all others by text.
fn id_key(text: &str) -> (u32, String) {
    id::parse_sequential(text).map_or((u32::MAX, text.to_string()), |(_, n)| (n, String::new()))
}

/// Whether `text` is the item's uid, or its birth or live id followed by at least four characters
/// of the uid's end.
fn names_by_alias(item: &Item, text: &str) -> bool {
    if text == item.uid.as_str() {
        return true;
    }
    text.rsplit_once('-').is_some_and(|(head, tail)| {
        tail.len() >= id::SUFFIX
            && item.uid.as_str().ends_with(tail)
            && [&item.born, &item.id]
                .into_iter()
                .any(|own| id::normalised(head) == id::normalised(own))
    })
}

/// Reads one document and checks that it is what its place says.
pub(crate) fn read_doc(
    repo: &Repo,
    oid: Oid,
    path: &str,
    family: Family,
) -> std::result::Result<Doc, ReadError> {
    let bytes = repo
        .blob(oid, codec::MAX_FILE)
        .map_err(ReadError::Store)?
        .ok_or(Damage::TooLarge(codec::MAX_FILE + 1))?;
    let doc = codec::decode(&bytes)?;
    if doc.kind != family.kind() {
        return Err(Damage::field("kind", format!("must be `{}` here", family.kind())).into());
    }
    layout::check_place(&doc, path)?;
    Ok(doc)
}

/// Why a file of the state could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// The object store failed.
    #[error("{0}")]
    Store(Error),
    /// The file is no document.
    #[error(transparent)]
    Damage(#[from] Damage),
}
