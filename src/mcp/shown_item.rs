//! The answer of `show` and `start`: the item in full, since the client's model works on it next.

use serde_json::{Map, Value};

use super::item_views::Detail;
use super::session::Session;
use super::{answer_text, schema};
use crate::error::{Error, Result};

/// The answer of a verb that shows or starts an item, as data and as text; none for another answer.
pub(super) fn shown(session: &Session, answer: &Value) -> Result<Option<(Value, String)>> {
    let is_shown = answer.get("children").is_some() || answer.get("warnings").is_some();
    let Some(uid) = answer["uid"].as_str().filter(|_| is_shown) else {
        return Ok(None);
    };
    let mut item = session.pm()?.tasks().show(uid)?;
    let worktree = answer["worktree"].as_str();
    item.worktree = item.worktree.or(worktree.map(str::to_string));
    let item = Detail::of(&item);
    let mut data = serde_json::to_value(&item)
        .map_err(|error| Error::state(format!("cannot write the result: {error}")))?;
    let also = ["warnings", "learnings"].map(|key| (key.to_string(), answer[key].clone()));
    let also: Map<String, Value> = also.into_iter().collect();
    data.as_object_mut()
        .into_iter()
        .for_each(|data| data.extend(also.clone()));
    schema::without_nulls(&mut data);
    // What else `start` says.
    let also = answer_text::of(&also.into());
    let text = match also.as_str() {
        "none" => item.text(),
        also => format!("{}\n{also}", item.text()),
    };
    Ok(Some((data, text)))
}
