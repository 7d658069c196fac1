//! The changes that an exchange lost.
//!
//! Another clone had deleted what they change, comment on or belong to, or had written the same at the
//! same time.

use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::message::is_alarm;
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::text::actor;
use crate::pm::changes::owning_item;
use crate::pm::overridden::Overridden;
use crate::store::git::repo::{Commit, Oid, Repo};
use crate::store::history::override_notes::of_note;
use crate::store::history::trees::{changed, changed_files, doc_like};
use crate::store::history::{difference, overrides_settled, settles};
use crate::store::layout::Family;
use crate::store::tree_diff::{Change, changes};

/// The maximum number of fetched commits that are searched for such changes.
const COMMITS_MAX: usize = 200;

/// The maximum number of files that may differ between the sides of a merge.
const FILES_MAX: usize = 300;

/// An item, learning or section of the project context that one clone deleted while another one
/// changed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LostChange {
    /// Its id, or `context:NAME`.
    pub id: String,
    /// The fields whose new values were lost; `comment` if it was commented on, and `child ID` for an
    /// item that was created below it.
    pub fields: Vec<String>,
    /// The actor that changed it; null if the history does not show it.
    pub changed_by: Option<String>,
    /// The actor that deleted it; null as above.
    pub deleted_by: Option<String>,
}

/// The changes that the merges between two commits of the state lost to deletions, what was made below deleted items,
/// and the other values of people that they overrode, with those that another clone listed; none if there is too
/// much to read, or the history cannot be read. `log --conflicts` lists all but what was made below a deleted item.
pub(crate) fn lost_changes(
    repo: &Repo,
    old: Oid,
    new: Oid,
    fetched: usize,
) -> (Vec<LostChange>, Vec<Overridden>) {
    if fetched > COMMITS_MAX {
        return Default::default();
    }
    search(repo, old, new).unwrap_or_default()
}

fn search(repo: &Repo, old: Oid, new: Oid) -> Result<(Vec<LostChange>, Vec<Overridden>)> {
    let mut out: Vec<LostChange> = Vec::new();
    let mut overridden = Vec::new();
    let trees = [old, new].map(|id| repo.commit(id).map(|commit| commit.tree));
    let [before, after] = [trees[0].clone()?, trees[1].clone()?];
    if changes(repo, before, after, FILES_MAX)?.is_some() {
        for (_, pair) in changed(repo, Some(before), Some(after))?.pairs {
            let new = pair.new.filter(|doc| pair.old.is_none() && is_alarm(doc));
            if let Some((one, ms)) = new.and_then(|doc| Some((of_note(&doc)?, doc.birth.ms))) {
                overridden.push(Overridden::of(one, None, ms));
            }
        }
    }
    let ids = difference(repo, new, &[old])?.into_iter();
    let commits: Vec<Commit> = ids.map(|id| repo.commit(id)).collect::<Result<_>>()?;
    for commit in &commits {
        let [ours, theirs] = commit.parents[..] else {
            continue;
        };
        let [ours, theirs] = [repo.commit(ours)?.tree, repo.commit(theirs)?.tree];
        let Some(mut files) = changes(repo, ours, theirs, FILES_MAX)? else {
            continue;
        };
        files.retain(|file| matches!(file.family, Family::Comment | Family::Item(_)));
        let settled = commits.iter().find(|next| settles(next, commit));
        let (deleted, others): (Vec<_>, Vec<_>) =
            overrides_settled(repo, commit, settled.map(|next| next.tree))?
                .into_iter()
                .partition(|one| one.deleted);
        let others = others.into_iter();
        overridden.extend(others.map(|one| Overridden::of(one, Some(commit), commit.ms())));
        let deleted = deleted.into_iter().map(|one| LostChange {
            id: one.item,
            fields: vec![one.field],
            changed_by: one.lost_by,
            deleted_by: one.kept_by,
        });
        for one in deleted.chain(made_meanwhile(repo, commit.tree, &files)?) {
            match out.iter_mut().find(|known| known.id == one.id) {
                Some(known) if known.fields.contains(&one.fields[0]) => {}
                Some(known) => known.fields.extend(one.fields),
                None => out.push(one),
            }
        }
    }
    out.sort_by(|a, b| a.id.cmp(&b.id));
    overridden.retain(|one: &Overridden| is_news(&one.field));
    Ok((out, overridden))
}

/// The comments and children that one side of a merge made of an item that the other one deleted.
fn made_meanwhile(repo: &Repo, merge: Oid, files: &[Change]) -> Result<Vec<LostChange>> {
    let pairs = changed_files(repo, files)?.pairs;
    let mut out = Vec::new();
    for pair in pairs.values() {
        let (made, is_first) = match [&pair.old, &pair.new] {
            [Some(made), None] => (made, true),
            [None, Some(made)] => (made, false),
            _ => continue,
        };
        let (above, what) = match (pair.family, Item::from_doc(made)) {
            (Family::Comment, _) => (owning_item(pair), "comment".to_string()),
            (Family::Item(_), Ok(item)) if !item.deleted => {
                let above = item.parent().cloned().or(item.epic);
                (above, format!("child {}", item.id))
            }
            _ => continue,
        };
        let above = above.and_then(|above| pairs.get(&above.uid?));
        let Some([Some(first), Some(second)]) = above.map(|pair| [&pair.old, &pair.new]) else {
            continue;
        };
        let [seen, gone] = if is_first {
            [first, second]
        } else {
            [second, first]
        };
        let is_gone = seen.is_live() && !gone.is_live() && !gone.purged;
        if is_gone && doc_like(repo, merge, gone)?.is_none_or(|doc| !doc.is_live()) {
            let by = |doc: &Doc, field: &str| doc.text(field).map(actor);
            out.push(LostChange {
                id: seen.shown_id().to_string(),
                fields: vec![what],
                changed_by: by(made, "author").or_else(|| by(made, "created_by")),
                deleted_by: by(gone, "deleted_by"),
            });
        }
    }
    Ok(out)
}

/// True for a field that people set: not for those that follow a claim or a change of status.
fn is_news(field: &str) -> bool {
    let leaf = field.rsplit('/').next().unwrap_or(field);
    let follows = leaf.ends_with("_at") || leaf.ends_with("_by");
    !field.starts_with("claims/") && (!follows || leaf == "due_at")
}
