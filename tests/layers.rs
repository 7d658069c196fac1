//! The structure of the source tree: which room may use which others.
//! docs/ARCHITECTURE.md shows the same rows.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of `src/` from the lowest row to the highest. A room uses rows below its own.
const ROWS: &[&str] = &[
    "model",
    "graph",
    "query",
    "secret",
    "finding",
    "process",
    "net",
    "store",
    "pm",
    "coordinate",
    "learn",
    "work",
    "history",
    "core",
    "plan",
    "bridge",
    "maintain",
    "memory",
    "agent",
    "review",
    "forge",
    "run",
    "notify",
    "verbs",
    "mcp",
    "serve",
    "lib",
];

/// A source file with its module and the modules that it names.
struct Source {
    file: PathBuf,
    module: Vec<String>,
    names: BTreeSet<Vec<String>>,
}

#[test]
fn no_room_uses_a_row_above_its_own() {
    let row = |room: &str| ROWS.iter().position(|name| *name == room);
    let mut wrong = Vec::new();
    for source in sources("src") {
        let own = row(&source.module[0])
            .unwrap_or_else(|| panic!("{} is in no row", source.file.display()));
        for name in &source.names {
            if row(&name[0]).is_some_and(|used| used > own) {
                wrong.push(format!(
                    "{} uses {}",
                    source.file.display(),
                    name.join("::")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_cycle_between_folders() {
    for top in ["src", "bin/git-pm"] {
        let folders = folders(Path::new(top));
        let arrows = arrows(top, &folders);
        for (from, to) in &arrows {
            let back = reached(&arrows, to).contains(from);
            assert!(
                !back,
                "{top}: {from} and {to} use each other: {:?}",
                path_back(&arrows, to, from)
            );
        }
    }
}

#[test]
fn only_the_store_names_gix_and_sqlite() {
    for (crate_name, room) in [("gix", "src/store/git"), ("rusqlite", "src/store/index")] {
        for file in files(Path::new("src"))
            .into_iter()
            .chain(files(Path::new("bin")))
        {
            if file.starts_with(room) {
                continue;
            }
            let text = code(&fs::read_to_string(&file).unwrap());
            let named = text
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .any(|word| word == crate_name);
            assert!(!named, "{} names {crate_name}", file.display());
        }
    }
}

/// The places that start a program. Git is started by its runner alone, which takes explicit
/// folders; whoever needs another program starts it through `process`.
#[test]
fn programs_are_started_in_few_places() {
    const PLACES: [&str; 13] = [
        "src/store/git/process/environment.rs",
        "src/process/detached.rs",
        "src/process/keeper.rs",
        "src/process/spawn.rs",
        "src/process/ps.rs",
        "src/store/fault.rs",
        "src/coordinate/worktree/copy_ignored.rs",
        "src/forge/github/auth.rs",
        // Git merges the file of beads.
        "bin/git-pm/app.rs",
        "bin/git-pm/editor.rs",
        "bin/git-pm/output/pager.rs",
        "bin/git-pm/commands/serve.rs",
        // Its own scratch repositories.
        "bin/git-pm/commands/demo/stage.rs",
    ];
    for file in ["src", "bin"].iter().flat_map(|top| files(Path::new(top))) {
        let shown = file.display().to_string();
        let name = file.file_name().unwrap_or_default();
        if PLACES.contains(&shown.as_str()) || name == "tests.rs" || shown.contains("/tests/") {
            continue;
        }
        let text = code(&fs::read_to_string(&file).unwrap()).replace("clap::Command::new", "");
        let starts = text.contains("Command::new(");
        assert!(!starts, "{shown} starts a program");
    }
}

/// A runner is made where the repository is opened, and moves only to verified folders: so no other
/// code runs git in a folder that it names itself.
#[test]
fn git_runs_only_in_verified_folders() {
    const MAKERS: [&str; 2] = ["src/store/git/repo/mod.rs", "src/agent/llm/endpoint.rs"];
    const OWNERS: [&str; 4] = [
        "src/store/git/process/place.rs",
        "src/maintain/backup.rs",
        "src/coordinate/worktree/submodule.rs",
        // It has just made the folder, for itself alone.
        "src/run/checkout.rs",
    ];
    for file in ["src", "bin"].iter().flat_map(|top| files(Path::new(top))) {
        let shown = file.display().to_string();
        let whole = fs::read_to_string(&file).unwrap();
        let (text, _) = whole.split_once("#[cfg(test)]").unwrap_or((&whole, ""));
        let text = code(text);
        let made = text.contains("Git::new(") && !MAKERS.contains(&shown.as_str());
        let moved = text.contains("in_own_repository(") && !OWNERS.contains(&shown.as_str());
        assert!(!made && !moved, "{shown} chooses a folder for git");
    }
}

#[test]
fn architecture_shows_the_rows() {
    let text = fs::read_to_string("docs/ARCHITECTURE.md").unwrap();
    let (_, section) = text
        .split_once("\n## Layers\n")
        .expect("a section `Layers`");
    let (_, picture) = section.split_once("```text\n").expect("a picture in it");
    let (picture, _) = picture.split_once("```").unwrap();
    let shown: Vec<&str> = picture
        .lines()
        .rev()
        .filter_map(|line| {
            line.split_once("  ")
                .map_or(Some(line), |(rooms, _)| Some(rooms))
        })
        .flat_map(str::split_whitespace)
        .map(|name| name.trim_end_matches('/').trim_end_matches(".rs"))
        .collect();
    assert_eq!(shown, ROWS);
}

#[test]
fn documents_name_source_files_that_exist() {
    let all: Vec<String> = ["src", "bin", "tests"]
        .iter()
        .flat_map(|top| files(Path::new(top)))
        .map(|file| file.display().to_string())
        .collect();
    for document in ["docs/ARCHITECTURE.md", "docs/CONTRIBUTING.md"] {
        let text = fs::read_to_string(document).expect("a document");
        for name in text.split('`').skip(1).step_by(2) {
            let is_path = name.ends_with(".rs") && !name.contains([' ', '*', ':']);
            let exists = |file: &String| file == name || file.ends_with(&format!("/{name}"));
            assert!(
                !is_path || all.iter().any(exists) || Path::new(name).exists(),
                "{document} names {name}"
            );
        }
    }
}

#[test]
fn every_source_file_says_what_it_is() {
    for file in ["src", "bin"].iter().flat_map(|top| files(Path::new(top))) {
        let name = file.file_stem().unwrap().to_str().unwrap();
        if file.iter().any(|part| part == "tests") || name.ends_with("tests") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let first = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("//!"));
        let says = first.is_some_and(|line| line.trim().ends_with('.'));
        assert!(says, "the first line of {} is no sentence", file.display());
    }
}

/// The folders below `top` that have source files, as module paths.
fn folders(top: &Path) -> BTreeSet<String> {
    files(top)
        .iter()
        .filter_map(|file| file.parent()?.strip_prefix(top).ok().map(Path::to_path_buf))
        .flat_map(|folder| {
            folder
                .ancestors()
                .map(Path::to_path_buf)
                .collect::<Vec<_>>()
        })
        .filter(|folder| !folder.as_os_str().is_empty())
        .map(|folder| folder.to_str().unwrap().replace('/', "::"))
        .collect()
}

/// Which folder uses which other one, among those in one folder.
fn arrows(top: &str, folders: &BTreeSet<String>) -> BTreeSet<(String, String)> {
    let mut arrows = BTreeSet::new();
    for source in sources(top) {
        for name in &source.names {
            let common = source
                .module
                .iter()
                .zip(name)
                .take_while(|(a, b)| a == b)
                .count();
            let child = |path: &[String]| {
                let path = path.get(..=common)?.join("::");
                folders.contains(&path).then_some(path)
            };
            if let (Some(from), Some(to)) = (child(&source.module), child(name)) {
                arrows.insert((from, to));
            }
        }
    }
    arrows
}

fn reached(arrows: &BTreeSet<(String, String)>, from: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::from([from.to_string()]);
    loop {
        let next: BTreeSet<String> = arrows
            .iter()
            .filter(|(a, b)| found.contains(a) && !found.contains(b))
            .map(|(_, b)| b.clone())
            .collect();
        if next.is_empty() {
            return found;
        }
        found.extend(next);
    }
}

/// The arrows on the way back, for the message.
fn path_back(arrows: &BTreeSet<(String, String)>, from: &str, to: &str) -> Vec<String> {
    arrows
        .iter()
        .filter(|(a, b)| reached(arrows, from).contains(a) && reached(arrows, b).contains(to))
        .map(|(a, b)| format!("{a} -> {b}"))
        .collect()
}

/// The source files below a folder.
fn sources(top: &str) -> Vec<Source> {
    let all: Vec<PathBuf> = files(Path::new(top));
    let module_path = |path: &Path| -> Vec<String> {
        path.iter()
            .map(|name| name.to_str().unwrap().to_string())
            .collect()
    };
    let module = |file: &Path| -> Vec<String> {
        let mut names = module_path(&file.strip_prefix(top).unwrap().with_extension(""));
        if names.last().is_some_and(|name| name == "mod") {
            names.pop();
        }
        names
    };
    all.iter()
        .map(|file| {
            let own = module(file);
            let manifest = |folder: &&Path| folder.join("Cargo.toml").exists();
            let root = file.ancestors().skip(1).find(manifest).unwrap();
            // The root of the library is that of `src`.
            let root = root.strip_prefix(top).map(module_path).unwrap_or_default();
            let names = used(&code(&fs::read_to_string(file).unwrap()), &own, &root);
            Source {
                file: file.clone(),
                module: own,
                names,
            }
        })
        .collect()
}

/// Every path from `crate`, `self` or `super` in a text of a crate whose root is the module `top`.
fn used(text: &str, own: &[String], top: &[String]) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    for root in ["crate::", "super::", "self::"] {
        for (at, _) in text.match_indices(root) {
            let before = text[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '$') {
                continue;
            }
            let base = if root == "crate::" { top } else { own };
            leaves(&text[at..], base, &mut found);
        }
    }
    found
}

/// The paths of the use tree that a text begins with; returns what follows it.
fn leaves<'t>(text: &'t str, base: &[String], found: &mut BTreeSet<Vec<String>>) -> &'t str {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let end = text.find(|c: char| !is_path(c)).unwrap_or(text.len());
    let (names, mut rest) = text.split_at(end);
    let mut path = base.to_vec();
    for name in names.split("::") {
        match name {
            "crate" | "self" | "" => {}
            "super" => {
                path.pop();
            }
            name => path.push(name.to_string()),
        }
    }
    if names.ends_with("::") && rest.starts_with('{') {
        loop {
            rest = leaves(rest[1..].trim_start(), &path, found).trim_start();
            rest = rest.strip_prefix("as ").map_or(rest, |alias| {
                alias
                    .trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')
                    .trim_start()
            });
            match rest.as_bytes().first() {
                Some(b',') => {}
                Some(b'}') => return &rest[1..],
                _ => return rest,
            }
        }
    }
    if !path.is_empty() {
        found.insert(path);
    }
    rest
}

/// A text without its comments.
fn code(text: &str) -> String {
    let line = |line: &str| line.split("//").next().unwrap_or_default().to_string() + "\n";
    text.lines().map(line).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}
