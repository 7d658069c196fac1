//! The changes of a commit, a push and a ref update: the paths that are checked against
//! reservations.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::ffi::OsStr;

use git_pm::internals::coordinate::changes::{
    ancestors_filter, in_range, pushed, staged, staged_in, transaction_commits,
};
use git_pm::internals::store::git::process::Git;

use crate::hooks::stand_in::Repo;
use crate::support::checkout::At as _;

fn repo() -> Repo {
    let repo = Repo::new();
    for name in ["a", "b", "dir/c"] {
        repo.write(name, &format!("{name}\n"));
    }
    repo.git(&["add", "."]);
    repo.git(&["commit", "-qm", "base"]);
    repo
}

fn now(repo: &Repo) -> Vec<String> {
    both(repo, &repo.runner(), None)
}

/// The changes that git reports; requires that the guard finds at least these without git.
fn both(repo: &Repo, git: &Git, index: Option<&OsStr>) -> Vec<String> {
    let paths = staged(git, index).expect("the staged paths");
    let names: Vec<String> = git.env_names().map(str::to_string).collect();
    let vars = names.into_iter().filter_map(|name| {
        let value = git.env(&name)?.to_os_string();
        Some((name, value))
    });
    let env = git_pm::Env::new(repo.dir.clone(), vars.collect());
    let opened = git_pm::internals::store::git::repo::Repo::open(&env).expect("a repository");
    assert_eq!(
        staged_in(&opened, index).expect("paths"),
        paths,
        "in process"
    );
    paths
}

/// The paths as a hook sees them while git runs `args`, with a copy of the index that git passes,
/// as git deletes its own.
fn in_hook(repo: &Repo, hook: &str, args: &[&str]) -> Vec<String> {
    let script = "echo \"$GIT_INDEX_FILE\" >../seen.name; /bin/cp \"$GIT_INDEX_FILE\" ../seen.index\n\
                  env | /bin/grep ^GITHEAD_ >../seen.env; exit 1";
    repo.script(&repo.hook(hook), script);
    assert_ne!(repo.try_git(args).code, 0, "the hook stops it");
    if hook == "pre-merge-commit" {
        // git writes it when the hook fails; it did not exist while the hook ran.
        std::fs::remove_file(repo.dir.join(".git/MERGE_HEAD")).expect("removed");
    }
    let mut git = repo.runner();
    for line in repo.text("seen.env").lines() {
        let (key, value) = line.split_once('=').expect("a variable");
        git = git.with_env(key, value);
    }
    let paths = both(repo, &git, Some(OsStr::new("../seen.index")));
    std::fs::remove_file(repo.hook(hook)).expect("removed");
    paths
}

#[test]
fn changes_of_a_plain_commit() {
    let repo = repo();
    assert!(now(&repo).is_empty());
    repo.write("a", "changed\n");
    repo.write("new in [dir]/x y", "");
    assert!(now(&repo).is_empty(), "not staged");
    repo.git(&["add", "."]);
    assert_eq!(now(&repo), ["a", "new in [dir]/x y"]);
    repo.write("dir/c", "not staged\n");
    assert_eq!(
        in_hook(&repo, "pre-commit", &["commit", "-m", "x"]),
        ["a", "new in [dir]/x y"]
    );
}

#[test]
fn changes_seen_from_a_folder_of_the_work_tree() {
    let repo = repo();
    repo.git(&["config", "diff.relative", "true"]);
    repo.write("a", "changed\n");
    repo.git(&["add", "."]);
    let git = repo.runner().at(repo.dir.join("dir"));
    assert_eq!(
        staged(&git, Some(OsStr::new(".git/index"))).expect("paths"),
        ["a"]
    );
}

#[test]
fn changes_in_the_index_that_git_passes() {
    let repo = repo();
    repo.write("a", "changed\n");
    repo.write("b", "changed\n");
    repo.git(&["add", "b"]);
    assert_eq!(
        in_hook(&repo, "pre-commit", &["commit", "-am", "x"]),
        ["a", "b"]
    );
    assert!(repo.text("seen.name").contains("index.lock"));
    assert_eq!(
        in_hook(&repo, "pre-commit", &["commit", "-m", "x", "--", "a"]),
        ["a"]
    );
    assert!(repo.text("seen.name").contains("next-index-"));
}

#[test]
fn changes_include_both_ends_of_a_rename_and_deleted_files() {
    let repo = repo();
    repo.git(&["mv", "a", "moved"]);
    assert_eq!(now(&repo), ["a", "moved"], "away");
    repo.git(&["mv", "-f", "moved", "b"]);
    assert_eq!(now(&repo), ["a", "b"], "onto another file");
    repo.git(&["reset", "-q", "--hard"]);
    repo.git(&["rm", "-q", "dir/c"]);
    assert_eq!(now(&repo), ["dir/c"]);
}

#[test]
fn changes_include_modes_links_and_submodules() {
    let repo = repo();
    repo.git(&["update-index", "--chmod=+x", "a"]);
    assert_eq!(now(&repo), ["a"]);
    let head = repo.git(&["rev-parse", "HEAD"]);
    let module = format!("160000,{},vendor/lib", head.trim());
    repo.write(
        ".gitmodules",
        "[submodule \"lib\"]\n\tpath = vendor/lib\n\turl = x\n\tignore = all\n",
    );
    repo.git(&["update-index", "--add", "--cacheinfo", &module]);
    std::os::unix::fs::symlink("a", repo.dir.join("link")).expect("link");
    repo.git(&["add", "link"]);
    assert_eq!(now(&repo), ["a", "link", "vendor/lib"]);
}

#[test]
fn a_file_added_with_intent_to_add_is_not_part_of_the_commit() {
    let repo = repo();
    repo.write("later", "x\n");
    repo.git(&["add", "-N", "later"]);
    assert!(now(&repo).is_empty());
    repo.write("a", "changed\n");
    repo.git(&["add", "a"]);
    assert_eq!(now(&repo), ["a"]);
    assert_eq!(
        in_hook(&repo, "pre-commit", &["commit", "-am", "x"]),
        ["a", "later"]
    );
}

#[test]
fn changes_include_names_with_line_ends_and_invalid_utf8() {
    use std::os::unix::ffi::OsStrExt;
    let repo = repo();
    repo.write("two\nlines", "x");
    std::fs::write(repo.dir.join(OsStr::from_bytes(b"\xff")), "x").expect("file");
    repo.write("\u{e4} \"q\"", "x");
    repo.git(&["add", "."]);
    assert_eq!(now(&repo), ["two\nlines", "\u{e4} \"q\"", "\u{fffd}"]);
    repo.git(&["commit", "-qm", "x"]);
    let changes = in_range(&repo.runner(), &["HEAD".into()], &["HEAD~1".into()]).expect("changes");
    assert_eq!(changes[0].paths, ["two\nlines", "\u{e4} \"q\"", "\u{fffd}"]);
    assert_eq!(changes[0].author, "Ann O'Nym");
}

#[test]
fn changes_of_the_first_commit_with_sha1_and_sha256() {
    for format in ["sha1", "sha256"] {
        let repo = Repo::named("repo", &[&format!("--object-format={format}")]);
        repo.write("x", "x\n");
        repo.git(&["add", "."]);
        assert_eq!(now(&repo), ["x"], "{format}");
        repo.git(&["commit", "-qm", "x"]);
        let changes = in_range(&repo.runner(), &["HEAD".into()], &[]).expect("changes");
        assert_eq!(
            (changes.len(), changes[0].paths.as_slice()),
            (1, &["x".to_string()][..])
        );
    }
}

/// `main` and `side` both changed `a`; `side` also changed `b`, `main` also `dir/c`.
fn diverged() -> Repo {
    let repo = repo();
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.write("a", "theirs\n");
    repo.write("b", "theirs\n");
    repo.git(&["commit", "-qam", "theirs"]);
    repo.git(&["checkout", "-q", "main"]);
    repo.write("a", "ours\n");
    repo.write("dir/c", "ours\n");
    repo.git(&["commit", "-qam", "ours"]);
    repo
}

#[test]
fn changes_of_a_merge_with_a_conflict() {
    let repo = diverged();
    assert_eq!(repo.try_git(&["merge", "side"]).code, 1);
    repo.write("a", "both\n");
    repo.git(&["add", "a"]);
    assert_eq!(now(&repo), ["a"], "b is carried over as it is there");
    repo.write("b", "and more\n");
    repo.write("extra", "x\n");
    repo.git(&["add", "."]);
    assert_eq!(now(&repo), ["a", "b", "extra"]);
    repo.git(&["commit", "-qm", "merge"]);
    let changes = in_range(
        &repo.runner(),
        &["HEAD".into()],
        &["main~1".into(), "side".into()],
    );
    let changes = changes.expect("changes");
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].paths, ["a", "b", "extra"]);
}

#[test]
fn changes_of_a_clean_merge_before_git_writes_merge_head() {
    let repo = diverged();
    repo.git(&["checkout", "-q", "-b", "third", "main~1"]);
    repo.write("new", "x\n");
    repo.git(&["add", "."]);
    repo.git(&["commit", "-qm", "third"]);
    let paths = in_hook(&repo, "pre-merge-commit", &["merge", "-m", "x", "side"]);
    assert!(paths.is_empty(), "{paths:?}");
}

/// A merge that leaves out what one side changed alone changes that; taking one of two changes of a
/// file is the resolution of a conflict.
#[test]
fn changes_that_a_merge_drops() {
    let repo = diverged();
    repo.git(&["merge", "-q", "-s", "ours", "--no-commit", "side"]);
    assert_eq!(now(&repo), ["b"]);
    repo.git(&["commit", "-qm", "ours"]);
    let tree = repo.git(&["rev-parse", "main~2^{tree}"]);
    let of = |parents: &[&str]| {
        let parents = parents.iter().flat_map(|one| ["-p", *one]);
        let words = ["commit-tree", "-m", "old", tree.trim()];
        let words: Vec<&str> = words.into_iter().chain(parents).collect();
        let made = repo.git(&words).trim().to_string();
        let known = ["main".into(), "side".into()];
        let changes = in_range(&repo.runner(), &[made], &known).expect("changes");
        changes.into_iter().map(|one| one.paths).collect::<Vec<_>>()
    };
    // The tree of the commit at which the two began, as that of merges with it.
    assert_eq!(of(&["main~1", "main~2"]), [["a", "dir/c"]]);
    assert_eq!(of(&["main~2", "main~1"]), [["a", "dir/c"]]);
    assert_eq!(of(&["main~2", "main~1", "side"]), [["a", "b", "dir/c"]]);
    let known = ["main~1".into(), "side".into()];
    let merge = in_range(&repo.runner(), &["main".into()], &known).expect("changes");
    assert_eq!(merge[0].paths, ["b"]);
    // Without a common ancestor.
    repo.git(&["checkout", "-q", "--orphan", "other"]);
    repo.git(&["commit", "-qm", "other"]);
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&[
        "merge",
        "-q",
        "--allow-unrelated-histories",
        "-m",
        "x",
        "other",
    ]);
    let known = ["main~1".into(), "other".into()];
    let merge = in_range(&repo.runner(), &["main".into()], &known).expect("changes");
    assert_eq!(merge[0].paths, [""; 0]);
}

#[test]
fn changes_of_many_commits() {
    let repo = diverged();
    repo.git(&["commit", "--allow-empty", "-qm", "empty"]);
    repo.git(&["rm", "-q", "dir/c"]);
    repo.git(&["mv", "b", ":b"]);
    repo.git(&["commit", "-qm", "names"]);
    let changes = in_range(
        &repo.runner(),
        &["main".into(), "side".into()],
        &["main~3".into()],
    );
    let paths: BTreeSet<Vec<String>> = changes
        .expect("changes")
        .into_iter()
        .map(|c| c.paths)
        .collect();
    let expected = [
        vec![],
        vec![":b", "b", "dir/c"],
        vec!["a", "dir/c"],
        vec!["a", "b"],
    ];
    let expected: BTreeSet<Vec<String>> = expected
        .map(|v: Vec<&str>| v.into_iter().map(str::to_string).collect())
        .into();
    assert_eq!(paths, expected);
    assert!(in_range(&repo.runner(), &["nowhere".into()], &[]).is_err());
    assert!(
        in_range(&repo.runner(), &[], &[])
            .expect("nothing")
            .is_empty()
    );
}

#[test]
fn changes_of_a_push() {
    let repo = diverged();
    let id = |name: &str| repo.git(&["rev-parse", name]).trim().to_string();
    let zero = "0".repeat(40);
    let unknown = "1".repeat(40);
    let (main, base) = (id("main"), id("main~1"));
    repo.git(&["update-ref", "refs/remotes/origin/old", &base]);
    repo.git(&["update-ref", "refs/remotes/other/main", &main]);
    repo.git(&["tag", "-am", "x", "v1"]);
    let tag = id("v1");
    let blob = id("main:a");
    let input = format!(
        "refs/heads/main {main} refs/heads/main {base}\n\
         HEAD~0 with space {main} refs/heads/new {zero}\n\
         refs/heads/main {main} refs/heads/gone {unknown}\n\
         (delete) {zero} refs/heads/x {base}\n\
         refs/pm/main {main} refs/pm/main {zero}\n\
         refs/tags/v1 {tag} refs/tags/v1 {zero}\n\
         refs/tags/blob {blob} refs/tags/blob {zero}\n"
    );
    let refs = pushed(&repo.runner(), &input, &["origin"]).expect("refs");
    let got: Vec<_> = refs
        .iter()
        .map(|r| (r.local_ref.as_str(), r.include.len(), r.exclude.clone()))
        .collect();
    let known = vec![base.clone()];
    assert_eq!(
        got,
        [
            ("refs/heads/main", 1, known.clone()),
            ("HEAD~0 with space", 1, known.clone()),
            ("refs/heads/main", 1, known.clone()),
            ("refs/tags/v1", 1, known.clone()),
            ("refs/tags/blob", 0, known),
        ]
    );
    for pushed in &refs[..4] {
        let changes = in_range(&repo.runner(), &pushed.include, &pushed.exclude).expect("changes");
        assert_eq!(changes.len(), 1, "{pushed:?}");
        assert_eq!(changes[0].commit, main);
    }
    let elsewhere = pushed(&repo.runner(), &input, &["https://example.org/[x]"]).expect("refs");
    assert!(elsewhere[1].exclude.is_empty());
}

#[test]
fn ancestors_among_commits_are_found() {
    let repo = diverged();
    let id = |name: &str| repo.git(&["rev-parse", name]).trim().to_string();
    let (main, base, side) = (id("main"), id("main~1"), id("side"));
    let git = repo.runner();
    let all = [main.clone(), side.clone(), base.clone()];
    assert_eq!(
        ancestors_filter(&git, &all, &main).expect("ids"),
        [main.clone(), base.clone()]
    );
    assert_eq!(
        ancestors_filter(&git, &all, &side).expect("ids"),
        [side, base.clone()]
    );
    let missing = ["1".repeat(40), base.clone()];
    assert_eq!(
        ancestors_filter(&git, &missing, &main).expect("ids"),
        [base]
    );
    assert!(
        ancestors_filter(&git, &missing[..1], &main)
            .expect("ids")
            .is_empty()
    );
    let absent = "1".repeat(40);
    for of in [absent.as_str(), "nowhere", "main\n--all"] {
        let found = ancestors_filter(&git, &all, of).expect("ids");
        assert!(found.is_empty(), "{of:?} has none that are here");
    }
}

#[test]
fn changes_of_a_ref_transaction_are_those_on_no_branch() {
    let repo = diverged();
    let id = |name: &str| repo.git(&["rev-parse", name]).trim().to_string();
    let zero = "0".repeat(40);
    let (main, side) = (id("main"), id("side"));
    // As at the end of a rebase: HEAD is at the new commit, no branch is.
    repo.git(&["checkout", "-q", "--detach"]);
    repo.write("rebased", "x\n");
    repo.git(&["add", "."]);
    repo.git(&["commit", "-qm", "rebased"]);
    let new = id("HEAD");
    let input = format!(
        "{main} {new} HEAD\n{main} {new} refs/heads/main\n{zero} {side} refs/heads/copy\n\
         {side} {zero} refs/heads/side\n{zero} {new} refs/pm/main\n{zero} ref:refs/heads/x refs/heads/y\n"
    );
    let found = transaction_commits(&repo.runner(), &input).expect("commits");
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].0, "refs/heads/main");
    assert_eq!(found[0].1[0].paths, ["rebased"]);
    assert_eq!(found[0].1.len(), 1);
    assert_eq!(
        (found[1].0.as_str(), found[1].1.len()),
        ("refs/heads/copy", 0)
    );
}
