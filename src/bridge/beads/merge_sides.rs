//! Both sides of a file that git could not merge: its lines in this branch, then those that the other one has besides.

use std::collections::HashSet;
use std::path::Path;

use crate::error::Result;
use crate::pm::Pm;

/// The versions of a file with conflict markers.
#[derive(Debug)]
pub struct Sides {
    /// The lines of both, each once.
    pub text: Vec<u8>,
    /// The size of this branch's part of it, in bytes.
    pub ours: u64,
}

/// What git's index has of a file; `None` unless a merge left both sides there.
///
/// # Errors
/// When git cannot be started.
pub fn of(pm: &Pm, file: &Path) -> Result<Option<Sides>> {
    let repo = pm.store.repo();
    let top = repo.workdir().and_then(|top| top.canonicalize().ok());
    let path = file.canonicalize().ok().zip(top);
    let path = path.and_then(|(path, top)| Some(path.strip_prefix(top).ok()?.to_str()?.to_owned()));
    let Some(path) = path else {
        return Ok(None);
    };
    let git = repo.git().plain();
    let stage = |n: u8| -> Result<Option<Vec<u8>>> {
        let blob = git.run(&["cat-file", "blob", &format!(":{n}:{path}")])?;
        Ok(blob.ok().then_some(blob.stdout))
    };
    Ok(stage(2)?
        .zip(stage(3)?)
        .map(|(ours, theirs)| joined(ours, &theirs)))
}

fn joined(ours: Vec<u8>, theirs: &[u8]) -> Sides {
    let lines =
        |text| <[u8]>::split(text, |byte| *byte == b'\n').filter(|line: &&[u8]| !line.is_empty());
    let mut text = ours;
    if text.last().is_some_and(|byte| *byte != b'\n') {
        text.push(b'\n');
    }
    let size = text.len();
    let known: HashSet<&[u8]> = lines(&text).collect();
    let more: Vec<&[u8]> = lines(theirs).filter(|line| !known.contains(line)).collect();
    let more = more
        .into_iter()
        .flat_map(|line| line.iter().copied().chain([b'\n']));
    let more: Vec<u8> = more.collect();
    text.extend(more);
    Sides {
        text,
        ours: size as u64,
    }
}
