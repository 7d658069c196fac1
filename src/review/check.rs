//! Checks the commits of a branch: trailers, plan, gates, reservations, findings, approval of owners.
//!
//! It is for continuous integration, so it needs no actor: nothing is recorded, and unless gates are to be run,
//! nothing that the branch brings is. What the project decided is read from the state and from the base.

use std::io::Write;
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::facts::Reviewed;
use super::range::safe;
use super::report_files::as_found;
use super::{RULES, commit_to_read, numbered};
use crate::coordinate::finding::lookup;
use crate::coordinate::finding::private_findings::stays;
use crate::coordinate::finding::record::NewFinding;
use crate::coordinate::gate::gates_to_run::required_of;
use crate::coordinate::harmless_place;
use crate::coordinate::rules::unauthorized_changes;
use crate::coordinate::worktree::branch::missing;
use crate::coordinate::worktree::followed_branch::tip_of;
use crate::coordinate::worktree::work_ends::Ends;
use crate::coordinate::worktree::{followed_branch, target};
use crate::error::{Error, Hint, Reason, Result};
use crate::finding::sarif::{self, Written};
use crate::finding::{Found, rules};
use crate::model::finding::{Finding, FindingStatus, Severity};
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::text::{excerpt, one_line};
use crate::model::vocabulary::terms;
use crate::pm::handles::Findings;
use crate::pm::{Caller, Pm};
use crate::store::state::State;
use crate::work::plan_notices;
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
pub struct BranchCheck {
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
    pub finding: Found,
}

impl BranchCheck {
    /// Writes the problems as SARIF 2.1.0.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write_sarif(&self, out: &mut dyn Write) -> Result<()> {
        let all = numbered(self.problems.iter().map(|one| one.finding.clone()));
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

impl Findings<'_> {
    /// Writes the problems of a check to a file, as SARIF 2.1.0.
    ///
    /// # Errors
    /// When a link leads elsewhere, an agent names a place where something runs later or a file that git
    /// tracks, or the file cannot be written.
    pub fn write_check(&self, check: &BranchCheck, file: &Path) -> Result<()> {
        let words = ["check", "--sarif", "FOLDER/check.sarif"];
        harmless_place::write_file(self.pm, file, false, words, |out| check.write_sarif(out))
            .map(drop)
    }

    /// Checks the commits that HEAD has and a base lacks; the default branch by default. Gates that are
    /// not recorded can be run.
    ///
    /// # Errors
    /// When this clone lacks the state, the base, or the history between them, the work is too large
    /// to be read, or gates are to be run and not trusted.
    pub fn check(&self, base: Option<&str>, run_gates: bool) -> Result<BranchCheck> {
        let pm = self.pm;
        pm.store.require_tip().map_err(|error| {
            let fetch = ["fetch", "origin", "refs/pm/*:refs/pm/*"];
            error.hint(Hint::git(fetch, "fetches it for continuous integration"))
        })?;
        unauthorized_changes::hold_rules(pm)?;
        let base = base.map_or_else(|| target::default_target(pm), |name| Ok(name.to_string()))?;
        let (named, commit) = (one_line(&base), commit_to_read(pm)?);
        let (mut commits, mut tasks, mut problems) = (0, Vec::new(), Vec::new());
        if let Some(ends) = ends(pm, base)? {
            let state = pm.store.snapshot()?;
            let mut check = Check {
                pm,
                state: &state,
                ends,
                items: Vec::new(),
                problems,
            };
            commits = check.trailers()?;
            check.plans();
            let reviewed = Reviewed::read(pm, check.work()?.as_ref(), &check.ends)?;
            let paths = reviewed.diff.files.iter();
            let paths = paths.flat_map(|file| [Some(&file.path), file.old_path.as_ref()]);
            let paths: Vec<String> = paths.flatten().cloned().collect();
            check.gates(&paths, run_gates)?;
            check.findings(&reviewed)?;
            check.owners(&paths)?;
            tasks.extend(check.items.iter().map(|item| state.shown_id(item)));
            problems = check.problems;
            problems.sort_by_key(|one| (!one.blocks, one.finding.severity));
        }
        Ok(BranchCheck {
            base: named,
            commit,
            passed: !problems.iter().any(|one| one.blocks),
            commits,
            tasks,
            problems,
        })
    }
}

/// Where the commits to check leave the base; none if the base has them all.
fn ends(pm: &Pm, base: String) -> Result<Option<Ends>> {
    let repo = pm.store.repo();
    let lacking = |error: Error| {
        let words = ["origin", "+refs/heads/*:refs/remotes/origin/*"];
        let whole = repo.is_shallow().then_some("--unshallow");
        let words = ["fetch"].into_iter().chain(whole).chain(words);
        error
            .because(Reason::CheckNoHistory)
            .hint(Hint::git(words, "fetches what the check needs"))
            .hint("in GitHub Actions: `fetch-depth: 0` of actions/checkout")
    };
    let mut sides = followed_branch::sides(pm, &base)?;
    if sides.is_empty() {
        let found = tip_of(pm, &base)?.or_else(|| repo.resolve(&base));
        sides.push(found.ok_or_else(|| lacking(missing(&base)))?);
    }
    let onto = sides[0];
    let commit = repo.head_commit().unwrap_or(onto);
    if followed_branch::is_in(pm, commit, &sides) {
        return Ok(None);
    }
    // Approvals and gates are of a branch, however it is named.
    let is_branch = |name: &str| tip_of(pm, name).is_ok_and(|tip| tip.is_some());
    let below = base.split_once('/').map(|(_, name)| name);
    let named = [Some(base.as_str()), below]
        .into_iter()
        .flatten()
        .find_map(|name| is_branch(name).then(|| name.to_string()));
    let target = named.or(target::default_target(pm).ok()).unwrap_or(base);
    let ends = Ends::between(pm, target, (onto, sides.get(1).copied()), commit)?;
    let is_apart = ends.compared == [onto, commit].map(|id| id.to_string());
    if is_apart && repo.is_shallow() && !repo.is_ancestor(onto, commit)? {
        return Err(lacking(Error::refused(format!(
            "this clone is shallow, and its history ends before HEAD leaves {}",
            one_line(&ends.target)
        ))));
    }
    Ok(Some(ends))
}

/// What is checked, and what was found so far.
struct Check<'c> {
    pm: &'c Pm,
    state: &'c State<'c>,
    ends: Ends,
    /// The items that the commits name.
    items: Vec<Item>,
    problems: Vec<CheckProblem>,
}

impl Check<'_> {
    /// Adds a problem of the process, which has no place in a file.
    fn add(&mut self, check: CheckKind, claim: String, todo: &str) {
        let found = Found {
            reviewer: RULES.into(),
            rule: Some(format!("check-{check}")),
            severity: Severity::P1,
            category: "process".into(),
            claim,
            place: None,
            quote: None,
            outcome: None,
            suggestion: (!todo.is_empty()).then(|| todo.to_string()),
        };
        self.add_found(check, found);
    }

    fn add_error(&mut self, check: CheckKind, error: &Error) {
        let todo = error.hints().first().map(ToString::to_string);
        self.add(
            check,
            error.message().to_string(),
            &todo.unwrap_or_default(),
        );
    }

    fn add_found(&mut self, check: CheckKind, found: Found) {
        self.problems.push(CheckProblem {
            check,
            blocks: found.severity <= Severity::P1,
            finding: safe(found),
        });
    }

    /// Reads the trailers; returns the number of commits.
    fn trailers(&mut self) -> Result<usize> {
        let repo = self.pm.store.repo();
        let most = format!("--max-count={}", COMMITS + 1);
        let listed = self
            .ends
            .commits(repo, &["rev-list", "--no-merges", &most])?;
        let ids = listed.lines();
        if ids.len() > COMMITS {
            let message = format!("there are more than {COMMITS} commits to check");
            return Err(Error::refused(message)
                .because(Reason::FindingTooLarge)
                .hint("name a newer base with --base"));
        }
        for id in ids.iter().filter_map(|hex| repo.parse_id(hex)) {
            let commit = repo.commit(id)?;
            let names = commit.trailers("Task");
            let hex = &id.to_string()[..10];
            if names.is_empty() {
                let subject = excerpt(commit.subject(), QUOTED);
                let claim = format!("Commit {hex} names no task: {subject}");
                let todo =
                    "Add the trailer `Task: ID`, as hooks do in a worktree of `git pm start`.";
                self.add(CheckKind::Trailer, claim, todo);
            }
            for name in names.into_iter().take(NAMED) {
                match self.state.find(name) {
                    Ok(item) if self.items.iter().any(|known| known.uid == item.uid) => {}
                    Ok(item) => self.items.push(item.clone()),
                    Err(_) => {
                        let name = excerpt(name, QUOTED);
                        let claim =
                            format!("Commit {hex} names {name}, which is not in the state.");
                        let todo = "Push the state with `git pm sync`, or correct the trailer.";
                        self.add(CheckKind::Trailer, claim, todo);
                    }
                }
            }
        }
        Ok(ids.len())
    }

    /// The item whose work this is. What is reserved for its branch is open only to commits of that branch:
    /// anybody can write a trailer.
    fn work(&self) -> Result<Option<Item>> {
        for item in &self.items {
            let tip = item.branch.as_ref().map(|name| tip_of(self.pm, name));
            if let Some(tip) = tip.transpose()?.flatten()
                && self.pm.store.repo().is_ancestor(self.ends.commit, tip)?
            {
                return Ok(Some(item.clone()));
            }
        }
        let only = self
            .items
            .first()
            .filter(|_| self.items.len() == 1)
            .cloned();
        Ok(only.map(|item| Item {
            branch: None,
            ..item
        }))
    }

    fn plans(&mut self) {
        let state = self.state;
        for item in self.items.clone() {
            let id = state.shown_id(&item);
            let decided = item
                .planned_from
                .as_ref()
                .map(|prd| plan_notices::require_plan_stands(self.pm, state, prd));
            if !state.proposed_beside(&item.uid).is_empty() {
                let plan = id.split('/').next().unwrap_or_default();
                let todo = &format!("A human approves it with `git pm plan approve {plan}`.");
                self.add(
                    CheckKind::Plan,
                    format!("The plan of {id} is not approved."),
                    todo,
                );
            } else if item.status == Status::Cancelled {
                self.add(CheckKind::Plan, format!("{id} is cancelled."), "");
            } else if let Some(Err(error)) = decided {
                self.add_error(CheckKind::Plan, &error);
            }
        }
    }

    /// The required gates that no submission of just this commit has passed, or that it does not pass now.
    fn gates(&mut self, paths: &[String], run: bool) -> Result<()> {
        let commit = self.ends.commit.to_string();
        let docs = self
            .items
            .iter()
            .filter_map(|item| self.state.doc(&item.uid));
        let of_commit = docs.filter(|doc| doc.text("finished_commit") == Some(&commit));
        let passed: Vec<String> = of_commit.flat_map(gates_passed).collect();
        let mut names = required_of(self.pm, [self.ends.onto, self.ends.commit], paths)?;
        names.retain(|name| !passed.contains(name));
        if run && !names.is_empty() {
            for error in gates::failing(self.pm, &self.ends, &names)? {
                self.add_error(CheckKind::Gate, &error);
            }
            return Ok(());
        }
        for name in names {
            let (name, at) = (excerpt(&name, QUOTED), &commit[..10]);
            let claim = format!("The gate `{name}` is not recorded as passed for {at}.");
            let todo =
                "`git pm finish` records it for a new commit, `git pm check --run-gates` runs it.";
            self.add(CheckKind::Gate, claim, todo);
        }
        Ok(())
    }

    /// What the rules find now, without what a human dismissed, and what earlier reviews of others found.
    fn findings(&mut self, reviewed: &Reviewed) -> Result<()> {
        let mut known: Vec<Finding> = Vec::new();
        for item in &self.items {
            known.extend(lookup::findings_of(self.pm, self.state, &item.uid)?);
        }
        let is_settled = |new: &NewFinding| {
            known.iter().any(|one| {
                one.reviewer == RULES
                    && one.status == FindingStatus::Dismissed
                    && one.fingerprint.as_ref() == Some(&new.fingerprint)
            })
        };
        let now = numbered(rules::review(&reviewed.change()));
        let now = now.filter(|new| !is_settled(new)).map(|new| {
            let is_private = stays(new.found.severity, &new.found.category);
            (new.found, is_private)
        });
        let open = known
            .iter()
            .filter(|one| one.blocks() && one.reviewer != RULES);
        let open = open.map(|one| (as_found(one), one.private));
        for (found, is_private) in now.chain(open).collect::<Vec<_>>() {
            match found.rule.as_deref() {
                // The check of trailers is the stricter one.
                Some("commit-without-task") => {}
                Some("path-reserved") => self.add_found(CheckKind::Reservation, found),
                // What stays in this clone is counted, and not told elsewhere.
                _ if is_private && self.pm.options.caller == Caller::Away => {
                    let claim = "A finding stays in the clone of the server.";
                    self.add(CheckKind::Finding, claim.into(), "");
                }
                _ => self.add_found(CheckKind::Finding, found),
            }
        }
        Ok(())
    }

    /// Whose approval is missing; that of the work on one of its tasks is enough.
    fn owners(&mut self, paths: &[String]) -> Result<()> {
        let mut first = None;
        for item in &self.items {
            match owners::require_of_commit(self.pm, self.state, item, &self.ends, paths) {
                Ok(()) => return Ok(()),
                Err(error) if error.reason() == Reason::ApprovalOwnerMissing => {
                    first.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        first
            .iter()
            .for_each(|error| self.add_error(CheckKind::Owner, error));
        Ok(())
    }
}
