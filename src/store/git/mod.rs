//! All use of gix and of the git program.

pub mod codeowners;
pub mod irregular;
pub mod objects;
pub mod pack_size;
pub mod patch_id;
pub mod process;
mod refs;
pub mod repo;
pub mod rewrite_packs;
pub mod sign;
pub mod task_dir;
pub mod verify_objects;

use std::borrow::Cow;

/// A path with its letters composed (NFC): a Mac's disk has one file for `e´` and `é`.
pub fn composed(path: &str) -> Cow<'_, str> {
    if path.is_ascii() {
        return Cow::Borrowed(path);
    }
    // Name by name: one that cannot be composed does not affect the others.
    let names = path
        .split('/')
        .map(|name| gix::utils::str::precompose(name.into()));
    Cow::Owned(names.collect::<Vec<_>>().join("/"))
}
