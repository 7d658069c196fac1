//! Paths between git's bytes and the operating system's, compared with symbolic links resolved.

use std::path::{Path, PathBuf};

use crate::store::git::irregular;

/// A path for comparison: its longest existing prefix without symbolic links, the rest unchanged.
/// Works for folders that no longer exist.
pub(crate) fn resolved(path: &Path) -> PathBuf {
    let mut rest = Vec::new();
    let mut existing = path;
    loop {
        if let Ok(real) = existing.canonicalize() {
            let mut out = real;
            out.extend(rest.iter().rev());
            return out;
        }
        match (existing.parent(), existing.file_name()) {
            (Some(parent), Some(name)) => {
                rest.push(name);
                existing = parent;
            }
            _ => return path.to_path_buf(),
        }
    }
}

/// True if both name the same location.
pub(crate) fn same(a: &Path, b: &Path) -> bool {
    a == b || resolved(a) == resolved(b)
}

/// A path for a message: control characters escaped, on one line.
pub(crate) fn shown(path: &Path) -> String {
    crate::model::text::one_line(&path.to_string_lossy())
}

/// A path as one word of a command to copy.
pub(crate) fn word(path: &Path) -> String {
    crate::model::id::word(&shown(path))
}

/// The first few of many names, for a message.
pub(crate) fn some_of(names: &[String]) -> String {
    const MAX_NAMES: usize = 20;
    let mut out: Vec<String> = names
        .iter()
        .take(MAX_NAMES)
        .map(|n| crate::model::text::one_line(n))
        .collect();
    if names.len() > MAX_NAMES {
        out.push(format!("and {} more", names.len() - MAX_NAMES));
    }
    out.join(", ")
}

/// The folder beside which worktrees are created. For a submodule, whose neighbors are files of
/// the superproject, this is beside the outermost superproject, under both names.
pub(crate) fn beside_superproject(top: &Path, common_dir: &Path) -> PathBuf {
    let holds = |folder: &&Path| {
        git_dir_of(folder).is_some_and(|git_dir| common_dir.starts_with(git_dir.join("modules")))
    };
    let name = |path: &Path| Some(path.file_name()?.to_string_lossy().into_owned());
    let outermost = top.ancestors().skip(1).filter(holds).last();
    match outermost.and_then(|outer| Some((outer, name(outer)?, name(top)?))) {
        Some((outer, above, own)) => outer.with_file_name(format!("{above}-{own}")),
        None => top.to_path_buf(),
    }
}

/// The git directory of the work tree with a folder as its top.
fn git_dir_of(folder: &Path) -> Option<PathBuf> {
    let found = folder.join(".git");
    let linked = irregular::link(&found).map_or(found, |to| folder.join(to));
    linked.canonicalize().ok()
}
