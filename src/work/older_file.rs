//! Whether the file of a document that has an earlier text of it is behind, or was put back to that text.

use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::prose::VersionId;
use crate::pm::Pm;
use crate::store::git::repo::Commit;
use crate::store::history::introduced;
use crate::store::state::State;
use crate::work::moved_file::last_with;

/// The operation that brings an earlier text back.
const UNDO: &str = "undo";

/// True if a file has a text that its document had before, unless an undo took the newer one back in the state, or a later
/// commit put the file back.
pub(crate) fn is_behind(
    pm: &Pm,
    state: &State<'_>,
    (prd, doc): (&Item, &Doc),
    (path, bytes): (&str, &[u8]),
) -> bool {
    let had = |text: &str| doc.body.had(text);
    if !std::str::from_utf8(bytes).is_ok_and(had) {
        return false;
    }
    let Some(stored) = doc.body.newest() else {
        return true;
    };
    !(is_put_back(pm, (path, bytes), doc, stored) || is_undone(state, prd, stored))
}

/// True if a file was put back to an earlier text: over a commit with the newer one, or by a commit that is later than
/// that.
fn is_put_back(pm: &Pm, (path, bytes): (&str, &[u8]), doc: &Doc, stored: &VersionId) -> bool {
    let repo = pm.store.repo();
    let has = |commit: &Commit, text: &[u8]| {
        let blob = repo.file_at(commit.tree, path).ok().flatten();
        let found = blob.and_then(|blob| repo.blob(blob, text.len()).ok()?);
        found.as_deref() == Some(text)
    };
    let head = repo.resolve("HEAD").and_then(|head| repo.commit(head).ok());
    if head.is_some_and(|head| has(&head, doc.body.shown().as_bytes())) {
        return true;
    }
    let last = last_with(&repo.git().plain(), "HEAD", path).ok().flatten();
    let last = last.and_then(|last| repo.commit(repo.resolve(&last)?).ok());
    last.is_some_and(|last| {
        let seconds = u64::try_from(last.author.seconds).unwrap_or(0);
        has(&last, bytes) && seconds > stored.stamp.ms / 1000
    })
}

/// True if an undo wrote a version of a document.
fn is_undone(state: &State<'_>, prd: &Item, stored: &VersionId) -> bool {
    let has = |doc: &Doc| doc.body.versions.contains_key(stored);
    let name = (prd.born.as_str(), &prd.uid);
    let found = state
        .commit
        .map(|tip| introduced(state.repo(), tip, None, name, has));
    matches!(found, Some(Ok(Some(commit))) if commit.op() == UNDO)
}
