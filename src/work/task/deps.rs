//! Dependencies and other typed edges: add, remove, list.
//!
//! An edge that closes a cycle of blocking edges is refused when it is written.

use schemars::JsonSchema;
use serde::Serialize;

use super::cycles::Cycles;
use crate::error::{Error, Hint, Result};
use crate::graph::{Graph, is_blocking};
use crate::model::edge_type::{EdgeClass, EdgeType, reading};
use crate::model::id::ItemRef;
use crate::model::issue_fields::{Gate, WAITS_FOR};
use crate::model::item::{Item, PARENT_CHILD};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::handles::Tasks;
use crate::pm::shared_views::{ItemView, item_view, shown_status};
use crate::store::index::{Reach, Scan};
use crate::store::state::State;
use crate::store::transaction::Tx;

/// The dependencies of an item, both ways.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DepView {
    /// The item.
    pub id: String,
    /// The items it waits for.
    pub depends_on: Vec<DepLink>,
    /// The items that wait for it.
    pub dependents: Vec<DepLink>,
}

/// One dependency.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DepLink {
    /// The other item.
    pub id: String,
    /// Its title; empty when it is missing.
    pub title: String,
    /// Its status; `deleted`, or `missing` when it is not in this state.
    pub status: String,
    /// The edge's type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Hard or soft.
    pub class: EdgeClass,
}

/// One node of a tree of items.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TreeNode {
    /// Its depth, 0 for the root.
    pub depth: usize,
    /// Set by a query: false for an item that only leads to a match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fits: Option<bool>,
    /// The item.
    #[serde(flatten)]
    pub item: ItemView,
}

/// The longest type of an edge, in characters (beads' limit).
const TYPE_MAX: usize = 50;

/// The graph around an item: for the item and its chain of blockers, it gives the same answers as
/// the graph of all items.
pub(crate) fn graph_around<'a>(state: &'a State<'_>, uid: &Uid, now_ms: u64) -> Graph<'a> {
    state.graph(&state.around(&[uid], Reach::Waits), now_ms)
}

impl Tasks<'_> {
    /// Adds an edge: `id` waits for `on` (type `blocks`), or is related to it by another type.
    ///
    /// # Errors
    /// When an item does not exist, the edge would create a cycle, or its type is unknown and
    /// `force` is not set.
    pub fn add_dependency(
        &self,
        id: &str,
        on: &str,
        kind: &str,
        soft: bool,
        force: bool,
    ) -> Result<ItemView> {
        self.pm.write("dep add").view(|tx| {
            let kind = edge_type(&tx.state, kind, force)?;
            dep_add_in(tx, &mut Cycles::refused(), id, on, &kind, soft)
        })
    }

    /// Adds an edge of type `waits-for` that waits for the children of `on`.
    ///
    /// # Errors
    /// As `Tasks::add_dependency`, and when the edge is of another type.
    pub fn add_gate_dependency(
        &self,
        id: &str,
        on: &str,
        kind: &str,
        gate: Gate,
    ) -> Result<ItemView> {
        let kind = edge_word(kind);
        self.pm.write("dep add").view(|tx| {
            let uid = dep_add_in(tx, &mut Cycles::refused(), id, on, kind, false)?;
            set_gate_in(tx, &uid, on, kind, gate)?;
            Ok(uid)
        })
    }

    /// The tree of an item's dependencies and children, and of theirs, and so on; each item once.
    ///
    /// # Errors
    /// When there is no such item.
    pub fn dependency_tree(&self, id: &str) -> Result<Vec<TreeNode>> {
        let state = self.pm.store.snapshot()?;
        let here = self.pm.here();
        let mut todo = vec![(0, state.find(id)?.uid.clone())];
        let (mut seen, mut nodes) = (std::collections::BTreeSet::new(), Vec::new());
        while let Some((depth, uid)) = todo.pop() {
            let Some(item) = state.item(&uid).filter(|item| !item.deleted) else {
                continue;
            };
            if !seen.insert(uid) {
                continue;
            }
            nodes.push(TreeNode {
                depth,
                fits: None,
                item: item_view(&state, item, &here),
            });
            let waits = edges_of(item).filter(|(kind, _, _)| is_blocking(kind));
            let mut next: Vec<Uid> = waits.filter_map(|(_, t, _)| t.uid.clone()).collect();
            // A parent is done when its children are.
            let parts = state.children(&item.uid).into_iter();
            next.extend(parts.map(|part| part.uid.clone()));
            todo.extend(next.into_iter().rev().map(|uid| (depth + 1, uid)));
        }
        Ok(nodes)
    }

    /// Removes an edge.
    ///
    /// # Errors
    /// When there is no such edge.
    pub fn remove_dependency(&self, id: &str, on: &str, kind: &str) -> Result<ItemView> {
        let rm = self.pm.write("dep rm");
        rm.view(|tx| dep_remove_in(tx, id, on, kind))
    }

    /// The dependencies and dependents of an item, with all other edges.
    ///
    /// # Errors
    /// When there is no such item.
    pub fn dependencies(&self, id: &str) -> Result<DepView> {
        let state = self.pm.store.snapshot()?;
        let item = state.find(id)?;
        let now_ms = self.pm.now_ms();
        let mut view = DepView {
            id: state.shown_id(item),
            depends_on: Vec::new(),
            dependents: Vec::new(),
        };
        for (kind, target, soft) in edges_of(item) {
            view.depends_on
                .push(link(&state, now_ms, target, kind, soft));
        }
        let proposed = state.proposed_dependents(&item.uid);
        for other in state.items().into_iter().chain(proposed) {
            for (kind, target, soft) in edges_of(other) {
                if target.uid.as_ref() == Some(&item.uid) {
                    view.dependents
                        .push(link(&state, now_ms, &other.reference(), kind, soft));
                }
            }
        }
        Ok(view)
    }
}

/// `Tasks::add_dependency` as part of a transaction, with a resolved type.
pub(crate) fn dep_add_in(
    tx: &mut Tx<'_>,
    cycles: &mut Cycles,
    id: &str,
    on: &str,
    kind: &str,
    soft: bool,
) -> Result<Uid> {
    check_type(kind)?;
    let item = tx.state.find(id)?.clone();
    let target = tx.state.find(on)?.clone();
    if target.uid == item.uid {
        let shown = tx.state.shown_id(&item);
        let what = match is_blocking(kind) {
            true => "wait for itself".to_string(),
            false => format!("have an edge of type `{kind}` to itself"),
        };
        return Err(Error::refused(format!("{shown} cannot {what}")).hint("name another item"));
    }
    if is_blocking(kind) && !soft {
        cycles.require_acyclic(&tx.state, &item.uid, &target)?;
    }
    if kind == PARENT_CHILD {
        cycles.require_no_ancestor(&tx.state, &item, &target)?;
    }
    let reference = target.reference().to_string();
    let at = tx.fresh_stamp();
    tx.edit(&item.uid, |doc, clock| {
        let mut changed = if kind == "blocks" {
            doc.set_element("depends_on", &reference, true, clock)
        } else {
            doc.set_element("edges", &format!("{kind} {reference}"), true, clock)
        };
        let key = format!("{kind} {reference}");
        let class = if soft {
            Value::from("soft")
        } else {
            Value::Null
        };
        if doc.entry("edge_attributes", &key).is_some() {
            changed |= doc.set_entry("edge_attributes", &key, "class", class, clock);
        } else if soft {
            doc.add_entry("edge_attributes", &key, at, &[("class", class)]);
            changed = true;
        }
        changed
    })?;
    let (a, b) = (tx.state.shown_id(&item), tx.state.shown_id(&target));
    let text = match (kind, soft) {
        ("blocks", false) => format!("{a} waits for {b}"),
        ("blocks", true) => format!("{a} has a soft dependency on {b}"),
        _ => format!("{a} {} {b}", reading(kind)),
    };
    tx.describe("dep add", &[&a, &b], &text);
    Ok(item.uid)
}

/// Sets the gate of an edge, as part of a transaction.
pub(crate) fn set_gate_in(
    tx: &mut Tx<'_>,
    uid: &Uid,
    on: &str,
    kind: &str,
    gate: Gate,
) -> Result<()> {
    if kind != WAITS_FOR {
        return Err(
            Error::usage("only an edge of type waits-for can have a gate")
                .hint(format!("use `--type {WAITS_FOR} --gate {}`", gate.as_str())),
        );
    }
    let key = format!("{kind} {}", tx.state.find(on)?.reference());
    let at = tx.fresh_stamp();
    let metadata = Value::from(gate.metadata());
    tx.edit(uid, |doc, clock| {
        if doc.entry("edge_attributes", &key).is_some() {
            return doc.set_entry("edge_attributes", &key, "metadata", metadata, clock);
        }
        doc.add_entry("edge_attributes", &key, at, &[("metadata", metadata)]);
        true
    })?;
    Ok(())
}

/// `Tasks::remove_dependency` as part of a transaction.
pub(crate) fn dep_remove_in(tx: &mut Tx<'_>, id: &str, on: &str, kind: &str) -> Result<Uid> {
    let item = tx.state.find(id)?.clone();
    // An import may have brought an edge of exactly that type.
    let kind = match item.edges.iter().any(|edge| edge.kind == kind) {
        true => kind,
        false => edge_word(kind),
    };
    let target = match tx.state.find(on) {
        Ok(target) => target.reference().to_string(),
        // An edge to a missing item can still be removed by its text.
        Err(error) => item
            .depends_on
            .iter()
            .map(|d| &d.target)
            .chain(item.edges.iter().map(|e| &e.target))
            .find(|t| t.born == on || t.to_string() == on)
            .map(ToString::to_string)
            .ok_or(error)?,
    };
    let (a, b) = (tx.state.shown_id(&item), on.to_string());
    let changed = tx.edit(&item.uid, |doc, clock| {
        if kind == "blocks" {
            doc.set_element("depends_on", &target, false, clock)
        } else {
            doc.set_element("edges", &format!("{kind} {target}"), false, clock)
        }
    })?;
    if !changed {
        return Err(
            Error::not_found(format!("{a} has no edge of type `{kind}` to {b}"))
                .hint(Hint::run(["dep", "list", &a], "shows its edges")),
        );
    }
    let text = match kind {
        "blocks" => format!("{a} no longer waits for {b}"),
        kind => format!("{a} no longer has an edge of type {kind} to {b}"),
    };
    tx.describe("dep rm", &[&a], &text);
    Ok(item.uid)
}

/// The type of an edge that a typed word means, as far as the word alone shows.
pub fn edge_word(word: &str) -> &str {
    EdgeType::meant(word).map_or(word, |known| known.as_str())
}

/// The type of a new edge: a known one, or one that an edge here has already, as an import brings
/// them.
///
/// # Errors
/// When it is neither, unless `force`d: an edge of a mistyped type would block nothing, without a
/// warning.
pub(crate) fn edge_type(state: &State<'_>, word: &str, force: bool) -> Result<String> {
    check_type(word)?;
    let meant = edge_word(word);
    let used = |item: &Item| item.edges.iter().any(|edge| edge.kind == word);
    if force
        || EdgeType::parse(meant).is_some()
        || !state.scan(&Scan::All(None), used, 1).is_empty()
    {
        return Ok(meant.to_string());
    }
    let shown = crate::model::text::one_line(word);
    Err(Error::usage(format!(
        "`{shown}` is neither a standard edge type nor used here"
    ))
    .hint(format!(
        "use one of: {}",
        EdgeType::VOCABULARY.words.join(", ")
    ))
    .hint(Hint::run(
        ["dep", "add", "ID", "ON", "--type", "TYPE", "--force"],
        "accepts a custom type",
    )))
}

/// Refuses a text that cannot be the type of an edge.
fn check_type(kind: &str) -> Result<()> {
    let bad = kind.is_empty()
        || kind.chars().count() > TYPE_MAX
        || kind.chars().any(|c| c.is_control() || c.is_whitespace());
    if !bad {
        return Ok(());
    }
    let error = Error::usage("the type of an edge must be one word of at most 50 characters");
    Err(error
        .hint("`blocks` is the default; others are `related`, `parent-child`, `discovered-from`"))
}

fn edges_of(item: &Item) -> impl Iterator<Item = (&str, &ItemRef, bool)> {
    let deps = item
        .depends_on
        .iter()
        .map(|d| ("blocks", &d.target, d.soft));
    let rest = item
        .edges
        .iter()
        .map(|e| (e.kind.as_str(), &e.target, !is_blocking(&e.kind)));
    deps.chain(rest)
}

fn link(state: &State<'_>, now_ms: u64, target: &ItemRef, kind: &str, soft: bool) -> DepLink {
    let found = target.uid.as_ref().and_then(|uid| state.item(uid));
    DepLink {
        id: state.shown_ref(target),
        title: found.map(|i| i.title.clone()).unwrap_or_default(),
        status: found.map_or("missing".into(), |i| shown_status(i, now_ms).to_string()),
        kind: kind.to_string(),
        class: EdgeClass::of(!soft),
    }
}
