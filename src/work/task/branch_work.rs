//! The work that the branch of an item brings to its target: the commits, the files and the difference.

use crate::coordinate::here;
use crate::coordinate::reserve::path_arguments;
use crate::coordinate::reserve::pattern::comparison_budget::{Answer, Effort};
use crate::coordinate::reserve::pattern::overlap::Case;
use crate::coordinate::reserve::pattern::{Path, Pattern};
use crate::coordinate::worktree::branch::missing;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::merge_tree;
use crate::coordinate::worktree::target;
use crate::coordinate::worktree::work_ends::{Ends, changed_paths, is_ahead};
use crate::coordinate::worktree::{MergeEvidence, integrated};
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::store::git::repo::{Oid, short};
use crate::store::state::State;
use crate::work::task::approval;
use crate::work::task::approval_validity;
use crate::work::task::finish;
use crate::work::task::gates;
use crate::work::task::landed_commits::naming;
use crate::work::task::remote_branch;
use crate::work::task::tests_first::is_test_file;
use crate::work::task::work_commit;

/// The most commits that are listed.
const COMMITS: usize = 100;
/// The most files that are listed.
const FILES: usize = 1_000;
/// The most changed lines of which the difference is made: nobody reads more.
const CHANGED: u64 = 20_000;
/// The most bytes that the changed files have together, before and after, for the difference to be
/// made: a line can have any length, and it has to fit in memory.
const BYTES: u64 = 16 << 20;

/// The work that the branch of an item brings to its target.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct BranchWork {
    /// The branch that it is merged into.
    pub target: String,
    /// The commit that was submitted or approved, the newest of them, else the tip of the item's branch.
    pub commit: String,
    /// The commits that the target lacks, the newest first, at most 100.
    pub commits: Vec<WorkCommit>,
    /// The number of commits that are not listed.
    pub more_commits: usize,
    /// The files that differ from where the branch left the target, at most 1,000.
    pub files: Vec<ChangedFile>,
    /// The number of files that are not listed.
    pub more_files: usize,
}

impl BranchWork {
    /// True if the target has everything.
    pub fn is_empty(&self) -> bool {
        self.commits.is_empty() && self.files.is_empty()
    }
}

/// The work of an item with its difference.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct WorkDiff {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The commits and files; none if this clone has no unmerged work.
    pub work: Option<BranchWork>,
    /// The difference, as `git diff` prints it; none if it is too large (20,000 lines, files of
    /// 16 MB).
    pub diff: Option<String>,
}

/// A commit of a branch.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct WorkCommit {
    /// Its id.
    pub commit: String,
    /// The time at which it was written, as RFC 3339.
    pub at: String,
    /// The name of its author.
    pub author: String,
    /// The first line of its message.
    pub subject: String,
}

/// A file that a branch changes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct ChangedFile {
    /// Its path from the top of the repository.
    pub path: String,
    /// The number of added lines; none for a binary file.
    pub added: Option<u64>,
    /// The number of removed lines; none for a binary file.
    pub removed: Option<u64>,
    /// True if the item plans which paths it changes, and this is none of them, nor that of a test.
    pub outside: bool,
}

impl Tasks<'_> {
    /// The work that the branch of an item brings to its target, as far as this clone has it; none
    /// if the item has no branch here, or its submitted commit is missing.
    ///
    /// # Errors
    /// When there is no such item, or git cannot compare the two.
    pub fn branch_work(&self, id: &str) -> Result<Option<BranchWork>> {
        let Some(ends) = work_ends(self.pm, id)? else {
            return Ok(None);
        };
        let repo = self.pm.store.repo();
        let limit = format!("--max-count={COMMITS}");
        let format = "--format=%H%x1f%aI%x1f%<(100,trunc)%an%x1f%<(300,trunc)%s";
        let form = ["--no-show-signature", "--encoding=UTF-8", &limit, format];
        let log = ends.commits(repo, &[&["log", "-z"][..], &form].concat())?;
        let lines: Vec<String> = log.names();
        let count = match lines.len() {
            COMMITS => ends.commits(repo, &["rev-list", "--count"])?.text(),
            _ => String::new(),
        };
        let count = count.parse().unwrap_or(lines.len());
        let listed = ends.compared(repo, &["--numstat", "-z"], &[])?;
        let listed: Vec<String> = listed.names();
        let mut files: Vec<ChangedFile> = listed.iter().filter_map(|line| file_of(line)).collect();
        let more_files = files.len().saturating_sub(FILES);
        files.truncate(FILES);
        let planned = self.pm.store.snapshot()?.find(id)?.paths.clone();
        let (case, effort) = (here::case(self.pm), Effort::default());
        let planned = Pattern::all_within(&planned, &effort);
        for file in &mut files {
            file.outside = is_outside(&planned, &file.path, case, &effort);
        }
        Ok(Some(BranchWork {
            more_commits: count.saturating_sub(lines.len()),
            commits: lines.iter().filter_map(|line| commit_of(line)).collect(),
            commit: ends.commit.to_string(),
            target: ends.target,
            files,
            more_files,
        }))
    }

    /// The work of an item with its difference, of the files and folders at these paths, or of all
    /// if there are none.
    ///
    /// # Errors
    /// As [`Tasks::branch_work`].
    pub fn diff(&self, id: &str, paths: &[String]) -> Result<WorkDiff> {
        let (id, title) = {
            let state = self.pm.store.state()?;
            let item = state.find(id)?.clone();
            remote_branch::fetch_work(self.pm, &state, &item)?;
            approval_validity::notice_newer(self.pm, &state, &item);
            gates::notice_forced(self.pm, &state, &item);
            (state.shown_id(&item), item.title)
        };
        let named = |path: &String| path_arguments::named_as_for_git(self.pm, path);
        let paths: Vec<String> = paths.iter().map(named).collect::<Result<_>>()?;
        // One of them is the top.
        let is_all = paths.iter().any(String::is_empty);
        let paths = paths.iter().map(String::as_str).filter(|_| !is_all);
        let paths: Vec<&str> = paths.collect();
        let is_meant = |file: &ChangedFile| {
            let below = |path: &&str| file.path.strip_prefix(*path);
            let mut found = paths.iter().filter_map(below);
            paths.is_empty() || found.any(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mut work = self.branch_work(&id)?.filter(|work| !work.is_empty());
        if let Some(work) = &mut work {
            work.files.retain(is_meant);
        }
        let diff = match work {
            Some(_) => diff_of_paths(self.pm, &id, &paths)?,
            None => None,
        };
        Ok(WorkDiff {
            id,
            title,
            work,
            diff,
        })
    }

    /// The difference that [`Tasks::branch_work`] lists, as `git diff` prints it; none where there
    /// is no work, or it changes more than 20,000 lines or files of more than 16 MB.
    ///
    /// # Errors
    /// As [`Tasks::branch_work`].
    pub fn branch_diff(&self, id: &str) -> Result<Option<String>> {
        diff_of_paths(self.pm, id, &[])
    }
}

fn diff_of_paths(pm: &Pm, id: &str, paths: &[&str]) -> Result<Option<String>> {
    let Some(ends) = work_ends(pm, id)? else {
        return Ok(None);
    };
    let repo = pm.store.repo();
    if !ends.is_within(repo, &["--numstat"], paths, (BYTES, CHANGED))? {
        return Ok(None);
    }
    let text = ends.compared(repo, &["-p", "--no-ext-diff", "--no-textconv"], paths)?;
    Ok(Some(text.text()))
}

/// True if a changed path is none of those that were planned. A plan names what is built; its tests go without
/// saying.
pub(crate) fn is_outside(planned: &[Pattern], path: &str, case: Case, effort: &Effort) -> bool {
    let at = Path::new(path);
    let misses = |one: &Pattern| one.matches_within(&at, case, effort) == Answer::No;
    !planned.is_empty() && planned.iter().all(misses) && !is_test_file(path)
}

/// The ends of an item's work as its branch is now, whether it was submitted or not: what an approval
/// would be of. None if the target is not in this clone.
///
/// # Errors
/// When the item has no branch, or it is not in this clone.
pub(crate) fn ends_now(pm: &Pm, id: &str) -> Result<Option<Ends>> {
    let state = pm.store.snapshot()?;
    let item = state.find(id)?;
    let work = approval::work_of(pm, &state, item)?;
    let commit = pm.store.repo().parse_id(&work);
    commit.map_or(Ok(None), |commit| Ends::of(pm, &state, item, commit))
}

fn work_ends(pm: &Pm, id: &str) -> Result<Option<Ends>> {
    let state = pm.store.snapshot()?;
    let item = state.find(id)?;
    let Some(commit) = work_here(pm, &state, item)? else {
        return Ok(None);
    };
    Ends::of(pm, &state, item, commit)
}

/// How the submitted work of an item is in a commit of its target; none if it is not. A submission has commits of its
/// own, unless it was forced, so it tells work that the target was moved forward to from a branch without any,
/// whose commit is that of its target, too.
pub(crate) fn submission_in(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    tip: Oid,
) -> Result<Option<MergeEvidence>> {
    let repo = pm.store.repo();
    let work = finish::submitted(pm, state, item).and_then(|hex| repo.parse_id(&hex));
    let Some(work) = work.filter(|work| !item.forced && repo.has_object(*work)) else {
        return Ok(None);
    };
    let found = integrated(&repo.git().plain(), &work.to_string(), &tip.to_string())?;
    Ok(match found {
        Some(MergeEvidence::SameCommit) => Some(MergeEvidence::Ancestor),
        found => found.filter(|one| *one != MergeEvidence::EmptyDiff),
    })
}

/// Refuses work without a commit of its own. What is `submitted` may be empty by force, or in its target
/// because others merged it.
///
/// # Errors
/// Reason `finish.no_commits`.
pub(crate) fn require_commits(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    (target, tip): (&str, &str),
    submitted: bool,
) -> Result<()> {
    let sides = followed_branch::sides(pm, target)?;
    let repo = pm.store.repo();
    let tip = repo.parse_id(tip).filter(|tip| repo.has_object(*tip));
    let has_none = match tip {
        Some(tip) if submitted => {
            sides.contains(&tip) && !item.forced && submission_in(pm, state, item, tip)?.is_none()
        }
        Some(tip) => followed_branch::is_in(pm, tip, &sides),
        None => false,
    };
    if !has_none {
        return Ok(());
    }
    let (id, branch) = (state.shown_id(item), item.branch.as_deref());
    let [branch, target] = [branch.unwrap_or_default(), target].map(one_line);
    // It was merged by hand, before it was submitted.
    let since = item.holder().map(|claim| claim.at.ms / 1000);
    let landed = tip.zip(since).filter(|_| !submitted);
    let landed = landed.and_then(|(tip, since)| naming(pm, state, item, tip, since));
    let (said, first) = match landed {
        Some(commit) => (
            format!(
                "{branch} has no commits that {target} lacks: it has {} already",
                short(commit)
            ),
            None,
        ),
        None => (
            format!("{branch} has no commits ahead of {target}"),
            Some("commit the work first"),
        ),
    };
    let error = Error::refused(said)
        .because(Reason::FinishNoCommits)
        .about(&id);
    let error = first
        .into_iter()
        .fold(error, |error, first| error.hint(first));
    Err(error.hint(match submitted && item.kind == ItemKind::Task {
        // A task that was submitted is not closed without an approval.
        true => Hint::run(["task", "return", &id, "--note", "TEXT"], "has it reworked"),
        false => Hint::run(
            ["task", "done", &id, "--evidence", "TEXT"],
            "closes it by hand",
        ),
    }))
}

/// The commits of an item's branch that its target lacks, as far as this clone knows both.
#[derive(Debug)]
pub(crate) struct Unmerged {
    branch: String,
    target: String,
    count: usize,
}

impl std::fmt::Display for Unmerged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [branch, target] = [&self.branch, &self.target].map(|name| one_line(name));
        let commits = if self.count == 1 { "commit" } else { "commits" };
        write!(
            f,
            "{} {commits} of {branch} that {target} lacks",
            self.count
        )
    }
}

/// What an item's branch has beyond its target; none if that has all of its changes.
pub(crate) fn unmerged(pm: &Pm, state: &State<'_>, item: &Item) -> Result<Option<Unmerged>> {
    let Some(branch) = &item.branch else {
        return Ok(None);
    };
    let repo = pm.store.repo();
    let Some(tip) = work_commit::branch_now(pm, branch)? else {
        return Ok(None);
    };
    let target = target::target_of(pm, state, item, None)?;
    let sides = followed_branch::sides(pm, &target)?;
    if sides.is_empty() || followed_branch::is_in(pm, tip, &sides) {
        return Ok(None);
    }
    let (git, tip) = (repo.git().plain(), tip.to_string());
    let sides: Vec<String> = sides.iter().map(ToString::to_string).collect();
    for side in &sides {
        if integrated(&git, &tip, side)?.is_some() {
            return Ok(None);
        }
    }
    let mut args = vec!["rev-list", "--count", &tip, "--not"];
    args.extend(sides.iter().map(String::as_str));
    let count = git.require(&args)?.text();
    Ok(Some(Unmerged {
        branch: branch.clone(),
        target,
        count: count.parse().unwrap_or(1),
    }))
}

/// The commit of an item's work, if this clone has it.
fn work_here(pm: &Pm, state: &State<'_>, item: &Item) -> Result<Option<Oid>> {
    let repo = pm.store.repo();
    let named = match work_commit::newer_submission(pm, state, item) {
        Some(newer) => Some(newer),
        None => {
            work_commit::work_view(pm, state, item)?.and_then(|work| repo.parse_id(&work.commit?))
        }
    };
    match (named, &item.branch) {
        (Some(commit), _) => Ok(repo.is_commit(commit).then_some(commit)),
        // It may have been closed without a merge.
        (None, Some(name)) if !item.status.is_closed() || item.merged_commit.is_none() => {
            work_commit::branch_now(pm, name)
        }
        (None, _) => Ok(None),
    }
}

/// A commit from a line of `git log`.
fn commit_of(line: &str) -> Option<WorkCommit> {
    let mut parts = line
        .splitn(4, '\u{1f}')
        .map(|part| part.trim_end().to_string());
    Some(WorkCommit {
        commit: parts.next()?,
        at: parts.next()?,
        author: parts.next()?,
        subject: parts.next()?,
    })
}

/// A file from a line of `git diff --numstat`.
fn file_of(line: &str) -> Option<ChangedFile> {
    let mut parts = line.splitn(3, '\t');
    let mut count = || parts.next().map(|count| count.parse().ok());
    let (added, removed) = (count()?, count()?);
    Some(ChangedFile {
        path: parts.next()?.to_string(),
        added,
        removed,
        outside: false,
    })
}

/// The files that a merge of a commit into a target changes there. Where the work left the target would
/// not tell, as there can be several such commits, and what one of them had may be undone.
pub(crate) fn changed_names(pm: &Pm, target: &str, commit: &str) -> Result<Vec<String>> {
    let repo = pm.store.repo();
    let onto = followed_branch::newest_tip(pm, target)?.ok_or_else(|| missing(target))?;
    let work = repo.parse_id(commit);
    let tree = match work.filter(|work| is_ahead(repo, onto, *work)) {
        Some(work) => repo.commit(work)?.tree,
        None => {
            let tree = merge_tree::tree(repo.git(), &onto.to_string(), commit)?;
            let no_tree = || Error::state(format!("git merged {commit} into no tree"));
            repo.parse_id(&tree).ok_or_else(no_tree)?
        }
    };
    let changed = changed_paths(repo, repo.commit(onto)?.tree, tree)?;
    Ok(changed.into_iter().map(|one| one.path).collect())
}
