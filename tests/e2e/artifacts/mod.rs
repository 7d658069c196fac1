//! Artifacts: files that items publish for others.

mod clones;
mod hostile;
mod kinds;
mod upkeep;
mod verbs;

use std::path::PathBuf;

use crate::support::Repo;

/// Writes a file outside of the repository and returns its path.
pub fn file(repo: &Repo, name: &str, content: &[u8]) -> String {
    let folder: PathBuf = repo.path.join(".git/files");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path.display().to_string()
}

/// Puts a text under a name; returns the version.
#[track_caller]
pub fn put(repo: &Repo, item: &str, name: &str, text: &str) -> serde_json::Value {
    let path = file(repo, name, text.as_bytes());
    repo.data(&["artifact", "put", item, &path])
}

/// The names, authors and marks of the listed versions.
#[track_caller]
pub fn listed(repo: &Repo, args: &[&str]) -> Vec<String> {
    let all: Vec<&str> = ["artifact", "list"].iter().chain(args).copied().collect();
    let data = repo.data(&all);
    let items = data["items"].as_array().unwrap();
    let line = |view: &serde_json::Value| {
        let mark = match (&view["current"], &view["concurrent"]) {
            (current, _) if !current.as_bool().unwrap() => " replaced",
            (_, concurrent) if concurrent.as_bool().unwrap() => " concurrent",
            _ => "",
        };
        format!(
            "{} {} {}{mark}",
            view["item"].as_str().unwrap(),
            view["name"].as_str().unwrap(),
            view["author"].as_str().unwrap()
        )
    };
    items.iter().map(line).collect()
}

/// Makes a pipe in the worktree that nothing writes to.
#[cfg(unix)]
pub fn pipe(repo: &Repo, name: &str) {
    let made = std::process::Command::new("mkfifo")
        .arg(repo.path.join(name))
        .status();
    assert!(made.expect("mkfifo starts").success());
}
