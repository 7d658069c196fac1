//! Renders the steps of work: start, finish, approval and merge.

use git_pm::Result;
use git_pm::error::{Hint, Reason};
use git_pm::items::ItemView;
use git_pm::tasks::{BranchWork, ChangedFile, MergeView, MergedItem, Started, WorkDiff};
use git_pm::verbs::work::FinishedTask;

use super::format::{counted, short};
use super::item::{acceptance, people, summary};
use super::limits;
use super::page::Page;
use super::style::{self, Label};

/// The report of `start`, with the next steps.
pub fn started(page: &mut Page, started: &Started) {
    let item = &started.item;
    let said = ["Started", "Already started"][usize::from(started.again)];
    summary(page, said, item);
    if page.quiet() {
        return;
    }
    page.field("branch", Label::Path, &item.branch);
    page.field("worktree", Label::Path, &item.worktree);
    match item.paths.is_empty() {
        true => page.field(
            "reserved",
            Label::Dim,
            format!(
                "nothing; `git pm edit {} --path GLOB` reserves what it will change",
                item.id
            ),
        ),
        false => page.field("reserved", Label::Path, &started.reserved),
    };
    people(page, item);
    for warning in &started.warnings {
        page.warning(warning);
    }
    acceptance(page, item);
    note_of_return(page, item);
    if let Some(handoff) = &item.handoff {
        super::msg::handoff(page, handoff);
    }
    super::learn::notes(page, &started.learnings);
    super::artifact::near(
        page,
        &item.id,
        item.artifacts.as_deref().unwrap_or_default(),
    );
    page.gap().next(&super::next_steps::work(item));
}

/// The report of `finish`.
pub fn finished(
    page: &mut Page,
    task: &FinishedTask,
    onward: &dyn Fn(&str) -> Result<Option<Hint>>,
    teaches: &dyn Fn(&str) -> bool,
) {
    let finished = &task.finished;
    let item = &finished.item;
    if let Some(merged) = &finished.merged {
        return merge(page, item, merged, teaches);
    }
    let is_submitted = item.status.as_str() != "in_progress";
    let verb = ["Checked", "Finished"][usize::from(is_submitted)];
    summary(page, verb, item);
    let status = item.status.as_str();
    page.field("status", style::status(status), item.status.word());
    page.field("branch", Label::Path, &item.branch);
    page.field("pushed to", Label::Path, &finished.pushed_to);
    if let Some(pull) = &task.pull_request {
        super::github::pull(page, pull);
    }
    if !is_submitted {
        return;
    }
    match onward(&item.id) {
        Err(stop) if stop.reason() == Reason::ActorNotHuman => {
            page.line("A human must approve it; there is nothing else to do here.");
            page.next(&["git pm next"]);
        }
        step => super::next_steps::onward(page, None, &step),
    }
}

/// The report of `merge`.
pub fn merged(page: &mut Page, merged: &MergedItem, teaches: &dyn Fn(&str) -> bool) {
    merge(page, &merged.item, &merged.merged, teaches);
}

fn merge(page: &mut Page, item: &ItemView, merged: &MergeView, teaches: &dyn Fn(&str) -> bool) {
    summary(page, "Merged", item);
    let (target, strategy) = (&merged.target, &merged.strategy);
    let (old, new) = (short(&merged.old), short(&merged.new));
    let into = format!("{target} ({strategy}), {old}..{new}");
    page.field("into", Label::Path, into);
    let files = counted(merged.touched.len(), "file");
    page.field("changed", Label::Text, files);
    if merged.worktree_removed {
        page.field("worktree", Label::Text, "removed");
    }
    page.field("worktree", Label::Text, &merged.worktree_kept);
    let here = merged.branch_deleted.then_some("here");
    let there = merged.remote_branch_deleted.as_ref();
    let deleted = match (here, there) {
        (Some(_), Some(remote)) => Some(format!("deleted, here and at {remote}")),
        (Some(_), None) => Some("deleted".into()),
        (None, there) => there.map(|remote| format!("deleted at {remote}")),
    };
    page.field("branch", Label::Text, &deleted);
    page.field("backup", Label::Dim, &merged.backup);
    if teaches(&item.id) {
        page.next(&[format!("git pm learn draft {}", item.id)]);
    }
}

/// What the work on an item changes; with `stat` only the files.
pub fn work_diff(page: &mut Page, shown: &WorkDiff, stat: bool) {
    let Some(work) = &shown.work else {
        page.line(format!("{} has no unmerged work in this clone.", shown.id));
        return;
    };
    page.put(Label::Id, &shown.id).text(" ").line(&shown.title);
    page.field("commit", Label::Dim, short(&work.commit));
    page.field("target", Label::Path, &work.target);
    let commits = work.commits.len() + work.more_commits;
    page.field("commits", Label::Text, commits.to_string());
    files(page, &work.files, work.more_files);
    if stat {
        return;
    }
    page.gap();
    let Some(diff) = &shown.diff else {
        let range = format!("{}...{}", work.target, work.commit);
        page.line(format!(
            "The difference is too large to be shown: git diff {range}"
        ));
        return;
    };
    for line in diff.lines() {
        let label = match line.as_bytes() {
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => Label::Heading,
            [b'+', ..] => Label::Good,
            [b'-', ..] => Label::Bad,
            [b'@', ..] => Label::Active,
            [b' ', ..] => Label::Text,
            _ => Label::Heading,
        };
        page.put(label, line).end();
    }
}

/// Changed files with their lines, and the number of those that are not listed.
pub fn files(page: &mut Page, files: &[ChangedFile], more: usize) {
    page.rows("  ", 0, files, |_, file| {
        let count = |sign: &str, n: Option<u64>| n.map(|n| format!("{sign}{n}"));
        let outside = file.outside.then_some("not in its planned paths");
        [
            Label::Path.of(&file.path),
            Label::Good.of(count("+", file.added)),
            Label::Bad.of(count("-", file.removed)),
            Label::Warning.of(outside),
        ]
    });
    if more > 0 {
        page.line(format!("  and {}", counted(more, "more file")));
    }
}

/// The report of `task return`.
pub fn returned_work(page: &mut Page, item: &ItemView) {
    summary(page, "Returned", item);
    if let Some(returned) = &item.returned {
        page.field("to", Label::Actor, &returned.to);
        page.field("kept until", Label::Dim, page.when(&returned.until));
        // The submission ended the reservations of its paths.
        if item.status.is_startable() && !item.paths.is_empty() {
            page.dim("Its paths are not reserved until it is started again.");
        }
    }
}

/// The note with which work was returned to its author.
pub fn note_of_return(page: &mut Page, item: &ItemView) {
    let Some((returned, note)) = item
        .returned
        .as_ref()
        .and_then(|one| Some((one, one.note.as_ref()?)))
    else {
        return;
    };
    page.heading(format!("Returned by {}", returned.by));
    page.prose("  ", note);
}

/// What the item's agent meant to change, and why.
pub fn change_plan(page: &mut Page, item: &ItemView) {
    let Some(plan) = &item.change_plan else {
        return;
    };
    page.heading(format!("Change plan by {}", plan.by));
    for change in &plan.plan {
        page.line(format!("  - {change}"));
    }
    page.prose("  ", &plan.rationale);
}

/// The approved commit, its target, and the files that it changes: those first that were not planned.
pub fn approved_work(page: &mut Page, item: &ItemView, work: Option<&BranchWork>) {
    let Some(approval) = &item.approval else {
        return;
    };
    page.field("commit", Label::Dim, short(&approval.commit));
    page.field("target", Label::Path, &approval.target);
    // A newer submission may have come with the answer of the remote.
    let work = work.filter(|work| approval.commit == work.commit);
    let Some(work) = work else {
        return;
    };
    let all = work.files.len() + work.more_files;
    let lines = |count: fn(&ChangedFile) -> Option<u64>| -> u64 {
        work.files.iter().filter_map(count).sum()
    };
    let (added, removed) = (lines(|file| file.added), lines(|file| file.removed));
    let sum = format!("{}, +{added} -{removed}", counted(all, "file"));
    page.field("changes", Label::Text, sum);
    let mut shown = work.files.clone();
    shown.sort_by_key(|file| !file.outside);
    shown.truncate(limits::APPROVED_FILES_MAX);
    files(page, &shown, all - shown.len());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::fixtures::{drawn, started as started_sample};

    #[test]
    fn the_output_of_start_names_the_worktree() {
        let started = Started {
            item: started_sample(),
            again: false,
            reserved: vec!["src/login/**".into()],
            warnings: vec!["T-0003 is still open".into()],
            learnings: Vec::new(),
        };
        insta::assert_snapshot!(drawn(80, |page| super::started(page, &started)), @r"
        Started T-0001 Fix flaky login test
          branch       task/T-0001-fix-flaky-login-test
          worktree     /work/app.worktrees/T-0001
          reserved     src/login/**
          claimed by   ana, in this clone, tentative until `git pm sync`
          lease ends   in 23h
        warning: T-0003 is still open

        Acceptance
          1 [x] passes 100 times
          2 [ ] no sleep in the test

        next: cd /work/app.worktrees/T-0001 · git commit · git pm task accept T-0001 2 · git pm finish T-0001
        ");
    }
}
