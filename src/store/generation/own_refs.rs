//! The refs and reflogs that hold commits of the state.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::ephemeral::EPHEMERAL;
use crate::error::Result;
use crate::git::repo::{Oid, Repo};
use crate::handle::WRITING;
use crate::layout::PUBLISHED;
use crate::model::settings;
use crate::sync::fetch::FETCH;

/// Their places. Everything else below `refs/pm-local/` holds the user's work.
const PLACES: &[&str] = &[
    "refs/pm/",
    "refs/pm-remotes/",
    PUBLISHED,
    WRITING,
    FETCH,
    EPHEMERAL,
];

/// The refs of a clone that hold states.
pub fn refs(repo: &Repo) -> Result<BTreeMap<String, Oid>> {
    let mut out = BTreeMap::new();
    for place in PLACES {
        if place.ends_with('/') {
            out.extend(repo.refs_under(place)?);
        } else if let Some(id) = repo.ref_target(place)? {
            out.insert((*place).to_string(), id);
        }
    }
    for name in mirrored(repo) {
        if let Some(id) = repo.ref_target(&name)? {
            out.insert(name, id);
        }
    }
    Ok(out)
}

/// The refs in which git itself notes what we push, if the state is in a branch of the remote.
fn mirrored(repo: &Repo) -> Vec<String> {
    let Some(branch) = repo.config(settings::REMOTE_REF.key) else {
        return Vec::new();
    };
    let Some(branch) = branch.strip_prefix("refs/heads/") else {
        return Vec::new();
    };
    let remotes = repo.remotes();
    remotes
        .iter()
        .map(|remote| format!("refs/remotes/{remote}/{branch}"))
        .collect()
}

/// True if a ref exists only while a process runs.
pub(crate) fn is_temporary(name: &str) -> bool {
    name.starts_with(WRITING) || name.starts_with(FETCH)
}

/// The names of all refs that have a reflog in one of those places.
pub fn logs(repo: &Repo) -> BTreeSet<String> {
    let root = repo.common_dir().join("logs");
    let mut out = BTreeSet::new();
    for place in PLACES {
        below(&root, place.trim_end_matches('/'), 8, &mut out);
    }
    for name in mirrored(repo) {
        below(&root, &name, 0, &mut out);
    }
    out
}

fn below(root: &Path, name: &str, depth: usize, out: &mut BTreeSet<String>) {
    let entries = walkdir::WalkDir::new(root.join(name)).max_depth(depth);
    let files = entries
        .into_iter()
        .flatten()
        .filter(|entry| entry.path().is_file());
    let name = |path: &Path| Some(path.strip_prefix(root).ok()?.to_string_lossy().into_owned());
    out.extend(files.filter_map(|entry| name(entry.path())));
}

/// Every commit that those reflogs name.
pub fn logged(repo: &Repo) -> Result<BTreeSet<Oid>> {
    let mut out = BTreeSet::new();
    for name in logs(repo) {
        let path = repo.reflog(&name);
        let text = std::fs::read(&path)
            .map_err(|e| crate::error::Error::io(format!("cannot read {}", path.display()), e))?;
        for line in text.split(|b| *b == b'\n') {
            let ids = line.splitn(3, |b| *b == b' ').take(2);
            out.extend(ids.filter_map(|hex| Oid::from_hex(hex).ok()));
        }
    }
    out.remove(&repo.null_id());
    Ok(out)
}
