//! The one comment on a pull request that says how the work stands, and is replaced where it is.

use schemars::JsonSchema;
use serde::Serialize;

use super::connected;
use crate::error::{Error, Hint, Reason, Result};
use crate::forge::Linked;
use crate::model::uid::Uid;
use crate::pm::handles::Forges;

/// The comment on the pull request of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PullComment {
    /// The item's id.
    pub id: String,
    /// The number of the pull request.
    pub number: u64,
    /// The address of the comment.
    pub url: String,
    /// False if it says what it said before.
    pub changed: bool,
}

impl Forges<'_> {
    /// Writes how the work of an item stands (checks, criteria, risk, findings) on its pull request, in
    /// place of the comment written before.
    ///
    /// # Errors
    /// When the item has no open pull request, or GitHub refuses.
    pub fn comment(&self, id: &str) -> Result<PullComment> {
        let uid = self.pm.store.state()?.find(id)?.uid.clone();
        connected(self.pm, true)?.comment(&uid)
    }
}

impl Linked<'_> {
    pub(super) fn comment(&self, uid: &Uid) -> Result<PullComment> {
        let made = self.pm.findings().comment_text(uid.as_str())?;
        let id = made.id;
        let mut record = self.record_of(uid)?.ok_or_else(|| {
            Error::refused(format!("{id} has no pull request"))
                .because(Reason::ForgeUnlinked)
                .about(&id)
                .hint(Hint::run(["github", "pr", &id], "opens one"))
        })?;
        let number = record.number;
        // Its first line is a mark of its own.
        let text = made.text.split_once('\n');
        let text = text.map_or("", |(_, text)| text).trim();
        self.require_sendable(uid, &[text], false)?;
        let mark = Uid::derived(&["github", "review", uid.as_str()]);
        let own = self.own_comments(number, &mark, record.comment)?;
        let (comment, changed) = match own.first() {
            Some((id, said)) if said.trim() == text => (*id, false),
            Some((id, _)) => {
                self.forge.set_comment(*id, text, &mark)?;
                (*id, true)
            }
            None => (self.forge.comment(number, text, &mark)?.id, true),
        };
        // Another clone may have written one at the same time: the oldest stays.
        let mut kept = comment;
        if own.is_empty() || own.len() > 1 {
            let all = self.own_comments(number, &mark, Some(comment))?;
            kept = all.first().map_or(comment, |(id, _)| *id);
            for (id, _) in all.iter().skip(1) {
                self.forge.remove_comment(*id)?;
            }
        }
        record.comment = Some(kept);
        record.write(self.pm, &self.link.key(), uid)?;
        Ok(PullComment {
            id,
            number,
            url: format!("{}#issuecomment-{kept}", self.url(number)),
            changed,
        })
    }

    /// The comments that were written by this project, the oldest first: the one that the item names, and what
    /// its author, or the caller, wrote with its mark. Anybody can copy a mark.
    fn own_comments(
        &self,
        number: u64,
        mark: &Uid,
        known: Option<u64>,
    ) -> Result<Vec<(u64, String)>> {
        let login = self.forge.login()?;
        let all = self.forge.comments_on(number)?;
        let first = all.iter().find(|one| Some(one.id) == known);
        let authors = [login.as_ref(), first.map(|one| &one.author)];
        let own = all.iter().filter(|one| {
            let is_marked = one.mark.as_ref() == Some(mark);
            Some(one.id) == known || is_marked && authors.contains(&Some(&one.author))
        });
        let mut own: Vec<(u64, String)> = own.map(|one| (one.id, one.text.clone())).collect();
        own.sort();
        Ok(own)
    }
}
