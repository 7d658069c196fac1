//! What an exchange with a forge did, and how the mirror stands.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use super::change_item::value_here;
use super::link::ForgeLink;
use super::local_files;
use super::mirror::Mirror;
use super::pulls::PullRecord;
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::pm::handles::Forges;

/// The result of an exchange.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct ForgeReport {
    /// `HOST/OWNER/NAME`.
    pub repository: String,
    /// Nothing was written, on either side.
    pub dry_run: bool,
    /// Items would be made public or leave for the first time: a human repeats the command with `--yes`.
    pub needs_yes: bool,
    /// Anybody can read the repository.
    pub public: bool,
    /// Items made from issues.
    pub created_here: usize,
    /// Items changed as their issues were.
    pub changed_here: usize,
    /// Issues made from items; in a dry run, those that would be.
    pub created_there: usize,
    /// Issues changed as their items were.
    pub changed_there: usize,
    /// Comments that came in.
    pub comments_here: usize,
    /// Comments that went out; in a dry run, those that would.
    pub comments_there: usize,
    /// Items that are done, and gates that are open, as their pull requests were merged.
    pub merged: Vec<String>,
    /// What both sides changed: neither side is written until `github resolve`.
    pub conflicts: Vec<ForgeConflict>,
    /// What needs attention.
    pub notes: Vec<ForgeNote>,
    /// Fields of the items to be made that have no place in an issue, with the number of items that have them.
    pub left_out: Vec<LeftOutField>,
    /// Requests that were sent.
    pub requests: usize,
    /// Requests that the limit still allows.
    pub remaining: Option<u64>,
}

/// A field of which both sides have a new value.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ForgeConflict {
    /// The item's id.
    pub id: String,
    /// The number.
    pub number: u64,
    /// The field.
    pub field: String,
    /// The value here.
    pub ours: Json,
    /// The value there.
    pub theirs: Json,
}

/// Something that needs attention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ForgeNote {
    /// The item's id, or `#NUMBER` of an issue without one.
    pub id: String,
    /// The rest of a sentence about it.
    pub message: String,
}

/// A field without a place in an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LeftOutField {
    /// The field.
    pub field: String,
    /// The number of items that have it.
    pub items: usize,
}

/// How the mirror stands, as far as this clone knows.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct ForgeStatus {
    /// The link, if there is one.
    pub link: Option<ForgeLink>,
    /// When this clone last exchanged with it, RFC 3339.
    pub exchanged_at: Option<String>,
    /// The mirrored items.
    pub mirrors: Vec<MirrorView>,
    /// The pull requests of items that are not closed, as they were last seen.
    pub pulls: Vec<PullView>,
    /// What both sides changed.
    pub conflicts: Vec<ForgeConflict>,
}

/// An item and its pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PullView {
    /// The item's id.
    pub id: String,
    /// The number of the pull request.
    pub number: u64,
    /// `draft`, `open`, `merged` or `closed`.
    pub state: String,
    /// Its address.
    pub url: String,
}

/// An item and its issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MirrorView {
    /// The item's id.
    pub id: String,
    /// The number; none while it is being made.
    pub number: Option<u64>,
    /// Its address.
    pub url: Option<String>,
    /// It is no longer there.
    pub gone: bool,
}

impl ForgeConflict {
    /// That of an item (its id, and the number of its issue).
    pub(super) fn of(
        (id, number): (&str, u64),
        doc: &Doc,
        item: &Item,
        field: &str,
        theirs: &Json,
    ) -> ForgeConflict {
        ForgeConflict {
            id: id.to_string(),
            number,
            field: field.to_string(),
            ours: value_here(doc, item, field),
            theirs: theirs.clone(),
        }
    }
}

impl ForgeReport {
    pub(super) fn note(&mut self, id: impl Into<String>, message: impl Into<String>) {
        let note = ForgeNote {
            id: id.into(),
            message: message.into(),
        };
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

impl Forges<'_> {
    /// The link, the mirrored items and what is in conflict; asks nobody.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn status(&self) -> Result<ForgeStatus> {
        let pm: &Pm = self.pm;
        let state = pm.store.state()?;
        let Some(mut link) = super::link::read(&state) else {
            return Ok(ForgeStatus::default());
        };
        link.confirmed = local_files::is_confirmed(pm, &link);
        let mut status = ForgeStatus {
            exchanged_at: local_files::read(pm).at.filter(|_| link.confirmed),
            ..ForgeStatus::default()
        };
        let key = link.key();
        for (_, loaded, mirror) in Mirror::all(state.item_docs(), &key) {
            let id = state.name_of(&loaded.doc);
            let url = |number| format!("https://{}/issues/{number}", link.shown());
            let Some(item) = &loaded.item else { continue };
            let of = (id.as_str(), mirror.number.unwrap_or_default());
            let theirs = mirror.theirs.iter();
            let conflicts =
                theirs.map(|(name, theirs)| ForgeConflict::of(of, &loaded.doc, item, name, theirs));
            status.conflicts.extend(conflicts);
            status.mirrors.push(MirrorView {
                id,
                number: mirror.number,
                url: mirror.number.map(url),
                gone: mirror.gone,
            });
        }
        let pulls = PullRecord::open(&state, &key).into_iter();
        status.pulls.extend(pulls.map(|(_, id, pull)| PullView {
            id,
            number: pull.number,
            state: one_line(&pull.state),
            url: format!("https://{}/pull/{}", link.shown(), pull.number),
        }));
        status.mirrors.sort_by_key(|one| one.number);
        status.pulls.sort_by_key(|one| one.number);
        status.link = Some(link);
        Ok(status)
    }
}
