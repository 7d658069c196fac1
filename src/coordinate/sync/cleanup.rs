//! What an exchange leaves to do in this clone.
//!
//! Objects of an old generation, many loose objects, and texts that were withheld.

use crate::pm::Pm;
use crate::store::generation::sweep::Swept;

/// Removes objects of an older generation after an exchange; an error is only a notice.
pub(crate) fn tidy_up(pm: &Pm) {
    let swept = pm.store.needs_sweep().and_then(|needed| match needed {
        true => pm.store.sweep(),
        false => Ok(Swept::default()),
    });
    match swept {
        Ok(swept) => swept.left.into_iter().for_each(|left| pm.notice(left)),
        Err(error) => pm.notice(format!(
            "the old history of the state could not be removed from this clone: {}; `git pm \
                 gc` tries again",
            error.message()
        )),
    }
}

/// Packs the state if it has many loose objects; an error is only a notice.
pub(crate) fn pack_up(pm: &Pm) {
    if let Err(error) = pm.store.pack_when_many() {
        pm.notice(format!("the state was not packed: {}", error.message()));
    }
}

/// The files with texts of this clone that were withheld.
pub(crate) fn drafts(pm: &Pm) -> Vec<String> {
    let folder = pm.store.folder().join("drafts");
    let mut drafts: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().display().to_string())
        .collect();
    drafts.sort();
    drafts
}
