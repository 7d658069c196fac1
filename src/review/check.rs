//! Checks the commits of a branch: trailers, plan, gates, reservations, findings, approval of owners.
//!
//! It is for continuous integration, so it needs no actor: nothing is recorded, and unless gates are to be run,
//! nothing that the branch brings is. What the project decided is read from the state and from the base.

use std::io::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::facts::Reviewed;
use super::range::RangeFinding;
use super::{RULES, numbered};
use crate::coordinate::finding::lookup;
use crate::coordinate::finding::record::NewFinding;
use crate::coordinate::gate::gates_to_run::{required_of, tip_of};
use crate::coordinate::rules::unauthorized_changes;
use crate::coordinate::worktree::branch::missing;
use crate::coordinate::worktree::{followed_branch, merge_tree, target};
use crate::error::{Error, Hint, Reason, Result};
use crate::finding::rules::{self, Change};
use crate::finding::sarif::{self, Written};
use crate::finding::{Found, Place};
use crate::model::finding::{Finding, FindingStatus, Severity};
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::text::{excerpt, one_line};
use crate::model::vocabulary::terms;
use crate::pm::Pm;
use crate::pm::handles::Findings;
use crate::store::layout::MAIN;
use crate::store::state::State;
use crate::work::plan_notices;
use crate::work::task::branch_work::Ends;
use crate::work::task::gates::{self, gates_passed};
use crate::work::task::owners;

/// The most commits that are read.
const COMMITS: usize = 1_000;

/// The most tasks that a commit may name.
const NAMED: usize = 20;

/// The length of a text of others that a problem quotes, in characters.
const QUOTED: usize = 80;

terms! {
    /// What is checked.
    CheckKind in "check" {
        /// Each commit names a task that the state knows, in a trailer `Task:`.
        Trailer = "trailer",
        /// The plan of the task is approved, and decided after a change of its document.
        Plan = "plan",
        /// The required gates have passed on just this commit.
        Gate = "gate",
        /// Nobody else has reserved a changed file.
        Reservation = "reservation",
        /// Neither the rules nor an earlier review find what stops a merge.
        Finding = "finding",
        /// Owners approved just this work where it changes what only humans let pass.
        Owner = "owner",
    }
}

/// What the check of a branch found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CheckReport {
    /// What the branch was compared with, as it was named.
    pub base: String,
    /// The checked commit.
    pub commit: String,
    /// True if no problem blocks.
    pub passed: bool,
    /// The number of checked commits, without merges.
    pub commits: usize,
    /// The ids of the tasks that they name.
    pub tasks: Vec<String>,
    /// What is wrong: first what blocks.
    pub problems: Vec<CheckProblem>,
}

/// Something that is wrong with a branch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CheckProblem {
    /// The check that found it.
    pub check: CheckKind,
    /// True if the branch must not be merged with it.
    pub blocks: bool,
    /// What is wrong, and where.
    #[serde(flatten)]
    pub finding: RangeFinding,
}

impl CheckProblem {
    /// A problem of the process, which has no place in a file.
    fn new(check: CheckKind, claim: String, suggestion: Option<String>) -> CheckProblem {
        CheckProblem::of(
            check,
            Found {
                reviewer: RULES.into(),
                rule: Some(format!("check-{}", check.as_str())),
                severity: Severity::P1,
                category: "process".into(),
                claim,
                place: None,
                quote: None,
                outcome: None,
                suggestion,
            },
        )
    }

    fn refused(check: CheckKind, error: &Error) -> CheckProblem {
        let hint = error.hints().first().map(ToString::to_string);
        CheckProblem::new(check, error.message().to_string(), hint)
    }

    fn of(check: CheckKind, found: Found) -> CheckProblem {
        CheckProblem {
            check,
            blocks: found.severity <= Severity::P1,
            finding: RangeFinding::of(found),
        }
    }
}

impl CheckReport {
    /// Writes the problems as SARIF 2.1.0.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write_sarif(&self, out: &mut dyn Write) -> Result<()> {
        let all = numbered(self.problems.iter().map(|one| one.finding.found()));
        let all: Vec<NewFinding> = all.collect();
        let written = all.iter().map(|one| Written {
            found: &one.found,
            fingerprint: &one.fingerprint,
            id: one.found.rule.as_deref().unwrap_or_default(),
            dismissed: None,
        });
        let written: Vec<Written<'_>> = written.collect();
        sarif::write(out, &written).map_err(|error| Error::unwritten("cannot write SARIF", error))
    }
}

impl RangeFinding {
    fn found(&self) -> Found {
        let one = self.clone();
        Found {
            reviewer: one.reviewer,
            rule: one.rule,
            severity: one.severity,
            category: one.category,
            claim: one.claim,
            place: one.path.map(|path| Place {
                path,
                line: one.line,
                end_line: None,
                removed: one.removed,
            }),
            quote: one.quote,
            outcome: None,
            suggestion: one.suggestion,
        }
    }
}

impl Findings<'_> {
    /// Checks the commits that HEAD has and a base lacks; the default branch by default. Gates that are
    /// not recorded can be run.
    ///
    /// # Errors
    /// When this clone lacks the state, the base, or the history between them, the work is too large
    /// to be read, or gates are to be run and not trusted.
    pub fn check(&self, base: Option<&str>, run_gates: bool) -> Result<CheckReport> {
        let pm = self.pm;
        require_state(pm)?;
        unauthorized_changes::hold_rules(pm)?;
        let repo = pm.store.repo();
        let head = repo.head_commit().ok_or_else(|| {
            Error::refused("there is no commit to check")
                .because(Reason::FindingNoWork)
                .hint("commit something first")
        })?;
        let target = match base {
            Some(name) => name.to_string(),
            None => target::default_target(pm)?,
        };
        let mut report = CheckReport {
            base: one_line(&target),
            commit: head.to_string(),
            passed: true,
            commits: 0,
            tasks: Vec::new(),
            problems: Vec::new(),
        };
        let Some(ends) = ends(pm, target)? else {
            return Ok(report);
        };
        let state = pm.store.snapshot()?;
        let (commits, items, mut problems) = named_by(pm, &state, &ends)?;
        problems.extend(plan_problems(pm, &state, &items));
        // What is reserved for the branch of a task is open only to commits of that branch.
        let is_of = |item: &&Item| is_of_branch(pm, item, &ends);
        let work = items
            .iter()
            .find(is_of)
            .cloned()
            .or_else(|| match &items[..] {
                [item] => Some(Item {
                    branch: None,
                    ..item.clone()
                }),
                _ => None,
            });
        let reviewed = Reviewed::read(pm, work.as_ref(), &ends)?;
        let paths = reviewed.diff.files.iter();
        let paths = paths.flat_map(|file| [Some(&file.path), file.old_path.as_ref()]);
        let paths: Vec<String> = paths.flatten().cloned().collect();
        problems.extend(gate_problems(
            pm,
            &state,
            &items,
            (&ends, &paths),
            run_gates,
        )?);
        problems.extend(found_problems(pm, &state, &items, &reviewed)?);
        problems.extend(owner_problem(pm, &state, &items, &ends, &paths)?);
        problems.sort_by_key(|one| (!one.blocks, one.finding.severity));
        report.passed = !problems.iter().any(|one| one.blocks);
        report.commits = commits;
        report.tasks = items.iter().map(|item| state.shown_id(item)).collect();
        report.problems = problems;
        Ok(report)
    }
}

fn require_state(pm: &Pm) -> Result<()> {
    pm.store.require_tip().map(|_| ()).map_err(|error| {
        error.hint(Hint::git(
            ["fetch", "origin", "refs/pm/*:refs/pm/*"],
            format!("fetches {MAIN} in a clone for continuous integration"),
        ))
    })
}

/// The commits to check and where they leave the base; none if the base has them all.
fn ends(pm: &Pm, target: String) -> Result<Option<Ends>> {
    let repo = pm.store.repo();
    let fetch = |error: Error| {
        let mut words = vec!["fetch", "origin", "+refs/heads/*:refs/remotes/origin/*"];
        if repo.is_shallow() {
            words.insert(1, "--unshallow");
        }
        error
            .because(Reason::CheckNoHistory)
            .hint(Hint::git(words, "fetches what the check needs"))
            .hint("in GitHub Actions: `fetch-depth: 0` of actions/checkout")
    };
    let newest = repo.ref_target(&followed_branch::counted_against(pm, &target)?)?;
    let found = match newest {
        None => tip_of(pm, &target)?.or_else(|| repo.resolve(&target)),
        newest => newest,
    };
    let onto = found.ok_or_else(|| fetch(missing(&target)))?;
    let Some(commit) = repo.head_commit().filter(|head| *head != onto) else {
        return Ok(None);
    };
    let git = repo.git().plain();
    let [from, to] = [onto, commit].map(|id| id.to_string());
    let bases = git.run(&["merge-base", "--all", &from, &to])?.lines();
    let compared = match &bases[..] {
        [] if repo.is_shallow() => {
            let name = one_line(&target);
            return Err(fetch(Error::refused(format!(
                "this clone is shallow, and its history ends before HEAD leaves {name}"
            ))));
        }
        [base] if *base == to => return Ok(None),
        [base] => [base.clone(), to],
        [] => [from, to],
        _ => [from.clone(), merge_tree::tree(repo.git(), &from, &to)?],
    };
    Ok(Some(Ends {
        target,
        onto,
        commit,
        compared,
    }))
}

/// The number of commits, the items that they name, and what is wrong with their trailers.
fn named_by(
    pm: &Pm,
    state: &State<'_>,
    ends: &Ends,
) -> Result<(usize, Vec<Item>, Vec<CheckProblem>)> {
    let repo = pm.store.repo();
    let range = format!("{}..{}", ends.onto, ends.commit);
    let most = format!("--max-count={}", COMMITS + 1);
    let git = repo.git().plain();
    let listed = git.require(&["rev-list", "--no-merges", &most, &range])?;
    let ids = listed.lines();
    if ids.len() > COMMITS {
        let message = format!("there are more than {COMMITS} commits to check");
        return Err(Error::refused(message)
            .because(Reason::FindingTooLarge)
            .hint("name a newer base with --base"));
    }
    let (mut items, mut problems): (Vec<Item>, _) = (Vec::new(), Vec::new());
    for id in ids.iter().filter_map(|hex| repo.parse_id(hex)) {
        let commit = repo.commit(id)?;
        let names = commit.trailers("Task");
        let hex = &id.to_string()[..10];
        let subject = excerpt(commit.subject(), QUOTED);
        if names.is_empty() {
            let claim = format!("Commit {hex} names no task: {subject}");
            let todo =
                "Add the trailer `Task: ID`; the hooks do it in a worktree of `git pm start`.";
            problems.push(CheckProblem::new(
                CheckKind::Trailer,
                claim,
                Some(todo.into()),
            ));
        }
        for name in names.into_iter().take(NAMED) {
            match state.find(name) {
                Ok(item) if items.iter().any(|known| known.uid == item.uid) => {}
                Ok(item) => items.push(item.clone()),
                Err(_) => {
                    let name = excerpt(name, QUOTED);
                    let claim =
                        format!("Commit {hex} names {name}, which the state does not have.");
                    let todo = "Push the state with `git pm sync`, or correct the trailer.";
                    problems.push(CheckProblem::new(
                        CheckKind::Trailer,
                        claim,
                        Some(todo.into()),
                    ));
                }
            }
        }
    }
    Ok((ids.len(), items, problems))
}

fn is_of_branch(pm: &Pm, item: &Item, ends: &Ends) -> bool {
    let tip = item.branch.as_ref().map(|name| tip_of(pm, name));
    let tip = tip.and_then(|tip| tip.ok().flatten());
    tip.is_some_and(|tip| {
        pm.store
            .repo()
            .is_ancestor(ends.commit, tip)
            .unwrap_or(false)
    })
}

fn plan_problems(pm: &Pm, state: &State<'_>, items: &[Item]) -> Vec<CheckProblem> {
    let of = |item: &Item| {
        let id = state.shown_id(item);
        if !state.proposed_beside(&item.uid).is_empty() {
            let claim = format!("The plan of {id} is not approved.");
            let todo = "A human approves it with `git pm plan approve`.";
            return Some(CheckProblem::new(CheckKind::Plan, claim, Some(todo.into())));
        }
        if item.deleted || item.status == Status::Cancelled {
            let claim = format!(
                "{id} is {}.",
                if item.deleted { "deleted" } else { "cancelled" }
            );
            return Some(CheckProblem::new(CheckKind::Plan, claim, None));
        }
        let decided = plan_notices::require_plan_stands(pm, state, item.planned_from.as_ref()?);
        Some(CheckProblem::refused(CheckKind::Plan, &decided.err()?))
    };
    items.iter().filter_map(of).collect()
}

/// The required gates that no submission of just this commit has passed; those of them that it does not
/// pass now, if they are to be run.
fn gate_problems(
    pm: &Pm,
    state: &State<'_>,
    items: &[Item],
    (ends, paths): (&Ends, &[String]),
    run: bool,
) -> Result<Vec<CheckProblem>> {
    let commit = ends.commit.to_string();
    let docs = items.iter().filter_map(|item| state.doc(&item.uid));
    let of_commit = docs.filter(|doc| doc.text("finished_commit") == Some(&commit));
    let passed: Vec<String> = of_commit.flat_map(gates_passed).collect();
    let mut names = required_of(pm, [ends.onto, ends.commit], paths)?;
    names.retain(|name| !passed.contains(name));
    if run && !names.is_empty() {
        let failed = gates::failing(pm, ends, &names)?;
        let failed = failed
            .iter()
            .map(|(_, error)| CheckProblem::refused(CheckKind::Gate, error));
        return Ok(failed.collect());
    }
    let problem = |name: &String| {
        let (name, at) = (excerpt(name, QUOTED), &commit[..10]);
        let claim = format!("The gate `{name}` is not recorded as passed for {at}.");
        let todo =
            "`git pm finish` records it for a new commit; `git pm check --run-gates` runs it.";
        CheckProblem::new(CheckKind::Gate, claim, Some(todo.into()))
    };
    Ok(names.iter().map(problem).collect())
}

/// What the rules find now, without what a human dismissed, and what earlier reviews of others found.
fn found_problems(
    pm: &Pm,
    state: &State<'_>,
    items: &[Item],
    reviewed: &Reviewed,
) -> Result<Vec<CheckProblem>> {
    let mut known: Vec<Finding> = Vec::new();
    for item in items {
        known.extend(lookup::findings_of(pm, state, &item.uid)?);
    }
    let found = rules::review(&Change {
        diff: &reviewed.diff,
        old: &reviewed.old,
        new: &reviewed.new,
        facts: &reviewed.facts,
    });
    let is_settled = |fingerprint: &str| {
        known.iter().any(|one| {
            one.reviewer == RULES
                && one.status == FindingStatus::Dismissed
                && one.fingerprint.as_deref() == Some(fingerprint)
        })
    };
    let kind = |found: &Found| match found.rule.as_deref() {
        Some("path-reserved") => Some(CheckKind::Reservation),
        // The check of trailers is the stricter one.
        Some("commit-without-task") => None,
        _ => Some(CheckKind::Finding),
    };
    let now = numbered(found).filter(|one| !is_settled(&one.fingerprint));
    let now = now.filter_map(|one| Some(CheckProblem::of(kind(&one.found)?, one.found)));
    let is_open = |one: &&Finding| one.blocks() && one.reviewer != RULES && lookup::is_for(pm, one);
    let before = known.iter().filter(is_open).map(|one| {
        let todo = format!("`git pm finding show {}` shows it.", one.id());
        let found = super::report_files::as_found(one);
        let suggestion = found.suggestion.clone().or(Some(todo));
        CheckProblem::of(
            CheckKind::Finding,
            Found {
                suggestion,
                ..found
            },
        )
    });
    Ok(now.chain(before).collect())
}

/// What stops the work until owners approve it; an approval of one of its tasks is enough.
fn owner_problem(
    pm: &Pm,
    state: &State<'_>,
    items: &[Item],
    ends: &Ends,
    paths: &[String],
) -> Result<Option<CheckProblem>> {
    let mut first = None;
    for item in items {
        match owners::require_of_commit(pm, state, item, ends, paths) {
            Ok(()) => return Ok(None),
            Err(error) if error.reason() == Reason::ApprovalOwnerMissing => {
                first.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(first.map(|error| CheckProblem::refused(CheckKind::Owner, &error)))
}
