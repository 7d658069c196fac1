//! States that are larger, deeper or more tangled than anybody makes by hand. What is asked of them
//! ends soon, and says where it was cut.

use crate::forge;
use crate::support::{Repo, set_up};

/// The path of the only reservation.
fn reservation(repo: &Repo) -> String {
    let args = [
        "ls-tree",
        "-r",
        "--name-only",
        "refs/pm/main",
        "reservations/",
    ];
    repo.git(&args).ok().text()
}

#[test]
fn patterns_too_many_or_too_costly_to_compare_count_as_holding_and_it_is_said() {
    let (_scene, repo) = set_up();
    repo.pm(&["task", "create", "Mine", "--path", "src/**"])
        .ok();
    repo.by("Eve")
        .pm(&["reserve", "add", "docs/**", "--ttl", "1h"])
        .ok();
    let path = reservation(&repo);
    let (folder, name) = path.rsplit_once('/').unwrap();
    let text = forge::read(&repo, &path);
    // No file of this repository matches one of them, but reading them all takes long.
    let costly = format!("\"**/{}Z\"", "*a?".repeat(1_300));
    let mut entries = Vec::new();
    for n in 0..160 {
        let uid = format!("{}{n:04}", &name[..22]);
        let text = text.replace(&name[..26], &uid).replace("docs/**", &costly);
        let oid = forge::blob(&repo, text.as_bytes());
        entries.push(("100644".into(), format!("{uid}.md").into_bytes(), oid));
    }
    let tree = forge::tree(&repo, &entries);
    let names: Vec<&[u8]> = folder.split('/').map(str::as_bytes).collect();
    let root = repo.state_tree();
    let root = forge::with(&repo, Some(&root), &names, "40000", &tree);
    forge::commit(&repo, &root);
    assert_eq!(
        repo.data(&["reserve", "list"])["items"]
            .as_array()
            .unwrap()
            .len(),
        160
    );

    repo.write("src/other.rs", "fn other() {}\n");
    repo.git(&["add", "-A"]).ok();
    let stopped = repo.git(&["commit", "-q", "-m", "x"]);
    assert_ne!(stopped.code, 0, "{stopped:?}");
    assert!(
        stopped
            .err
            .contains("src/other.rs counts as reserved by Eve")
            && stopped.err.contains("too many or too costly patterns"),
        "{stopped:?}"
    );
    let refused = repo.pm(&["start", "T-0001", "--no-worktree"]).exits(1);
    assert!(
        refused.err.contains("counts as reserved by Eve"),
        "{refused:?}"
    );
    // The way out that is always there is recorded.
    repo.with("GIT_PM_BYPASS", "nobody can compare these")
        .git(&["commit", "-q", "-m", "x"])
        .ok();
    let log = repo.pm(&["log"]).ok();
    assert!(log.out.contains("nobody can compare these"), "{log:?}");
}
