//! Renders the steps of work: start, finish, approval and merge.

use git_pm::items::ItemView;
use git_pm::tasks::{Finished, MergeView, MergedItem, Started};

use super::format::short;
use super::item::{acceptance, people, summary, text};
use super::page::Page;
use super::style::{self, Label};

/// The report of `start`, with the next steps.
pub fn started(page: &mut Page, started: &Started) {
    let item = &started.item;
    summary(page, "Started", item);
    if page.quiet() {
        return;
    }
    page.field("branch", Label::Path, text(item.branch.as_ref()));
    page.field("worktree", Label::Path, text(item.worktree.as_ref()));
    people(page, item);
    for warning in &started.warnings {
        page.warning(warning);
    }
    acceptance(page, item);
    page.gap();
    let steps = super::next_steps::work(item);
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    page.next(&steps);
}

/// The report of `finish`.
pub fn finished(page: &mut Page, finished: &Finished) {
    let item = &finished.item;
    if let Some(merged) = &finished.merged {
        return merge(page, item, merged);
    }
    summary(page, "Finished", item);
    page.field("status", style::status(&item.status), &item.status);
    page.field("branch", Label::Path, text(item.branch.as_ref()));
    page.field("pushed to", Label::Path, text(finished.pushed_to.as_ref()));
    // Only a human can approve.
    if page.agent() {
        page.line("A human must approve it; there is nothing else to do here.");
        page.next(&["git pm next"]);
    } else {
        let approve = format!("git pm task approve {}", item.id);
        page.next(&[&approve]);
    }
}

/// The report of `merge`.
pub fn merged(page: &mut Page, merged: &MergedItem) {
    merge(page, &merged.item, &merged.merged);
}

fn merge(page: &mut Page, item: &ItemView, merged: &MergeView) {
    summary(page, "Merged", item);
    page.field(
        "into",
        Label::Path,
        &format!(
            "{} ({}), {}..{}",
            merged.target,
            merged.strategy,
            short(&merged.old),
            short(&merged.new)
        ),
    );
    let files = match merged.touched.len() {
        1 => "1 file".to_string(),
        count => format!("{count} files"),
    };
    page.field("changed", Label::Text, &files);
    if merged.worktree_removed {
        page.field("worktree", Label::Text, "removed");
    }
    page.field("worktree", Label::Text, text(merged.worktree_kept.as_ref()));
    page.field("backup", Label::Dim, text(merged.backup.as_ref()));
}

/// The approved commit and its target.
pub fn approved_work(page: &mut Page, item: &ItemView) {
    let Some(approval) = &item.approval else {
        return;
    };
    let commit = approval.commit.as_deref().unwrap_or_default();
    page.field("commit", Label::Dim, &short(commit));
    page.field("target", Label::Path, text(approval.target.as_ref()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixtures::{drawn, started as started_sample};

    #[test]
    fn the_answer_of_start_says_where_to_go() {
        let started = Started {
            item: started_sample(),
            warnings: vec!["T-0003 is still open".into()],
        };
        insta::assert_snapshot!(drawn(80, |page| super::started(page, &started)), @r"
        Started T-0001 Fix flaky login test
          branch       task/T-0001-fix-flaky-login-test
          worktree     /work/app.worktrees/T-0001
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
