//! Whether the file of a document is behind: it has an earlier text, or was changed from one.

use std::collections::HashSet;
use std::time::UNIX_EPOCH;

use crate::coordinate::claim::ownership::is_here;
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::prose::VersionId;
use crate::pm::Pm;
use crate::store::git::process::Output;
use crate::store::git::repo::Commit;
use crate::store::history::introduced;
use crate::store::state::State;
use crate::work::moved_file::last_with;

/// The largest text that is compared, in bytes.
const TEXT_MAX: usize = 8 << 20;

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

/// The number of commits of a file in which the text is looked for that it was changed from.
const COMMITS: usize = 50;

/// The number of first parents among which these are looked for.
const DEEPEST: usize = 2_000;

/// True if a file was changed from a text that its document had before: git has that one, not the present one, and
/// nothing that the present one changed is in the file.
pub(crate) fn is_based_on_older(pm: &Pm, doc: &Doc, (path, text): (&str, &str)) -> bool {
    // Whether that one was put back is for `is_behind` to say.
    if doc.body.had(text) {
        return false;
    }
    let repo = pm.store.repo();
    let newest = doc.body.shown();
    let literal = format!(":(top,literal){path}");
    let count = format!("--max-count={COMMITS}");
    let since = format!("HEAD~{DEEPEST}");
    let range = match repo.resolve(&since) {
        Some(_) => format!("{since}..HEAD"),
        None => "HEAD".to_owned(),
    };
    let args = ["rev-list", &count, &range, "--", &literal];
    let Some(found) = repo.git().plain().run(&args).ok().filter(Output::ok) else {
        return false;
    };
    let text_at = |hex: &String| {
        let commit = repo.commit(repo.parse_id(hex)?).ok()?;
        let blob = repo.file_at(commit.tree, path).ok()??;
        let bytes = repo.blob(blob, TEXT_MAX).ok()??;
        String::from_utf8(bytes).ok()
    };
    let mut texts = found.lines().into_iter().filter_map(|hex| text_at(&hex));
    let known = texts.find(|one| *one == newest || doc.body.had(one));
    let Some(base) = known.filter(|base| *base != newest) else {
        return false;
    };
    let [base, newest, own] = [base.as_str(), newest, text].map(lines);
    let has_none = newest.difference(&base).all(|line| !own.contains(line));
    has_none && base.difference(&newest).all(|line| own.contains(line))
}

fn lines(text: &str) -> HashSet<&str> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect()
}

/// True if a file was put back to an earlier text: by an edit here, over a commit with the newer one, or by a commit that
/// is later than that.
fn is_put_back(pm: &Pm, (path, bytes): (&str, &[u8]), doc: &Doc, stored: &VersionId) -> bool {
    let repo = pm.store.repo();
    let has = |commit: &Commit, text: &[u8]| {
        let blob = repo.file_at(commit.tree, path).ok().flatten();
        let found = blob.and_then(|blob| repo.blob(blob, text.len()).ok()?);
        found.as_deref() == Some(text)
    };
    let head = repo.resolve("HEAD").and_then(|head| repo.commit(head).ok());
    let head_has = |text: &[u8]| head.as_ref().is_some_and(|head| has(head, text));
    // This clone stored the newer one, and the file was edited since.
    let is_own = !head_has(bytes) && is_here(pm, stored.stamp.replica.as_str());
    if is_own && written_ms(pm, path).is_some_and(|ms| ms > stored.stamp.ms)
        || head_has(doc.body.shown().as_bytes())
    {
        return true;
    }
    let last = last_with(&repo.git().plain(), "HEAD", path).ok().flatten();
    let last = last.and_then(|last| repo.commit(repo.resolve(&last)?).ok());
    last.is_some_and(|last| {
        let seconds = u64::try_from(last.author.seconds).unwrap_or(0);
        has(&last, bytes) && seconds > stored.stamp.ms / 1000
    })
}

/// When a file was written last, in milliseconds since the Unix epoch.
fn written_ms(pm: &Pm, path: &str) -> Option<u64> {
    let file = pm.store.repo().workdir()?.join(path);
    let at = file.symlink_metadata().ok()?.modified().ok()?;
    u64::try_from(at.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()
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
