//! What answers the items of a checklist without a person: reviews, gates, criteria, learnings, the diff.

use std::cmp::Reverse;

use super::checklist::{Answered, ChecklistAnswer};
use super::gates::gates_passed;
use super::work_commit::short;
use super::{approval, approval_validity, definition_of_ready, finish};
use crate::coordinate::finding::lookup;
use crate::coordinate::finding::record::{ANSWERED, CLEAN, FAILED, REVIEWS};
use crate::coordinate::worktree::work_ends::Ends;
use crate::error::Result;
use crate::finding::rules::REVIEWER as RULES;
use crate::model::doc::{Doc, Entry};
use crate::model::finding::{Finding, Severity};
use crate::model::item::Item;
use crate::model::learning::{LearningKind, LearningStatus};
use crate::model::section;
use crate::model::short_id::{LEARNING, short_id};
use crate::model::stamp::parse_rfc3339;
use crate::model::text::{first_of, one_line};
use crate::pm::Pm;
use crate::store::state::State;

/// The reviewer of every change; the rules over diffs stand in for it.
pub(crate) const SECURITY: &str = "security-sentinel";

/// The reviewers of a language, and the ends of the names of its files.
const LANGUAGES: [(&str, &[&str]); 3] = [
    ("kieran-python-reviewer", &[".py", ".pyi"]),
    ("kieran-rails-reviewer", RUBY),
    (
        "kieran-typescript-reviewer",
        &[".ts", ".tsx", ".mts", ".cts"],
    ),
];

/// The reviewers of style.
const STYLES: [(&str, &[&str]); 1] = [("dhh-rails-reviewer", RUBY)];

const RUBY: &[&str] = &[".rb", ".rake", ".erb", ".gemspec"];

/// The number of findings that an open item names.
const NAMED: usize = 3;

/// What is known about an item and its work.
pub(super) struct Facts<'s> {
    item: &'s Item,
    doc: Option<&'s Doc>,
    pub work: Option<Work>,
    /// The open findings of severity P0 and P1, each with whether the caller may read it.
    findings: Vec<(Finding, bool)>,
    learnings: Vec<(LearningKind, String)>,
    missing: Vec<&'static str>,
    /// A section of the project context that was written since the item was started.
    context: Option<String>,
    /// The turns of the debate of the plan that the item comes from, the oldest first.
    debate: Vec<&'s Entry>,
}

/// The work on an item as it is now, or as it was merged.
pub(super) struct Work {
    pub commit: String,
    /// As of an approval.
    pub patch: Option<String>,
    /// The changed files.
    names: Vec<String>,
}

impl<'s> Facts<'s> {
    /// Reads what is known.
    ///
    /// # Errors
    /// When the findings or the work cannot be read.
    pub(super) fn read(pm: &Pm, state: &'s State<'_>, item: &'s Item) -> Result<Facts<'s>> {
        let mut findings = lookup::findings_of(pm, state, &item.uid)?;
        findings.retain(|one| one.status.is_open() && one.severity <= Severity::P1);
        let shown = |one: Finding| {
            let is_shown = lookup::is_for(pm, &one);
            (one, is_shown)
        };
        let learnings = state.learnings().into_iter().filter(|one| {
            let from = one.item.as_ref().and_then(|from| from.uid.as_ref());
            // Drafts alone document nothing.
            from == Some(&item.uid) && !one.deleted && one.status != LearningStatus::Draft
        });
        let plan = item.planned_from.as_ref().and_then(|prd| state.doc(prd));
        let debates = plan.into_iter().flat_map(|doc| doc.entries(REVIEWS));
        let debates = debates.map(|(_, entry)| entry);
        let mut debate: Vec<&Entry> = debates
            .filter(|entry| entry.text("plan").is_some())
            .collect();
        debate.sort_by_key(|entry| entry.at.clone());
        let begun = parse_rfc3339(item.started_at.as_ref().unwrap_or(&item.created_at));
        let is_since = |doc: &&Doc| {
            let written = doc.text("written_at").and_then(parse_rfc3339);
            doc.is_live() && begun.is_some() && written >= begun
        };
        let mut sections = state.context_docs().values().map(|loaded| &loaded.doc);
        Ok(Facts {
            context: sections.find(is_since).map(section::name_of),
            item,
            doc: state.doc(&item.uid),
            work: work_of(pm, state, item)?,
            findings: findings.into_iter().map(shown).collect(),
            learnings: learnings
                .map(|one| (one.kind, short_id(LEARNING, &one.uid)))
                .collect(),
            missing: definition_of_ready::missing(state, item),
            debate,
        })
    }

    /// The answer to an item of a built-in checklist; none if only a person can give it. An open one
    /// stays open whatever a person says.
    pub(super) fn answer(&self, list: &str, id: &str) -> Option<Answered> {
        let has = |kind: LearningKind| {
            let found = self.learnings.iter().find(|(known, _)| *known == kind);
            let found = found.map(|(_, id)| done("learnings", id));
            found.or_else(|| {
                let none = "git pm learn none says that nothing was learned";
                self.item.nothing_learned.then(|| not_applicable(none))
            })
        };
        match (list, id) {
            ("preflight", "architecture") => self.debated().and_then(|plan| {
                let is_it = |entry: &&&Entry| entry.text("plan") == Some(plan);
                let mut own = self.debate.iter().filter(is_it);
                let answered = own.any(|entry| entry.text("verdict") == Some(ANSWERED));
                answered.then(|| done("avery", "answers for the plan that its critics accepted"))
            }),
            ("preflight", "edge-cases") => {
                let said = "the last review of its plan found nothing";
                self.debated().map(|_| done("rex", said))
            }
            ("preflight" | "postflight", "security") => self.reviewed(SECURITY),
            ("postflight", "language") => {
                self.of_language(&LANGUAGES, "Python, Ruby or TypeScript")
            }
            ("postflight", "style") => self.of_language(&STYLES, "Ruby"),
            ("postflight", "performance") => self.reviewed("performance-oracle"),
            ("postflight", "simplicity") => self.reviewed("code-simplicity-reviewer"),
            ("documentation", "pattern") => has(LearningKind::Pattern),
            ("documentation", "gotcha") => has(LearningKind::Gotcha),
            ("documentation", "decision") => has(LearningKind::Decision).or_else(|| {
                let not = !is_architectural(self.item);
                not.then(|| not_applicable("no label says that it is about the architecture"))
            }),
            ("documentation", "context") => {
                let section = self.context.as_ref().map(|name| done("context", name));
                section.or_else(|| self.documents())
            }
            ("done", "docs") => self.documents(),
            ("ready", id) => (!self.missing.contains(&id)).then(|| done("git pm", "it is there")),
            ("done", "code") => self.approved().or_else(|| self.reviewed("")),
            ("done", "unit-tests") => self.gate(|name| {
                name.contains("unit") || name.contains("test") && !name.contains("integration")
            }),
            ("done", "integration-tests") => self.gate(|name| name.contains("integration")),
            ("done", "acceptance") => {
                let all = &self.item.acceptance;
                let proven = all.iter().all(|one| one.done && one.evidence.is_some());
                let said = "every criterion is accepted with evidence";
                (proven && !all.is_empty()).then(|| done("acceptance", said))
            }
            _ => None,
        }
    }

    /// The text of the plan in which its critics found nothing that blocks, if they did in their last turn.
    fn debated(&self) -> Option<&'s str> {
        let mut turns = self.debate.iter().rev();
        let last = turns.find(|entry| entry.value("round").as_int().is_some())?;
        last.text("plan")
            .filter(|_| last.text("verdict") == Some(CLEAN))
    }

    /// The answer of a reviewer, or of any if it is empty: open while a finding of theirs is, else the
    /// newest review of just these changes.
    fn reviewed(&self, reviewer: &str) -> Option<Answered> {
        let any = reviewer.is_empty();
        let open = self.findings.iter().filter(|(one, _)| {
            let is_hole = reviewer == SECURITY && one.category == "security";
            any || is_hole || one.is_said_by(reviewer)
        });
        let open: Vec<&(Finding, bool)> = open.collect();
        if !open.is_empty() {
            let ids = open.iter().filter(|(_, is_shown)| *is_shown);
            let ids: Vec<String> = ids.map(|(one, _)| one.id()).collect();
            let ids = (!ids.is_empty()).then(|| format!("open: {}", first_of(&ids, NAMED)));
            return Some(Answered {
                reason: ids,
                ..Answered::open()
            });
        }
        let patch = self.work.as_ref()?.patch.as_deref()?;
        let reviews = self.doc?.entries(REVIEWS).map(|(_, entry)| entry);
        let mut reviews: Vec<&Entry> = reviews
            .filter(|entry| entry.text("patch") == Some(patch))
            .filter(|entry| entry.text("verdict").is_some_and(|it| it != FAILED))
            .collect();
        reviews.sort_by_key(|entry| Reverse(&entry.at));
        reviews.into_iter().find_map(|entry| {
            let all = entry.text("reviewers")?.split(", ");
            let mut names = all.map(|one| one.split(" (").next().unwrap_or_default());
            let counts = |name: &&str| {
                let is_rules = *name == RULES && [SECURITY, ""].contains(&reviewer);
                is_rules || ((any || *name == reviewer) && !self.is_own(entry))
            };
            let commit = short(entry.text("commit").unwrap_or_default()).to_string();
            let by = names.find(counts)?;
            Some(done(by, &format!("its review of commit {commit}")))
        })
    }

    /// True for the review of an agent that worked on the item: it says nothing about its own work but
    /// what the rules find.
    fn is_own(&self, entry: &Entry) -> bool {
        let agent = entry.text("agent");
        let mut claims = self.item.claims.iter();
        agent.is_some() && claims.any(|claim| claim.agent.as_deref() == agent)
    }

    /// The answers of the reviewers of the languages of the changed files.
    fn of_language(&self, all: &[(&str, &[&str])], names: &str) -> Option<Answered> {
        let work = self.work.as_ref()?;
        let is_read = |ends: &[&str]| {
            let mut files = work.names.iter();
            files.any(|file| ends.iter().any(|end| file.ends_with(end)))
        };
        let meant = all.iter().filter(|(_, ends)| is_read(ends));
        let mut answers: Vec<Option<Answered>> =
            meant.map(|(name, _)| self.reviewed(name)).collect();
        if answers.is_empty() {
            return Some(not_applicable(&format!("it changes no file of {names}")));
        }
        // One that is open, or not given, stands for all.
        answers.sort_by_key(|one| match one {
            Some(one) if one.answer == ChecklistAnswer::Open => 0,
            None => 1,
            Some(_) => 2,
        });
        answers.swap_remove(0)
    }

    /// The human whose approval is of just these changes.
    fn approved(&self) -> Option<Answered> {
        let approval = self.item.approval.as_ref()?;
        let work = self.work.as_ref()?;
        let is_same = work.patch.is_some() && approval.patch == work.patch;
        let is_human = approval.how != approval::BY_GATES;
        (is_same && is_human).then(|| done(&approval.by, "approved this work"))
    }

    /// The gate that the submission of the present commit passed.
    fn gate(&self, fits: impl Fn(&str) -> bool) -> Option<Answered> {
        let (doc, work) = (self.doc?, self.work.as_ref()?);
        let is_same = doc.text("finished_commit") == Some(work.commit.as_str());
        let mut gates = gates_passed(doc).into_iter().filter(|_| is_same);
        let gate = gates.find(|name| fits(&name.to_lowercase()))?;
        Some(done(&format!("gate {gate}"), "passed at the submission"))
    }

    fn documents(&self) -> Option<Answered> {
        let mut names = self.work.as_ref()?.names.iter();
        names
            .find(|name| is_document(name))
            .map(|name| done("diff", name))
    }
}

/// The work on an item; none if this clone has none.
fn work_of(pm: &Pm, state: &State<'_>, item: &Item) -> Result<Option<Work>> {
    let repo = pm.store.repo();
    let merged = item.merged_commit.as_deref();
    if let Some(merged) = merged.and_then(|hex| repo.parse_id(hex)) {
        let [onto, merged] = [format!("{merged}^1"), merged.to_string()];
        let args = ["diff-tree", "--no-commit-id", "--name-only", "-r", "-z"];
        let args = [&args[..], &[&onto, &merged, "--"]].concat();
        let listed = repo.git().plain().run(&args)?;
        return Ok(Some(Work {
            commit: finish::submitted(pm, state, item).unwrap_or_default(),
            patch: item.approval.as_ref().and_then(|one| one.patch.clone()),
            names: listed.names(),
        }));
    }
    let commit = approval::work_of(pm, state, item).ok();
    let Some(id) = commit.as_deref().and_then(|hex| repo.parse_id(hex)) else {
        return Ok(None);
    };
    let ends = Ends::of(pm, state, item, id)?;
    let Some(ends) = ends.filter(|ends| ends.onto != ends.commit) else {
        return Ok(None);
    };
    Ok(Some(Work {
        commit: id.to_string(),
        patch: approval_validity::patch_of(pm, &id.to_string(), &ends.target)?,
        names: ends.compared(repo, &["--name-only", "-z"], &[])?.names(),
    }))
}

fn done(by: &str, reason: &str) -> Answered {
    Answered {
        answer: ChecklistAnswer::Done,
        by: Some(one_line(by)),
        reason: Some(one_line(reason)),
        at: None,
    }
}

fn not_applicable(reason: &str) -> Answered {
    Answered {
        answer: ChecklistAnswer::NotApplicable,
        by: None,
        ..done("", reason)
    }
}

/// True if a label says that an item is about the architecture.
fn is_architectural(item: &Item) -> bool {
    let tells = |label: &String| {
        let label = label.to_lowercase();
        label.contains("architect") || label == "adr" || label.ends_with(":adr")
    };
    item.labels.iter().any(tells)
}

/// True for the path of a document.
fn is_document(path: &str) -> bool {
    let ends = [".md", ".mdx", ".rst", ".adoc"];
    path.starts_with("docs/")
        || path.contains("/docs/")
        || ends.iter().any(|end| path.ends_with(end))
}
