//! Several worktrees and clones with one actor's name: each is told of its own work only.

use serde_json::json;

use crate::support::{Repo, Scene, agent, set_up};

/// An agent of a tool, in a worktree of no task.
fn in_worktree(repo: &Repo, name: &str) -> Repo {
    let path = format!("../{name}");
    repo.git(&["worktree", "add", "-q", "-b", name, &path]).ok();
    agent(&repo.other(path))
}

#[test]
fn an_agent_is_not_told_that_the_work_of_another_worktree_is_its_own() {
    let (_scene, repo) = set_up();
    let id = repo.task("One", &["--accept", "passes"]);
    let (w1, w2) = (in_worktree(&repo, "w1"), in_worktree(&repo, "w2"));
    w1.pm(&["start", &id]).ok();
    let told = "claude-code in w1 works on it";
    let mine = |place: &Repo| place.data(&["status"])["mine"].as_array().unwrap().len();
    assert_eq!((mine(&w1), mine(&w2)), (1, 0));
    let shown = w2.pm(&["status"]).ok().out;
    assert!(shown.contains(told) && !shown.contains("Mine"), "{shown}");
    assert_eq!(w2.data(&["status"])["elsewhere"][0]["who"], told);
    let overview = w2.pm(&["prime"]).ok().out;
    assert!(
        overview.contains(told) && !overview.contains("## Your items"),
        "{overview}"
    );
    let briefing = w2.pm(&["prime", &id]).ok().out;
    for wrong in ["claimed by you", "git pm finish", "cd ", "git pm handoff"] {
        assert!(!briefing.contains(wrong), "{wrong}: {briefing}");
    }
    assert!(briefing.contains(told), "{briefing}");
    let next = w2.pm(&["next"]).exits(1).err;
    assert!(!next.contains("started by you"), "{next}");
    // As the verbs judge it.
    w2.pm(&["start", &id, "--resume"]).exits(3);
    w2.pm(&["finish", &id]).exits(3);
    w2.pm(&["finish"]).exits(2);
    let own = w1.pm(&["prime", &id]).ok().out;
    assert!(
        own.contains("claimed by you") && own.contains("git pm finish"),
        "{own}"
    );
}

#[test]
fn a_claim_of_the_same_person_in_another_clone_is_theirs_and_not_here() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("One", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ana");
    a.pm(&["start", &id, "--no-worktree"]).ok();
    b.pm(&["--offline", "start", &id, "--no-worktree"]).ok();
    let said = b.pm(&["sync"]).ok();
    let said = format!("{}{}", said.out, said.err);
    assert!(
        said.contains("your other clone holds it now") && !said.contains("Ana holds"),
        "{said}"
    );
    let shown = b.data(&["status"]);
    assert_eq!(shown["mine"], json!([]));
    assert_eq!(shown["elsewhere"][0]["who"], "yours, in another clone");
    assert_eq!(a.data(&["status"])["mine"][0]["id"], id.as_str());
    // Two agents of one tool are two.
    let other = a.task("Two", &[]);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    agent(&a).pm(&["start", &other, "--no-worktree"]).ok();
    b.pm(&["sync"]).ok();
    let who = agent(&b).data(&["status"])["elsewhere"][0]["who"].clone();
    let who = who.as_str().unwrap();
    assert!(
        who.starts_with("claude-code") && who.ends_with("works on it in another clone"),
        "{who}"
    );
}
