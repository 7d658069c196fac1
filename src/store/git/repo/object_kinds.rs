//! What is asked of objects and reflogs when a history is cut.

use super::{Oid, Repo, refs, require_ref_name};
use crate::error::Result;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// A commit.
    Commit,
    /// A tree.
    Tree,
    /// A blob.
    Blob,
    /// An annotated tag.
    Tag,
}

impl Repo {
    /// What an object is; `None` when it is not here or cannot be read.
    pub fn kind_of(&self, id: Oid) -> Option<ObjectKind> {
        let header = self.look(|repo| repo.find_header(id)).ok()?;
        Some(match header.kind() {
            gix::objs::Kind::Commit => ObjectKind::Commit,
            gix::objs::Kind::Tree => ObjectKind::Tree,
            gix::objs::Kind::Blob => ObjectKind::Blob,
            gix::objs::Kind::Tag => ObjectKind::Tag,
        })
    }

    /// What an annotated tag points at.
    pub fn tag_target(&self, id: Oid) -> Option<Oid> {
        let tag = self.inner.find_tag(id).ok()?;
        tag.target_id().ok().map(gix::Id::detach)
    }

    /// Writes a ref's reflog anew with what `keep` makes of the ids before and after each entry.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn rewrite_reflog(
        &self,
        name: &str,
        keep: impl Fn(Oid, Oid) -> Option<(Oid, Oid)>,
    ) -> Result<()> {
        require_ref_name(name)?;
        refs::rewrite_log(self, name, keep)
    }
}
