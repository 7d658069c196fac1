//! `learn draft`: drafts of learnings from the work on an item.
//!
//! They are made from its trouble, comments, decisions and evidence, for a person or agent to
//! edit and accept.

use schemars::JsonSchema;
use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation as _;

use super::past_trouble::{Trouble, TroubleKind, of_items};
use crate::coordinate::here;
use crate::coordinate::reserve::pattern::{Pattern, of_path};
use crate::coordinate::worktree::work_ends::Ends;
use crate::error::{Error, Hint, Reason, Result};
use crate::learn::allowed_texts::check_tag;
use crate::learn::lookup::LearningFilter;
use crate::learn::view::LearningView;
use crate::learn::write::LearningFields;
use crate::model::item::Item;
use crate::model::learning::{LearningKind, LearningStatus};
use crate::model::message::Topic;
use crate::model::status::Status;
use crate::model::text::{excerpt, shorten};
use crate::pm::Pm;
use crate::pm::handles::Learnings;
use crate::pm::shared_views::{CommentView, comments};
use crate::secret;
use crate::store::state::State;

/// The longest title that is made from a sentence, in characters.
const TITLE: usize = 100;

/// The longest quoted comment or reason, in characters.
const QUOTE: usize = 600;

/// The maximum number of files that a draft names, and of comments.
const FILES: usize = 20;
const COMMENTS: usize = 20;

/// Phrases that mark a lesson in a comment.
const LESSONS: [&str; 10] = [
    "because",
    "turned out",
    "root cause",
    "lesson",
    "learned",
    "gotcha",
    "careful",
    "beware",
    "the reason",
    "workaround",
];

/// Phrases that mark a decision in a comment.
const DECISIONS: [&str; 5] = ["decided", "decision", "we chose", "instead of", "trade-off"];

/// The drafts from an item.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Drafted {
    /// The item's id.
    pub item: String,
    /// The drafts that were added, or with `dry_run` would be.
    pub drafts: Vec<DraftedLearning>,
    /// Learnings from this item that exist already.
    pub existing: Vec<LearningView>,
}

/// A drafted learning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DraftedLearning {
    /// The short id; null if nothing was written.
    pub id: Option<String>,
    /// pattern, gotcha or decision.
    #[serde(rename = "type")]
    pub kind: LearningKind,
    /// One line.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// Paths that it is about.
    pub paths: Vec<String>,
}

impl Learnings<'_> {
    /// Drafts learnings from the work on an item, by default the one that is checked out here or held: a
    /// gotcha if it is a bug, had trouble or a comment says what was learned, a decision if the
    /// handoff or a comment records one, else a pattern; none if nobody said anything about it. Searches and `start` omit drafts; an
    /// existing one is not added again.
    ///
    /// # Errors
    /// When there is no such item, it was never started and there is nothing to draft from, or the
    /// state cannot be written.
    pub fn draft(&self, id: Option<&str>, dry_run: bool) -> Result<Drafted> {
        let pm = self.pm;
        let (id, found, worked) = {
            let state = pm.store.snapshot()?;
            let uid = here::named_or_held(pm, &state, id)?;
            let item = state.find(uid.as_str())?;
            let worked = item.started_at.is_some()
                || (item.status.is_closed() && item.status != Status::Cancelled);
            (state.shown_id(item), lessons(pm, &state, item)?, worked)
        };
        let existing = self.list(&LearningFilter {
            item: Some(id.clone()),
            all: true,
            ..LearningFilter::default()
        })?;
        if found.is_empty() && existing.is_empty() && !worked {
            return Err(nothing_to_draft_from(&id));
        }
        let mut drafts = Vec::new();
        for fields in found {
            let title = fields.title.clone().unwrap_or_default();
            let kind = fields.kind.unwrap_or(LearningKind::Pattern);
            let is_known = |one: &LearningView| one.title == title && one.kind == kind;
            if existing.iter().any(is_known) {
                continue;
            }
            let mut draft = DraftedLearning {
                id: None,
                kind,
                title,
                body: fields.body.clone().unwrap_or_default(),
                paths: fields.paths.clone().unwrap_or_default(),
            };
            if !dry_run {
                draft.id = Some(self.add(&fields)?.learning.id);
            }
            drafts.push(draft);
        }
        Ok(Drafted {
            item: id,
            drafts,
            existing,
        })
    }
}

/// The possible lessons of the work on an item; none if nobody said anything about it.
fn lessons(pm: &Pm, state: &State<'_>, item: &Item) -> Result<Vec<LearningFields>> {
    let trouble = of_items(pm, state, &[item])?;
    let comments: Vec<CommentView> = comments(state, &item.uid)
        .into_iter()
        .filter(|comment| secret::scan(&comment.body).is_empty())
        .take(COMMENTS)
        .collect();
    let work = work_to_learn_from(pm, state, item)?;
    let mut out = Vec::new();
    let lesson = sentence(&comments, &LESSONS);
    if lesson.is_some() || !trouble.is_empty() {
        let first = trouble.iter().find(|t| t.kind != TroubleKind::Late);
        let title = match (lesson, first.or(trouble.first())) {
            (Some(text), _) => text,
            (None, Some(one)) => format!("{}: {}", item.title, one.kind),
            (None, None) => item.title.clone(),
        };
        let body = body(item, &trouble, &comments);
        out.push((LearningKind::Gotcha, title, body, None));
    }
    let handed_off = state
        .newest_in_thread(item.uid.as_str(), Topic::Handoff)
        .and_then(|doc| doc.text("decisions")?.lines().next())
        .filter(|line| secret::scan(line).is_empty())
        .map(|line| excerpt(line, TITLE));
    if let Some(text) = handed_off.or_else(|| sentence(&comments, &DECISIONS)) {
        let body = body(item, &[], &comments);
        out.push((LearningKind::Decision, text.clone(), body, Some(text)));
    }
    // The checklist `documentation` asks for a gotcha. What changed is in the diff: a draft says more.
    let needed = match item.item_type == "bug" {
        true => LearningKind::Gotcha,
        false => LearningKind::Pattern,
    };
    let has_needed = out.iter().any(|(kind, ..)| *kind == needed);
    let body = body(item, &[], &comments);
    if !body.is_empty() && (out.is_empty() || (needed == LearningKind::Gotcha && !has_needed)) {
        out.push((needed, item.title.clone(), body, None));
    }
    let paths = match work.files.is_empty() {
        true => item.paths.clone(),
        false => folders(&work.files),
    };
    let tags = item.labels.iter().filter(|label| check_tag(label).is_ok());
    let tags: Vec<String> = tags.cloned().collect();
    let fields = |(kind, title, body, decision): (_, String, _, Option<String>)| LearningFields {
        title: Some(shorten(&title, TITLE)),
        kind: Some(kind),
        status: Some(LearningStatus::Draft),
        body: Some(body),
        context: decision.is_some().then(|| item.title.clone()),
        decision,
        tags: Some(tags.clone()),
        paths: Some(paths.clone()),
        item: Some(item.uid.to_string()),
        commit: work.commit.clone(),
        ..LearningFields::default()
    };
    Ok(out.into_iter().map(fields).collect())
}

/// The commit of the work on an item, merged or on its branch, with the files that it changed.
fn work_to_learn_from(pm: &Pm, state: &State<'_>, item: &Item) -> Result<Work> {
    let git = pm.store.repo().git();
    let merged = state
        .doc(&item.uid)
        .and_then(|doc| doc.text("merged_commit"));
    let merged = merged.and_then(|hex| pm.store.repo().parse_id(hex));
    let compared = match (merged, &item.branch) {
        (Some(commit), _) => Some(([format!("{commit}^1"), commit.to_string()], commit)),
        (None, Some(branch)) => {
            let tip = pm
                .store
                .repo()
                .ref_target(&format!("refs/heads/{branch}"))?;
            // The files are optional: without a target nothing can be compared.
            let ends = tip.and_then(|tip| Ends::of(pm, state, item, tip).ok()?);
            ends.map(|ends| (ends.compared, ends.commit))
        }
        (None, None) => None,
    };
    let Some(([from, to], commit)) = compared else {
        return Ok(Work::default());
    };
    let args = [
        "-c",
        "core.quotePath=false",
        "diff",
        "--name-only",
        "-z",
        "--no-renames",
    ];
    let output = git.run(&[&args[..], &[&from, &to, "--"]].concat())?;
    Ok(Work {
        commit: Some(commit.to_string()),
        files: output
            .names::<Vec<String>>()
            .into_iter()
            .take(FILES)
            .collect(),
    })
}

fn nothing_to_draft_from(id: &str) -> Error {
    Error::refused(format!(
        "{id} was never started, so there is nothing to draft from"
    ))
    .because(Reason::LearningNoWork)
    .about(id)
    .hint(Hint::run(
        ["learn", "add", "TITLE", "--item", id],
        "adds a learning without a draft",
    ))
}

/// The commit of an item's work, with the files that it changed.
#[derive(Default)]
struct Work {
    commit: Option<String>,
    files: Vec<String>,
}

/// The first sentence of the comments that has one of these words.
fn sentence(comments: &[CommentView], words: &[&str]) -> Option<String> {
    let sentences = comments.iter().flat_map(|comment| {
        comment
            .body
            .lines()
            .flat_map(|line| line.unicode_sentences())
    });
    sentences
        .map(|one| one.trim_matches(|c: char| c.is_whitespace() || "-*>#".contains(c)))
        .find(|one| {
            let lower = one.to_lowercase();
            words.iter().any(|word| lower.contains(word))
        })
        .map(|one| excerpt(one.trim_end_matches('.'), TITLE))
}

/// The text of a draft: the material, in sections.
fn body(item: &Item, trouble: &[Trouble], said: &[CommentView]) -> String {
    let mut out = String::new();
    let mut section = |heading: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            out.push_str(&format!("## {heading}\n\n{}\n\n", lines.join("\n")));
        }
    };
    let quoted = |text: &str| format!("- {}", excerpt(text, QUOTE));
    section(
        "Trouble",
        trouble.iter().map(|one| quoted(&one.text)).collect(),
    );
    section(
        "Comments",
        said.iter()
            .map(|one| quoted(&format!("{}: {}", one.author, one.body)))
            .collect(),
    );
    let evidence = item.acceptance.iter().filter_map(|criterion| {
        let evidence = criterion.evidence.as_ref()?;
        Some(quoted(&format!("{}: {evidence}", criterion.text)))
    });
    section("Evidence", evidence.collect());
    out.truncate(out.trim_end().len());
    out
}

/// The folders of files as patterns, a file at the root by its name; none for a name that no
/// pattern can have.
fn folders(files: &[String]) -> Vec<String> {
    let mut out: Vec<String> = files
        .iter()
        .map(|file| match file.rsplit_once('/') {
            Some((folder, _)) => format!("{}/**", of_path(folder)),
            None => of_path(file),
        })
        .filter(|pattern| Pattern::parse(pattern, "").is_ok())
        .collect();
    out.sort();
    out.dedup();
    out
}
