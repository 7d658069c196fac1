//! Who counts as an agent: a mark decides, not a name.

use crate::support::set_up;

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
