//! A real repository for the join of trees, with trees that no version of this program writes.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use git_pm::env::Env;
use git_pm::internals::model::codec::encode;
use git_pm::internals::model::doc::Doc;
use git_pm::internals::store::git::repo::{Entry, EntryType, Oid, Pending, Repo};
use git_pm::internals::store::join::tree::{join_trees, suffixes};
use git_pm::internals::store::layout::{self, Levels};
use git_pm::internals::store::repository;
use git_pm::values::{ItemKind, Uid};

use crate::state::{Extra, State};

/// An empty repository in a temporary folder.
pub struct Fixture {
    _folder: tempfile::TempDir,
    pub repo: Repo,
    /// Trees with links, submodules, forbidden names, wrong kinds and deep nesting.
    pub prepared: Vec<Oid>,
}

impl Fixture {
    pub fn new() -> Fixture {
        Self::of_format("sha1")
    }

    pub fn of_format(hash: &str) -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let format = format!("--object-format={hash}");
        git(folder.path(), &["init", "-q", "--bare", &format], b"");
        let repo = Repo::open(&Env::new(folder.path(), BTreeMap::new())).unwrap();
        let prepared = prepare(folder.path(), &repo);
        Fixture {
            _folder: folder,
            repo,
            prepared,
        }
    }
}

fn git(at: &Path, args: &[&str], input: &[u8]) -> String {
    let mut child = Command::new("git")
        .args(args)
        .current_dir(at)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "git {args:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_string()
}

/// Writes a tree unchecked by git.
fn raw_tree(at: &Path, repo: &Repo, entries: &[(&str, &str, Oid)]) -> Oid {
    let mut bytes = Vec::new();
    for (mode, name, oid) in entries {
        bytes.extend_from_slice(format!("{mode} {name}\0").as_bytes());
        bytes.extend_from_slice(oid.as_slice());
    }
    let args = ["hash-object", "-t", "tree", "-w", "--stdin", "--literally"];
    repo.parse_id(&git(at, &args, &bytes)).unwrap()
}

fn prepare(at: &Path, repo: &Repo) -> Vec<Oid> {
    let blob = |text: &str| {
        let id = git(at, &["hash-object", "-w", "--stdin"], text.as_bytes());
        repo.parse_id(&id).unwrap()
    };
    let (x, y) = (blob("x"), blob("y"));
    let tree = |entries: &[(&str, &str, Oid)]| raw_tree(at, repo, entries);
    let mut all = vec![
        tree(&[("100644", "f", x), ("120000", "link", x)]),
        tree(&[("100755", "f", x), ("100644", "link", y)]),
        tree(&[("120000", "link", y), ("160000", "sub", x)]),
        tree(&[("160000", "link", x)]),
        tree(&[
            ("100644", "..", x),
            ("100644", ".git", x),
            ("100644", "f", y),
        ]),
        tree(&[
            ("100644", "GIT~1", x),
            ("100644", "a\\b", x),
            ("100644", "a\u{1b}b", y),
        ]),
    ];
    let dots = tree(&[("40000", "..", all[0]), ("40000", "f", all[3])]);
    all.push(dots);
    for leaf in [x, y] {
        let mut deep = tree(&[("100644", "leaf", leaf)]);
        for level in 0..12 {
            let other = blob(&format!("{level} {leaf}"));
            deep = tree(&[("40000", "d", deep), ("100644", "e", other)]);
        }
        all.push(deep);
    }
    all
}

/// The tree of a state: canonical paths, then the extra files.
pub fn tree_of(fixture: &Fixture, repo: &Pending, state: &State) -> Oid {
    let mut files: BTreeMap<String, (EntryType, Oid)> = BTreeMap::new();
    let mut put = |path: &str, kind: EntryType, oid: Oid| {
        // A name is a file or a folder: the later entry wins.
        let below = format!("{path}/");
        files.retain(|p, _| !p.starts_with(&below) && !path.starts_with(&format!("{p}/")));
        files.insert(path.to_string(), (kind, oid));
    };
    let blob = |bytes: &[u8]| repo.write_blob(bytes).unwrap();
    put(
        "pm.yaml",
        EntryType::Blob,
        blob(encode(&state.pm).as_bytes()),
    );
    for (path, doc) in paths(state) {
        put(&path, EntryType::Blob, blob(encode(doc).as_bytes()));
    }
    for (path, extra) in &state.extras {
        match extra {
            Extra::Bytes(bytes) => put(path, EntryType::Blob, blob(bytes)),
            Extra::Prepared(n) => {
                let oid = fixture.prepared[n % fixture.prepared.len()];
                put(path, EntryType::Tree, oid);
            }
        }
    }
    build(repo, &files, "")
}

/// The path of every document of a state, which depends on its format.
pub fn paths(state: &State) -> Vec<(String, &Doc)> {
    let levels = Levels::of(repository::version(&state.pm).unwrap_or_default());
    let mut out = Vec::new();
    let mut items: BTreeMap<(ItemKind, &str), Vec<Uid>> = BTreeMap::new();
    for doc in state.docs.values() {
        match ItemKind::parse(&doc.kind) {
            Some(kind) => items
                .entry((kind, &doc.born))
                .or_default()
                .push(doc.uid.clone()),
            None => out.push((layout::path_of(levels, doc).unwrap(), doc)),
        }
    }
    for ((kind, born), uids) in items {
        for (uid, length) in suffixes(&uids) {
            let path = layout::item_path(levels, kind, born, &uid, length);
            out.push((path, &state.docs[&uid]));
        }
    }
    out
}

fn build(repo: &Pending, files: &BTreeMap<String, (EntryType, Oid)>, prefix: &str) -> Oid {
    let mut entries: BTreeMap<Vec<u8>, Entry> = BTreeMap::new();
    for (path, (kind, oid)) in files.range(prefix.to_string()..) {
        let Some(rest) = path.strip_prefix(prefix) else {
            break;
        };
        let (name, kind, oid) = match rest.split_once('/') {
            None => (rest, *kind, *oid),
            Some((folder, _)) if entries.contains_key(folder.as_bytes()) => continue,
            Some((folder, _)) => {
                let below = build(repo, files, &format!("{prefix}{folder}/"));
                (folder, EntryType::Tree, below)
            }
        };
        let name = name.as_bytes().to_vec();
        entries.insert(name.clone(), Entry { name, kind, oid });
    }
    let entries: Vec<Entry> = entries.into_values().collect();
    repo.write_tree(entries).unwrap()
}

/// The joined tree.
pub fn join_ids(repo: &Pending, a: Oid, b: Oid) -> Oid {
    join_trees(repo, a, b).unwrap().tree
}

/// Every file of a tree by path, for messages.
pub fn files(repo: &Repo, tree: Oid) -> BTreeMap<String, Oid> {
    let mut out = BTreeMap::new();
    let mut open = vec![(String::new(), tree)];
    while let Some((prefix, tree)) = open.pop() {
        for entry in repo.tree(tree).unwrap() {
            let path = format!("{prefix}{}", String::from_utf8_lossy(&entry.name));
            match entry.kind {
                EntryType::Tree => open.push((format!("{path}/"), entry.oid)),
                _ => {
                    out.insert(path, entry.oid);
                }
            }
        }
    }
    out
}
