//! Concurrent versions of the text of a learning, which a user resolves as those of an item.

use super::allowed_texts::{check_text, refuse_secrets};
use super::lookup::{find, is_learning_id};
use super::view::FullLearning;
use super::write::describe;
use crate::coordinate::conflicts;
use crate::coordinate::conflicts::Resolution;
use crate::error::{Error, Result};
use crate::learn::write;
use crate::pm::handles::Learnings;

impl Learnings<'_> {
    /// True if a text is an id of a learning, and not that of an item with the same letter.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn is_named(&self, id: &str) -> Result<bool> {
        Ok(is_learning_id(id) && self.pm.store.snapshot()?.find(id).is_err())
    }

    /// Resolves the concurrent versions of the text of a learning: one version, the offered merge,
    /// or a new text replaces all.
    ///
    /// # Errors
    /// When there is no such learning, conflict or version, or no merge can be offered.
    pub fn resolve(&self, id: &str, resolution: &Resolution) -> Result<FullLearning> {
        write::write_learning(self.pm, "conflicts", |tx| {
            let uid = find(&tx.state, id)?;
            let doc = tx.state.doc(&uid);
            let doc = doc.ok_or_else(|| Error::state("the learning cannot be read"))?;
            let text = conflicts::resolved_learning(self.pm, &tx.state, doc, resolution)?;
            refuse_secrets([("text", text.as_str())])?;
            check_text(&text, "text")?;
            tx.edit(&uid, |doc, clock| doc.body.write(&text, clock))?;
            describe(tx, "conflicts", &uid, "resolved");
            Ok(uid)
        })
    }
}
