//! The verbs that write learnings: add, edit, accept, delete, use, vote, nothing learned.
//!
//! The last one records that a task taught nothing.

use schemars::JsonSchema;
use serde::Deserialize;

use super::allowed_texts::{
    check_count, check_line, check_reason, check_tag, check_text, check_title, refuse_secrets,
};
use super::limits;
use super::lookup::find;
use super::view::FullLearning;
use crate::coordinate::here;
use crate::coordinate::reserve::path_arguments;
use crate::error::{Error, Hint, Reason, Result};
use crate::learn::allowed_texts;
use crate::learn::lookup;
use crate::model::doc::Doc;
use crate::model::learning::{
    Learning, LearningKind, LearningStatus, NOT_USEFUL, USEFUL, USES, is_commit_id,
};
use crate::model::short_id::{LEARNING, short_id};
use crate::model::stamp::rfc3339;
use crate::model::text::{excerpt, shorten};
use crate::model::transitions::of_accepted_learning;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::arguments::{term, term_schema};
use crate::pm::handles::Learnings;
use crate::pm::shared_views::ItemView;
use crate::store::transaction::Tx;

/// The fields of a learning. `None` leaves a field unchanged, an empty text or list clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema, clap::Args)]
pub struct LearningFields {
    /// One line; required for a new one.
    #[arg(skip)]
    #[serde(skip)]
    pub title: Option<String>,
    /// Kind; by default, a new learning is a decision with `--decision`, otherwise a gotcha.
    #[arg(long, value_name = "K", value_parser = term::<LearningKind>())]
    #[schemars(schema_with = "term_schema::<LearningKind>")]
    #[serde(default)]
    pub kind: Option<LearningKind>,
    /// The status; for a new one, accepted by default.
    #[arg(skip)]
    #[serde(skip)]
    pub status: Option<LearningStatus>,
    /// Text in Markdown.
    #[arg(long, value_name = "TEXT")]
    pub body: Option<String>,
    /// Tag (repeatable).
    #[arg(short, long = "tag", value_name = "T")]
    #[serde(rename = "tag")]
    pub tags: Option<Vec<String>>,
    /// Pattern of paths that it is about, from the repository root (repeatable).
    #[arg(long = "path", value_name = "GLOB")]
    #[serde(rename = "path")]
    pub paths: Option<Vec<String>>,
    /// Situation that it applies in (repeatable).
    #[arg(long, value_name = "TEXT")]
    pub applies_when: Option<Vec<String>>,
    /// Symptom by which it is recognized (repeatable).
    #[arg(long = "symptom", value_name = "TEXT")]
    #[serde(rename = "symptom")]
    pub symptoms: Option<Vec<String>>,
    /// Context of a decision, in Markdown.
    #[arg(long, value_name = "TEXT")]
    pub context: Option<String>,
    /// The decision, in Markdown.
    #[arg(long, value_name = "TEXT")]
    pub decision: Option<String>,
    /// Consequences of the decision, in Markdown.
    #[arg(long, value_name = "TEXT")]
    pub consequences: Option<String>,
    /// Item that it comes from; for a new one, by default the item that is checked out here.
    #[arg(long, value_name = "ID")]
    pub item: Option<String>,
    /// Commit that it comes from; for a new one, by default that of `HEAD`.
    #[arg(long, value_name = "REV")]
    pub commit: Option<String>,
    /// Learning that it replaces (repeatable).
    #[arg(long, value_name = "ID")]
    pub supersedes: Option<Vec<String>>,
    /// Learning that it contradicts (repeatable).
    #[arg(long, value_name = "ID")]
    pub contradicts: Option<Vec<String>>,
}

/// A list with its name and the check of an element.
type List<'l> = (
    &'static str,
    &'l Option<Vec<String>>,
    &'l dyn Fn(&str) -> Result<String>,
);

/// Checked values, as the document has them.
#[derive(Default)]
struct Checked {
    registers: Vec<(&'static str, Value)>,
    sets: Vec<(&'static str, Vec<String>)>,
    body: Option<String>,
}

impl Learnings<'_> {
    /// Adds a learning.
    ///
    /// # Errors
    /// When it has no title, a value is not valid for its field, a text seems to contain a secret,
    /// or it names a missing object.
    pub fn add(&self, new: &LearningFields) -> Result<FullLearning> {
        write_learning(self.pm, "learn add", |tx| {
            let mut new = new.clone();
            fill_in(self.pm, tx, &mut new);
            let title = check_title(new.title.as_deref().unwrap_or_default())?;
            let checked = check_learning(self.pm, tx, None, &new)?;
            let birth = tx.fresh_stamp();
            let mut doc = Doc::new(tx.new_uid()?, "learning", "", birth);
            doc.put("author", tx.actor());
            doc.put("created_at", rfc3339(tx.clock().wall_ms()));
            for (name, value) in checked.registers {
                doc.put(name, value);
            }
            for (name, elements) in checked.sets {
                elements.iter().for_each(|one| doc.put_element(name, one));
            }
            doc.put_body(&checked.body.unwrap_or_default());
            let uid = doc.uid.clone();
            tx.insert(doc)?;
            describe(tx, "learn add", &uid, &shorten(&title, limits::SUBJECT_MAX));
            Ok(uid)
        })
    }

    /// Edits fields of a learning.
    ///
    /// # Errors
    /// As [`Learnings::add`]; also when there is no such learning, or it changed since the version
    /// of `--if-version`.
    pub fn edit(&self, id: &str, fields: &LearningFields) -> Result<FullLearning> {
        write_learning(self.pm, "learn edit", |tx| {
            let uid = learning_to_change(self.pm, tx, id)?;
            let checked = check_learning(self.pm, tx, Some(&uid), fields)?;
            let mut names: Vec<&str> = checked.registers.iter().map(|(name, _)| *name).collect();
            names.extend(checked.sets.iter().map(|(name, _)| *name));
            names.extend(checked.body.is_some().then_some("body"));
            let changed = names.join(", ");
            tx.edit(&uid, |doc, clock| {
                let mut any = false;
                for (name, value) in checked.registers {
                    any |= doc.set(name, value, clock);
                }
                for (name, elements) in &checked.sets {
                    any |= doc.replace_elements(name, elements, clock);
                }
                if let Some(body) = &checked.body {
                    any |= doc.body.write(body, clock);
                }
                any
            })?;
            describe(tx, "learn edit", &uid, &changed);
            Ok(uid)
        })
    }

    /// Accepts a draft, so that it is offered to others.
    ///
    /// # Errors
    /// When there is no such learning, or it is retired.
    pub fn accept(&self, id: &str) -> Result<FullLearning> {
        write_learning(self.pm, "learn accept", |tx| {
            let uid = learning_to_change(self.pm, tx, id)?;
            let learning = tx.state.doc(&uid).and_then(Learning::from_doc);
            let from = learning.map_or(LearningStatus::Accepted, |learning| learning.status);
            let Some(status) = of_accepted_learning(from) else {
                let id = short_id(LEARNING, &uid);
                return Err(Error::refused(format!("{id} is retired, and not a draft"))
                    .because(Reason::LearningRetired)
                    .about(&id)
                    .hint(Hint::run(
                        ["learn", "edit", &id, "--status", "accepted"],
                        "restores it",
                    )));
            };
            tx.edit(&uid, |doc, clock| doc.set("status", status.as_str(), clock))?;
            describe(tx, "learn accept", &uid, "");
            Ok(uid)
        })
    }

    /// Deletes a learning; a tombstone remains.
    ///
    /// # Errors
    /// When there is no such learning.
    pub fn delete(&self, id: &str, reason: Option<&str>) -> Result<FullLearning> {
        let reason = check_reason(reason)?;
        write_learning(self.pm, "learn delete", |tx| {
            let uid = learning_to_change(self.pm, tx, id)?;
            let by = tx.actor().to_string();
            let at = rfc3339(tx.clock().wall_ms());
            tx.edit(&uid, |doc, clock| {
                doc.set("deleted_at", at, clock);
                doc.set("deleted_by", by, clock);
                doc.set("delete_reason", Value::from(reason.as_deref()), clock);
                doc.set("deleted", true, clock)
            })?;
            describe(tx, "learn delete", &uid, "");
            Ok(uid)
        })
    }

    /// Records that a learning was used, optionally for an item.
    ///
    /// # Errors
    /// When there is no such learning or item.
    pub fn record_use(&self, id: &str, item: Option<&str>) -> Result<FullLearning> {
        add_use(self.pm, "learn use", id, item, None)
    }

    /// Records that a learning was useful, or not. Only the last vote of an actor counts.
    ///
    /// # Errors
    /// When there is no such learning or item.
    pub fn vote(&self, id: &str, useful: bool, item: Option<&str>) -> Result<FullLearning> {
        let vote = if useful { USEFUL } else { NOT_USEFUL };
        add_use(self.pm, "learn vote", id, item, Some(vote))
    }

    /// Records that an item taught nothing worth keeping.
    ///
    /// # Errors
    /// When there is no such item, or none is given, checked out or held alone.
    pub fn none(&self, id: Option<&str>, reason: Option<&str>) -> Result<ItemView> {
        let reason = check_reason(reason)?;
        self.pm.write("learn none").view(|tx| {
            let uid = here::named_or_held(self.pm, &tx.state, id)?;
            let mut answer = serde_json::Map::new();
            answer.insert("by".into(), tx.actor().into());
            answer.insert("at".into(), rfc3339(tx.clock().wall_ms()).into());
            if let Some(reason) = &reason {
                answer.insert("reason".into(), reason.as_str().into());
            }
            let value = Value::from_json(answer.into());
            tx.edit(&uid, |doc, clock| doc.set("nothing_learned", value, clock))?;
            let shown = tx.state.item(&uid).map(|item| tx.state.shown_id(item));
            let shown = shown.unwrap_or_default();
            tx.describe("learn none", &[&shown], &format!("from {shown}"));
            Ok(uid)
        })
    }
}

/// True if a learning supersedes another one, directly or through others.
fn supersedes(tx: &Tx<'_>, newer: &Uid, older: &Uid) -> bool {
    let all = tx.state.all_superseded(newer, |learning| !learning.deleted);
    all.contains(older)
}

/// The error about a learning that would supersede one that supersedes it.
fn circle(uid: &Uid, older: &Uid) -> Error {
    let [uid, older] = [uid, older].map(|uid| short_id(LEARNING, uid));
    Error::usage(format!(
        "{uid} cannot supersede {older}, which supersedes it"
    ))
    .because(Reason::LearningCircle)
    .about(&uid)
    .hint(Hint::run(
        ["learn", "show", &older],
        "shows what it supersedes",
    ))
}

/// Describes the commit about a learning.
pub(super) fn describe(tx: &mut Tx<'_>, op: &str, uid: &Uid, text: &str) {
    let id = short_id(LEARNING, uid);
    let text = match text {
        "" => id.clone(),
        text => format!("{id}: {text}"),
    };
    tx.describe(op, &[&id], &text);
}

/// A local mutation of one learning; returns its view.
pub(super) fn write_learning(
    pm: &Pm,
    op: &str,
    stage: impl FnMut(&mut Tx<'_>) -> Result<Uid>,
) -> Result<FullLearning> {
    let uid = pm.write(op).uncompared().run(stage)?;
    let state = pm.store.snapshot()?;
    lookup::shown_learning(&state, &uid)
}

/// The learning to change, at the version that the caller expects.
fn learning_to_change(pm: &Pm, tx: &Tx<'_>, id: &str) -> Result<Uid> {
    let uid = find(&tx.state, id)?;
    let Some(wanted) = &pm.options.if_version else {
        return Ok(uid);
    };
    let version = tx
        .state
        .learning(&uid)
        .map(|learning| learning.facts.version);
    let version = version.unwrap_or_default();
    if version == *wanted {
        return Ok(uid);
    }
    let id = short_id(LEARNING, &uid);
    Err(Error::conflict(format!(
        "{id} was changed in the meantime; its version is now {version}"
    ))
    .hint(Hint::run(["learn", "show", &id], "shows it"))
    .because(Reason::LearningChanged)
    .about(&id))
}

fn add_use(
    pm: &Pm,
    op: &str,
    id: &str,
    item: Option<&str>,
    vote: Option<&str>,
) -> Result<FullLearning> {
    write_learning(pm, op, |tx| {
        let uid = learning_to_change(pm, tx, id)?;
        let item = match item {
            Some(item) => Some(tx.state.find(item)?.reference().to_string()),
            None => None,
        };
        let (at, entry) = (tx.fresh_stamp(), tx.new_entry_id()?);
        let fields = [
            ("by", Value::from(tx.actor())),
            ("agent", Value::from(tx.agent())),
            ("item", Value::from(item.as_deref())),
            ("vote", Value::from(vote)),
        ];
        tx.edit(&uid, |doc, _| {
            doc.add_entry(USES, &entry, at, &fields);
            true
        })?;
        describe(tx, op, &uid, vote.unwrap_or_default());
        Ok(uid)
    })
}

/// The default item and commit of a new learning.
fn fill_in(pm: &Pm, tx: &Tx<'_>, new: &mut LearningFields) {
    if new.item.is_none() {
        new.item = here::named_or_here(pm, &tx.state, None)
            .ok()
            .map(|uid| uid.to_string());
    }
    if new.commit.is_none() {
        let head = pm.store.repo().head_commit();
        new.commit = head.map(|commit| commit.to_string());
    }
    let decided = new.decision.as_ref().is_some_and(|text| !text.is_empty());
    new.kind.get_or_insert(match decided {
        true => LearningKind::Decision,
        false => LearningKind::Gotcha,
    });
}

/// Checks the given fields of a learning.
fn check_learning(
    pm: &Pm,
    tx: &Tx<'_>,
    uid: Option<&Uid>,
    fields: &LearningFields,
) -> Result<Checked> {
    refuse_secrets(fields.texts())?;
    let mut out = Checked::default();
    let mut put = |name, value: Value| out.registers.push((name, value));
    if let Some(title) = &fields.title {
        put("title", check_title(title)?.into());
    }
    if let Some(kind) = fields.kind {
        put("type", kind.as_str().into());
    }
    if let Some(status) = fields.status {
        put("status", status.as_str().into());
    }
    for (name, given) in [
        ("context", &fields.context),
        ("decision", &fields.decision),
        ("consequences", &fields.consequences),
    ] {
        if let Some(text) = given {
            check_text(text, name)?;
            put(name, (!text.trim().is_empty()).then(|| text.clone()).into());
        }
    }
    if let Some(item) = &fields.item {
        let item = match item.as_str() {
            "" => None,
            id => Some(tx.state.find(id)?.reference().to_string()),
        };
        put("item", item.into());
    }
    if let Some(commit) = &fields.commit {
        put("commit", check_commit(pm, commit)?.into());
    }
    let tag = |text: &str| check_tag(text);
    let line = |text: &str| check_line(text, "value", limits::LINE_MAX);
    let path = |text: &str| Ok(allowed_texts::learning_path(pm, text)?.text().to_owned());
    let other = |text: &str| -> Result<String> {
        let other = find(&tx.state, text)?;
        if Some(&other) == uid {
            let message = "a learning cannot replace or contradict itself";
            return Err(Error::usage(message).because(Reason::LearningItself));
        }
        Ok(other.to_string())
    };
    let older = |text: &str| -> Result<String> {
        let older = other(text)?;
        if let (Some(uid), Some(older)) = (uid, Uid::new(&older))
            && supersedes(tx, &older, uid)
        {
            return Err(circle(uid, &older));
        }
        Ok(older)
    };
    let lists: [List<'_>; 6] = [
        ("tags", &fields.tags, &tag),
        ("paths", &fields.paths, &path),
        ("applies_when", &fields.applies_when, &line),
        ("symptoms", &fields.symptoms, &line),
        ("supersedes", &fields.supersedes, &older),
        ("contradicts", &fields.contradicts, &other),
    ];
    for (name, given, check) in lists {
        let Some(given) = given else { continue };
        let paths = (name == "paths").then(|| path_arguments::separated(pm, given, &[]));
        let given = paths
            .as_ref()
            .unwrap_or(given)
            .iter()
            .filter(|text| !text.trim().is_empty());
        let checked = given.map(|text| check(text)).collect::<Result<Vec<_>>>()?;
        check_count(name, checked.len())?;
        out.sets.push((name, checked));
    }
    if let Some(body) = &fields.body {
        check_text(body, "text")?;
        out.body = Some(body.clone());
    }
    Ok(out)
}

/// The full id of a commit; empty for none.
fn check_commit(pm: &Pm, text: &str) -> Result<Option<String>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let repo = pm.store.repo();
    let found = repo.resolve(&format!("{text}^{{commit}}"));
    let found = found
        .filter(|id| repo.is_commit(*id))
        .map(|id| id.to_string());
    // The commit of another clone may not be here yet.
    let whole = (text.len() >= 40 && is_commit_id(text)).then(|| text.to_ascii_lowercase());
    let known = found.or(whole).ok_or_else(|| {
        Error::not_found(format!("there is no commit `{}` here", excerpt(text, 60)))
            .because(Reason::LearningNoCommit)
            .hint("specify a commit of this repository, such as HEAD~1")
    })?;
    Ok(Some(known))
}

impl LearningFields {
    /// All given texts with the names of their fields.
    fn texts(&self) -> Vec<(&'static str, &str)> {
        let texts = [
            ("title", &self.title),
            ("text", &self.body),
            ("context", &self.context),
            ("decision", &self.decision),
            ("consequences", &self.consequences),
        ];
        let lists = [
            ("tags", &self.tags),
            ("paths", &self.paths),
            ("applies-when", &self.applies_when),
            ("symptoms", &self.symptoms),
        ];
        let texts = texts
            .into_iter()
            .filter_map(|(name, text)| Some((name, text.as_deref()?)));
        let lists = lists.into_iter().flat_map(|(name, list)| {
            let all = list.iter().flatten();
            all.map(move |text| (name, text.as_str()))
        });
        texts.chain(lists).collect()
    }
}
