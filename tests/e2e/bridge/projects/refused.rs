//! Folders that are not projects, and hostile ones.

use super::with_fixture;

#[test]
fn folders_that_are_not_projects_are_refused_and_hostile_projects_do_no_harm() {
    let (_scene, repo) = with_fixture("backlog");
    repo.pm(&["import", "ccpm"]).exits(4);
    repo.pm(&["import", "taskmaster"]).exits(4);
    repo.pm(&["import", "backlog", "nowhere"]).exits(4);
    let tasks = repo.path.join("backlog/tasks");
    std::fs::write(
        tasks.join("task-90 - Latin.md"),
        b"---\nid: task-90\n---\n\xff",
    )
    .unwrap();
    std::fs::write(tasks.join("task-91 - Large.md"), vec![b'x'; 3 << 20]).unwrap();
    std::fs::write(
        tasks.join("task-92 - Path.md"),
        "---\nid: ../../etc/passwd-9\ntitle: \"a\\u001b[2J\u{1b}[31mred\"\nmodified_files: [/etc/passwd, '$(id)']\n---\n",
    )
    .unwrap();
    std::fs::write(tasks.join("no id at all.md"), "text").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/passwd", tasks.join("task-93 - Link.md")).unwrap();
    let ran = repo.pm(&["--json", "import", "backlog"]).exits(8);
    assert!(!ran.out.contains('\u{1b}'));
    let report = ran.data();
    let skipped = report["skipped"].as_array().unwrap().len();
    assert_eq!(skipped, if cfg!(unix) { 4 } else { 3 }, "{report}");
    assert_eq!(report["created"], 9, "{report}");
    let shown = repo.pm(&["list", "--all"]).ok().out;
    assert!(!shown.contains('\u{1b}'), "{shown}");
    repo.pm(&["fsck"]).ok();
}
