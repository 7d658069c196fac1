//! Requirements documents: a file becomes a PRD, byte for byte, and its statements are shown by meaning.

use std::collections::BTreeSet;

use super::record::{of_word, origin, word};
use super::sources::{Reading, Source, plan_of};
use crate::coordinate::here;
use crate::coordinate::worktree_file::worktree_file;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::doc::Doc;
use crate::model::id::{self, ItemKind};
use crate::model::item::Item;
use crate::model::stamp::rfc3339;
use crate::model::text::{excerpt, one_line, shorten};
use crate::model::uid::Uid;
use crate::plan::document::{DocumentKind, Extract};
use crate::plan::draft::contents;
use crate::plan::sources;
use crate::pm::handles::Plans;
use crate::pm::shared_views::ItemView;
use crate::pm::who_acts::require_human;
use crate::pm::{Caller, Pm};
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::older_file::{is_based_on_older, is_behind};
use crate::work::plan_notices::{self, FileDiffers, SOURCE, source_of};
use crate::work::task::field_rules::{check_body, check_title};

/// The longest title taken from a document, in characters.
const TITLE_MAX: usize = 200;

/// The result of adding a file.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Added {
    /// The PRD.
    #[serde(flatten)]
    pub prd: ItemView,
    /// Set if it is new; otherwise it existed already with the same text.
    pub created: bool,
}

/// A PRD with the content of its text.
#[derive(Clone, Debug)]
pub struct PrdView {
    /// The PRD.
    pub prd: ItemView,
    /// The file that it was added from.
    pub source: Option<String>,
    /// The content of its text; `None` if it cannot be read as a document.
    pub says: Option<Extract>,
    /// Set if it has a plan.
    pub has_plan: bool,
}

impl serde::Serialize for PrdView {
    /// One object: the item's fields and the content of its text. A field of both (`acceptance`) is
    /// taken from the text, unless the item has its own criteria.
    fn serialize<S: serde::Serializer>(&self, out: S) -> std::result::Result<S::Ok, S::Error> {
        use serde::ser::Error as _;
        let object = |value: serde_json::Result<serde_json::Value>| match value {
            Ok(serde_json::Value::Object(map)) => Ok(map),
            Ok(_) => Err(S::Error::custom("not an object")),
            Err(error) => Err(S::Error::custom(error)),
        };
        let mut whole = object(serde_json::to_value(&self.prd))?;
        whole.insert("source".into(), self.source.clone().into());
        whole.insert("has_plan".into(), self.has_plan.into());
        if let Some(says) = &self.says {
            for (name, value) in object(serde_json::to_value(says))? {
                if name != "acceptance" || self.prd.acceptance.is_empty() {
                    whole.insert(name, value);
                }
            }
        }
        whole.serialize(out)
    }
}

impl schemars::JsonSchema for PrdView {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Prd".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        use serde_json::{Value, json};
        let properties = |schema: &mut schemars::Schema| match schema.get_mut("properties") {
            Some(Value::Object(map)) => std::mem::take(map),
            _ => serde_json::Map::new(),
        };
        let mut whole = ItemView::json_schema(generator);
        let mut keys = properties(&mut whole);
        for (name, schema) in properties(&mut Extract::json_schema(generator)) {
            let schema = match keys.remove(&name) {
                Some(own) => json!({ "anyOf": [own, schema] }),
                None => schema,
            };
            keys.insert(name, schema);
        }
        keys.insert("source".into(), json!({ "type": ["string", "null"] }));
        keys.insert("has_plan".into(), json!({ "type": "boolean" }));
        whole.insert("properties".into(), Value::Object(keys));
        if let Some(Value::Array(required)) = whole.get_mut("required") {
            required.extend([json!("source"), json!("has_plan")]);
        }
        whole
    }
}

impl Plans<'_> {
    /// Adds a document as a PRD, byte for byte. A file that was added before with the same text is
    /// not added again.
    ///
    /// # Errors
    /// If the document cannot be read or is too large, the kind is not valid, or the file was added
    /// before with another text.
    pub fn add_prd(&self, path: &str, bytes: &[u8], kind: Option<&str>) -> Result<Added> {
        let reading = Reading::of(bytes, path)?;
        let kind = kind.map(parse_kind).transpose()?;
        let mut created = false;
        let prd = self.pm.write("prd add").view(|tx| {
            let (uid, new) = add_prd_in(self.pm, tx, path, &reading, kind)?;
            created = new;
            Ok(uid)
        })?;
        Ok(Added { prd, created })
    }

    /// A PRD with the content of its text.
    ///
    /// # Errors
    /// If there is no such PRD.
    pub fn prd(&self, id: &str) -> Result<PrdView> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let item = state.find_kind(id, ItemKind::Prd)?.clone();
        let prd = here::full_view(self.pm, &state, &item.uid)?;
        let reading = sources::reading_of(&state, &item).ok();
        Ok(PrdView {
            source: state.doc(&item.uid).and_then(source_of),
            says: reading.map(|reading| contents(reading.verdicts())),
            has_plan: plan_of(&state, &item).is_some(),
            prd,
        })
    }
}

pub(super) fn add_prd_in(
    pm: &Pm,
    tx: &mut Tx<'_>,
    path: &str,
    reading: &Reading,
    kind: Option<DocumentKind>,
) -> Result<(Uid, bool)> {
    check_body(&reading.text)?;
    let source = path_from_root(pm, path);
    if let Some(there) = added_before(pm, &tx.state, &source, Some(&reading.text)) {
        if tx.state.text_of(&there).as_deref() == Some(reading.text.as_str()) {
            if let Some(kind) = kind.filter(|kind| word(*kind) != there.item_type) {
                return Err(Error::conflict(format!(
                    "{source} was already added as {}, as a {} and not a {}",
                    there.id,
                    there.item_type,
                    word(kind)
                ))
                .hint("`git pm undo` undoes the addition if it was the last change"));
            }
            return Ok((there.uid, false));
        }
        if is_older(pm, &tx.state, &there, &reading.text) {
            let error = pull_hint(pm, Error::conflict(older(&source, &there.id)));
            let show = ["plan", "show", there.id.as_str()];
            return Err(error.hint(Hint::run(show, "shows its plan")));
        }
        let typed = id::word(path);
        let error = Error::conflict(format!(
            "{source} was already added as {}, with different text",
            there.id
        ))
        .hint(format!(
            "if it is a newer version: `git pm plan update {typed} --write` adopts it"
        ))
        .hint(format!("`git pm prd show {}` shows the old one", there.id));
        return Err(match below_root(pm, path).is_none() {
            // Such a file is known by its name only, which is the same in all clones.
            true => {
                error.hint("if it is another document: rename it, or copy it into the repository")
            }
            false => error,
        });
    }
    let title = excerpt(&reading.document.title, TITLE_MAX);
    let title = check_title(&title)?;
    // Two clones that add one file offline have one PRD after a merge.
    let identity = |n: usize| {
        let n = n.to_string();
        let parts = ["prd", source.as_str(), reading.text.as_str(), n.as_str()];
        Uid::derived(&parts)
    };
    let free = |uid: &Uid| tx.state.doc(uid).is_none();
    let uid = (0..).map(identity).find(free);
    let uid = uid.ok_or_else(|| Error::state("there is no free uid"))?;
    let number = id::sequential(ItemKind::Prd, tx.state.next_number(ItemKind::Prd));
    let born = format!("prd-{}", uid.suffix(12));
    let birth = origin(&uid);
    let mut doc = Doc::new(uid, ItemKind::Prd.as_str(), &born, birth);
    doc.regs.remove("id");
    doc.put("id", number.as_str());
    doc.put("title", title.as_str());
    doc.put("status", "open");
    doc.put("priority", 2);
    doc.put("type", word(kind.unwrap_or(reading.document.kind)));
    doc.put("created_at", rfc3339(tx.clock().wall_ms()));
    doc.put("created_by", tx.actor());
    doc.put(SOURCE, source.as_str());
    doc.put_body(&reading.text);
    let uid = doc.uid.clone();
    tx.insert(doc)?;
    let text = format!("{number}: {}", shorten(&title, 120));
    tx.describe("prd add", &[&number], &text);
    Ok((uid, true))
}

/// True if a document had a text before, or one from which it was changed, and has a newer one now.
pub(super) fn is_older(pm: &Pm, state: &State<'_>, prd: &Item, text: &str) -> bool {
    let doc = state.doc(&prd.uid);
    let moved = plan_notices::moved(pm, state, prd).ok().flatten();
    let file = moved.unwrap_or_else(|| sources::file_of(state, prd));
    doc.is_some_and(|doc| {
        is_behind(pm, state, (prd, doc), (&file, text.as_bytes()))
            || is_based_on_older(pm, doc, (&file, text))
    })
}

/// Refuses a text that a document had before, as the file has it in a clone that did not pull the newer
/// one: what others planned since would be undone.
///
/// # Errors
/// If it is such a text, unless a human forces it.
pub(super) fn require_not_older(
    pm: &Pm,
    state: &State<'_>,
    prd: &Item,
    reading: &Reading,
    force: bool,
) -> Result<()> {
    if !is_older(pm, state, prd, &reading.text) {
        return Ok(());
    }
    let file = sources::file_of(state, prd);
    let args = ["plan", "update", file.as_str(), "--write", "--force"];
    if force {
        let next = Hint::run(args, "replaces it; ask a human to run this command");
        return require_human(&pm.actor, "replacing a document by an older version", next);
    }
    let error = Error::refused(older(&file, &state.shown_id(prd))).about(state.shown_id(prd));
    let error = pull_hint(pm, error);
    Err(match pm.actor.is_agent {
        true => error,
        false => error.hint(Hint::run(args, "replaces the newer one by it")),
    })
}

/// Says that the file of a document is behind.
fn older(file: &str, prd: &str) -> String {
    format!("{file} here is based on an older version that {prd} had")
}

/// Says where a newer version can be, if there is a remote.
fn pull_hint(pm: &Pm, error: Error) -> Error {
    match pm.main_remote() {
        Some(_) => error.hint(Hint::git(["pull"], "fetches the newer one")),
        None => error,
    }
}

/// Refuses a file in which git left both sides of a conflict.
///
/// # Errors
/// If it has its markers, outside of code.
fn require_merged(path: &str, text: &str) -> Result<()> {
    let (mut is_code, mut begun) = (false, None);
    for (number, line) in (1..).zip(text.lines()) {
        let is_fence = ["```", "~~~"]
            .iter()
            .any(|fence| line.trim_start().starts_with(fence));
        is_code ^= is_fence;
        match begun {
            _ if is_code => {}
            None if line.starts_with("<<<<<<< ") => begun = Some(number),
            Some(first) if line.starts_with(">>>>>>> ") => {
                let said = format!(
                    "{} has an unresolved merge conflict, from line {first}",
                    one_line(path)
                );
                return Err(Error::refused(said)
                    .about(one_line(path))
                    .hint("resolve it in the file, then run the command again"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The document that a source names, with the PRD that it is, if it was added before.
pub(super) fn document(
    pm: &Pm,
    state: &State<'_>,
    source: &Source,
) -> Result<(Option<Item>, Reading)> {
    match source {
        Source::Prd(id) => {
            let prd = state.find_kind(id, ItemKind::Prd)?.clone();
            let reading = sources::reading_of(state, &prd)?;
            Ok((Some(prd), reading))
        }
        Source::File { path, bytes } => {
            let reading = Reading::of(bytes, path)?;
            require_merged(path, &reading.text)?;
            let path = path_from_root(pm, path);
            Ok(match added_before(pm, state, &path, Some(&reading.text)) {
                Some(prd) => (Some(prd.clone()), reading.of_kind(&prd)),
                None => (None, reading),
            })
        }
    }
}

/// The PRD that a source names; a file is added if necessary.
pub(super) fn prd_of_in(pm: &Pm, tx: &mut Tx<'_>, source: &Source) -> Result<(Item, Reading)> {
    let (uid, reading) = match source {
        Source::Prd(id) => (tx.state.find_kind(id, ItemKind::Prd)?.uid.clone(), None),
        Source::File { path, bytes } => {
            let reading = Reading::of(bytes, path)?;
            require_merged(path, &reading.text)?;
            require_other(pm, &tx.state, path, &reading)?;
            (add_prd_in(pm, tx, path, &reading, None)?.0, Some(reading))
        }
    };
    let item = tx.state.item(&uid).cloned();
    let item = item.ok_or_else(|| Error::not_found("there is no such PRD"))?;
    let reading = sources::read_again(&tx.state, &item, reading)?;
    Ok((item, reading))
}

/// Refuses to plan a document a second time below the name that its file has now.
///
/// # Errors
/// If git knows of no such rename, and a planned document with much the same text has no file any more.
fn require_other(pm: &Pm, state: &State<'_>, path: &str, reading: &Reading) -> Result<()> {
    let source = path_from_root(pm, path);
    let is_known = added_before(pm, state, &source, Some(&reading.text)).is_some();
    let Some(prd) = (!is_known).then(|| continued(pm, state, reading)).flatten() else {
        return Ok(());
    };
    let (id, file) = (state.shown_id(&prd), sources::file_of(state, &prd));
    let (id, file) = (id.as_str(), one_line(&file));
    let text = format!(
        "{} looks like {id}, whose file {file} is gone",
        one_line(&source)
    );
    let update = format!("shows what it changes in the plan of {id}; `--write` goes on with it");
    let other = "adds it as another document, which can be planned then";
    Err(Error::conflict(text)
        .because(Reason::PlanFileMoved)
        .about(id)
        .hint(Hint::run(["plan", "update", path], update))
        .hint(Hint::run(["prd", "add", path], other)))
}

/// The planned document that a new file seems to be: its own file is gone, and it has this title, or most of these lines.
pub(super) fn continued(pm: &Pm, state: &State<'_>, reading: &Reading) -> Option<Item> {
    fn lines(text: &str) -> BTreeSet<&str> {
        let lines = text.lines().map(str::trim);
        lines.filter(|line| !line.is_empty()).collect()
    }
    let (title, new) = (
        excerpt(&reading.document.title, TITLE_MAX),
        lines(&reading.text),
    );
    let is_like = |prd: &&Item| {
        let text = state.text_of(prd).unwrap_or_default();
        let old = lines(&text);
        let shared: Vec<&&str> = old.intersection(&new).collect();
        // Many documents are called `Requirements`.
        let has_words = shared.iter().any(|line| !line.starts_with('#'));
        prd.title == title && has_words || shared.len() * 2 > old.len().max(new.len())
    };
    let is_gone = |prd: &&Item| {
        let now = plan_notices::file_now(pm, state, prd);
        now.is_some_and(|(_, differs)| differs == Some(FileDiffers::Gone))
    };
    let all = state.items().into_iter();
    let is_open = |item: &&Item| !item.deleted && !item.status.is_closed();
    let prds = all
        .filter(|item| item.kind == ItemKind::Prd)
        .filter(is_open);
    let planned = prds.filter(|prd| plan_of(state, prd).is_some());
    planned.filter(is_like).find(is_gone).cloned()
}

/// A path relative to the repository's root; for a file outside of it, the bare file name.
pub(super) fn path_from_root(pm: &Pm, path: &str) -> String {
    // The location of other files in this clone is not recorded.
    below_root(pm, path).unwrap_or_else(|| {
        let whole = pm.store.env().cwd.join(path);
        let whole = whole.canonicalize().unwrap_or(whole);
        let name = whole.file_name();
        name.map_or_else(
            || path.to_string(),
            |name| name.to_string_lossy().into_owned(),
        )
    })
}

fn below_root(pm: &Pm, path: &str) -> Option<String> {
    let whole = pm.store.env().cwd.join(path);
    let whole = whole.canonicalize().unwrap_or(whole);
    let root = pm.store.repo().workdir()?.canonicalize().ok()?;
    let below = whole.strip_prefix(root).ok()?;
    Some(below.to_string_lossy().into_owned())
}

/// The PRD of the file with this name.
pub(super) fn at_path(pm: &Pm, state: &State<'_>, name: &str) -> Option<Item> {
    let here = worktree_file(pm, name).filter(|path| path.is_file());
    let here = here.filter(|_| pm.options.caller != Caller::Away);
    let text = here.and_then(|path| std::fs::read_to_string(path).ok());
    added_before(pm, state, &path_from_root(pm, name), text.as_deref())
}

/// The PRD of a file: that of its path, else one with the same text, else the one whose file git renamed
/// to it.
fn added_before(pm: &Pm, state: &State<'_>, source: &str, text: Option<&str>) -> Option<Item> {
    let prds: Vec<&Item> = state
        .items()
        .into_iter()
        .filter(|item| item.kind == ItemKind::Prd && !item.deleted)
        .collect();
    let named = |item: &&&Item| {
        let doc = state.doc(&item.uid);
        doc.and_then(source_of).as_deref() == Some(source)
    };
    let same = |item: &&&Item| text.is_some() && state.text_of(item).as_deref() == text;
    let moved = |item: &&&Item| {
        let now = || plan_notices::moved(pm, state, item).ok().flatten();
        source.contains('.') && now().as_deref() == Some(source)
    };
    // A bare name may be that of a file outside the repository, and several files may have it.
    let by_name = source
        .contains('/')
        .then(|| prds.iter().find(named))
        .flatten();
    let found = by_name
        .or_else(|| prds.iter().find(same))
        .or_else(|| prds.iter().find(named))
        .or_else(|| prds.iter().find(moved));
    found.map(|item| (*item).clone())
}

/// The kind of document with this name.
fn parse_kind(text: &str) -> Result<DocumentKind> {
    of_word(text).ok_or_else(|| {
        Error::usage(format!(
            "`{}` is not a valid kind of document",
            one_line(text)
        ))
        .hint("use one of: prd, tech-spec, debug-investigation")
    })
}
