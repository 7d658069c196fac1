//! What a clone keeps for itself (MS-08): in its git directory, never in a branch or at a remote.

use crate::support::{Scene, ids};

#[test]
fn ms_08_local_files_are_in_the_git_directory_and_in_no_commit() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Fix it", &["--path", "src/a.rs"]);
    a.task("Next", &[]);
    a.pm(&["start", "T-1"]).ok();
    let there = a.worktree("T-1");
    for args in [
        &["reserve", "add", "docs/**"][..],
        &["msg", "send", "--to", "all", "Hello"],
        &["learn", "add", "Files need locks"],
        &["msg", "inbox"],
        &["prime"],
    ] {
        there.pm(args).ok();
    }
    there.write("src/a.rs", "a\n");
    there.commit_all("feat: a");
    there.pm(&["finish"]).ok();
    a.pm(&["sync"]).ok();

    // One folder for all worktrees, beside which nothing was written.
    let folder = a.path.join(".git/pm");
    assert!(folder.join("replica.json").is_file());
    assert!(folder.join("index.sqlite").is_file());
    for place in [&a, &there] {
        let common = place.git(&["rev-parse", "--path-format=absolute", "--git-common-dir"]);
        let common = std::path::PathBuf::from(common.text()).join("pm");
        assert_eq!(
            common.canonicalize().unwrap(),
            folder.canonicalize().unwrap()
        );
        let status = place.git(&["status", "--porcelain", "--ignored"]).ok();
        assert_eq!(status.out, "", "{}", place.path.display());
    }
    // No commit of a branch or of the state has any of its files, here or at the remote.
    let local: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    for repo in [&a, &hub] {
        let refs = repo.git(&["for-each-ref", "--format=%(refname)"]).ok().out;
        for name in refs.lines() {
            let files = repo
                .git(&["ls-tree", "-r", "-t", "--name-only", name])
                .ok()
                .out;
            for file in files.lines() {
                let last = file.rsplit('/').next().unwrap();
                assert!(!local.iter().any(|one| one == last), "{name}: {file}");
            }
        }
    }
    // Another clone is another replica, and has the state.
    let b = scene.clone_of(&hub, "b", "Bea");
    let replica = |path: &std::path::Path| {
        std::fs::read_to_string(path.join(".git/pm/replica.json")).unwrap()
    };
    assert_ne!(replica(&a.path), replica(&b.path));
    // What is derived can be removed.
    let before = a.data(&["list", "--all"]);
    std::fs::remove_file(folder.join("index.sqlite")).unwrap();
    assert_eq!(a.data(&["list", "--all"]), before);
    assert_eq!(
        ids(&before["items"]),
        ids(&b.data(&["list", "--all"])["items"])
    );
}
