//! The types of what git holds: the entries of a tree, commits, their authors and times.

use super::Oid;

/// The kind of a tree entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryType {
    /// The content of a file.
    Blob,
    /// A folder.
    Tree,
    /// A symbolic link or a submodule: never followed.
    Other,
}

/// One entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name, one path component, as it came.
    pub name: Vec<u8>,
    /// What it names.
    pub kind: EntryType,
    /// The object.
    pub oid: Oid,
}

/// The author or committer of a commit, and the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name; may be empty.
    pub name: String,
    /// The e-mail address; may be empty.
    pub email: String,
    /// Seconds since the Unix epoch.
    pub seconds: i64,
}

/// A commit.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Its own id.
    pub id: Oid,
    /// The tree of the state at it.
    pub tree: Oid,
    /// The commits before it, in their order.
    pub parents: Vec<Oid>,
    /// Who made the change.
    pub author: Person,
    /// The whole message, with its trailers.
    pub message: String,
    /// True if it has a signature, valid or not.
    pub signed: bool,
}

impl Commit {
    /// The value of a trailer in the message's last paragraph; the last one wins.
    pub fn trailer(&self, key: &str) -> Option<&str> {
        self.trailers(key).last().copied()
    }

    /// The actor, or the author if another program wrote it.
    pub fn actor(&self) -> &str {
        self.trailer("PM-Actor").unwrap_or(&self.author.name)
    }

    /// The actor of an operation, who wrote what no parent has; none if the history begins here, or the commit
    /// only joins states: others wrote what it has.
    pub fn writer(&self) -> Option<&str> {
        let is_first = self.parents.is_empty();
        self.trailer("PM-Actor").filter(|_| !is_first)
    }

    /// The operation, as in the command; empty if another program wrote it.
    pub fn op(&self) -> &str {
        self.trailer("PM-Op").unwrap_or_default()
    }

    /// The first line of its message.
    pub fn subject(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }

    /// The time of the commit, in milliseconds since the Unix epoch.
    pub fn ms(&self) -> u64 {
        u64::try_from(self.author.seconds)
            .unwrap_or(0)
            .saturating_mul(1000)
    }

    /// All values of a trailer, in order.
    pub fn trailers(&self, key: &str) -> Vec<&str> {
        let last = self.message.trim_end().rsplit("\n\n").next().unwrap_or("");
        last.lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(k, _)| k.eq_ignore_ascii_case(key))
            .map(|(_, v)| v.trim())
            .collect()
    }
}
