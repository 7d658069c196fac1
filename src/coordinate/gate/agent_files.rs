//! The files of `.pm/agents`: definitions of agents, of which only trusted contents count.

use std::path::Path;

use crate::model::text::one_line;
use crate::model::uid::sha256_hex;
use crate::pm::Pm;
use crate::store::beneath;

/// The folder in a worktree.
pub(crate) const FOLDER: &str = ".pm/agents";

/// The greatest size of a file, in bytes.
pub(crate) const FILE_MAX: u64 = 64 * 1024;

/// The most files in the folder: each is read whenever agents are listed.
const FILES_MAX: usize = 200;

/// A file in the folder, or the folder itself if it cannot be used.
pub(crate) struct AgentFile {
    /// Its name without `.md`, which is that of the agent.
    pub name: String,
    /// From the root of the worktree.
    pub path: String,
    /// The content, or why it is not read.
    pub text: Result<String, String>,
    /// Its path with the SHA-256 of the content: what is trusted.
    pub entry: Option<String>,
}

impl AgentFile {
    fn of(top: &Path, file: &str) -> AgentFile {
        let path = format!("{FOLDER}/{file}");
        let text = match file.strip_suffix(".md") {
            Some(name) if is_name(name) => read(top, &path),
            _ => Err("is not named NAME.md, NAME being 1 to 64 of a-z, 0-9 and `-`".into()),
        };
        let entry = text.as_ref().ok();
        AgentFile {
            name: one_line(file.strip_suffix(".md").unwrap_or(file)),
            entry: entry.map(|text| format!("{path} {}", sha256_hex(text.as_bytes()))),
            path: one_line(&path),
            text,
        }
    }

    fn unusable(why: &str) -> AgentFile {
        AgentFile {
            name: FOLDER.into(),
            path: FOLDER.into(),
            text: Err(why.into()),
            entry: None,
        }
    }

    /// The SHA-256 of the content.
    pub fn hash(&self) -> Option<&str> {
        Some(self.entry.as_deref()?.rsplit_once(' ')?.1)
    }
}

/// True for a text that can be the name of an agent, and so of a file in every file system.
pub(crate) fn is_name(text: &str) -> bool {
    let is_plain = |b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(is_plain)
}

/// The files of this worktree, by name. No link is followed.
pub(crate) fn agent_files(pm: &Pm) -> Vec<AgentFile> {
    let Some(top) = pm.store.repo().workdir() else {
        return Vec::new();
    };
    for folder in [Path::new(FOLDER).parent().unwrap_or(top), Path::new(FOLDER)] {
        match std::fs::symlink_metadata(top.join(folder)) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => {
                return vec![AgentFile::unusable(
                    "is not a folder, or a link leads to it",
                )];
            }
            Err(_) => return Vec::new(),
        }
    }
    let mut names = beneath::names(top, FOLDER, FILES_MAX + 1);
    if names.len() > FILES_MAX {
        let why = format!("has more than {FILES_MAX} files");
        return vec![AgentFile::unusable(&why)];
    }
    // Hidden files are those of editors and desktops.
    names.retain(|name| !name.starts_with('.'));
    names.sort_unstable();
    names.iter().map(|file| AgentFile::of(top, file)).collect()
}

/// The content of a file below a folder, or why it is not read.
pub(crate) fn read(top: &Path, path: &str) -> Result<String, String> {
    let irregular = || format!("is not a plain file of at most {FILE_MAX} bytes");
    let bytes = beneath::read(top, path, FILE_MAX).map_err(|_| irregular())?;
    let bytes = bytes.ok_or("is not there")?;
    String::from_utf8(bytes).map_err(|_| "is not UTF-8".into())
}
