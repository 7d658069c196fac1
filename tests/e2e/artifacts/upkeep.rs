//! Redaction, generations, backups and checks of a state with artifacts.

use super::{listed, put};
use crate::support::{Scene, set_up};

/// The files of the contents.
fn contents(repo: &crate::support::Repo) -> usize {
    let files = repo
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main", "blobs/"])
        .ok();
    files.text().lines().count()
}

#[test]
fn a_redacted_text_leaves_the_content_of_artifacts_and_does_not_return() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let id = a.task("Publish the interface", &[]);
    put(&a, &id, "harmless.txt", "nothing here");
    put(&a, &id, "leak.txt", "the word is xyzzy42\n");
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    b.pm(&["config", "pm.sync", "manual"]).ok();
    // Written without knowing of the redaction, in another file with the same text.
    put(&b, &id, "again.bin", "also \u{0} xyzzy42\n");
    let report = a.data(&["redact", "xyzzy42"]);
    assert!(report.to_string().contains("leak.txt"), "{report}");
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    for repo in [&a, &b] {
        assert_eq!(contents(repo), 1, "only the harmless one");
        assert_eq!(
            repo.pm(&["artifact", "get", &id, "harmless.txt"]).ok().out,
            "nothing here"
        );
        repo.pm(&["artifact", "get", &id, "leak.txt"]).exits(5);
        repo.pm(&["artifact", "get", &id, "again.bin"]).exits(5);
        let everything = repo.git(&["cat-file", "--batch-all-objects", "--batch", "--unordered"]);
        assert!(
            !everything.out.contains("xyzzy42"),
            "the text is still in the object store"
        );
    }
    assert_eq!(a.state_tree(), b.state_tree());
    let path = super::file(&a, "more.txt", b"xyzzy42");
    let error = a
        .pm(&["--json", "artifact", "put", &id, &path])
        .exits(1)
        .error();
    assert_eq!(error["reason"], "artifact.redacted", "{error}");
}

/// Another clone would bring back what one leaves out, so nothing is left out.
#[test]
fn a_new_generation_keeps_all_contents() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    put(&repo, &id, "a.txt", "one");
    put(&repo, &id, "a.txt", "two");
    put(&repo, &id, "b.txt", "three");
    repo.pm(&["artifact", "remove", &id, "b.txt"]).ok();
    let cut = repo.pm(&["gc", "--new-generation", "--yes"]).ok().out;
    assert!(cut.contains("the state is unchanged"), "{cut}");
    assert_eq!(contents(&repo), 3);
    assert_eq!(repo.pm(&["artifact", "get", &id, "a.txt"]).ok().out, "two");
    assert_eq!(listed(&repo, &["--all"]).len(), 2);
    let checked = repo.pm(&["fsck"]).ok().out;
    assert!(!checked.contains("content-"), "{checked}");
}

#[test]
fn checks_find_nothing_wrong_with_artifacts_and_a_backup_has_them() {
    let (scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    put(&repo, &id, "api.json", "{}\n");
    let checked = repo.pm(&["fsck"]).ok().out;
    assert!(
        !checked.contains("file-unknown") && !checked.contains("content"),
        "{checked}"
    );
    repo.pm(&["doctor"]).ok();
    let backup = scene.dir.path().join("state.bundle");
    repo.pm(&["backup", "create", backup.to_str().unwrap()])
        .ok();
    let other = scene.repo("other");
    other.pm(&["backup", "load", backup.to_str().unwrap()]).ok();
    assert_eq!(
        other.pm(&["artifact", "get", &id, "api.json"]).ok().out,
        "{}\n"
    );
}
