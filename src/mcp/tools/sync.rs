//! The state as a whole: status, sync, conflicts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::session::Session;
use super::super::tool::{Effect, Tool};
use super::super::views::{LearningEntry, Line, List, list};
use super::Nothing;
use crate::coordinate::conflicts::{ConflictView, Resolution};
use crate::coordinate::message::NoticeView;
use crate::error::{Error, Result};
use crate::maintain::doctor::DoctorReport;
use crate::maintain::setup::status::StatusView;
use crate::pm::handles::StateHandle;

use Effect::{Reads, Writes};

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool::new("status", Reads, "Status of your work, and notices", status),
        Tool::new(
            "conflicts",
            Reads,
            "Conflicts: texts that were changed concurrently",
            conflicts,
        ),
        Tool::new("resolve", Writes, "Resolve a conflict of texts", resolve),
        Tool::new("doctor", Reads, "Problems with this clone", doctor),
    ]
}

fn status(session: &Session, _: Nothing) -> Result<StatusView> {
    let state = session.pm()?.state();
    let status = state.status()?;
    note_shown(state, &status.notices);
    Ok(status)
}

/// Records that the client has received these notices. If that fails, they are repeated.
fn note_shown(state: StateHandle<'_>, notices: &[NoticeView]) {
    let _ = state.note_shown(notices);
}

fn conflicts(session: &Session, _: Nothing) -> Result<List<ConflictView>> {
    Ok(list(session.pm()?.state().conflicts()?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Resolve {
    id: String,
    /// Keep the version with this number
    keep: Option<usize>,
    /// Use the merged text
    #[serde(default)]
    merged: bool,
    /// A new text
    text: Option<String>,
}

/// The item or learning whose text was resolved.
#[derive(Serialize)]
#[serde(untagged)]
enum Resolved {
    Item(Line),
    Learning(Box<LearningEntry>),
}

fn resolve(session: &Session, input: Resolve) -> Result<Resolved> {
    let resolution = match (input.keep, input.merged, input.text) {
        (Some(number), false, None) => Resolution::Keep(number),
        (None, true, None) => Resolution::Merged,
        (None, false, Some(text)) => Resolution::Text(text),
        _ => {
            return Err(Error::usage("give one of `keep`, `merged` and `text`")
                .because("arguments.invalid")
                .about("resolve"));
        }
    };
    let pm = session.pm()?;
    if pm.learnings().is_named(&input.id)? {
        let learning = pm.learnings().resolve(&input.id, &resolution)?.learning;
        return Ok(Resolved::Learning(Box::new(LearningEntry::of(&learning))));
    }
    let item = pm.state().resolve(&input.id, &resolution)?;
    Ok(Resolved::Item(Line::of(&item)))
}

fn doctor(session: &Session, _: Nothing) -> Result<DoctorReport> {
    session.pm()?.state().doctor()
}
