//! Rules about items: edges, cycles, ids, claims.

use std::cell::LazyCell;
use std::collections::BTreeSet;

use super::fsck_report::Finding;
use super::tree_survey::{Row, Survey, item_paths};
use crate::bridge::is_foreign;
use crate::error::Result;
use crate::graph::Graph;
use crate::model::doc::Doc;
use crate::model::id::{ItemKind, ItemRef};
use crate::model::item::{Claim, Item, PARENT_CHILD};
use crate::model::priority::Priority;
use crate::model::status::Status;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::store::fsck::file_versions;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// The set that holds it, or the register `epic`.
    pub field: &'static str,
    /// The element, verbatim.
    pub element: String,
    pub kind: String,
    pub target: ItemRef,
}

/// The findings about the item of a document; `lasting` has the ids that several items keep.
pub(super) fn find(
    survey: &Survey<'_>,
    (row, doc): (&Row, &Doc),
    lasting: &LazyCell<BTreeSet<String>, impl FnOnce() -> BTreeSet<String>>,
    out: &mut Vec<Finding>,
) -> Result<()> {
    let Some(item) = survey.read_item(&row.uid) else {
        return Ok(());
    };
    let id = survey.shown(&item);
    // Of several documents with its uid, one is the item.
    if (survey.item_row(&row.uid)).is_some_and(|one| std::ptr::eq(one, row)) {
        claims(&item, &id, out);
    }
    if item.deleted {
        return Ok(());
    }
    malformed(doc, &id, out);
    for edge in edges(doc) {
        out.extend(of_edge(survey, &item, &edge)?);
    }
    if let Some(n) = survey.ids.get(&item.id) {
        let message = format!("{n} items have the id {}", item.id);
        out.push(match lasting.contains(&item.id) {
            true => Finding::note("id-duplicate", &id, message + KEPT).fix(kept_fix(&id)),
            false => Finding::warning("id-duplicate", &id, message).fix("git pm sync"),
        });
    }
    Ok(())
}

/// True if there is a finding about an item alone.
pub(super) fn has_own_fault(doc: &Doc, item: &Item) -> bool {
    let mut out = Vec::new();
    malformed(doc, "", &mut out);
    claims(item, "", &mut out);
    !out.is_empty()
}

/// The role of an item that was not deleted.
const LIVE: u8 = 1;
/// That of one that can be the epic of others.
const EPIC: u8 = 2;
/// Those of one that can be the parent of others, by the rank of these.
const PARENT: [u8; 3] = [4, 8, 16];

/// What an item can be to others, as bits.
pub(super) fn roles(item: &Item) -> u8 {
    let epic = EPIC * u8::from(is_epic(item));
    let roles = PARENT[rank(item.kind)..].iter().sum::<u8>() | epic | LIVE;
    roles * u8::from(!item.deleted)
}

/// The items that one names, with the roles that each has to have.
pub(super) fn targets(doc: &Doc, item: &Item) -> Vec<(u8, Uid)> {
    let role = |kind: &str| match kind {
        "epic" => EPIC,
        PARENT_CHILD => PARENT[rank(item.kind)],
        _ => LIVE,
    };
    let edges = edges(doc).into_iter();
    edges
        .filter_map(|edge| Some((role(&edge.kind), edge.target.uid?)))
        .collect()
}

/// Items that wait for each other.
pub(super) fn cycles(survey: &Survey<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for cycle in Graph::new(&survey.live(), survey.now_ms).cycles() {
        let ids: Vec<String> = cycle
            .iter()
            .filter_map(|uid| survey.item(uid))
            .map(|item| survey.shown(item))
            .collect();
        let message = format!(
            "items block each other in a cycle: {}; one of its edges is ignored",
            ids.join(" → ")
        );
        let object = ids.first().cloned().unwrap_or_default();
        out.push(Finding::warning("cycle", &object, message).fix("git pm dep rm ID ON"));
    }
    out
}

/// What is said about an id that several items keep.
pub(in crate::maintain) const KEPT: &str =
    ", and all of them keep it: each has been published, or imported, with it";

/// What to do about an id that several items keep.
pub(in crate::maintain) fn kept_fix(shown: &str) -> String {
    format!("none needed; to name one of them, add its suffix: git pm show {shown}")
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
        let message = format!("`{element}` is not a valid edge: expected a type and a reference");
        out.push(Finding::warning("edge-malformed", id, message).fix("none needed; it is ignored"));
    }
    let priority = doc.value("priority");
    if !priority.is_null() && priority.as_int().is_none() {
        let message = format!(
            "its priority {} is not a number from 0 to 4, so it counts as {}",
            one_line(&priority.to_json().to_string()),
            Priority::default()
        );
        let fix = "set it with `--priority 0` to `--priority 4`";
        out.push(Finding::warning("priority-malformed", id, message).fix(fix));
    }
}

fn of_edge(survey: &Survey<'_>, item: &Item, edge: &Stored) -> Result<Option<Finding>> {
    let id = survey.shown(item);
    let Some(uid) = &edge.target.uid else {
        return Ok(None);
    };
    let born = &edge.target.born;
    if *uid == item.uid {
        let message = format!("its edge of type `{}` points back to the item", edge.kind);
        return Ok(Some(Finding::fault("edge-self", &id, message).repairable()));
    }
    let Some(target) = survey.read_item(uid) else {
        if survey.has(&edge.target) {
            return Ok(None);
        }
        let message = format!(
            "its edge of type `{}` points to {born}, which does not exist here",
            edge.kind
        );
        if is_foreign(&edge.target) {
            let message = format!("{message} and was not imported");
            return Ok(Some(Finding::note("edge-missing", &id, message)));
        }
        let finding = Finding::warning("edge-missing", &id, message);
        return Ok(Some(if never_was(survey, edge)? {
            finding.repairable()
        } else {
            finding.fix("git pm sync")
        }));
    };
    if target.deleted {
        let message = format!(
            "its edge of type `{}` points to {born}, which was deleted",
            edge.kind
        );
        return Ok(Some(Finding::note("edge-deleted", &id, message)));
    }
    let fits = match edge.kind.as_str() {
        "epic" => is_epic(&target),
        PARENT_CHILD => rank(target.kind) <= rank(item.kind),
        _ => true,
    };
    if fits {
        return Ok(None);
    }
    let message = format!(
        "{} cannot be its `{}`: it is of kind {}",
        survey.shown(&target),
        edge.kind,
        target.kind
    );
    Ok(Some(
        Finding::warning("parent-kind", &id, message)
            .fix(format!("git pm task edit {id} --epic E-…")),
    ))
}

/// True if the target of an edge is in no state that this clone knows.
pub(super) fn never_was(survey: &Survey<'_>, edge: &Stored) -> Result<bool> {
    let Some(uid) = &edge.target.uid else {
        return Ok(false);
    };
    if survey.has(&edge.target) || is_foreign(&edge.target) || !survey.is_whole() {
        return Ok(false);
    }
    let paths = item_paths(&edge.target.born, uid);
    Ok(!file_versions::ever(survey.repo, &survey.tips()?, &paths)?)
}

fn is_epic(item: &Item) -> bool {
    item.kind == ItemKind::Epic || item.item_type == "epic"
}

/// The level of a kind in the hierarchy, 0 at the top.
fn rank(kind: ItemKind) -> usize {
    match kind {
        ItemKind::Prd => 0,
        ItemKind::Epic => 1,
        ItemKind::Task | ItemKind::Issue => 2,
    }
}

/// The code and message of a broken open claim; `None` for a valid one. `item.claims` are in order
/// of precedence.
pub(super) fn broken(item: &Item, claim: &Claim) -> Option<(&'static str, String)> {
    if claim.ended.is_some() {
        return None;
    }
    let lacks = lacks(claim);
    if !lacks.is_empty() {
        let message = format!("the claim {} has no {}", claim.id, lacks.join(" and no "));
        return Some(("claim-malformed", message));
    }
    if item.deleted || item.status.is_closed() {
        let message = format!(
            "{} still claims it, although it is {}",
            claim.actor,
            state_of(item)
        );
        return Some(("claim-on-closed", message));
    }
    let mut open = item.claims.iter().filter(|c| c.ended.is_none());
    let holder = open.find(|c| self::lacks(c).is_empty())?;
    if claim.confirmed && holder.confirmed && holder.id != claim.id {
        let message = format!(
            "{} in clone {} and {} in clone {} both have a confirmed claim; the first one is valid",
            holder.actor, holder.replica, claim.actor, claim.replica
        );
        return Some(("claim-two-holders", message));
    }
    None
}

/// The required fields that a claim lacks.
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

fn claims(item: &Item, id: &str, out: &mut Vec<Finding>) {
    for claim in &item.claims {
        if let Some((code, message)) = broken(item, claim) {
            // A concurrent close and start leave this; the next sync ends the claim.
            out.push(match code {
                "claim-on-closed" => Finding::warning(code, id, message).repairable(),
                _ => Finding::fault(code, id, message).repairable(),
            });
        }
    }
    let idle = item.status == Status::InProgress && item.holder().is_none() && !item.deleted;
    if idle && item.kind == ItemKind::Task {
        out.push(
            Finding::warning("claim-missing", id, "it is in progress, but not claimed")
                .fix(format!("git pm start {id} --resume")),
        );
    }
}
