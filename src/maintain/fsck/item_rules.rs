//! Rules about items: edges, cycles, ids, claims.

use super::fsck_report::Finding;
use super::tree_survey::{Look, item_paths};
use crate::bridge::is_foreign;
use crate::error::Result;
use crate::graph::Graph;
use crate::model::doc::Doc;
use crate::model::id::{ItemKind, ItemRef};
use crate::model::item::{Claim, Item, PARENT_CHILD};
use crate::model::status::Status;
use crate::store::fsck::past;

/// One edge as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// The set, or the register `epic`.
    pub field: &'static str,
    /// The element, verbatim.
    pub element: String,
    /// What it says.
    pub kind: String,
    /// Where it leads.
    pub target: ItemRef,
}

/// Looks at every item.
///
/// # Errors
/// When git cannot be started.
pub(super) fn find(look: &Look<'_>) -> Result<Vec<Finding>> {
    let mut out = Vec::new();
    for (_, doc) in look.scan.docs() {
        let Some(item) = look.items.get(&doc.uid).filter(|item| !item.deleted) else {
            continue;
        };
        let id = look.shown(item);
        malformed(doc, &id, &mut out);
        for edge in edges(doc) {
            out.extend(of_edge(look, item, &edge)?);
        }
        if look.with_id(&item.id) > 1 {
            let message = format!("{} items have the id {}", look.with_id(&item.id), item.id);
            out.push(Finding::warning("id-duplicate", &id, message).fix("git pm sync"));
        }
    }
    for item in look.items.values() {
        claims(look, item, &mut out);
    }
    let live: Vec<&Item> = look.items.values().filter(|i| !i.deleted).collect();
    for cycle in Graph::new(&live, look.now_ms).cycles() {
        let ids: Vec<String> = cycle
            .iter()
            .filter_map(|uid| look.items.get(uid))
            .map(|item| look.shown(item))
            .collect();
        let message = format!(
            "items wait for each other in a circle: {}; one edge of it does not count",
            ids.join(" → ")
        );
        let object = ids.first().cloned().unwrap_or_default();
        out.push(Finding::warning("cycle", &object, message).fix("git pm dep rm ID ON"));
    }
    Ok(out)
}

/// All edges of an item.
pub(super) fn edges(doc: &Doc) -> Vec<Stored> {
    let mut out = Vec::new();
    for element in doc.elements("depends_on") {
        out.push(Stored {
            field: "depends_on",
            element: element.to_string(),
            kind: "blocks".into(),
            target: ItemRef::parse(element),
        });
    }
    for element in doc.elements("edges") {
        if let Some((kind, target)) = element.split_once(' ') {
            out.push(Stored {
                field: "edges",
                element: element.to_string(),
                kind: kind.to_string(),
                target: ItemRef::parse(target),
            });
        }
    }
    if let Some(epic) = doc.text("epic") {
        out.push(Stored {
            field: "epic",
            element: epic.to_string(),
            kind: "epic".into(),
            target: ItemRef::parse(epic),
        });
    }
    out
}

fn malformed(doc: &Doc, id: &str, out: &mut Vec<Finding>) {
    for element in doc.elements("edges").filter(|e| !e.contains(' ')) {
        let message = format!("`{element}` is no edge: it should be a type and a reference");
        out.push(Finding::warning("edge-malformed", id, message).fix("nothing reads it"));
    }
}

fn of_edge(look: &Look<'_>, item: &Item, edge: &Stored) -> Result<Option<Finding>> {
    let id = look.shown(item);
    let Some(uid) = &edge.target.uid else {
        return Ok(None);
    };
    let born = &edge.target.born;
    if *uid == item.uid {
        let message = format!("its edge `{}` leads to itself", edge.kind);
        return Ok(Some(Finding::fault("edge-self", &id, message).repairable()));
    }
    let Some(target) = look.items.get(uid) else {
        if look.has(&edge.target) {
            return Ok(None);
        }
        let message = format!(
            "its edge `{}` leads to {born}, which is not here",
            edge.kind
        );
        if is_foreign(&edge.target) {
            let message = format!("{message} and was not imported");
            return Ok(Some(Finding::note("edge-missing", &id, message)));
        }
        let finding = Finding::warning("edge-missing", &id, message);
        return Ok(Some(if never_was(look, edge)? {
            finding.repairable()
        } else {
            finding.fix("git pm sync")
        }));
    };
    if target.deleted {
        let message = format!(
            "its edge `{}` leads to {born}, which was deleted",
            edge.kind
        );
        return Ok(Some(Finding::note("edge-deleted", &id, message)));
    }
    let fits = match edge.kind.as_str() {
        "epic" => target.kind == ItemKind::Epic || target.item_type == "epic",
        PARENT_CHILD => rank(target.kind) <= rank(item.kind),
        _ => true,
    };
    if fits {
        return Ok(None);
    }
    let message = format!(
        "{} stands above it as `{}` and is of kind {}",
        look.shown(target),
        edge.kind,
        target.kind
    );
    Ok(Some(
        Finding::warning("parent-kind", &id, message)
            .fix(format!("git pm task edit {id} --epic E-…")),
    ))
}

/// Whether the target of an edge was never in any state that this clone knows.
///
/// # Errors
/// When git cannot be started.
pub(super) fn never_was(look: &Look<'_>, edge: &Stored) -> Result<bool> {
    let Some(uid) = &edge.target.uid else {
        return Ok(false);
    };
    if look.has(&edge.target) || is_foreign(&edge.target) || !look.is_whole() {
        return Ok(false);
    }
    let paths = item_paths(&edge.target.born, uid);
    Ok(!past::ever(look.repo, &look.tips()?, &paths)?)
}

/// How high a kind stands.
fn rank(kind: ItemKind) -> u8 {
    match kind {
        ItemKind::Prd => 0,
        ItemKind::Epic => 1,
        ItemKind::Task | ItemKind::Issue => 2,
    }
}

/// Why an open claim is broken, and what that is called; `None` for a good one. `item.claims` are
/// in the order in which they hold.
pub(super) fn broken(item: &Item, claim: &Claim) -> Option<(&'static str, String)> {
    if claim.ended.is_some() {
        return None;
    }
    let lacks = lacks(claim);
    if !lacks.is_empty() {
        let message = format!("the claim {} has no {}", claim.id, lacks.join(", no "));
        return Some(("claim-malformed", message));
    }
    if item.deleted || item.status.is_closed() {
        let message = format!(
            "{} still claims it, though it is {}",
            claim.actor,
            state_of(item)
        );
        return Some(("claim-on-closed", message));
    }
    let mut open = item.claims.iter().filter(|c| c.ended.is_none());
    let holder = open.find(|c| self::lacks(c).is_empty())?;
    if claim.confirmed && holder.confirmed && holder.id != claim.id {
        let message = format!(
            "{} in clone {} and {} in clone {} both hold a confirmed claim; the first of them came \
             first",
            holder.actor, holder.replica, claim.actor, claim.replica
        );
        return Some(("claim-two-holders", message));
    }
    None
}

/// What every claim has and this one has not.
fn lacks(claim: &Claim) -> Vec<&'static str> {
    let fields = [
        ("actor", claim.actor.is_empty()),
        ("replica", claim.replica.is_empty()),
        ("lease", claim.lease_ms == 0),
    ];
    let missing = fields.into_iter().filter(|(_, missing)| *missing);
    missing.map(|(name, _)| name).collect()
}

fn state_of(item: &Item) -> String {
    if item.deleted {
        "deleted".into()
    } else {
        item.status.to_string()
    }
}

fn claims(look: &Look<'_>, item: &Item, out: &mut Vec<Finding>) {
    let id = look.shown(item);
    for claim in &item.claims {
        if let Some((code, message)) = broken(item, claim) {
            // What a close and a start that did not know of each other leave, the next sync ends.
            out.push(match code {
                "claim-on-closed" => Finding::warning(code, &id, message).repairable(),
                _ => Finding::fault(code, &id, message).repairable(),
            });
        }
    }
    let idle = item.status == Status::InProgress && item.holder().is_none() && !item.deleted;
    if idle && item.kind == ItemKind::Task {
        out.push(
            Finding::warning(
                "claim-missing",
                &id,
                "it is in progress and nobody claims it",
            )
            .fix(format!("git pm start {id} --resume")),
        );
    }
}
