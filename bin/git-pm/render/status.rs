//! Renders `git pm status`, on one screen.

use git_pm::items::ItemView;
use git_pm::plans::PlanNotice;
use git_pm::state::{BranchStep, BranchView, ElsewhereView, RemoteView, StatusView};
use git_pm::text::is_same_name;
use git_pm::values::Status;

use super::format::KEPT;
use super::page::Page;
use super::style::{Label, statuses};
use super::{costs, format, item, limits, ready, reserve, sync};

/// The whole status.
pub fn page(page: &mut Page, status: &StatusView) {
    who(page, status);
    section(page, "Mine", &status.mine);
    elsewhere(page, &status.elsewhere);
    section(page, "Ready", &status.ready);
    page.more(
        status.ready_count + status.takeovers,
        status.ready.len().max(limits::STATUS_ITEMS_MAX),
    );
    if !status.waiting.named.is_empty() {
        page.heading("Waiting");
        ready::waiting(page, &status.waiting);
    }
    let (work, bare): (Vec<&ItemView>, Vec<&ItemView>) =
        (status.reviews.iter()).partition(|item| item.branch.is_some());
    section(page, "To review or merge", work);
    section(page, "In review without a branch", bare);
    branches(page, &status.branches);
    if !status.reservations.is_empty() {
        page.heading("Reserved");
        let shown = &status.reservations[..status.reservations.len().min(limits::STATUS_ITEMS_MAX)];
        reserve::rows(page, "  ", shown);
        page.more(status.reservations.len(), limits::STATUS_ITEMS_MAX);
    }
    if !status.notices.is_empty() {
        page.heading("Notices");
        sync::notices(page, &status.notices);
    }
    if status.unread_messages > 0 {
        page.gap().put(Label::Heading, "Messages");
        page.text(format!(": {} unread; ", status.unread_messages));
        page.put(Label::Command, "git pm msg inbox").end();
    }
    page.gap();
    costs::status(page, status.used_today.as_ref(), &status.budgets);
    remote(page, &status.remote);
    troubles(page, status);
    page.next(&next(status));
}

fn who(page: &mut Page, status: &StatusView) {
    let name = match status.actor.as_str() {
        "" => "unknown",
        name => name,
    };
    page.text("You are ").put(Label::Actor, name);
    if status.agent {
        page.text(" (an agent)");
    } else if status.mark.is_some() {
        page.text(" (a human)");
    }
    if let Some(here) = &status.here {
        page.text(", in the worktree of ").put(Label::Id, here);
    }
    page.end();
    if let Some(mark) = &status.mark {
        page.hints(&[mark]);
    }
    let counts = statuses(&status.counts);
    if counts.is_empty() {
        page.dim("No items yet.");
        return;
    }
    let among = [
        (status.ready_count, "ready"),
        (status.takeovers, "in progress to take over"),
        (status.blocked, "waiting or blocked"),
        (status.containers, "with open parts"),
        (status.kept, KEPT),
    ];
    let among = among.iter().filter(|(count, _)| *count > 0);
    let among: Vec<String> = among
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    page.dim(match among.is_empty() {
        true => counts.join(", "),
        false => format!("{} (of these {})", counts.join(", "), among.join(", ")),
    });
}

fn section<'i>(page: &mut Page, heading: &str, items: impl IntoIterator<Item = &'i ItemView>) {
    let items: Vec<&ItemView> = items.into_iter().collect();
    if items.is_empty() {
        return;
    }
    page.heading(heading);
    let shown = items.iter().copied().take(limits::STATUS_ITEMS_MAX);
    item::rows(page, "  ", shown);
    page.more(items.len(), limits::STATUS_ITEMS_MAX);
}

fn elsewhere(page: &mut Page, items: &[ElsewhereView]) {
    if items.is_empty() {
        return;
    }
    page.heading("Under your name elsewhere");
    for one in items.iter().take(limits::STATUS_ITEMS_MAX) {
        page.text("  ").put(Label::Id, &one.id).text(" ");
        page.text(&one.title).dim(format!(": {}", one.who));
    }
    page.more(items.len(), limits::STATUS_ITEMS_MAX);
}

fn branches(page: &mut Page, branches: &[BranchView]) {
    if branches.is_empty() {
        return;
    }
    page.heading("Branches");
    page.rows(
        "  ",
        1,
        branches.iter().take(limits::STATUS_ITEMS_MAX),
        |_, branch| {
            let distance = match (branch.ahead, branch.behind) {
                (0, 0) if branch.commit.is_none() || branch.is_missing => String::new(),
                (0, 0) => format!("same as {}", branch.target),
                (ahead, 0) => format!("{ahead} ahead of {}", branch.target),
                (0, behind) => format!("{behind} behind {}", branch.target),
                (ahead, behind) => format!("{ahead} ahead, {behind} behind {}", branch.target),
            };
            let (accepted, criteria) = branch.accepted;
            let conflicts = match &branch.conflicts[..] {
                [] => String::new(),
                [file] => format!("conflicts in {file}"),
                files => format!("conflicts in {} files", files.len()),
            };
            let good = branch.conflicts.is_empty() && branch.step == BranchStep::Merge;
            [
                Label::Id.of(&branch.id),
                Label::Path.of(&branch.branch),
                Label::Text.of(distance),
                Label::Dim.of((criteria > 0).then(|| format!("criteria {accepted}/{criteria}"))),
                Label::Bad.of(conflicts),
                Label::Active.of((branch.dirty == Some(true)).then_some("dirty")),
                Label::good_if(good).of(&branch.readiness),
            ]
        },
    );
    page.more(branches.len(), limits::STATUS_ITEMS_MAX);
}

fn remote(page: &mut Page, remote: &RemoteView) {
    let Some(name) = &remote.name else { return };
    let mut parts = Vec::new();
    if remote.unpushed > 0 {
        parts.push(format!("{} to push", remote.unpushed));
    }
    if remote.unmerged > 0 {
        parts.push(format!("{} to merge", remote.unmerged));
    }
    if !remote.tentative.is_empty() {
        parts.push(format!("tentative claims: {}", remote.tentative.join(", ")));
    }
    if parts.is_empty() {
        parts.push("nothing to push or to merge since the last fetch".to_string());
    }
    page.text("Remote ").put(Label::Heading, name);
    let told = page.marked(&parts.join("; ")).into_owned();
    page.line(format!(": {told}"));
    for target in &remote.targets {
        let is_wanted = target.dropped_at.is_none() && target.held.is_empty();
        let lacking = is_wanted.then_some(", so others do not have this work yet");
        page.text(format!("{target}{}: ", lacking.unwrap_or_default()));
        page.put(Label::Command, target.command());
        page.line(format!("; {}", target.after_command()));
    }
}

fn troubles(page: &mut Page, status: &StatusView) {
    if !status.hooks_active {
        page.warning("the hooks are not active here: `git pm hook install` installs them");
    }
    for silent in status.silent.iter().take(limits::STATUS_ITEMS_MAX) {
        page.warning(format!("{}: `{}`", silent.message, silent.command));
    }
    for lost in &status.lost_merges {
        page.warning(format!("{}; else `{}`", lost.message(), lost.command));
    }
    for rule in &status.rules {
        page.warning(rule);
    }
    let is_changed = |plan: &&PlanNotice| {
        let verb = plan.command.get(1).map(String::as_str);
        plan.undecided || matches!(verb, Some("update" | "check"))
    };
    let changed = status.plans.iter().filter(is_changed);
    for plan in changed.take(limits::STATUS_ITEMS_MAX) {
        page.warning(format!("{} ({})", plan.text, plan.prd));
    }
    for id in &status.conflicted {
        page.warning(format!(
            "the text of {id} has conflicting versions: `git pm conflicts {id}`"
        ));
    }
    for damaged in &status.damaged {
        page.put(Label::Error, "damaged:").text(" ");
        page.put(Label::Path, &damaged.path);
        page.line(format!(": {}", damaged.reason));
    }
    if !status.damaged.is_empty() {
        page.line("For details, run `git pm doctor`.");
    }
}

/// The most useful commands now, at most three.
fn next(status: &StatusView) -> Vec<String> {
    let mut commands = Vec::new();
    let here = |item: &&ItemView| Some(&item.id) == status.here.as_ref();
    if let Some(here) = status.mine.iter().find(here) {
        if here.status == Status::InProgress {
            let branch = status.branches.iter().find(|one| one.id == here.id);
            let mends = branch.and_then(|one| one.mends.clone());
            let show = format!("git pm show {}", here.id);
            commands.push(match branch.map(|one| one.step) {
                Some(BranchStep::Commit) => "git commit".into(),
                Some(BranchStep::Finish) => "git pm finish".into(),
                Some(BranchStep::Stopped) => mends.unwrap_or(show),
                _ => show,
            });
        }
    } else if let Some(own) = status.mine.iter().find(|i| i.status == Status::InProgress) {
        let path = own.worktree.as_ref();
        let path = path.map(|path| format!("cd {}", format::shell_quoted(path)));
        let branch = status.branches.iter().find(|one| one.id == own.id);
        let stopped = branch.filter(|one| one.step == BranchStep::Stopped);
        let next = stopped.and_then(|one| one.mends.clone()).or(path);
        commands.push(next.unwrap_or_else(|| format!("git pm show {}", own.id)));
    }
    // What is in progress can be started because its holder's lease is over.
    let is_left = |i: &ItemView| i.status == Status::InProgress;
    let free = |i: &&ItemView| {
        is_left(i)
            || i.owner()
                .is_none_or(|owner| is_same_name(owner, &status.actor))
    };
    // As `next`: of the most urgent ones first what was left, then what is assigned to the actor.
    let free = status.ready.iter().filter(free);
    let urgency = |item: &&ItemView| (item.priority, !is_left(item), item.owner().is_none());
    if let Some(item) = free.min_by_key(urgency) {
        commands.push(format!("git pm start {}", item.id));
    }
    let unsettled = &status.remote;
    if unsettled.unpushed > 0 || unsettled.unmerged > 0 || !unsettled.tentative.is_empty() {
        commands.push("git pm sync".to_string());
    }
    let conflicts = |i: &&ItemView| {
        let mut branches = status.branches.iter();
        branches.any(|branch| branch.id == i.id && !branch.conflicts.is_empty())
    };
    // One whose branch is not known here is fetched by the command.
    let is_at = |i: &ItemView, step: BranchStep| {
        let branch = status.branches.iter().find(|branch| branch.id == i.id);
        branch.is_none_or(|branch| branch.step == step)
    };
    // Imported work may be in review without a branch.
    let can_merge = |i: &&ItemView| i.branch.is_some() && !conflicts(i);
    let merging = || status.reviews.iter().filter(can_merge);
    let approved =
        merging().find(|i| i.status == Status::ReadyForIntegration && is_at(i, BranchStep::Merge));
    let submitted =
        merging().find(|i| i.status == Status::InReview && is_at(i, BranchStep::Approve));
    let give_back = |item: &ItemView| format!("git pm task return {} --note TEXT", item.id);
    if let Some(item) = approved {
        commands.push(format!("git pm merge {}", item.id));
    } else if let Some(item) = submitted.filter(|_| !status.agent) {
        let is_own = item
            .owner()
            .is_some_and(|owner| is_same_name(owner, &status.actor));
        commands.extend((!is_own).then(|| format!("git pm task diff {}", item.id)));
        commands.push(format!("git pm task approve {}", item.id));
        commands.extend((!is_own).then(|| give_back(item)));
    } else if let Some(item) = status.reviews.first().filter(|_| !status.agent) {
        commands.push(match conflicts(&item) {
            true => give_back(item),
            // What keeps it is said there, and its commits are fetched.
            false => format!("git pm show {}", item.id),
        });
    }
    let plans = status.plans.iter().take(1);
    commands.extend(plans.map(|plan| {
        let words = plan.command.iter().map(|word| format::shell_quoted(word));
        format!("git pm {}", words.collect::<Vec<_>>().join(" "))
    }));
    if status.ready.is_empty() && status.blocked > 0 {
        commands.push("git pm blocked".to_string());
    }
    if status.counts.is_empty() {
        commands.push("git pm task create \"…\"".to_string());
    } else if commands.is_empty() {
        commands.push("git pm list --all".to_string());
    }
    commands.truncate(3);
    commands
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::fixtures::{drawn, reservation, started, task};

    #[test]
    fn a_status_with_many_items_fits_a_screen() {
        let ready = (2..9)
            .map(|n| {
                task(
                    &format!("T-000{n}"),
                    "A task with a title of a usual length",
                )
            })
            .collect();
        let status = StatusView {
            actor: "ana".into(),
            here: Some("T-0001".into()),
            counts: [("queued".to_string(), 9), ("in_progress".to_string(), 1)].into(),
            mine: vec![started()],
            ready,
            blocked: 2,
            branches: vec![BranchView {
                id: "T-0001".into(),
                branch: "task/T-0001-fix-flaky-login-test".into(),
                target: "main".into(),
                ahead: 2,
                behind: 1,
                accepted: (1, 2),
                dirty: Some(true),
                step: BranchStep::Commit,
                readiness: "acceptance open".into(),
                ..BranchView::default()
            }],
            reservations: vec![reservation()],
            remote: RemoteView {
                name: Some("origin".into()),
                unpushed: 3,
                tentative: vec!["T-0001".into()],
                ..RemoteView::default()
            },
            hooks_active: true,
            ..StatusView::default()
        };
        insta::assert_snapshot!(drawn(80, |p| page(p, &status)), @r"
        You are ana, in the worktree of T-0001
        9 queued, 1 in progress (of these 2 waiting or blocked)

        Mine
          T-0001  P1  bug  in progress  Fix flaky login test  ana? (1h ago)  ci

        Ready
          T-0002  P1  bug  queued  A task with a title of a usual length  ci
          T-0003  P1  bug  queued  A task with a title of a usual length  ci
          T-0004  P1  bug  queued  A task with a title of a usual length  ci
          T-0005  P1  bug  queued  A task with a title of a usual length  ci
          T-0006  P1  bug  queued  A task with a title of a usual length  ci
          and 2 more

        Branches
          T-0001  task/T-0001…  2 ahead, 1 behind main  criteria 1/2  dirty  acceptance open

        Reserved
          abcdef  src/login/**  ana  T-0001  commit  in 23h

        Remote origin: 3 to push; tentative claims: T-0001
        next: git commit · git pm start T-0002 · git pm sync
        ");
    }

    #[test]
    fn an_empty_status_suggests_the_first_commands() {
        let status = StatusView {
            actor: "ana".into(),
            ..StatusView::default()
        };
        insta::assert_snapshot!(drawn(80, |p| page(p, &status)), @r#"
        You are ana
        No items yet.

        warning: the hooks are not active here: `git pm hook install` installs them
        next: git pm task create "…"
        "#);
    }
}
