//! The difference that the work of a branch makes, with the texts that the rules of a review read.

use std::collections::{BTreeMap, BTreeSet};

use crate::coordinate::worktree::work_ends::Ends;
use crate::error::{Error, Reason, Result};
use crate::finding::diff::Diff;
use crate::finding::rules::{Change, Facts};
use crate::pm::Pm;
use crate::store::git::repo::{Oid, Repo};

/// The most bytes that the changed files have together, before and after: they are in memory at once.
const BYTES: u64 = 64 << 20;

/// The most changed lines: each is in memory several times.
const LINES: u64 = 1_000_000;

/// The largest file whose text the rules read, in bytes.
const TEXT: usize = 2 << 20;

/// The form of a difference that [`Diff::parse`] reads, whatever the settings of git are.
pub(crate) const FORM: [&str; 9] = [
    "-p",
    "-U0",
    "-M",
    "--full-index",
    "--text",
    "--no-ext-diff",
    "--no-textconv",
    "--src-prefix=a/",
    "--dst-prefix=b/",
];

/// What the rules of a review read of some work.
pub(crate) struct ChangedTexts {
    pub(crate) diff: Diff,
    /// The texts of the changed files in the base.
    pub(crate) old: BTreeMap<String, String>,
    /// Their texts in the commit.
    pub(crate) new: BTreeMap<String, String>,
    /// Which of them the attributes of the base mark; nothing else is known.
    pub(crate) facts: Facts,
    /// The tree of the commit.
    pub(crate) tree: Oid,
}

impl ChangedTexts {
    /// What the rules read.
    pub(crate) fn change(&self) -> Change<'_> {
        Change {
            diff: &self.diff,
            old: &self.old,
            new: &self.new,
            facts: &self.facts,
        }
    }

    /// The changed paths, those before a rename, too.
    pub(crate) fn paths(&self) -> Vec<String> {
        let files = self.diff.files.iter();
        let paths = files.flat_map(|file| [Some(file.path.clone()), file.old_path.clone()]);
        paths.flatten().collect()
    }

    /// Reads the work between two ends.
    ///
    /// # Errors
    /// When it is larger than 64 MB, or git cannot read it.
    pub(crate) fn read(pm: &Pm, ends: &Ends) -> Result<ChangedTexts> {
        let repo = pm.store.repo();
        let trees = ends.trees(repo)?;
        require_readable(pm, ends)?;
        let mut diff = Diff::parse(&ends.compared(repo, &FORM, &[])?.stdout);
        let (mut old, mut new) = (BTreeMap::new(), BTreeMap::new());
        for file in &mut diff.files {
            if let Some(blob) = repo.file_at(trees[1], &file.path)? {
                file.bytes = repo.size_of(blob).unwrap_or(0);
                match repo.blob(blob, TEXT)?.map(String::from_utf8) {
                    Some(Ok(text)) => _ = new.insert(file.path.clone(), text),
                    Some(Err(other)) if !other.as_bytes().contains(&0) => {
                        let text = String::from_utf8_lossy(other.as_bytes()).into_owned();
                        new.insert(file.path.clone(), text);
                    }
                    // Attributes of the work do not decide what is binary.
                    Some(Err(_)) => {
                        file.binary = true;
                        file.hunks.clear();
                    }
                    None => {}
                }
            }
            let before = file.old_path.as_ref().unwrap_or(&file.path);
            if let Some(blob) = repo.file_at(trees[0], before)?
                && let Some(Ok(text)) = repo.blob(blob, TEXT)?.map(String::from_utf8)
            {
                old.insert(before.clone(), text);
            }
        }
        let mut changed = ChangedTexts {
            diff,
            old,
            new,
            facts: Facts::default(),
            tree: trees[1],
        };
        // Those of the base: the work does not say what is not looked at.
        let paths = changed.paths();
        if may_have_attributes(repo, trees[0], &paths) {
            let [generated, vendored] = attributes(pm, &ends.compared[0], &paths)?;
            changed.facts.generated = generated;
            changed.facts.vendored = vendored;
        }
        Ok(changed)
    }
}

/// Refuses work that is too large to be read.
fn require_readable(pm: &Pm, ends: &Ends) -> Result<()> {
    let form = ["--numstat", "--text"];
    match ends.is_within(pm.store.repo(), &form, &[], (BYTES, LINES))? {
        true => Ok(()),
        false => Err(Error::refused(format!(
            "the work changes more than {LINES} lines or files of {} MB, which is too much to be reviewed",
            BYTES >> 20
        ))
        .because(Reason::FindingTooLarge)
        .hint("keep large files out of git, or submit them in parts")),
    }
}

/// False if there is no file of attributes for these paths, in a tree or in the repository itself.
fn may_have_attributes(repo: &Repo, tree: Oid, paths: &[String]) -> bool {
    let own = repo.common_dir().join("info/attributes");
    let folders = paths.iter().flat_map(|path| {
        let ends = path.match_indices('/').map(|(at, _)| at + 1);
        ends.map(move |end| &path[..end])
    });
    let mut folders: BTreeSet<&str> = folders.collect();
    folders.insert("");
    let is_there = |folder: &&str| {
        let file = format!("{folder}.gitattributes");
        repo.has_path(tree, &file).unwrap_or(true)
    };
    own.symlink_metadata().is_ok() || folders.iter().any(is_there)
}

/// The paths that the attributes of a commit mark as generated, and as vendored.
fn attributes(pm: &Pm, commit: &str, paths: &[String]) -> Result<[BTreeSet<String>; 2]> {
    let mut found = [BTreeSet::new(), BTreeSet::new()];
    let names = ["linguist-generated", "linguist-vendored"];
    let source = format!("--source={commit}");
    let git = pm.store.repo().git().plain();
    let args = ["check-attr", &source, "--stdin", "-z", names[0], names[1]];
    let out = git.feed(&args, format!("{}\0", paths.join("\0")))?;
    // An older git has no `--source`: then nothing is marked.
    let fields: Vec<String> = out.names();
    for triple in fields.chunks(3) {
        if let [path, name, value] = triple
            && let Some(n) = names.iter().position(|known| known == name)
            && ["set", "true"].contains(&value.as_str())
        {
            found[n].insert(path.clone());
        }
    }
    Ok(found)
}
