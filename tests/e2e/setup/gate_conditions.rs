//! When a gate of `.pm.toml` applies, how long it may take, and what its failure means.

use crate::support::{Repo, Scene};

/// A repository with these trusted gates, and the worktree of its task T-0001.
fn with_gates(text: &str) -> (Scene, Repo, Repo) {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.write(".pm.toml", text);
    repo.commit_all("Gates");
    repo.pm(&["init"]).ok();
    repo.pm(&["trust", "--yes"]).ok();
    let id = repo.task("Work", &[]);
    repo.pm(&["start", &id]).ok();
    let work = repo.worktree(&id);
    (scene, repo, work)
}

fn passed(repo: &Repo) -> String {
    let log = repo.git(&["grep", "-h", "gates_passed", "refs/pm/main"]);
    // The second line is the stamp of the first.
    log.out.lines().next().unwrap_or_default().to_string()
}

#[test]
fn a_gate_runs_only_for_the_paths_it_names() {
    let text = "[gates.docs]\nrun = \"false\"\npaths = [\"docs/**\"]\n\
                [gates.code]\nrun = \"true\"\npaths = [\"src/**\", \"*.toml\"]\n";
    let (_scene, repo, work) = with_gates(text);
    work.write("src/a.rs", "1\n");
    work.commit_all("Code");
    work.pm(&["finish"]).ok();
    assert_eq!(passed(&repo), "gates_passed: code");
    // The gates of the merge are those of the result, and a change of documents has to pass its own.
    work.pm(&["start", "T-0001", "--resume"]).ok();
    work.write("docs/a.md", "1\n");
    work.commit_all("Documents");
    let ran = work.pm(&["finish"]).exits(1);
    assert!(ran.err.contains("the gate `docs` failed"), "{}", ran.err);
}

/// SE-17, RV-09: an advisory gate ends in a notice, and one whose program is missing is skipped, not passed.
#[test]
fn se_17_an_advisory_gate_stops_nothing() {
    let text = "[gates.audit]\nrun = \"no-such-audit --all\"\nrequired = false\n\
                [gates.style]\nrun = \"echo ugly; exit 3\"\nrequired = false\n\
                [gates.test]\nrun = \"true\"\n";
    let (_scene, repo, work) = with_gates(text);
    work.write("a.txt", "1\n");
    work.commit_all("Work");
    let ran = work.pm(&["finish"]).ok();
    let skipped = "the gate `audit` was skipped: its program is not installed";
    assert!(ran.err.contains(skipped), "{}", ran.err);
    assert!(
        ran.err.contains("ugly") && ran.err.contains("advisory gate: "),
        "{}",
        ran.err
    );
    assert_eq!(passed(&repo), "gates_passed: test");
    // A required one has to be there.
    let (_scene, _repo, work) = with_gates("[gates.audit]\nrun = \"no-such-audit\"\n");
    work.write("a.txt", "1\n");
    work.commit_all("Work");
    work.pm(&["finish"]).exits(1);
}

#[test]
fn a_gate_has_a_time_of_its_own() {
    let (_scene, _repo, work) = with_gates("[gates.slow]\nrun = \"sleep 60\"\ntimeout = 1\n");
    work.write("a.txt", "1\n");
    work.commit_all("Work");
    let ran = work.pm(&["finish"]).exits(1);
    assert!(ran.err.contains("more than 1 seconds"), "{}", ran.err);
}

/// RV-13: tests are committed first, fail without the work, and pass with it; that is recorded.
#[test]
fn rv_13_tests_come_first_and_fail_without_the_work() {
    let text = "[gates.test]\nrun = \"test ! -e tests/a || test -e a.txt\"\ntests_first = true\n";
    let (_scene, repo, work) = with_gates(text);
    // Nothing but tests in the first commit.
    work.write("tests/a", "1\n");
    work.write("a.txt", "1\n");
    work.commit_all("Both");
    let ran = work.pm(&["finish"]).exits(1);
    assert!(ran.err.contains("changes other files"), "{}", ran.err);
    // Tests that pass without the work show nothing.
    work.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    work.write("tests/other", "1\n");
    work.commit_all("Tests");
    work.write("a.txt", "1\n");
    work.commit_all("Work");
    let ran = work.pm(&["finish"]).exits(1);
    assert!(
        ran.err.contains("already passes with only the tests"),
        "{}",
        ran.err
    );
    assert!(repo.git(&["worktree", "list"]).out.lines().count() == 2);
    // As it should be.
    work.git(&["reset", "-q", "--hard", "HEAD~2"]).ok();
    work.write("tests/a", "1\n");
    work.commit_all("Tests");
    let tests = work.git(&["rev-parse", "HEAD"]).ok().text();
    work.write("a.txt", "1\n");
    work.commit_all("Work");
    work.pm(&["finish"]).ok();
    assert_eq!(
        passed(&repo),
        format!("gates_passed: test (failed at {tests})")
    );
}

#[test]
fn a_gate_that_is_not_understood_is_an_error() {
    let (_scene, _repo, work) = with_gates("[gates.test]\nrun = \"true\"\n");
    work.write(
        ".pm.toml",
        "[gates.test]\nrun = \"true\"\nwhen = \"always\"\n",
    );
    work.commit_all("Gates");
    let ran = work.pm(&["finish"]).exits(2);
    assert!(ran.err.contains("unknown key `when`"), "{}", ran.err);
    let shown = work.pm(&["trust"]).exits(2);
    assert!(shown.err.contains("unknown key `when`"), "{}", shown.err);
}
