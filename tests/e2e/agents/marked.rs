//! Who counts as an agent: a mark decides, not a name.

use crate::support::{Scene, set_up};

#[test]
fn who_counts_as_a_human_under_an_agents_name_is_told_how_an_agent_is_marked() {
    let (_scene, repo) = set_up();
    for name in ["agent-2", "claude", "Codex-1", "gemini_2"] {
        let named = repo.by(name);
        let status = named.data(&["status"]);
        assert_eq!(status["agent"], false);
        let way = status["mark"].as_str().unwrap();
        assert!(
            way.contains(&format!("git config --add pm.agent {name}"))
                && way.contains("AGENT_NAME"),
            "{way}"
        );
        let shown = named.pm(&["status"]).ok().out;
        assert!(
            shown.contains(&format!("You are {name} (a human)")),
            "{shown}"
        );
        let doctor = named.pm(&["doctor"]);
        let doctor = format!("{}{}", doctor.out, doctor.err);
        assert!(doctor.contains("has the name of an agent"), "{doctor}");
        // What it says works.
        let marked = repo.with("AGENT_NAME", name).data(&["status"]);
        assert_eq!(
            (&marked["actor"], &marked["agent"]),
            (&name.into(), &true.into())
        );
        repo.git(&["config", "--add", "pm.agent", name]).ok();
        let marked = named.data(&["status"]);
        assert_eq!(
            (&marked["agent"], &marked["mark"]),
            (&true.into(), &serde_json::Value::Null)
        );
    }
    for name in ["Ana", "Claudette", "Agentha", "Ai Weiwei"] {
        assert!(repo.by(name).data(&["status"])["mark"].is_null(), "{name}");
    }
}

/// Who approves as a human under the name of an agent is told so.
#[test]
fn an_approval_under_the_name_of_an_agent_says_how_it_counts() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.write(
        "docs/e.md",
        "# Ex\n\n## Requirements\n\n- The system must export CSV.\n",
    );
    repo.commit_all("Describe it");
    repo.pm(&["plan", "new", "docs/e.md"]).ok();
    let said = repo.by("codex-1").pm(&["plan", "approve"]).ok().err;
    assert!(said.contains("codex-1 counts as a human here"), "{said}");
    // A review ends with a command that its reader may use.
    let id = repo.task("Fix", &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("fix.txt", "1\n");
    place.commit_all("Fix");
    place.pm(&["finish", &id]).ok();
    let bot = repo.with("AGENT_NAME", "bot");
    let said = bot.pm(&["review", &id]).ok().out;
    assert!(said.contains("A human has to approve it"), "{said}");
    assert!(!said.contains("git pm task approve"), "{said}");
}
