//! A plan as a debate reads it: its text without comments, and the hash that names it.

use super::checks::told;
use super::coverage;
use super::seen::{seen, version_of};
use super::sources::{self, find};
use super::write::render;
use crate::error::Result;
use crate::model::item::Item;
use crate::model::uid::sha256_hex;
use crate::pm::Pm;

/// A plan to debate.
#[derive(Clone, Debug)]
pub(crate) struct DebatedPlan {
    /// Its document.
    pub prd: Item,
    /// The id of the document.
    pub id: String,
    /// Its title.
    pub title: String,
    /// SHA-256 of its document.
    pub document: String,
    /// The text of the document.
    pub source: String,
    /// Its version, as `plan show` has it.
    pub version: String,
    /// Its text, as `plan write` takes it, without comments.
    pub text: String,
    /// SHA-256 of `document`, a line feed and `text`.
    pub hash: String,
    /// The number of changes by hand, those of agents included.
    pub edits: usize,
    /// The errors and warnings of its checks that its text can correct.
    pub checks: Vec<String>,
}

/// Reads the plan that a name refers to.
///
/// # Errors
/// If there is no such plan, or its document cannot be read.
pub(crate) fn debated(pm: &Pm, id: Option<&str>) -> Result<DebatedPlan> {
    let view = pm.plans().show(id)?;
    let state = pm.store.state()?;
    let _hold = state.hold();
    let (plan, prd) = find(pm, &state, Some(&view.prd))?;
    let reading = sources::reading_of(&state, &prd)?;
    let version = version_of(&state, &plan.uid);
    let statements = coverage::account(&plan, &reading);
    let text = without_comments(&render(&state, &plan, &version, &statements));
    Ok(DebatedPlan {
        id: state.shown_id(&prd),
        hash: sha256_hex(format!("{}\n{text}", plan.document).as_bytes()),
        document: plan.document.clone(),
        source: reading.text.to_string(),
        title: plan.title.clone(),
        edits: view.edits,
        checks: told::to_correct(&view.checks),
        prd,
        version,
        text,
    })
}

/// The text of an earlier version of a plan; none if its last commits do not have it.
///
/// # Errors
/// If the history cannot be read.
pub(crate) fn text_of_version(pm: &Pm, prd: &Item, version: &str) -> Result<Option<String>> {
    let state = pm.store.state()?;
    let Some((old, plan)) = seen(pm, &state, prd, version)? else {
        return Ok(None);
    };
    let reading = sources::reading_of(&old, prd)?;
    let statements = coverage::account(&plan, &reading);
    Ok(Some(without_comments(&render(
        &old,
        &plan,
        version,
        &statements,
    ))))
}

/// Drops the comments, each of which begins and ends a line.
fn without_comments(text: &str) -> String {
    let mut inside = false;
    let lines = text.lines().filter(|line| {
        inside |= line.starts_with("<!--");
        let is_text = !inside;
        inside &= !line.ends_with("-->");
        is_text
    });
    let kept: Vec<&str> = lines.collect();
    format!("{}\n", kept.join("\n").trim())
}

#[cfg(test)]
mod tests {
    use super::without_comments;

    #[test]
    fn comments_are_dropped_and_text_is_kept() {
        let text = "<!-- a -->\n<!--\nb\n-->\n\n# T\n### x. X\n<!-- now T-1 -->\n- a <!-- b\n";
        assert_eq!(without_comments(text), "# T\n### x. X\n- a <!-- b\n");
    }
}
