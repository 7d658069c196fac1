//! Views for the tests of renderers.

use git_pm::items::{
    ClaimView, CommentView, Criterion, EdgeClass, EdgeView, IssueFields, Item, ItemView, Texts,
};
use git_pm::reservations::ReservationView;
use git_pm::values::{ItemKind, Status, Uid};

use crate::arguments::globals::Globals;
use crate::render::page::Page;

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
    let item = Item {
        nothing_learned: false,
        uid: Uid::new("0123456789abcdefghjkmnk3f9").unwrap(),
        id: id.into(),
        born: id.into(),
        kind: ItemKind::Task,
        title: title.into(),
        item_type: "bug".into(),
        status: Status::Queued,
        priority: 1,
        assignee: None,
        estimate: None,
        points: None,
        risk: None,
        validation: None,
        stream: None,
        epic: None,
        labels: vec!["ci".into()],
        depends_on: Vec::new(),
        edges: Vec::new(),
        acceptance: Vec::new(),
        paths: Vec::new(),
        is_imported: false,
        external_refs: Vec::new(),
        auto_policy: "none".into(),
        auto_policy_is_open: true,
        planned_from: None,
        branch: None,
        claims: Vec::new(),
        body: String::new(),
        conflicted: false,
        deleted: false,
        created_at: "2026-01-02T10:00:00Z".into(),
        age: 0,
        created_by: Some("ana".into()),
        updated_at: "2026-01-02T10:00:00Z".into(),
        started_at: None,
        finished_at: None,
        approval: None,
        merged_commit: None,
        returned: None,
        change_plan: None,
        closed_at: None,
        forced: false,
        forced_past: None,
        reason: None,
        issue: IssueFields::default(),
        version: "1767348000000-0-abc".into(),
    };
    ItemView {
        id: id.into(),
        provisional: false,
        renumbered: Vec::new(),
        supersedes: Vec::new(),
        item,
        epic: None,
        depends_on: Vec::new(),
        edges: Vec::new(),
        worktree: None,
        claim: None,
        texts: Texts::default(),
        work: None,
        handoff: None,
        returned: None,
        children: None,
        dependents: None,
        body: None,
        comments: None,
        artifacts: None,
        findings: None,
    }
}

/// A task in progress with most fields set.
pub fn started() -> ItemView {
    let criterion = |id: &str, text: &str, done| Criterion {
        id: id.into(),
        text: text.into(),
        done,
        evidence: None,
        by: None,
        elsewhere: false,
    };
    let queued = task("T-0001", "Fix flaky login test");
    ItemView {
        item: Item {
            status: Status::InProgress,
            paths: vec!["src/login/**".into()],
            acceptance: vec![
                criterion("c1", "passes 100 times", true),
                criterion("c2", "no sleep in the test", false),
            ],
            branch: Some("task/T-0001-fix-flaky-login-test".into()),
            started_at: Some("2026-01-02T11:00:00Z".into()),
            ..queued.item
        },
        edges: vec![EdgeView {
            kind: "blocks".into(),
            target: "T-0003".into(),
            class: EdgeClass::Soft,
            gate: None,
            title: None,
            status: None,
        }],
        worktree: Some("/work/app.worktrees/T-0001".into()),
        claim: Some(ClaimView {
            actor: "ana".into(),
            agent: None,
            confirmed: false,
            lease_until: "2026-01-03T11:00:00Z".into(),
            last_sign: Some("2026-01-02T11:00:00Z".into()),
            here: true,
        }),
        body: Some("It fails on Mondays.\n\n\u{1b}[31mred\u{1b}[0m".into()),
        comments: Some(vec![CommentView {
            uid: "c0".into(),
            author: "ben".into(),
            agent: None,
            created_at: "2026-01-02T11:30:00Z".into(),
            body: "Seen it, too.".into(),
        }]),
        ..queued
    }
}

/// A reservation for T-0001.
pub fn reservation() -> ReservationView {
    ReservationView {
        uid: "0123456789abcdef".into(),
        holder: "ana".into(),
        agent: None,
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
