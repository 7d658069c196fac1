//! What is reviewed: the diff, the texts of the changed files, and what the project knows about them.

use std::collections::{BTreeMap, BTreeSet};

use crate::coordinate::here;
use crate::coordinate::reserve::guard::Guard;
use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::reserve::queue;
use crate::error::{Error, Reason, Result};
use crate::finding::diff::Diff;
use crate::finding::rules::{Change, Commit, Facts, Limits, is_lock};
use crate::model::item::Item;
use crate::model::settings;
use crate::pm::Pm;
use crate::pm::requester::Requester;
use crate::store::git::repo::Oid;
use crate::work::task::approved_work;
use crate::work::task::branch_work::Ends;
use crate::work::task::decided;
use crate::work::task::gates;
use crate::work::task::owners;

/// The most bytes that the changed files have together, before and after: they are in memory at once.
const BYTES: u64 = 64 << 20;

/// The most changed lines: each is in memory several times.
const LINES: u64 = 1_000_000;

/// The largest file whose text the rules read, in bytes.
const TEXT: usize = 2 << 20;

/// The most commits whose messages are read.
const COMMITS: usize = 500;

/// The form of a difference that [`Diff::parse`] reads, whatever the settings of git are.
pub(super) const FORM: [&str; 9] = [
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

/// An item's work, as reviewers read it.
pub(super) struct Reviewed {
    pub(super) diff: Diff,
    /// The texts of the changed files in the base.
    pub(super) old: BTreeMap<String, String>,
    /// Their texts in the reviewed commit.
    pub(super) new: BTreeMap<String, String>,
    pub(super) facts: Facts,
    /// All files of the reviewed commit.
    pub(super) files: BTreeSet<String>,
    /// The hash of the changes, whatever they are based on; see FORMAT-fields.
    pub(super) patch: Option<String>,
    /// The owners of the changed paths, by CODEOWNERS of the target.
    pub(super) owners: Vec<String>,
}

impl Reviewed {
    /// What the rules read.
    pub(super) fn change(&self) -> Change<'_> {
        Change {
            diff: &self.diff,
            old: &self.old,
            new: &self.new,
            facts: &self.facts,
        }
    }

    /// Reads the work between two ends, which is that of an item or of none.
    ///
    /// # Errors
    /// When it is larger than 64 MB, or git cannot read it.
    pub(super) fn read(pm: &Pm, item: Option<&Item>, ends: &Ends) -> Result<Reviewed> {
        let repo = pm.store.repo();
        let [from, to] = &ends.compared;
        let trees = [tree_of(pm, from)?, tree_of(pm, to)?];
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
        let paths = diff.files.iter().flat_map(|file| {
            [Some(file.path.clone()), file.old_path.clone()]
                .into_iter()
                .flatten()
        });
        let paths: Vec<String> = paths.collect();
        let listed = ["ls-tree", "-r", "-z", "--name-only", &trees[1].to_string()];
        let files: BTreeSet<String> = repo.git().plain().require(&listed)?.names();
        let facts = facts(pm, item, ends, &paths, &files)?;
        let patch = approved_work::patch_of(pm, &ends.commit.to_string(), &ends.target)?;
        Ok(Reviewed {
            diff,
            old,
            new,
            facts,
            files,
            patch,
            owners: owners::to_ask(pm, &ends.target, &paths)?,
        })
    }
}

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

/// The tree of a commit, or a tree as it is.
fn tree_of(pm: &Pm, id: &str) -> Result<Oid> {
    let repo = pm.store.repo();
    let missing = || Error::not_found(format!("{id} is not in this clone"));
    let parsed = repo.parse_id(id).ok_or_else(missing)?;
    match repo.is_commit(parsed) {
        true => Ok(repo.commit(parsed)?.tree),
        false => Ok(parsed),
    }
}

fn facts(
    pm: &Pm,
    item: Option<&Item>,
    ends: &Ends,
    paths: &[String],
    files: &BTreeSet<String>,
) -> Result<Facts> {
    let repo = pm.store.repo();
    let state = pm.store.snapshot()?;
    let case = here::case(pm);
    let planned: Vec<Pattern> = item
        .iter()
        .flat_map(|item| &item.paths)
        .filter_map(|text| Pattern::parse(text, "").ok())
        .collect();
    let outside = paths.iter().filter(|path| {
        let is_planned = planned.iter().any(|one| one.matches(path, case));
        // A plan names what is built; its tests go without saying.
        !planned.is_empty() && !is_planned && !gates::is_test_file(path)
    });
    let standing = queue::ranked(&state, pm.now_ms(), case);
    let requester = Requester {
        branch: item.and_then(|item| item.branch.clone()),
        worktree: None,
        ..pm.requester()
    };
    let held = Guard::new(&state, &standing, case).held(paths, &requester);
    // Those of the base: the work does not say what is not looked at.
    let [generated, vendored] = attributes(pm, &ends.compared[0], paths)?;
    let lines = repo.number_of(&settings::DIFF_LINES);
    let ids = item.map_or_else(Vec::new, |item| {
        let shown = state.item(&item.uid).map(|item| state.shown_id(item));
        let others = [item.id.clone(), item.born.clone()];
        shown.into_iter().chain(others).collect()
    });
    let unproven = item
        .iter()
        .flat_map(|item| &item.acceptance)
        .filter(|one| !one.done || one.evidence.is_none());
    Ok(Facts {
        outside: outside.cloned().collect(),
        reserved: held.into_iter().map(|one| (one.path, one.holder)).collect(),
        protected: (decided::for_humans(pm, paths).into_iter().cloned()).collect(),
        generated,
        vendored,
        locks: files.iter().filter(|path| is_lock(path)).cloned().collect(),
        commits: commits(pm, ends)?,
        ids,
        unproven: unproven.map(|one| one.text.clone()).collect(),
        limits: Limits {
            changed_lines: usize::try_from(lines).unwrap_or(usize::MAX),
            ..Limits::default()
        },
    })
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

/// The commits of the work, the newest first.
fn commits(pm: &Pm, ends: &Ends) -> Result<Vec<Commit>> {
    let git = pm.store.repo().git().plain();
    let range = format!("{}..{}", ends.onto, ends.commit);
    let limit = format!("--max-count={COMMITS}");
    let log = git.require(&[
        "log",
        "-z",
        "--no-merges",
        "--no-show-signature",
        "--encoding=UTF-8",
        &limit,
        "--format=%H%x1f%s%x1f%b",
        &range,
        "--",
    ])?;
    let commits: Vec<String> = log.names();
    let read = |text: &String| {
        let mut parts = text.splitn(3, '\u{1f}').map(str::to_string);
        Some(Commit {
            id: parts.next()?,
            subject: parts.next()?,
            body: parts.next()?,
        })
    };
    Ok(commits.iter().filter_map(read).collect())
}
