//! Renders trees, dependencies, and the reasons why items wait.

use git_pm::tasks::{ChainLink, DepLink, DepView, TreeNode, WhyView};

use super::page::Page;
use super::style::{self, Label};
use super::table::Table;

/// Items as an indented tree.
pub fn tree(page: &mut Page, nodes: &[TreeNode], none: &str) {
    if nodes.is_empty() {
        page.line(none);
    }
    let mut table = Table::new(0);
    for node in nodes {
        // Limited, because a hostile state could have any depth.
        let indent = "  ".repeat(node.depth.min(40));
        table.row([
            (
                if node.fits == Some(false) {
                    Label::Dim
                } else {
                    Label::Text
                },
                &format!("{indent}{}  {}", node.item.id, node.item.title),
            ),
            (style::status(&node.item.status), node.item.status.as_str()),
            (Label::Actor, node.item.owner.as_deref().unwrap_or("")),
        ]);
    }
    page.table("", &table);
}

/// The dependencies and dependents of an item.
pub fn dependencies(page: &mut Page, view: &DepView) {
    if view.depends_on.is_empty() && view.dependents.is_empty() {
        page.put(Label::Id, &view.id);
        page.line(" depends on nothing, and nothing depends on it.");
        return;
    }
    links(page, "depends on", &view.depends_on);
    links(page, "dependents", &view.dependents);
}

fn links(page: &mut Page, what: &str, links: &[DepLink]) {
    if links.is_empty() {
        return;
    }
    page.heading(what);
    let mut table = Table::new(2);
    for link in links {
        table.row([
            (Label::Id, link.id.as_str()),
            (style::status(&link.status), &link.status),
            (Label::Text, &link.title),
            (Label::Dim, &link.kind),
            (Label::Dim, if link.class == "soft" { "soft" } else { "" }),
        ]);
    }
    page.table("  ", &table);
}

/// The reasons why an item can or cannot be started, down to the root blocker.
pub fn why(page: &mut Page, view: &WhyView) {
    super::item::brief(page, &view.item);
    let label = if view.ready { Label::Good } else { Label::Bad };
    for reason in &view.reasons {
        page.text("  ").put(label, reason).end();
    }
    if view.chain.len() > 1 {
        let mut table = Table::new(3);
        for link in &view.chain {
            table.row([
                (Label::Dim, link.relation.as_str()),
                (Label::Id, &link.id),
                (style::status(&link.status), &link.status),
                (Label::Text, &link.title),
                (Label::Actor, &holder(page, link)),
            ]);
        }
        page.table("  ", &table);
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
    if views.is_empty() {
        page.line("Nothing is blocked.");
    }
    let mut table = Table::new(1);
    for view in views {
        let root = view.chain.last().filter(|root| root.id != view.item.id);
        table.row([
            (Label::Id, view.item.id.as_str()),
            (Label::Text, &view.item.title),
            (Label::Bad, view.reasons.first().map_or("", String::as_str)),
            (Label::Id, root.map_or("", |root| root.id.as_str())),
            (
                Label::Actor,
                &root.map_or(String::new(), |root| holder(page, root)),
            ),
        ]);
    }
    page.table("", &table);
}
