//! The test vectors of the format, which docs/FORMAT.md describes. `GIT_PM_BLESS=1` writes the output of
//! the program into `*.out.md` and the blocks of FORMAT.md; review the difference before you commit
//! it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use git_pm::env::Env;
use git_pm::internals::model::codec::{decode, encode};
use git_pm::internals::model::doc::Doc;
use git_pm::internals::model::limits::DOCUMENT_MAX;
use git_pm::internals::model::uid::sha256_hex;
use git_pm::internals::store::git::repo::{Oid, Repo};
use git_pm::internals::store::handle::Store;
use git_pm::internals::store::join::commit::join_commits;
use git_pm::internals::store::join::doc::join;
use git_pm::internals::store::join::tree::join_trees;
use git_pm::internals::store::{first_commit, layout, repository};
use git_pm::values::Uid;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/format")
}

/// The Markdown files of a folder of vectors, by name without the ending.
fn vectors(folder: &str) -> BTreeMap<String, Vec<u8>> {
    let all: BTreeMap<String, Vec<u8>> = std::fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_string();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    assert!(!all.is_empty(), "no vectors in {folder}");
    all
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn read(name: &str, bytes: &[u8]) -> Doc {
    decode(bytes).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// Compares with the vector of this name, or writes it.
fn expect(folder: &str, name: &str, found: &str, expected: &[u8]) {
    if found == text(expected) {
        return;
    }
    if std::env::var_os("GIT_PM_BLESS").is_some() {
        std::fs::write(root().join(folder).join(format!("{name}.md")), found).unwrap();
    } else {
        assert_eq!(found, text(expected), "{folder}/{name}");
    }
}

#[test]
fn canonical_documents_are_written_as_they_were_read() {
    for (name, bytes) in vectors("") {
        let doc = read(&name, &bytes);
        expect("", &name, &encode(&doc), &bytes);
        assert_eq!(encode(&join(&doc, &doc)), text(&bytes), "{name}");
    }
}

#[test]
fn documents_written_by_hand_become_canonical() {
    let all = vectors("canonical");
    for (name, bytes) in &all {
        let Some(stem) = name.strip_suffix(".in") else {
            continue;
        };
        let out = format!("{stem}.out");
        let found = encode(&read(name, bytes));
        assert_eq!(encode(&read(&out, found.as_bytes())), found);
        expect("canonical", &out, &found, &all[&out]);
    }
}

#[test]
fn joins_are_as_specified_in_both_directions() {
    let all = vectors("join");
    for name in all.keys() {
        let Some(stem) = name.strip_suffix(".a") else {
            continue;
        };
        let side = |side: &str| {
            let name = format!("{stem}.{side}");
            let doc = read(&name, &all[&name]);
            expect("join", &name, &encode(&doc), &all[&name]);
            doc
        };
        let (a, b, out) = (side("a"), side("b"), format!("{stem}.out"));
        let found = encode(&join(&a, &b));
        assert_eq!(encode(&join(&b, &a)), found, "{stem}: commutative");
        expect("join", &out, &found, &all[&out]);
        let out = read(&out, found.as_bytes());
        assert_eq!(encode(&join(&out, &a)), found, "{stem}: absorbing");
        assert_eq!(encode(&join(&b, &out)), found, "{stem}: absorbing");
    }
}

#[test]
fn damaged_files_are_refused_with_the_reason() {
    let path = root().join("damaged/REASONS");
    let mut found = String::new();
    for (name, bytes) in vectors("damaged") {
        found += &format!("{name}.md: {}\n", decode(&bytes).expect_err(&name));
    }
    if std::env::var_os("GIT_PM_BLESS").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(path).unwrap());
    let mut large = vectors("")["epic"].clone();
    large.resize(DOCUMENT_MAX + 1, b'x');
    let found = decode(&large).unwrap_err().to_string();
    assert_eq!(found, "the file is larger than 8388608 bytes");
    large.pop();
    assert!(decode(&large).is_ok());
    let many = |n| {
        text(&vectors("")["epic"]).replace("birth", &format!("x: [{}0]\nbirth", "0,".repeat(n)))
    };
    assert!(decode(many(200_000).as_bytes()).is_ok());
    let found = decode(many(262_144).as_bytes()).unwrap_err().to_string();
    assert!(found.ends_with("it has too many values"), "{found}");
}

#[test]
fn paths_follow_from_identities() {
    let table = std::fs::read_to_string(root().join("paths.txt")).unwrap();
    for line in table.lines().filter(|l| !l.starts_with('#')) {
        let [path, kind, born, uid, ref run @ ..] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let birth = "1.0.a".parse().unwrap();
        let born = if born == "-" { "" } else { born };
        let uid = Uid::new(uid).unwrap_or_else(|| panic!("{line}"));
        let mut doc = Doc::new(uid, kind, born, birth);
        if matches!(kind, "comment" | "artifact" | "finding") {
            doc.put("item", "T-0007-01jd4qz0r0000000000000k3f9");
        }
        if let Some(run) = run.first() {
            doc.put("run", *run);
        }
        let fits = layout::check_place(&doc, path);
        assert!(fits.is_ok(), "{line}: {fits:?}");
    }
}

#[test]
fn the_first_pm_yaml_is_the_same_everywhere() {
    let found = encode(&first_commit::initial_document());
    assert!(found.contains("\nformat: \"2.0\"\n"));
    assert!(repository::decode(found.as_bytes()).is_ok());
    assert!(repository::decode(&vectors("")["pm.yaml"]).is_ok());
}

fn format_md() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/FORMAT.md");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn every_store_starts_with_the_same_commit() {
    for hash in ["sha1", "sha256"] {
        let folder = tempfile::tempdir().unwrap();
        let made = std::process::Command::new("git")
            .args(["init", "-q", "--bare", &format!("--object-format={hash}")])
            .current_dir(folder.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .status();
        assert!(made.unwrap().success());
        let env = Env::new(folder.path(), BTreeMap::new());
        let commit = Store::open(env).unwrap().initialize().unwrap();
        let named = format_md().contains(&format!("`{commit}`"));
        assert!(named, "FORMAT.md does not name {commit} ({hash})");
    }
}

/// The blocks that begin with "```vector NAME" are the files of that name.
#[test]
fn the_format_documents_contain_the_vectors() {
    for document in ["docs/FORMAT.md", "docs/FORMAT-imports.md"] {
        shows_its_vectors(document);
    }
}

fn shows_its_vectors(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let document = std::fs::read_to_string(&path).unwrap();
    let mut out = String::new();
    let mut blocks = 0;
    let mut rest = document.as_str();
    while let Some((before, after)) = rest.split_once("\n```vector ") {
        let line = after.find('\n').unwrap();
        let (name, after) = after.split_at(line);
        let (_, after) = after.split_once("\n```\n").unwrap();
        let file = std::fs::read_to_string(root().join(name)).expect(name);
        out.push_str(&format!("{before}\n```vector {name}\n{file}```\n"));
        rest = after;
        blocks += 1;
    }
    out.push_str(rest);
    assert!(blocks > 0, "{name} contains no vectors");
    if std::env::var_os("GIT_PM_BLESS").is_some() {
        std::fs::write(&path, out).unwrap();
    } else {
        assert_eq!(document, out, "{name} is stale");
    }
}

#[test]
fn the_core_of_the_format_stays_short() {
    let bytes = format_md().len();
    assert!(bytes < 32_500, "FORMAT.md has {bytes} bytes");
}

fn git(place: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .args(args)
        .current_dir(place)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    command
}

/// A repository with the commits of a stream, and the tips of both sides.
fn imported(place: &Path, stream: &Path) -> (Repo, [Oid; 2]) {
    let init = git(place, &["init", "-q", "--bare"]).status();
    assert!(init.unwrap().success());
    let imported = git(place, &["fast-import", "--quiet"])
        .stdin(std::fs::File::open(stream).unwrap())
        .status();
    assert!(imported.unwrap().success(), "{stream:?} is not a stream");
    let repo = Repo::open(&Env::new(place, BTreeMap::new())).unwrap();
    let tip = |side| repo.ref_target(&format!("refs/heads/{side}"));
    let tips = ["a", "b"].map(|side| tip(side).unwrap().unwrap());
    (repo, tips)
}

/// A tree with mode 100664, which no stream can have, in place of 100755.
fn group_writable(place: &Path, tree: &str) -> String {
    let listed = git(place, &["ls-tree", tree]).output().unwrap().stdout;
    let mut raw = Vec::new();
    for line in text(&listed).lines() {
        let (entry, name) = line.split_once('\t').unwrap();
        let [mode, kind, id] = entry.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let id = match kind {
            "tree" => group_writable(place, id),
            _ => id.to_string(),
        };
        let mode = mode.trim_start_matches('0').replace("100755", "100664");
        raw.extend(format!("{mode} {name}\0").bytes());
        let hex = |at: usize| u8::from_str_radix(&id[at..at + 2], 16).unwrap();
        raw.extend((0..id.len()).step_by(2).map(hex));
    }
    std::fs::write(place.join("raw"), raw).unwrap();
    let args = ["hash-object", "-w", "--literally", "-t", "tree", "raw"];
    text(&git(place, &args).output().unwrap().stdout)
        .trim()
        .to_string()
}

/// Every mode of a regular file is treated as 100755 is in the vector `modes`.
#[test]
fn a_mode_that_no_stream_can_have_is_that_of_a_file() {
    let place = tempfile::tempdir().unwrap();
    let (repo, sides) = imported(place.path(), &root().join("trees/modes.fi"));
    let pending = repo.pending();
    let trees = sides.map(|side| pending.commit(side).unwrap().tree);
    let other = |tree: Oid| repo.parse_id(&group_writable(place.path(), &tree.to_string()));
    let [a, b] = trees.map(|tree| other(tree).unwrap());
    assert_ne!([a, b], trees);
    let joined = join_trees(&pending, trees[0], trees[1]).unwrap().tree;
    let found = join_trees(&pending, a, b).unwrap().tree;
    assert_eq!(join_trees(&pending, b, a).unwrap().tree, found);
    let listed = |tree: Oid, name: &str| {
        let tree = pending.tree(tree).unwrap();
        let mut found = tree
            .into_iter()
            .filter(|entry| entry.name == name.as_bytes());
        found.next().map(|entry| entry.oid)
    };
    for name in ["tasks", "other", "pm.yaml"] {
        assert_eq!(listed(found, name), listed(joined, name), "{name}");
    }
    assert_eq!(listed(found, "later"), listed(a, "later"));
}

/// The commits that `git fast-import` makes of a stream are joined, in both orders, into the tree
/// and the commit in `trees/EXPECTED`.
#[test]
fn two_states_join_into_the_expected_tree_and_commit() {
    let folder = root().join("trees");
    let mut streams: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "fi"))
        .collect();
    streams.sort();
    assert!(streams.len() > 50, "vectors are missing");
    let mut found = String::from("# case, tree, commit (SHA-1)\n");
    for stream in streams {
        let name = stream.file_stem().unwrap().to_str().unwrap();
        let place = tempfile::tempdir().unwrap();
        let (repo, [a, b]) = imported(place.path(), &stream);
        let pending = repo.pending();
        let joined = join_commits(&pending, a, b).unwrap().commit;
        let turned = join_commits(&pending, b, a).unwrap().commit;
        assert_eq!(joined, turned, "{name}: the order of the sides matters");
        let tree = pending.commit(joined).unwrap().tree;
        found += &format!("{name} {tree} {joined}\n");
        // Joining again adds nothing.
        let both = [a, b].map(|side| pending.commit(side).unwrap().tree);
        let whole = join_trees(&pending, both[0], both[1]).unwrap().tree;
        for side in both {
            let again = join_trees(&pending, whole, side).unwrap().tree;
            assert_eq!(again, whole, "{name}: absorbing");
        }
    }
    let path = folder.join("EXPECTED");
    if std::env::var_os("GIT_PM_BLESS").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(&path).unwrap());
}

/// Every vector by its name, with the hash of what it says. Lists count line by line: they grow.
fn meanings() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for folder in ["", "canonical", "damaged", "join", "trees"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() || path.ends_with("MANIFEST") || path.ends_with("REASONS") {
                continue;
            }
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            let bytes = std::fs::read(&path).unwrap();
            if path.ends_with("EXPECTED") || path.ends_with("paths.txt") {
                for line in text(&bytes).lines().filter(|line| !line.starts_with('#')) {
                    let first = line.split([' ', '\t']).next().unwrap();
                    found.insert(format!("{name}:{first}"), sha256_hex(line.as_bytes()));
                }
            } else {
                found.insert(name, sha256_hex(&bytes));
            }
        }
    }
    found
}

/// What a vector says holds for good under one number. A vector may be added (`GIT_PM_BLESS=1`
/// notes it); one that changes or goes needs a new number in `store::repository` and `FORMAT.md`.
#[test]
fn no_vector_changes_under_the_same_number() {
    let version = format!("{}.{}", repository::MAJOR, repository::MINOR);
    let title = format!("Format version {version}.");
    assert!(
        format_md().contains(&title),
        "FORMAT.md does not say: {title}"
    );
    let path = root().join("MANIFEST");
    let noted = std::fs::read_to_string(&path).unwrap_or_default();
    let (number, lines) = noted.split_once('\n').unwrap_or_default();
    let found = meanings();
    if number == version {
        for line in lines.lines() {
            let (hash, name) = line.split_once("  ").unwrap();
            let now = found.get(name).map(String::as_str);
            assert_eq!(
                now,
                Some(hash),
                "the vector {name} changed, but the format is still {version}"
            );
        }
    }
    let lines: String = found
        .iter()
        .map(|(name, hash)| format!("{hash}  {name}\n"))
        .collect();
    let found = format!("{version}\n{lines}");
    if std::env::var_os("GIT_PM_BLESS").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let noted = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, noted, "vectors are not noted in MANIFEST yet");
}
