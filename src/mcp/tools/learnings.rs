//! Learnings. `learn` is always offered; lists, edits, votes and drafts from finished work are a
//! group.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::session::Session;
use super::super::tool::{Effect, Shown, Tool};
use super::super::views::{LearningEntry, List, list};
use super::actions::{Takes, given};
use super::{Id, Nothing};
use crate::error::{Error, Result};
use crate::learn::lookup::LearningFilter;
use crate::learn::search::LearningSearch;
use crate::learn::write::LearningFields;
use crate::model::learning::{LearningKind, LearningStatus};

use Effect::{Reads, Removes, Writes};

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool::new("learn_list", Reads, "Learnings, newest first", listed),
        Tool::new(
            "learn_edit",
            Writes,
            "Change a learning; a list replaces the old one; an empty value clears the field",
            edit,
        ),
        Tool::new("learn_accept", Writes, "Accept a draft", |s, a: Id| {
            let learnings = s.pm()?.learnings();
            Ok(LearningEntry::brief(&learnings.accept(&a.id)?.learning))
        }),
        Tool::new(
            "learn_vote",
            Writes,
            "Rate whether a learning was useful",
            |s, a: Vote| {
                let learnings = s.pm()?.learnings();
                let voted = learnings.vote(&a.id, a.useful, a.item.as_deref())?;
                Ok(LearningEntry::brief(&voted.learning))
            },
        ),
        Tool::new(
            "learn_delete",
            Removes,
            "Delete a learning",
            |s, a: IdAndReason| {
                let learnings = s.pm()?.learnings();
                let deleted = learnings.delete(&a.id, a.reason.as_deref())?;
                Ok(LearningEntry::brief(&deleted.learning))
            },
        ),
        Tool::new(
            "learn_draft",
            Writes,
            "Draft learnings from the work on an item",
            |s, a: Draft| s.pm()?.learnings().draft(Some(&a.id), a.dry_run),
        ),
        Tool::new(
            "learn_check",
            Reads,
            "Check whether the work on an item is documented",
            |s, a: Id| s.pm()?.memory().documentation(Some(&a.id)),
        ),
        Tool::new(
            "learn_stats",
            Reads,
            "Statistics about learnings and their use",
            |s, _: Nothing| s.pm()?.learnings().stats(),
        ),
        Tool::new(
            "predict",
            Reads,
            "Likely problems with an item, predicted from earlier ones",
            |s, a: Id| s.pm()?.memory().predict(Some(&a.id)),
        ),
    ]
}

/// The tool that is always offered.
pub(super) fn learn() -> Tool {
    Tool::shown(
        "learn",
        Writes,
        "What was learned: search (first), show, add, use (it helped), none (item taught nothing)",
        act,
    )
}

/// The default number of learnings in a list.
const AT_ONCE: usize = 20;

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Action {
    Search,
    Show,
    Add,
    Use,
    None,
}

impl Action {
    const fn takes(self) -> Takes {
        let (action, required, optional): (_, &[_], &[_]) = match self {
            Action::Search => ("search", &["query"], &["kind", "paths", "tags", "item"]),
            Action::Show => ("show", &["id"], &[]),
            Action::Add => (
                "add",
                &["title"],
                &["kind", "text", "symptoms", "paths", "tags", "item"],
            ),
            Action::Use => ("use", &["id"], &["item"]),
            Action::None => ("none", &["item"], &["text"]),
        };
        Takes {
            action,
            required,
            optional,
        }
    }
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Pattern,
    Gotcha,
    Decision,
}

impl From<Kind> for LearningKind {
    fn from(kind: Kind) -> LearningKind {
        match kind {
            Kind::Pattern => LearningKind::Pattern,
            Kind::Gotcha => LearningKind::Gotcha,
            Kind::Decision => LearningKind::Decision,
        }
    }
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Draft,
    Accepted,
    Retired,
}

impl From<Status> for LearningStatus {
    fn from(status: Status) -> LearningStatus {
        match status {
            Status::Draft => LearningStatus::Draft,
            Status::Accepted => LearningStatus::Accepted,
            Status::Retired => LearningStatus::Retired,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LearnInput {
    action: Action,
    query: Option<String>,
    /// Learning
    id: Option<String>,
    /// One line
    title: Option<String>,
    kind: Option<Kind>,
    /// Markdown; for none the reason
    text: Option<String>,
    #[serde(default)]
    symptoms: Vec<String>,
    /// Globs
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    tags: Vec<String>,
    /// Item it comes from or is used for
    item: Option<String>,
}

#[derive(Serialize)]
struct Learned {
    learnings: Vec<LearningEntry>,
    /// The item from which nothing was learned.
    item: Option<String>,
}

impl Shown for Learned {
    fn text(&self) -> String {
        if let Some(item) = &self.item {
            return format!("recorded: nothing learned from {item}");
        }
        let texts: Vec<String> = self.learnings.iter().map(LearningEntry::text).collect();
        match texts.is_empty() {
            true => "no learnings".into(),
            false => texts.join("\n"),
        }
    }
}

fn act(session: &Session, input: LearnInput) -> Result<Learned> {
    input.action.takes().check(
        "learn",
        &[
            ("query", given(&input.query)),
            ("id", given(&input.id)),
            ("title", given(&input.title)),
            ("kind", input.kind.is_some()),
            ("text", given(&input.text)),
            ("symptoms", !input.symptoms.is_empty()),
            ("paths", !input.paths.is_empty()),
            ("tags", !input.tags.is_empty()),
            ("item", given(&input.item)),
        ],
    )?;
    let item = input.item.filter(|item| !item.trim().is_empty());
    // The commit of a learning is that of its item's worktree.
    let pm = match (input.action, &item) {
        (Action::Add, Some(item)) => session.pm_at(item)?,
        _ => session.pm()?,
    };
    let learnings = pm.learnings();
    let id = input.id.unwrap_or_default();
    let found = match input.action {
        Action::Search => {
            let filter = LearningFilter {
                kind: input.kind.map(LearningKind::from),
                tags: input.tags,
                paths: input.paths,
                item,
                ..LearningFilter::default()
            };
            let query = input.query.unwrap_or_default();
            let hits = learnings.search(&query, &LearningSearch { filter })?;
            let entries = hits.iter().map(|hit| LearningEntry::of(&hit.learning));
            entries.collect()
        }
        Action::Show => vec![LearningEntry::full(&learnings.show(&id)?)],
        Action::Add => {
            let added = learnings.add(&LearningFields {
                title: input.title,
                kind: input.kind.map(LearningKind::from),
                body: input.text,
                symptoms: Some(input.symptoms),
                paths: Some(input.paths),
                tags: Some(input.tags),
                item,
                ..LearningFields::default()
            })?;
            vec![LearningEntry::brief(&added.learning)]
        }
        Action::Use => {
            let used = learnings.record_use(&id, item.as_deref())?;
            vec![LearningEntry::brief(&used.learning)]
        }
        Action::None => {
            let told = learnings.none(item.as_deref(), input.text.as_deref())?;
            return Ok(Learned {
                learnings: Vec::new(),
                item: Some(told.id),
            });
        }
    };
    Ok(Learned {
        learnings: found,
        item: None,
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Vote {
    id: String,
    useful: bool,
    /// Item it was used for
    item: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Draft {
    /// Item
    id: String,
    #[serde(default)]
    dry_run: bool,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Filter {
    kind: Option<Kind>,
    status: Option<Status>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
    item: Option<String>,
    /// Only possibly outdated ones
    #[serde(default)]
    stale: bool,
    /// Include retired ones
    #[serde(default)]
    all: bool,
    /// Default 20
    #[serde(default, deserialize_with = "super::all_for_zero")]
    limit: Option<usize>,
}

fn listed(session: &Session, input: Filter) -> Result<List<LearningEntry>> {
    let filter = LearningFilter {
        kind: input.kind.map(LearningKind::from),
        status: input.status.map(LearningStatus::from),
        tags: input.tags,
        paths: input.paths,
        item: input.item,
        stale: input.stale,
        all: input.all,
        limit: Some(input.limit.unwrap_or(AT_ONCE)),
    };
    let found = session.pm()?.learnings().list(&filter)?;
    Ok(list(found.iter().map(LearningEntry::of).collect()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct IdAndReason {
    id: String,
    reason: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Edit {
    id: String,
    title: Option<String>,
    kind: Option<Kind>,
    status: Option<Status>,
    /// Markdown
    text: Option<String>,
    tags: Option<Vec<String>>,
    paths: Option<Vec<String>>,
    applies_when: Option<Vec<String>>,
    symptoms: Option<Vec<String>>,
    /// Of a decision
    context: Option<String>,
    decision: Option<String>,
    consequences: Option<String>,
    item: Option<String>,
    commit: Option<String>,
    /// Learnings it replaces
    supersedes: Option<Vec<String>>,
    contradicts: Option<Vec<String>>,
}

fn edit(session: &Session, input: Edit) -> Result<LearningEntry> {
    let fields = LearningFields {
        title: input.title,
        kind: input.kind.map(LearningKind::from),
        status: input.status.map(LearningStatus::from),
        body: input.text,
        tags: input.tags,
        paths: input.paths,
        applies_when: input.applies_when,
        symptoms: input.symptoms,
        context: input.context,
        decision: input.decision,
        consequences: input.consequences,
        item: input.item,
        commit: input.commit,
        supersedes: input.supersedes,
        contradicts: input.contradicts,
    };
    if fields == LearningFields::default() {
        return Err(Error::usage("no field to change was given")
            .because("arguments.invalid")
            .about("learn_edit")
            .hint("give the fields that change, such as `text` or `tags`"));
    }
    let changed = session.pm()?.learnings().edit(&input.id, &fields)?;
    Ok(LearningEntry::full(&changed))
}
