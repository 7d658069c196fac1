//! Research by agents: notes on the tasks of a plan, or on a document, each with a source that is there.
//!
//! What agents say is text, and a source is looked up before it is believed. How agents are started is
//! decided by the caller.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::panel::prompt::fenced;
use super::panel::{Ask, Asked, answers, choose};
use super::verify::contains;
use super::{commit_to_read, text_at};
use crate::agent::definition::{FullAgent, Output};
use crate::error::{Error, Result};
use crate::learn::lookup::LearningFilter;
use crate::model::text::{one_line, shorten};
use crate::model::uid::{Uid, sha256_hex};
use crate::plan::Source;
use crate::plan::debated::debated;
use crate::plan::deepen::{self, DeepenRequest, ResearchNote};
use crate::pm::Pm;
use crate::secret;
use crate::store::beneath;

/// The agents that are asked if the caller names none.
const RESEARCHERS: [&str; 5] = [
    "repo-research-analyst",
    "git-history-analyzer",
    "learnings-researcher",
    "framework-docs-researcher",
    "best-practices-researcher",
];

/// The files that they read.
const PLAN: &str = "PLAN.md";
const OUTLINE: &str = "OUTLINE.md";
const LEARNED: &str = "LEARNINGS.md";

/// The most notes of one agent on one task that are kept.
const NOTES: usize = 5;

/// The longest note, in characters, and the longest source, in bytes.
const NOTE_MAX: usize = 600;
const SOURCE_MAX: usize = 300;

/// The most learnings that are given to read, the newest.
const LEARNINGS: usize = 200;

/// The shortest id of a commit.
const ABBREVIATION: usize = 7;

const READ: &str = include_str!("research.md");

/// An agent that was asked.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Researcher {
    /// Its name, as `git pm agent list` has it.
    pub name: String,
    /// The program or model.
    pub model: String,
    /// The number of its notes.
    pub notes: usize,
    /// The number of notes that were dropped: their source is not there, their task is none of the plan,
    /// or there were too many.
    pub dropped: usize,
    /// Why it has no answer.
    pub failed: Option<String>,
    /// The number of tokens that it used.
    pub tokens: u64,
    /// Their price in millionths of a US dollar.
    pub micro_usd: u64,
}

/// Notes by the names of their tasks; those about a document as a whole have an empty name.
pub(crate) type Notes = BTreeMap<String, Vec<ResearchNote>>;

/// What is researched.
pub(crate) struct Subject {
    /// The document.
    prd: Uid,
    /// Names the text that is researched.
    hash: String,
    files: Vec<(&'static str, String)>,
    /// The names of the tasks; none if there is no plan yet.
    tasks: BTreeSet<String>,
}

impl Subject {
    /// The tasks of a plan that are no items yet, or the one that the request names.
    ///
    /// # Errors
    /// If there is no such plan or task, or the task is an item.
    pub(crate) fn of_plan(pm: &Pm, request: &DeepenRequest) -> Result<Subject> {
        let plan = debated(pm, request.plan.as_deref())?;
        let tasks = deepen::open_tasks(pm, request)?;
        if tasks.is_empty() {
            return Err(
                Error::refused(format!("all tasks of {} are items", plan.id)).about(&plan.id),
            );
        }
        Subject {
            prd: plan.prd.uid,
            hash: plan.hash,
            files: vec![(PLAN, plan.text)],
            tasks,
        }
        .with_files(pm)
    }

    /// A document, before it is planned.
    ///
    /// # Errors
    /// If there is no such document.
    pub(crate) fn of_document(pm: &Pm, id: &str) -> Result<Subject> {
        let (prd, text) = {
            let state = pm.store.snapshot()?;
            let prd = state.find(id)?;
            (prd.uid.clone(), state.text_of(prd).unwrap_or_default())
        };
        Subject {
            prd,
            hash: sha256_hex(text.as_bytes()),
            files: Vec::new(),
            tasks: BTreeSet::new(),
        }
        .with_files(pm)
    }

    /// Adds what is read in any case. Nothing that looks like a secret leaves.
    fn with_files(mut self, pm: &Pm) -> Result<Subject> {
        let outline = pm.plans().outline(&Source::Prd(self.prd.to_string()))?;
        self.files.push((OUTLINE, outline.text));
        let newest = LearningFilter {
            limit: Some(LEARNINGS),
            ..LearningFilter::default()
        };
        let learned: String = (pm.learnings().list(&newest)?.iter())
            .map(|one| format!("- {}: {}\n", one.id, one_line(&one.title)))
            .collect();
        if !learned.is_empty() {
            self.files.push((LEARNED, fenced(&learned)?));
        }
        for (_, text) in &mut self.files {
            *text = secret::redacted(text).0;
        }
        Ok(self)
    }

    /// The document.
    pub(crate) fn prd(&self) -> &str {
        self.prd.as_str()
    }

    /// The folder of answers that are not recorded yet.
    fn kept(&self, pm: &Pm) -> PathBuf {
        let name = format!("research-{}", self.prd);
        pm.store.folder().join("asked").join(name)
    }

    /// Drops the kept answers, once their notes are written.
    pub(crate) fn forget(&self, pm: &Pm) {
        // What cannot be removed only costs space.
        let _ = beneath::remove(&self.kept(pm));
    }

    fn prompt(&self, agent: &FullAgent) -> String {
        let tasks: Vec<&str> = self.tasks.iter().map(String::as_str).collect();
        let tasks = match tasks.is_empty() {
            true => String::new(),
            false => format!("\nThe tasks are {}.\n", tasks.join(", ")),
        };
        let (body, form) = (agent.body.trim(), agent.form.trim());
        format!("{READ}{tasks}\n{body}\n\n{form}\n")
    }
}

/// Asks the agents with these names, by default the five that research.
///
/// # Errors
/// If there is no such agent, or none can be started. What an agent does wrong is in the answer.
pub(crate) fn research(
    pm: &Pm,
    subject: &Subject,
    names: &[String],
    ask: &mut Ask<'_>,
) -> Result<(Notes, Vec<Researcher>)> {
    let default = RESEARCHERS.map(String::from);
    let names = if names.is_empty() { &default } else { names };
    let agents = names
        .iter()
        .map(|name| choose::answering(pm, name, Output::Notes));
    let agents: Vec<FullAgent> = agents.collect::<Result<_>>()?;
    let commit = commit_to_read(pm)?;
    let kept = subject.kept(pm);
    let questions: Vec<Asked<'_>> = (agents.iter())
        .map(|agent| {
            let role = &agent.agent.definition.name;
            let prompt = subject.prompt(agent);
            let of = format!("{role}\0{}\0{commit}\0{prompt}", subject.hash);
            Asked {
                role: role.clone(),
                round: 1,
                prompt,
                files: &subject.files,
                commit: &commit,
                answer_file: None,
                kept: kept.join(sha256_hex(of.as_bytes())),
            }
        })
        .collect();
    let (mut notes, mut all) = (Notes::new(), Vec::new());
    for (asked, told) in questions.iter().zip(ask(&questions)?) {
        let spent = told.used.spent;
        let mut one = Researcher {
            name: asked.role.clone(),
            model: told.model,
            tokens: spent.tokens(),
            micro_usd: spent.micro_usd,
            ..Researcher::default()
        };
        match told
            .words
            .and_then(|words| answers::list::<Element>(&words))
        {
            Ok(list) => {
                let known = Known {
                    pm,
                    subject,
                    commit: &commit,
                    role: &one.name,
                };
                let (own, dropped) = known.notes(list);
                (one.notes, one.dropped) = (own.values().map(Vec::len).sum(), dropped);
                for (task, own) in own {
                    notes.entry(task).or_default().extend(own);
                }
            }
            Err(why) => {
                // What is kept would be read again.
                let _ = beneath::remove(&asked.kept);
                one.failed = Some(why);
            }
        }
        all.push(one);
    }
    Ok((notes, all))
}

/// A note as an agent writes it.
#[derive(Deserialize)]
struct Element {
    #[serde(default)]
    task: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    source: String,
    quote: Option<String>,
}

/// What a note is compared with.
struct Known<'k> {
    pm: &'k Pm,
    subject: &'k Subject,
    commit: &'k str,
    role: &'k str,
}

impl Known<'_> {
    /// The notes that count, and the number of others.
    fn notes(&self, list: Vec<Element>) -> (Notes, usize) {
        let (mut notes, mut dropped) = (Notes::new(), 0);
        for one in list {
            let tasks = &self.subject.tasks;
            let task = one.task.trim();
            // Without a plan there is no task to name.
            let task = if tasks.is_empty() { "" } else { task };
            let is_known = tasks.is_empty() || tasks.contains(task);
            let note = is_known.then(|| self.note(&one)).flatten();
            let of_task = notes.entry(task.to_string()).or_default();
            match note.filter(|_| of_task.len() < NOTES) {
                Some(note) => of_task.push(note),
                None => dropped += 1,
            }
        }
        notes.retain(|_, of_task| !of_task.is_empty());
        (notes, dropped)
    }

    fn note(&self, one: &Element) -> Option<ResearchNote> {
        let clean =
            |text: &str, most| shorten(&one_line(secret::redacted(text.trim()).0.trim()), most);
        let (text, source) = (clean(&one.note, NOTE_MAX), one.source.trim());
        if text.is_empty() || source.is_empty() || source.len() > SOURCE_MAX {
            return None;
        }
        let about = self.looked_up(source, one.quote.as_deref())?;
        Some(ResearchNote {
            text: format!("{}: {text} ({})", self.role, clean(source, SOURCE_MAX)),
            about,
            by: String::new(),
        })
    }

    /// Finds a source; the inner value is the learning or item that it is. Pages are not fetched.
    fn looked_up(&self, source: &str, quote: Option<&str>) -> Option<Option<String>> {
        let is_page = ["https://", "http://"]
            .iter()
            .any(|begin| source.starts_with(begin));
        if is_page {
            // An address with a name and a password is none to keep.
            let is_bad = |c: char| c.is_whitespace() || c == '@';
            return (source.contains('.') && !source.contains(is_bad)).then_some(None);
        }
        let repo = self.pm.store.repo();
        let (path, line) = match source.rsplit_once(':') {
            Some((path, lines)) => (path, lines.split('-').next()?.parse().ok()?),
            None => (source, 1),
        };
        if let Some(text) = text_at(self.pm, self.commit, path) {
            let is_there = (1..=text.lines().count().max(1)).contains(&line)
                && quote.is_none_or(|quote| contains(&text, quote));
            return is_there.then_some(None);
        }
        if source.len() >= ABBREVIATION && source.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let commit = repo.resolve(source).and_then(|id| repo.commit(id).ok());
            return commit.map(|_| None);
        }
        if let Ok(learning) = self.pm.learnings().show(source) {
            return Some(Some(learning.learning.id));
        }
        let state = self.pm.store.snapshot().ok()?;
        Some(Some(state.find(source).ok()?.reference().to_string()))
    }
}
