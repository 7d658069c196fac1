//! The names that people of a source have here, remembered from one import to the next.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::stamp::Stamp;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::store::transaction::Tx;

/// Adds the names of this import to those of earlier ones, and returns all: pairs of a name there, in lower case,
/// and one here.
pub(super) fn remember(
    tx: &mut Tx<'_>,
    source: &str,
    given: &[(String, String)],
) -> Result<Vec<(String, String)>> {
    let uid = Uid::derived(&[source, "people"]);
    let stored = tx.state.key_doc(&uid);
    let stored = stored.map(|loaded| loaded.doc.value("people").to_json());
    let is_new = stored.is_none();
    let read = stored.and_then(|json| serde_json::from_value(json).ok());
    let mut names: BTreeMap<String, String> = read.unwrap_or_default();
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
