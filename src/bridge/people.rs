//! The people of a source: the names that they have here, remembered from one import to the next, and who holds what.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::stamp::Stamp;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::store::read_document::Loaded;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// The names of earlier imports: pairs of a name there, in lower case, and one here.
pub(crate) fn remembered(state: &State<'_>, source: &str) -> Vec<(String, String)> {
    let names = stored(state, &uid(source)).unwrap_or_default();
    names.into_iter().collect()
}

fn uid(source: &str) -> Uid {
    Uid::derived(&[source, "people"])
}

/// The stored names; none if none were ever given.
fn stored(state: &State<'_>, uid: &Uid) -> Option<BTreeMap<String, String>> {
    let json = state.key_doc(uid)?.doc.value("people").to_json();
    Some(serde_json::from_value(json).unwrap_or_default())
}

/// Adds the names of this import to those of earlier ones, and returns all: pairs of a name there, in lower case,
/// and one here.
pub(crate) fn remember(
    tx: &mut Tx<'_>,
    source: &str,
    given: &[(String, String)],
) -> Result<Vec<(String, String)>> {
    let uid = uid(source);
    let stored = stored(&tx.state, &uid);
    let is_new = stored.is_none();
    let mut names = stored.unwrap_or_default();
    let before = names.clone();
    let given = given.iter();
    names.extend(given.map(|(there, here)| (there.to_lowercase(), here.clone())));
    if names != before {
        if is_new {
            let mut doc = Doc::new(uid.clone(), "key", "", Stamp::origin(&uid));
            doc.put("key", format!("import {source} people"));
            doc.put("op", format!("import {source}"));
            tx.insert(doc)?;
        }
        let all = Value::Json(serde_json::json!(names));
        tx.edit(&uid, |doc, clock| doc.set("people", all, clock))?;
    }
    Ok(names.into_iter().collect())
}

/// Leaves the assignee of an item that an actor holds as it was, and says who has it at the source.
pub(super) fn spare_holder(before: &Loaded, doc: &mut Doc, now_ms: u64) -> Option<String> {
    let mut claims = before.item.as_ref()?.open_claims();
    let holder = &claims.find(|claim| !claim.may_be_taken_over(now_ms))?.actor;
    let name = doc.text("assignee")?.to_string();
    if name == *holder || before.doc.text("assignee") == Some(name.as_str()) {
        return None;
    }
    match before.doc.regs.get("assignee") {
        Some(was) => doc.regs.insert("assignee".into(), was.clone()),
        None => doc.regs.remove("assignee"),
    };
    let (name, holder) = (one_line(&name), one_line(holder));
    Some(format!(
        "is {name}'s at the source, but {holder} holds it here; the assignee stays"
    ))
}
