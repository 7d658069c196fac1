//! The difference between two commits, as reviewers read it.

mod parse;

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is new.
    Added,
    /// It was there and is there.
    Modified,
    /// It is gone.
    Deleted,
    /// It has another path now, and possibly other content.
    Renamed,
}

/// A changed line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file that has it, from 1: the new one for an added line, the old one for a
    /// removed line.
    pub number: u32,
    /// Its text, without the end of line.
    pub text: String,
}

/// Consecutive changed lines, with no unchanged line between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hunk {
    /// The lines that the change removed.
    pub removed: Vec<Line>,
    /// The lines that it added.
    pub added: Vec<Line>,
}

/// A changed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The path, from the repository's root; the old one for a deleted file.
    pub path: String,
    /// The path before, of a renamed file.
    pub old_path: Option<String>,
    /// What happened to it.
    pub fate: Fate,
    /// Set if git takes it for binary: it has no hunks.
    pub binary: bool,
    /// The size of the new content in bytes; 0 for a deleted file. [`Diff::parse`] leaves it 0, since
    /// git's output does not tell it.
    pub bytes: u64,
    /// The mode before, such as 0o100644; 0 for a new file and where git did not tell it.
    pub old_mode: u32,
    /// The mode; 0 for a deleted file and where git did not tell it.
    pub mode: u32,
    /// The changes, in the order of the file.
    pub hunks: Vec<Hunk>,
}

/// A change: what a branch adds to its merge base.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// The changed files, sorted by path.
    pub files: Vec<File>,
}

impl File {
    /// True for a symbolic link: its only line is where it leads.
    pub fn is_symlink(&self) -> bool {
        self.mode == 0o120000
    }

    /// True for a submodule: its only line names the commit.
    pub fn is_submodule(&self) -> bool {
        self.mode == 0o160000 || self.old_mode == 0o160000
    }

    /// The path before the change.
    pub fn path_before(&self) -> &str {
        self.old_path.as_deref().unwrap_or(&self.path)
    }

    /// The lines that the change added, in the order of the file.
    pub fn added(&self) -> impl Iterator<Item = &Line> {
        self.hunks.iter().flat_map(|hunk| &hunk.added)
    }

    /// The lines that it removed, in the order of the old file.
    pub fn removed(&self) -> impl Iterator<Item = &Line> {
        self.hunks.iter().flat_map(|hunk| &hunk.removed)
    }
}
