//! Verification that objects have the content that their names say.
//!
//! Git trusts the name of an object that it reads, so a program that writes into the object store can
//! put other content under it.

use super::process::Git;
use super::repo::{Oid, Repo};
use crate::error::{Error, Result};

/// The number of bytes of objects that are in memory at once, except for a larger one.
const AT_ONCE: u64 = 64 * 1024 * 1024;

/// Reads objects as git does and shows the content of each, verified.
pub fn each_true(
    repo: &Repo,
    git: &Git,
    ids: &[String],
    mut visit: impl FnMut(&str, &[u8]),
) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let size = |id: Option<&String>| id.and_then(|id| repo.size_of(repo.parse_id(id)?));
    let (mut from, mut bytes) = (0, 0);
    for to in 1..=ids.len() {
        let next = size(ids.get(to)).unwrap_or(0);
        bytes += size(ids.get(to - 1)).unwrap_or(0);
        if to == ids.len() || bytes.saturating_add(next) > AT_ONCE {
            let out = git.feed(&["cat-file", "--batch"], ids[from..to].join("\n") + "\n")?;
            let all = out
                .checked("objects cannot be read")
                .map_err(|error| error.hint("`git fsck` lists the damaged objects"))?
                .stdout;
            let mut rest = all.as_slice();
            for id in &ids[from..to] {
                let (content, after) = one(id, rest)?;
                visit(id, content);
                rest = after;
            }
            (from, bytes) = (to, 0);
        }
    }
    Ok(())
}

/// The object at the beginning of the output of `git cat-file --batch`, and the rest of the output.
fn one<'b>(id: &str, bytes: &'b [u8]) -> Result<(&'b [u8], &'b [u8])> {
    let lacking = || {
        Error::state(format!("the object {id} is missing or cannot be read"))
            .hint("`git fetch` may restore it; `git fsck` lists the damaged objects")
    };
    let end = bytes.iter().position(|b| *b == b'\n').ok_or_else(lacking)?;
    let header = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let fields: Vec<&str> = header.split(' ').collect();
    let [name, kind, size] = fields[..] else {
        return Err(lacking());
    };
    let size: usize = size.parse().map_err(|_| lacking())?;
    let content = bytes.get(end + 1..end + 1 + size).ok_or_else(lacking)?;
    let after = bytes.get(end + 2 + size..).unwrap_or_default();
    if name != id || !is_true(id, kind, content) {
        return Err(Error::state(format!(
            "the object {id} does not match its name: another program wrote into the object store"
        ))
        .hint("`git fsck` lists all damaged objects; a fresh clone has intact copies"));
    }
    Ok((content, after))
}

fn is_true(id: &str, kind: &str, content: &[u8]) -> bool {
    let (Ok(id), Ok(kind)) = (
        Oid::from_hex(id.as_bytes()),
        gix::objs::Kind::from_bytes(kind.as_bytes()),
    ) else {
        return false;
    };
    gix::objs::compute_hash(id.kind(), kind, content).is_ok_and(|found| found == id)
}
