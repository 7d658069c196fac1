//! `git pm issue dep`.

use git_pm::issues::{Record, edge_word};
use git_pm::items::ItemView;
use git_pm::verbs::dep::{Add, ListOf, Rm};

use crate::commands::item;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

group! {
    /// Add, remove and list dependencies; show trees and cycles
    #[command(defer = true, disable_help_subcommand = true)]
    DepCommand, run(context):
    /// Make an issue depend on another
    ///
    /// Cycles of blocking dependencies are rejected.
    #[command(after_help = "\
Examples:
  git pm issue dep add pm-b2c1 pm-a3f8                          pm-b2c1 waits for pm-a3f8
  git pm issue dep add pm-c4d2 pm-a3f8 --type discovered-from   found while working on it
  git pm issue dep add pm-d5e3 pm-a3f8 --type waits-for --gate all-children")]
    Add(args: Add) => {
        if !context.beads.get() {
            return item::add_dependency(context, args);
        }
        let (on, kind) = (args.on.clone(), args.kind.clone());
        let item = context.verb(args)?;
        edge_changed(context, "added", &item, &on, Some(edge_word(&kind)))
    },
    /// Remove a dependency
    #[command(visible_alias = "rm")]
    Remove(args: Rm) => {
        if !context.beads.get() {
            return item::remove_dependency(context, args);
        }
        let on = args.on.clone();
        let item = context.verb(args)?;
        edge_changed(context, "removed", &item, &on, None)
    },
    /// List the dependencies and dependents of an issue
    List(args: ListOf) => {
        if !context.beads.get() {
            return context.shown(args, render::dependencies::dependencies);
        }
        let pm = context.pm()?;
        let mut links = pm.tasks().dependencies(&args.id)?.depends_on;
        links.retain(|link| link.status != "missing");
        let names: Vec<&str> = links.iter().map(|link| link.id.as_str()).collect();
        let mut records = pm.issues().beads_records(&names)?;
        for (record, link) in records.iter_mut().zip(&links) {
            record.put("dependency_type", link.kind.as_str());
        }
        context.bare(&records)
    },
    /// Show the dependencies and children of an issue as a tree
    Tree(args: ListOf) => {
        let pm = context.pm()?;
        let nodes = pm.tasks().dependency_tree(&args.id)?;
        if !context.beads.get() {
            return context.list(&nodes, |page, nodes| {
                render::dependencies::tree(page, nodes, "No items.");
            });
        }
        let names: Vec<&str> = nodes.iter().map(|node| node.item.uid.as_str()).collect();
        let mut records = pm.issues().beads_records(&names)?;
        let above = |at: usize| {
            let mut before = nodes[..at].iter().rev();
            before.find(|node| node.depth < nodes[at].depth)
        };
        for (at, record) in records.iter_mut().enumerate() {
            record.put("depth", nodes[at].depth);
            record.put(
                "parent_id",
                above(at).map_or("", |node| node.item.id.as_str()),
            );
            record.put("truncated", false);
        }
        context.bare(&records)
    },
    /// List dependency cycles, which merges can create
    Cycles => context.list(&context.pm()?.issues().cycles()?, |page, cycles| {
        if cycles.is_empty() {
            page.line("There are no cycles.");
        }
        for cycle in cycles {
            page.line(cycle.join(" -> "));
        }
    }),
}

/// A change of an edge in beads' JSON.
fn edge_changed(
    context: &Context,
    status: &str,
    item: &ItemView,
    on: &str,
    kind: Option<&str>,
) -> Outcome {
    let on = item::meant(context, on.to_string())?;
    let mut record = Record::of([
        ("status", status),
        ("issue_id", &item.id),
        ("depends_on_id", &on),
    ]);
    record.text("type", kind);
    context.bare(&record)
}
