//! Views for the tests of renderers.

use git_pm::items::{ClaimView, CommentView, CriterionView, EdgeView, ItemView};
use git_pm::reservations::ReservationView;

use super::page::Page;
use crate::arguments::globals::Globals;

/// The time of all tests: 2026-01-02T12:00:00Z.
pub const NOW_MS: u64 = 1_767_355_200_000;

/// A page without colors for a terminal of this width.
pub fn drawn(width: usize, draw: impl FnOnce(&mut Page)) -> String {
    let mut page = Page::new(Some(width), NOW_MS, &Globals::default());
    draw(&mut page);
    anstream::adapter::strip_str(&page.finish()).to_string()
}

/// A queued task.
pub fn task(id: &str, title: &str) -> ItemView {
    ItemView {
        id: id.into(),
        uid: "0123456789k3f9".into(),
        alias: format!("{id}-k3f9"),
        kind: "task".into(),
        title: title.into(),
        item_type: "bug".into(),
        status: "queued".into(),
        priority: 1,
        labels: vec!["ci".into()],
        auto_policy: "none".into(),
        created_at: "2026-01-02T10:00:00Z".into(),
        created_by: Some("ana".into()),
        updated_at: "2026-01-02T10:00:00Z".into(),
        version: "1767348000000-0-abc".into(),
        ..ItemView::default()
    }
}

/// A task in progress with most fields set.
pub fn started() -> ItemView {
    let criterion = |number, text: &str, done| CriterionView {
        number,
        id: format!("c{number}"),
        text: text.into(),
        done,
        evidence: None,
    };
    ItemView {
        status: "in_progress".into(),
        owner: Some("ana".into()),
        paths: vec!["src/login/**".into()],
        edges: vec![EdgeView {
            kind: "blocks".into(),
            target: "T-0003".into(),
            class: "soft".into(),
            gate: None,
            title: None,
            status: None,
        }],
        acceptance: vec![
            criterion(1, "passes 100 times", true),
            criterion(2, "no sleep in the test", false),
        ],
        branch: Some("task/T-0001-fix-flaky-login-test".into()),
        worktree: Some("/work/app.worktrees/T-0001".into()),
        claim: Some(ClaimView {
            actor: "ana".into(),
            agent: None,
            confirmed: false,
            lease_until: "2026-01-03T11:00:00Z".into(),
            last_sign: Some("2026-01-02T11:00:00Z".into()),
            here: true,
        }),
        started_at: Some("2026-01-02T11:00:00Z".into()),
        body: Some("It fails on Mondays.\n\n\u{1b}[31mred\u{1b}[0m".into()),
        comments: Some(vec![CommentView {
            uid: "c0".into(),
            author: "ben".into(),
            agent: None,
            created_at: "2026-01-02T11:30:00Z".into(),
            body: "Seen it, too.".into(),
        }]),
        ..task("T-0001", "Fix flaky login test")
    }
}

/// A reservation for T-0001.
pub fn reservation() -> ReservationView {
    ReservationView {
        uid: "0123456789abcdef".into(),
        holder: "ana".into(),
        patterns: vec!["src/login/**".into()],
        mode: "commit".into(),
        shared: false,
        advisory: false,
        task: Some("T-0001".into()),
        reason: None,
        branch: None,
        here: true,
        confirmed: true,
        waiting: false,
        ended: None,
        created_at: "2026-01-02T11:00:00Z".into(),
        expires_at: "2026-01-03T11:00:00Z".into(),
    }
}
