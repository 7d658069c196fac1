//! Which tips of the state could not be read, and were skipped.
//!
//! A power failure tears the objects written last, a prune removes them. The tips are remembered
//! until a repair has searched for their contents.

use std::io::Write;

use super::Store;
use crate::git::repo::Oid;
use crate::layout::MAIN;
use crate::{repository, shared_files};

/// The file in git pm's folder: a line `<lost> <used instead>` for each.
const FILE: &str = "lost-tips";

/// The text before the tree of a commit in the reflog of the state. A torn commit no longer names
/// its tree, and the tree may be intact.
const TREE: &str = " [tree ";

/// A tip that was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostTip {
    /// The commit that could not be read.
    pub id: Oid,
    /// The earlier one from which the state continued.
    pub used: Oid,
    /// Its tree, if the reflog names it.
    pub tree: Option<Oid>,
}

/// A reflog message that names the tree of the commit.
pub(crate) fn with_tree(message: &str, tree: Oid) -> String {
    format!("{message}{TREE}{tree}]")
}

impl Store {
    /// Remembers that the state continues from `used`, as the later `lost` cannot be read.
    pub(super) fn note_lost(&self, lost: Oid, used: Oid) {
        if self.lost_tips().iter().any(|known| known.id == lost) {
            return;
        }
        let path = self.folder().join(FILE);
        let file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path);
        // If nothing can be written, the next command notices it as this one does.
        let _ = file.and_then(|mut file| file.write_all(format!("{lost} {used}\n").as_bytes()));
        shared_files::share(&path);
    }

    /// The lost tips that no repair has searched for yet, oldest first.
    pub fn lost_tips(&self) -> Vec<LostTip> {
        if !self.is_main() {
            return Vec::new();
        }
        let Ok(text) = std::fs::read_to_string(self.folder().join(FILE)) else {
            return Vec::new();
        };
        let log = std::fs::read_to_string(self.repo().reflog(MAIN)).unwrap_or_default();
        let tree = |id: Oid| {
            let id = id.to_string();
            let line = log
                .lines()
                .rfind(|line| line.split(' ').nth(1) == Some(&id))?;
            let (_, tree) = line.rsplit_once(TREE)?;
            self.repo().parse_id(tree.strip_suffix(']')?)
        };
        text.lines()
            .filter_map(|line| {
                let (lost, used) = line.split_once(' ')?;
                let (id, used) = (self.repo().parse_id(lost)?, self.repo().parse_id(used)?);
                // A tip that a fetch or the user brought back is not lost once the state has it.
                let whole = |tree| repository::read(self.repo(), tree).is_ok();
                let tree = match self.repo().commit(id) {
                    Ok(commit) if self.has(id) && whole(commit.tree) => return None,
                    Ok(commit) => Some(commit.tree),
                    Err(_) => tree(id),
                };
                Some(LostTip { id, used, tree })
            })
            .collect()
    }

    fn has(&self, id: Oid) -> bool {
        let tip = self.repo().ref_target(MAIN).ok().flatten();
        tip.is_some_and(|tip| self.repo().is_ancestor(id, tip).unwrap_or(false))
    }

    /// Forgets them: a repair has recovered what was left of them.
    pub fn forget_lost(&self) {
        let _ = std::fs::remove_file(self.folder().join(FILE));
    }
}
