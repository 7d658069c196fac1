//! Instructions in AGENTS.md and CLAUDE.md.

use crate::support::{at_terminal, set_up};

#[test]
fn the_section_is_written_once_and_removed_without_a_trace() {
    let (_scene, repo) = set_up();
    // Without a terminal and --yes, only the diff.
    let shown = repo.pm(&["install", "agents"]).exits(1);
    assert!(
        shown.out.contains("+## Task management: git pm"),
        "{}",
        shown.out
    );
    assert!(shown.out.contains("`--yes` writes the changes"));
    assert!(!repo.path.join("AGENTS.md").exists());
    repo.pm(&["install", "agents", "--dry-run"]).ok();
    assert!(!repo.path.join("AGENTS.md").exists());
    let report = repo.data(&["install", "agents", "--yes"]);
    let notes = report["notes"].to_string();
    assert!(
        notes.contains("GIT_PM_ACTOR=") && notes.contains("AGENT_NAME="),
        "{notes}"
    );
    assert_eq!(report["files"][0]["change"], "create");
    assert_eq!(report["written"], true);
    let text = repo.read("AGENTS.md");
    assert_eq!(repo.pm(&["install", "agents", "--print"]).ok().out, text);
    assert!(text.lines().count() < 60);
    let again = repo.pm(&["install", "agents"]).ok();
    assert!(again.out.contains("installed already"), "{}", again.out);
    repo.pm(&["install", "agents", "--remove", "--yes"]).ok();
    assert!(!repo.path.join("AGENTS.md").exists());
    repo.pm(&["install", "agents", "--remove"]).ok();

    // Existing files keep every byte.
    let mine = "# Rules\r\n\r\nBe kind.\r\nNo line end here: \u{e9}";
    repo.write("CLAUDE.md", mine);
    repo.write("AGENTS.md", "# Agents\n");
    repo.pm(&["install", "agents", "-y"]).ok();
    let text = repo.read("CLAUDE.md");
    assert!(text.starts_with(mine) && text.contains("git pm prime"));
    assert!(
        !text.replace("\r\n", "").contains('\n'),
        "line ends were mixed"
    );
    // An older section is replaced in its place.
    repo.write(
        "AGENTS.md",
        "# Agents\n\n<!-- git-pm:begin -->\nold\n<!-- git-pm:end -->\n\nMore.\n",
    );
    repo.pm(&["install", "agents", "-y"]).ok();
    let text = repo.read("AGENTS.md");
    assert!(
        !text.contains("\nold\n") && text.ends_with("<!-- git-pm:end -->\n\nMore.\n"),
        "{text}"
    );
    repo.pm(&["install", "agents", "--remove", "-y"]).ok();
    assert_eq!(repo.read("CLAUDE.md"), mine);
    assert_eq!(repo.read("AGENTS.md"), "# Agents\n\nMore.\n");

    // Marks that do not match are left for the user.
    repo.write("AGENTS.md", "<!-- git-pm:begin -->\nhalf\n");
    let refused = repo.pm(&["--json", "install", "agents", "-y"]).exits(1);
    assert_eq!(refused.error()["reason"], "install.broken_marks");
    assert_eq!(repo.read("CLAUDE.md"), mine, "a part was written");
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_the_worktree_only() {
    use std::os::unix::fs::PermissionsExt;
    let (scene, repo) = set_up();
    repo.write("AGENTS.md", "# Agents\n");
    let file = repo.path.join("AGENTS.md");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("AGENTS.md", repo.path.join("CLAUDE.md")).unwrap();
    let report = repo.data(&["install", "agents", "--yes"]);
    assert_eq!(report["files"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(repo.read("AGENTS.md").matches("git-pm:begin").count(), 1);
    assert!(repo.path.join("CLAUDE.md").is_symlink());
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    repo.pm(&["install", "agents", "--remove", "-y"]).ok();
    assert_eq!(repo.read("AGENTS.md"), "# Agents\n");
    let outside = scene.dir.path().join("outside.md");
    std::fs::write(&outside, "x").unwrap();
    std::fs::remove_file(repo.path.join("CLAUDE.md")).unwrap();
    std::os::unix::fs::symlink(&outside, repo.path.join("CLAUDE.md")).unwrap();
    let refused = repo.pm(&["--json", "install", "agents", "-y"]).exits(1);
    assert_eq!(refused.error()["reason"], "install.outside");
    assert_eq!(std::fs::read_to_string(&outside).unwrap(), "x");
    std::fs::remove_file(repo.path.join("CLAUDE.md")).unwrap();
    std::os::unix::fs::symlink("/", repo.path.join(".claude")).unwrap();
    repo.pm(&["install", "slash", "--for", "claude", "-y"])
        .exits(1);
}

#[test]
fn a_terminal_is_asked_first() {
    let (_scene, repo) = set_up();
    let no = at_terminal(&repo, &["install", "agents"], "n\n");
    assert_eq!(no.code, 1, "{}", no.out);
    assert!(!repo.path.join("AGENTS.md").exists());
    at_terminal(&repo, &["install", "agents"], "y\n").ok();
    assert!(repo.path.join("AGENTS.md").exists());
}
