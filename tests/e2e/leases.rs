//! Claims and signs of life: how long a claim holds, what renews it, who hears of it, and what the
//! others are told when its holder falls silent.

use super::support::*;

const NOON: &str = "2026-03-02T12:00:00Z";

/// The same clone, worked in by an agent of that name.
fn agent(repo: &Repo, name: &str) -> Repo {
    repo.with("CLAUDECODE", "1").with("AGENT_NAME", name)
}

/// A time on the second of March.
fn at(time: &str) -> String {
    format!("2026-03-02T{time}Z")
}

/// Until when the claim on an item holds, and its last sign, as a clone has it.
fn lease(repo: &Repo, id: &str) -> (String, String) {
    let claim = &repo.data(&["show", id])["claim"];
    let text = |key: &str| claim[key].as_str().unwrap_or("none").to_string();
    (text("lease_until"), text("last_sign"))
}

/// A hub, a clone with one task, and a second clone of Ben's.
fn two_clones(scene: &Scene) -> (Repo, Repo) {
    let (hub, a) = scene.with_hub();
    let a = a.when(NOON);
    a.task("Shared work", &["--path", "src/**"]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben").when(NOON);
    (a, b)
}

fn comment(place: &Repo, time: &str) -> Ran {
    let place = place.when(&at(time));
    place.pm(&["task", "comment", "T-0001", "at it"]).ok()
}

#[test]
fn an_agents_claim_holds_for_an_hour_and_a_humans_for_a_day() {
    let (_scene, repo) = set_up();
    let repo = repo.when(NOON);
    repo.task("For a human", &["--path", "a/**"]);
    repo.task("For an agent", &["--path", "b/**"]);
    repo.pm(&["start", "T-0001"]).ok();
    agent(&repo, "agent-2").pm(&["start", "T-0002"]).ok();
    let noon = NOON.to_string();
    assert_eq!(
        lease(&repo, "T-0001"),
        ("2026-03-03T12:00:00Z".into(), noon.clone())
    );
    assert_eq!(lease(&repo, "T-0002"), (at("13:00:00"), noon));
    // The reservation of its paths ends with the claim.
    let live = repo.when(&at("12:59:00")).data(&["reserve", "list"]);
    assert_eq!(live["items"].as_array().unwrap().len(), 2, "{live}");
    let live = repo.when(&at("13:00:01")).data(&["reserve", "list"]);
    assert_eq!(live["items"].as_array().unwrap().len(), 1, "{live}");
}

#[test]
fn an_agent_gives_a_sign_by_writing_in_its_worktree_and_not_by_reading() {
    let (_scene, repo) = set_up();
    let repo = repo.when(NOON);
    repo.task("Shared work", &[]);
    let smith = agent(&repo, "agent-2");
    smith.pm(&["start", "T-0001"]).ok();
    let work = smith.worktree("T-0001");
    let sign = |time: &str| lease(&repo.when(&at(time)), "T-0001").1;
    comment(&work, "12:05:00");
    assert_eq!(sign("12:05:00"), at("12:00:00"), "every write renews");
    let state = repo.tip("refs/pm/main");
    for args in [&["show", "T-0001"][..], &["status"], &["ready"], &["next"]] {
        work.when(&at("12:20:00")).pm(args);
    }
    assert_eq!(repo.tip("refs/pm/main"), state, "reading wrote");
    comment(&repo, "12:20:00");
    assert_eq!(sign("12:20:00"), at("12:00:00"), "not in its worktree");
    comment(&work, "12:20:00");
    assert_eq!(sign("12:20:00"), at("12:20:00"));
    // A commit is one, too: agents do little else.
    let later = work.when(&at("12:40:00"));
    later.write("src/new.rs", "// new\n");
    later.commit_all("Work on");
    assert_eq!(
        lease(&repo.when(&at("12:41:00")), "T-0001"),
        (at("13:40:00"), at("12:40:00"))
    );
}

// A claim without a branch has no worktree to stand in: beads' way to say who is on something.
#[test]
fn a_claim_without_a_branch_lives_by_what_its_agent_writes_in_the_clone() {
    let (_scene, repo) = set_up();
    let repo = repo.when(NOON);
    let made = repo.data(&["issue", "create", "Found on the way"]);
    let id = made["id"].as_str().unwrap();
    repo.task("Another", &[]);
    let smith = agent(&repo, "agent-2");
    smith.pm(&["issue", "claim", id]).ok();
    comment(&agent(&repo, "agent-3"), "12:10:00");
    comment(&repo, "12:10:00");
    assert_eq!(lease(&repo, id).0, at("13:00:00"), "others renewed it");
    comment(&smith, "12:10:00");
    assert_eq!(lease(&repo, id).0, at("13:10:00"));
    let smith = smith.when(&at("12:30:00"));
    smith.write("src/new.rs", "// new\n");
    smith.commit_all("Work on");
    assert_eq!(lease(&repo, id).0, at("13:30:00"), "a commit is no sign");
}

#[test]
fn a_longer_lease_is_kept_and_says_nothing_about_the_last_sign() {
    let (_scene, repo) = set_up();
    let smith = agent(&repo.when(NOON), "agent-2");
    repo.when(NOON).task("Long work", &["--path", "src/**"]);
    smith.pm(&["start", "T-0001"]).ok();
    let work = smith.worktree("T-0001");
    work.pm(&["reserve", "renew", "--task", "T-0001", "--ttl", "5h"])
        .ok();
    comment(&work, "12:30:00");
    let then = repo.when(&at("12:30:00"));
    assert_eq!(lease(&then, "T-0001"), (at("17:00:00"), "none".into()));
}

#[test]
fn a_renewal_reaches_the_remote_before_others_would_call_the_agent_silent() {
    let scene = Scene::new();
    let (a, b) = two_clones(&scene);
    let smith = agent(&a, "agent-2");
    smith.pm(&["start", "T-0001"]).ok();
    let work = smith.worktree("T-0001");
    let heard = |time: &str| {
        b.pm(&["sync"]).ok();
        lease(&b.when(&at(time)), "T-0001").1
    };
    comment(&work, "12:20:00");
    assert_eq!(heard("12:20:00"), at("12:00:00"), "every renewal is pushed");
    // Half of the lease that others know is over, although the own one is fresh.
    let commits = work.when(&at("12:30:00"));
    commits.write("src/new.rs", "// new\n");
    commits.commit_all("Work on");
    assert_eq!(heard("12:30:00"), at("12:30:00"), "the hook did not push");
    comment(&work, "13:01:00");
    assert_eq!(heard("13:01:00"), at("13:01:00"));
    b.when(&at("13:10:00")).pm(&["start", "T-0001"]).exits(3);
    // Who exchanges by hand alone is not overruled.
    a.git(&["config", "pm.sync", "manual"]).ok();
    comment(&work, "13:40:00");
    assert_eq!(heard("13:40:00"), at("13:01:00"));
    assert_eq!(lease(&a.when(&at("13:40:00")), "T-0001").1, at("13:40:00"));
}

#[test]
fn a_renewal_that_cannot_be_brought_to_the_remote_fails_neither_command_nor_commit() {
    let scene = Scene::new();
    let (a, _) = two_clones(&scene);
    let smith = agent(&a, "agent-2");
    smith.pm(&["start", "T-0001"]).ok();
    let work = smith.worktree("T-0001");
    a.git(&["config", "remote.origin.url", "/nowhere/hub.git"])
        .ok();
    let ran = comment(&work, "12:40:00");
    assert!(
        ran.err
            .contains("others see the lease of T-0001 end at 2026-03-02T13:00:00Z"),
        "{}",
        ran.err
    );
    let work = work.when(&at("12:50:00"));
    work.write("src/new.rs", "// new\n");
    work.commit_all("Work on");
    assert_eq!(lease(&a.when(&at("12:50:00")), "T-0001").1, at("12:50:00"));
}

#[test]
fn a_remote_that_does_not_answer_keeps_a_commit_waiting_for_seconds_only() {
    let scene = Scene::new();
    let (a, _) = two_clones(&scene);
    let smith = agent(&a, "agent-2");
    smith.pm(&["start", "T-0001"]).ok();
    let work = smith.worktree("T-0001").when(&at("12:40:00"));
    let work = work.wrapping_git(
        "slow",
        "case \" $* \" in *' fetch '*|*' push '*) exec sleep 100;; esac; exec \"$REAL\" \"$@\"",
    );
    let began = std::time::Instant::now();
    work.write("src/new.rs", "// new\n");
    work.commit_all("Work on");
    assert!(began.elapsed().as_secs() < 30, "the commit hung");
}
