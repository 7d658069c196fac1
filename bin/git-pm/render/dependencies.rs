//! Renders trees, dependencies, and the reasons why items wait.

use git_pm::issues::reading;
use git_pm::items::EdgeClass;
use git_pm::tasks::{ChainLink, DepLink, DepView, TreeNode, WhyView};

use super::page::Page;
use super::style::Label;
use super::table::Cell;

/// Items as an indented tree.
pub fn tree(page: &mut Page, nodes: &[TreeNode], none: &str) {
    page.list(none, 0, nodes, |page, node| {
        let label = match node.fits {
            Some(false) => Label::Dim,
            _ => Label::Text,
        };
        // Limited, because a hostile state could have any depth.
        let indent = "  ".repeat(node.depth.min(40));
        [
            label.of(format!("{indent}{}  {}", node.item.id, node.item.title)),
            Cell::status(page.status(&node.item)),
            Label::Actor.of(node.item.owner()),
        ]
    });
}

/// The dependencies and dependents of an item.
pub fn dependencies(page: &mut Page, view: &DepView) {
    if view.depends_on.is_empty() && view.dependents.is_empty() {
        page.put(Label::Id, &view.id);
        page.line(" depends on nothing, and nothing depends on it.");
        return;
    }
    links(page, "depends on", &view.depends_on, reading);
    // As the item says it of the other.
    links(page, "dependents", &view.dependents, |kind| kind);
}

fn links(page: &mut Page, what: &str, links: &[DepLink], words: fn(&str) -> &str) {
    page.section(what, 2, links, |_, link| {
        [
            Label::Id.of(&link.id),
            Cell::status(&link.status),
            Label::Text.of(&link.title),
            Label::Dim.of(words(&link.kind)),
            Label::Dim.of((link.class == EdgeClass::Soft).then_some("soft")),
        ]
    });
}

/// The reasons why an item can or cannot be started, down to the root blocker.
pub fn why(page: &mut Page, view: &WhyView) {
    super::item::brief(page, &view.item);
    let label = if view.ready { Label::Good } else { Label::Bad };
    for reason in &view.reasons {
        let reason = page.marked(reason).into_owned();
        page.text("  ").put(label, reason).end();
    }
    if view.chain.len() > 1 {
        page.rows("  ", 3, &view.chain, |page, link| {
            [
                Label::Dim.of(&link.relation),
                Label::Id.of(&link.id),
                Cell::status(&link.status),
                Label::Text.of(&link.title),
                Label::Actor.of(holder(page, link)),
            ]
        });
    }
}

/// The holder of an item in a chain, with the time of the last activity.
fn holder(page: &Page, link: &ChainLink) -> String {
    match (&link.owner, &link.last_sign) {
        (Some(owner), Some(sign)) => format!("{owner} (last active {})", page.when(sign)),
        (owner, _) => owner.clone().unwrap_or_default(),
    }
}

/// Waiting items, with the first reason and the root of each chain.
pub fn blocked(page: &mut Page, views: &[WhyView]) {
    page.list("Nothing is blocked.", 1, views, |page, view| {
        let root = view.chain.last().filter(|root| root.id != view.item.id);
        [
            Label::Id.of(&view.item.id),
            Label::Text.of(&view.item.title),
            Label::Bad.of(view.reasons.first()),
            Label::Id.of(root.map(|root| &root.id)),
            Label::Actor.of(root.map(|root| holder(page, root))),
        ]
    });
}
