//! Trees of the state that git pm would not write: made object by object with git's plumbing, so
//! that every name, mode and content is possible.

use super::Repo;

/// One entry of a tree: mode as git spells it, raw name, object id.
pub type Entry = (String, Vec<u8>, String);

/// Writes objects, in one process.
fn objects(repo: &Repo, args: &[&str], contents: &[Vec<u8>]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = String::new();
    for (n, bytes) in contents.iter().enumerate() {
        let path = folder.path().join(n.to_string());
        std::fs::write(&path, bytes).unwrap();
        paths += &format!("{}\n", path.display());
    }
    let mut all = vec!["hash-object"];
    all.extend(args);
    all.extend(["-w", "--no-filters", "--stdin-paths"]);
    let written = repo.feed("git", &all, &paths).ok();
    written.out.lines().map(str::to_string).collect()
}

/// Writes a blob.
pub fn blob(repo: &Repo, bytes: &[u8]) -> String {
    blobs(repo, &[bytes.to_vec()]).remove(0)
}

/// Writes blobs, in one process.
pub fn blobs(repo: &Repo, contents: &[Vec<u8>]) -> Vec<String> {
    objects(repo, &[], contents)
}

/// Writes a tree with any names, sorted as git sorts.
pub fn tree(repo: &Repo, entries: &[Entry]) -> String {
    trees(repo, &[entries.to_vec()]).remove(0)
}

/// Writes trees as [`tree`] does, in one process.
pub fn trees(repo: &Repo, all: &[Vec<Entry>]) -> Vec<String> {
    let contents: Vec<Vec<u8>> = all.iter().map(|entries| encoded(entries)).collect();
    objects(repo, &["-t", "tree", "--literally"], &contents)
}

fn encoded(entries: &[Entry]) -> Vec<u8> {
    let mut sorted = entries.to_vec();
    sorted.sort_by_key(|(mode, name, _)| {
        let mut key = name.clone();
        if mode == "40000" {
            key.push(b'/');
        }
        key
    });
    let mut bytes = Vec::new();
    for (mode, name, oid) in sorted {
        bytes.extend(mode.bytes());
        bytes.push(b' ');
        bytes.extend(name);
        bytes.push(0);
        for pair in oid.as_bytes().chunks(2) {
            let pair = std::str::from_utf8(pair).unwrap();
            bytes.push(u8::from_str_radix(pair, 16).unwrap());
        }
    }
    bytes
}

/// The entries of a tree.
pub fn entries(repo: &Repo, tree: &str) -> Vec<Entry> {
    let output = repo
        .command("git")
        .args(["ls-tree", "-z", tree])
        .output()
        .unwrap();
    assert!(output.status.success(), "ls-tree {tree}");
    output
        .stdout
        .split(|b| *b == 0)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let tab = line.iter().position(|b| *b == b'\t').unwrap();
            let head = std::str::from_utf8(&line[..tab]).unwrap();
            let mut words = head.split(' ');
            let mode = words.next().unwrap().trim_start_matches('0').to_string();
            let oid = words.nth(1).unwrap().to_string();
            (mode, line[tab + 1..].to_vec(), oid)
        })
        .collect()
}

/// A tree with one entry set at a path of raw names (given with `/` between them).
pub fn with(repo: &Repo, root: Option<&str>, path: &[&[u8]], mode: &str, oid: &str) -> String {
    let mut list = root.map(|t| entries(repo, t)).unwrap_or_default();
    let (name, rest) = path.split_first().unwrap();
    let below = list.iter().position(|(_, n, _)| n == name);
    let old = below.map(|at| list.remove(at));
    if rest.is_empty() {
        list.push((mode.into(), name.to_vec(), oid.into()));
    } else {
        let sub = old.filter(|(m, ..)| m == "40000").map(|(.., oid)| oid);
        let made = with(repo, sub.as_deref(), rest, mode, oid);
        list.push(("40000".into(), name.to_vec(), made));
    }
    tree(repo, &list)
}

/// The trees that [`with`] makes of several folders at one path.
pub fn with_each(repo: &Repo, root: &str, path: &[&[u8]], folders: &[String]) -> Vec<String> {
    let Some((name, rest)) = path.split_first() else {
        return folders.to_vec();
    };
    let mut list = entries(repo, root);
    let below = list.iter().position(|(_, n, _)| n == name).unwrap();
    let (.., old) = list.remove(below);
    let made = if rest.is_empty() {
        folders.to_vec()
    } else {
        with_each(repo, &old, rest, folders)
    };
    let each = made.into_iter().map(|oid| {
        let mut list = list.clone();
        list.push(("40000".into(), name.to_vec(), oid));
        list
    });
    trees(repo, &each.collect::<Vec<_>>())
}

/// Commits a tree on top of the state, as another program could.
pub fn commit(repo: &Repo, tree: &str) -> String {
    let tip = repo.tip("refs/pm/main");
    let commit = repo
        .git(&["commit-tree", tree, "-p", &tip, "-m", "foreign"])
        .ok()
        .text();
    repo.git(&["update-ref", "refs/pm/main", &commit]).ok();
    commit
}

/// Sets one regular file of the state.
pub fn put(repo: &Repo, path: &str, bytes: &[u8]) -> String {
    let oid = blob(repo, bytes);
    let names: Vec<&[u8]> = path.split('/').map(str::as_bytes).collect();
    let root = repo.state_tree();
    let made = with(repo, Some(&root), &names, "100644", &oid);
    commit(repo, &made);
    oid
}

/// Makes a commit in which some files of the state have other texts; `more` are arguments of `git
/// commit-tree` such as its message. No ref is moved.
pub fn commit_of(repo: &Repo, files: &[(&str, &str)], parents: &[&str], more: &[&str]) -> String {
    let index = repo.with("GIT_INDEX_FILE", ".git/other-index");
    index.git(&["read-tree", "refs/pm/main"]).ok();
    for (path, text) in files {
        let info = format!("100644,{},{path}", blob(repo, text.as_bytes()));
        let args = ["update-index", "--add", "--cacheinfo", &info];
        index.git(&args).ok();
    }
    let tree = index.git(&["write-tree"]).text();
    let mut args = vec!["commit-tree", &tree];
    args.extend(parents.iter().flat_map(|parent| ["-p", *parent]));
    args.extend(more);
    repo.git(&args).ok().text()
}

/// Moves the state to a commit.
pub fn move_to(repo: &Repo, commit: &str) {
    repo.git(&["update-ref", "refs/pm/main", commit]).ok();
}

/// As [`put`], in a commit with arguments of `git commit-tree`; returns the commit.
pub fn put_as(repo: &Repo, path: &str, text: &str, more: &[&str]) -> String {
    let commit = commit_of(repo, &[(path, text)], &["refs/pm/main"], more);
    move_to(repo, &commit);
    commit
}

/// The path of an item's file in the state.
#[track_caller]
pub fn path_of(repo: &Repo, id: &str) -> String {
    let all = repo
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main"])
        .ok();
    all.out
        .lines()
        .find(|p| p.contains(&format!("/{id}-")))
        .unwrap_or_else(|| panic!("no file of {id} in {}", all.out))
        .to_string()
}

/// The content of a file of the state.
pub fn read(repo: &Repo, path: &str) -> String {
    repo.git(&["cat-file", "blob", &format!("refs/pm/main:{path}")])
        .ok()
        .out
}

/// The id of a file's blob in the state; empty when it is not there.
pub fn oid(repo: &Repo, path: &str) -> String {
    repo.tip(&format!("refs/pm/main:{path}"))
}

/// `pm.yaml` with another version of the format.
pub fn of_format(text: &str, version: &str) -> String {
    let is_version = |line: &&str| line.starts_with("format: ");
    let line = text.lines().find(is_version).expect("a version");
    text.replacen(line, &format!("format: \"{version}\""), 1)
}

/// A folder with another object for each entry.
pub fn each_in(repo: &Repo, folder: &str, other: impl Fn(&str) -> String) -> String {
    let mut all = entries(repo, folder);
    all.iter_mut().for_each(|(_, _, oid)| *oid = other(oid));
    tree(repo, &all)
}
