//! The changes that an operation made to an item, as its page tells them.

use super::limits;
use crate::model::text::excerpt;
use crate::pm::changes::document_diff::ItemDiff;
use crate::store::env::Env;

/// Fields that the page describes in other words.
const LEFT_OUT: &str = "id claims branch work_commit finished_commit merged_into gates_passed";

/// The changes to an item.
#[derive(Default)]
pub(super) struct Changes {
    /// Short phrases.
    pub told: Vec<String>,
    /// The number of additional ones.
    pub more: usize,
    /// The text as a unified diff.
    pub body: Option<String>,
}

impl Changes {
    /// Describes the changes to an item.
    pub fn of(mut diff: ItemDiff, env: &Env) -> Changes {
        // Who held what is closed becomes its assignee.
        let mut fields = diff.fields.iter();
        let is_close = fields.any(|one| one.field == "closed_by" && !one.new.is_null());
        diff.fields.retain(|one| {
            let name = one.field.as_str();
            !LEFT_OUT.split(' ').any(|out| out == name) && !(is_close && name == "assignee")
        });
        let mut told = diff.words(Some(env), true);
        let more = told.len().saturating_sub(limits::CHANGES_MAX);
        told.truncate(limits::CHANGES_MAX);
        let short = |one: String| excerpt(&one.replace(" -> ", " → "), limits::CHANGE_MAX);
        Changes {
            told: told.into_iter().map(short).collect(),
            more,
            body: diff.body.filter(|body| !body.is_empty()),
        }
    }
}
