//! Agents may tighten rules but not loosen them, a clone can only add to shared rules, and the
//! actor who loosened a rule is reported.

use crate::support::*;

/// A repository with git pm's hooks, and the same clone as an agent.
fn with_hooks() -> (Scene, Repo, Repo) {
    let (scene, repo) = set_up();
    let agent = repo.with("CLAUDECODE", "1").with("AGENT_NAME", "claude-2");
    (scene, repo, agent)
}

/// Runs a command that only humans may run, and requires that configuration, hooks and state did
/// not change.
#[track_caller]
fn refused(place: &Repo, args: &[&str]) {
    let seen = |place: &Repo| {
        (
            place.read(".git/config"),
            place.tip("refs/pm/main"),
            place.data(&["hook", "status"]).to_string(),
        )
    };
    let before = seen(place);
    let ran = place.pm(args).exits(1);
    assert!(ran.err.contains("human"), "{args:?}: {}", ran.err);
    assert_eq!(seen(place), before, "{args:?} changed something");
}

#[test]
fn an_agent_cannot_loosen_a_rule_of_its_clone() {
    let (_scene, repo, agent) = with_hooks();
    for (key, value) in [
        ("pm.approval", "strict"),
        ("pm.soloMerge", "false"),
        ("pm.protectedBranches", "main release"),
        ("pm.agent", "robot"),
        ("pm.sign", "true"),
        ("pm.gate", "test=cargo test"),
        ("pm.target", "main"),
    ] {
        repo.git(&["config", key, value]).ok();
    }
    for args in [
        &["config", "pm.approval", "advisory"][..],
        &["config", "pm.approval", "--unset"],
        &["config", "approval", "whatever"],
        &["config", "pm.soloMerge", "yes"],
        &["config", "pm.protectedPaths", "none"],
        &["config", "pm.protectedPaths", ".github/ infra/"],
        &["config", "pm.protectedBranches", "release"],
        &["config", "pm.protectedBranches", "--unset"],
        &["config", "pm.agent", "other"],
        &["config", "pm.agent", "robot other"],
        &["config", "pm.branch", "main"],
        &["config", "pm.epicBranch", "main"],
        &["config", "pm.gc.backups", "0"],
        &["config", "pm.gc.tombstones", "0"],
        &["config", "pm.remote", "elsewhere"],
        &["config", "pm.remoteRef", "refs/heads/main"],
        &["config", "pm.sign", "false"],
        &["config", "pm.gate", "x=touch owned"],
        &["config", "pm.gate", "--unset"],
        &["config", "pm.setup", "touch owned"],
        &["config", "pm.target", "elsewhere"],
        &["config", "--shared", "pm.approval", "strict"],
        &["config", "--shared", "pm.protectedPaths", "none"],
        &["hook", "uninstall"],
        &["uninstall"],
    ] {
        refused(&agent, args);
        refused(&agent, &[&["--as", "Ana"], args].concat());
    }
    let gone = repo.dir_without_pm(&agent);
    let ran = gone.pm(&["init", "--no-hooks"]).exits(1);
    assert!(ran.err.contains("human"), "{}", ran.err);
}

impl Repo {
    /// A new repository beside this one, without git pm, as the agent.
    fn dir_without_pm(&self, agent: &Repo) -> Repo {
        let fresh = agent.other("../fresh");
        std::fs::create_dir_all(&fresh.path).unwrap();
        fresh.git(&["init", "-q"]).ok();
        fresh
    }
}

#[test]
fn an_agent_can_tighten_rules() {
    let (_scene, repo, agent) = with_hooks();
    for args in [
        &["config", "pm.approval", "strict"][..],
        &["config", "pm.soloMerge", "false"],
        &[
            "config",
            "pm.protectedPaths",
            "secrets/ infra/ .github/ deploy/",
        ],
        &["config", "pm.protectedBranches", "main"],
        // What is open to anybody.
        &["config", "pm.sparse", "true"],
        &["hook", "install", "--strict"],
        // Installing again, as `init` does, does not loosen them.
        &["hook", "install"],
        &["init"],
        &["init", "--no-hooks"],
    ] {
        agent.pm(args).ok();
    }
    let status = repo.data(&["hook", "status"]);
    assert_eq!(status["strict"], true, "{status}");
    refused(&agent, &["config", "pm.approval", "advisory"]);
    repo.pm(&["config", "pm.approval", "advisory"]).ok();
}

#[test]
fn a_clone_can_only_add_to_a_shared_rule() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["config", "--shared", "pm.approval", "strict"]).ok();
    a.pm(&["config", "--shared", "pm.protectedPaths", "deploy/"])
        .ok();
    a.pm(&["config", "--shared", "pm.protectedBranches", "main"])
        .ok();
    a.pm(&["config", "--shared", "pm.soloMerge", "false"]).ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    // By plain git, without git pm.
    for (key, value) in [
        ("pm.approval", "advisory"),
        ("pm.protectedPaths", "none"),
        ("pm.protectedBranches", "release"),
        ("pm.soloMerge", "true"),
    ] {
        b.git(&["config", key, value]).ok();
    }
    let value = |key: &str| b.pm(&["config", key]).ok().text();
    assert_eq!(value("pm.approval"), "strict");
    assert_eq!(value("pm.soloMerge"), "false");
    assert_eq!(value("pm.protectedBranches"), "release main");
    assert_eq!(value("pm.protectedPaths"), "deploy/");
    let agent = b.with("AGENT_NAME", "bot");
    b.git(&["switch", "-q", "-c", "side"]).ok();
    agent.write("deploy/run.sh", "x\n");
    agent.git(&["add", "-A"]).ok();
    let ran = agent.git(&["commit", "-m", "Past the rule"]);
    assert!(ran.err.contains("protected path"), "{ran:?}");
    b.git(&["switch", "-q", "main"]).ok();
    let ran = agent.git(&["commit", "-m", "Past the rule"]);
    assert!(ran.err.contains("protected branch main"), "{ran:?}");
    // It is reported.
    for args in [&["status"][..], &["doctor"]] {
        let said = b.pm(args).out;
        for key in ["pm.approval", "pm.protectedPaths", "pm.soloMerge"] {
            assert!(said.contains(key), "{args:?} does not say {key}: {said}");
        }
    }
}

#[test]
fn a_fetched_rule_cannot_loosen_the_default() {
    let (_scene, repo, agent) = with_hooks();
    repo.pm(&["config", "--shared", "pm.protectedPaths", "none"])
        .ok();
    agent.write(".github/w.yml", "on: push\n");
    agent.git(&["add", "-A"]).ok();
    let ran = agent.git(&["commit", "-m", "CI"]);
    assert!(ran.err.contains("protected path"), "{ran:?}");
}

#[test]
fn environment_variables_cannot_loosen_a_rule() {
    let (_scene, repo, agent) = with_hooks();
    agent.write(".github/w.yml", "on: push\n");
    agent.git(&["add", "-A"]).ok();
    let sly = agent
        .with("GIT_CONFIG_COUNT", "1")
        .with("GIT_CONFIG_KEY_0", "pm.protectedPaths")
        .with("GIT_CONFIG_VALUE_0", "none");
    let ran = sly.git(&["commit", "-m", "CI"]);
    assert!(ran.err.contains("protected path"), "{ran:?}");
    let ran = agent.git(&["-c", "pm.protectedPaths=none", "commit", "-m", "CI"]);
    assert!(ran.err.contains("protected path"), "{ran:?}");
    drop(repo);
}

#[test]
fn the_history_names_the_actor_who_loosened_a_shared_rule() {
    let (_scene, repo, _) = with_hooks();
    repo.pm(&["config", "--shared", "pm.approval", "strict"])
        .ok();
    assert!(!repo.pm(&["status"]).ok().out.contains("loosened"));
    repo.by("Eve")
        .pm(&["config", "--shared", "pm.approval", "advisory"])
        .ok();
    let log = repo.pm(&["log", "--limit", "1"]).ok().out;
    assert!(log.contains("Eve"), "{log}");
    let said = "shared rule loosened from `strict` to `advisory`";
    assert!(log.contains(said), "{log}");
    for args in [&["status"][..], &["doctor"]] {
        let out = repo.pm(args).out;
        assert!(
            out.contains("Eve loosened the shared rule pm.approval from `strict` to `advisory`"),
            "{args:?}: {out}"
        );
    }
    // Once the rule is tightened again, nothing is reported.
    repo.pm(&["config", "--shared", "pm.approval", "strict"])
        .ok();
    assert!(!repo.pm(&["status"]).ok().out.contains("loosened"));
    repo.pm(&["config", "--shared", "pm.approval", "--unset"])
        .ok();
    let log = repo.pm(&["log", "--limit", "1"]).ok().out;
    assert!(log.contains("from `strict` to `not set`"), "{log}");
    // Reading it does not unset it.
    repo.pm(&["config", "--shared", "pm.soloMerge", "false"])
        .ok();
    let value = repo.pm(&["config", "--shared", "pm.soloMerge"]).ok().text();
    assert_eq!(value, "false");
    assert_eq!(repo.pm(&["config", "pm.soloMerge"]).ok().text(), "false");
    for args in [
        &["config", "--shared", "pm.approval", "maybe"][..],
        &["config", "--shared", "pm.gate", "x=y"],
    ] {
        repo.pm(args).exits(2);
    }
}

// What a clone sets of itself is said to be its own, with the file that is for all clones.
#[test]
fn setting_a_gate_names_the_file_that_is_for_all_clones() {
    let (_scene, repo, _) = with_hooks();
    for (key, value, part) in [
        ("pm.gate", "test=true", "`[gates]` in .pm.toml"),
        ("pm.setup", "true", "`setup` in .pm.toml"),
    ] {
        let said = repo.pm(&["config", key, value]).ok().err;
        assert!(said.contains("in this clone only"), "{said}");
        assert!(said.contains(part), "{said}");
        let refused = repo.pm(&["config", "--shared", key, value]).exits(2).err;
        assert!(refused.contains(".pm.toml"), "{refused}");
        let quiet = repo.pm(&["config", key, "--unset"]).ok().err;
        assert!(!quiet.contains(".pm.toml"), "{quiet}");
    }
}

#[test]
fn doctor_reports_a_git_config_value_looser_than_the_default() {
    let (_scene, repo, _) = with_hooks();
    assert!(!repo.pm(&["doctor"]).out.contains("pm.protectedPaths"));
    repo.git(&["config", "pm.protectedPaths", "none"]).ok();
    let said = repo.pm(&["doctor"]).out;
    assert!(said.contains("pm.protectedPaths"), "{said}");
}

#[test]
fn trust_shows_each_command_on_its_own_line() {
    let (_scene, repo, _) = with_hooks();
    repo.write(
        ".pm.toml",
        "setup = [\"true # nothing to do\\ntouch scratch\", \"a\\u202eb\", 'printf \"x\\n\"']\n\
         [gates]\ntest = \"cargo test\"\n\"two\\nnames\" = \"x\\ry\"\n",
    );
    let out = repo.pm(&["trust"]).exits(1).out;
    for line in [
        "setup: \"true # nothing to do\\ntouch scratch\"",
        "setup: \"a\\u{202e}b\"",
        "setup: printf \"x\\n\"",
        "gate test: cargo test",
        "gate \"two\\nnames\": \"x\\ry\"",
    ] {
        let own = out.lines().any(|shown| shown.trim() == line);
        assert!(own, "not on a separate line: {line}\n{out}");
    }
}

#[test]
fn several_gates_are_not_equal_to_one_gate_with_their_joined_text() {
    let (_scene, repo, agent) = with_hooks();
    for gate in ["lint=true", "test=false"] {
        repo.git(&["config", "--add", "pm.gate", gate]).ok();
    }
    refused(&agent, &["config", "pm.gate", "lint=true test=false"]);
    repo.git(&["config", "--unset-all", "pm.gate"]).ok();
    repo.git(&["config", "pm.gate", "lint=true"]).ok();
    agent.pm(&["config", "pm.gate", "lint=true"]).ok();
}

#[test]
fn many_local_values_cannot_remove_shared_values() {
    let (_scene, repo, agent) = with_hooks();
    repo.pm(&["config", "--shared", "pm.protectedPaths", "core/"])
        .ok();
    let own: String = (0..3000).map(|n| format!("p{n}/ ")).collect();
    let value = format!("{own}.github/ infra/ secrets/");
    agent.pm(&["config", "pm.protectedPaths", &value]).ok();
    repo.write("core/x", "x\n");
    repo.git(&["add", "."]).ok();
    assert_ne!(agent.git(&["commit", "-qm", "x"]).code, 0);
}

#[test]
fn a_configuration_file_named_by_the_environment_can_only_tighten_rules() {
    let (scene, repo, agent) = with_hooks();
    let file = |name: &str, text: &str| {
        scene.at(".").write(name, text);
        scene.at(".").path.join(name).to_str().unwrap().to_string()
    };
    let looser = file(
        "looser",
        "[pm]\n\tprotectedPaths = none\n\tapproval = advisory\n[user]\n\tname = U\n\temail = u@x\n",
    );
    repo.pm(&["config", "pm.approval", "strict"]).ok();
    repo.write(".github/w", "x\n");
    repo.git(&["add", "."]).ok();
    let agent = agent.with("GIT_CONFIG_GLOBAL", &looser);
    assert_ne!(agent.git(&["commit", "-qm", "x"]).code, 0);
    assert_eq!(agent.data(&["config", "pm.approval"])["value"], "strict");
    let stricter = file("stricter", "[pm]\n\tsoloMerge = false\n");
    let repo = repo.with("GIT_CONFIG_GLOBAL", &stricter);
    assert_eq!(repo.data(&["config", "pm.soloMerge"])["value"], "false");
}

#[test]
fn an_invalid_value_of_a_rule_counts_as_the_strictest() {
    let (_scene, repo, agent) = with_hooks();
    repo.git(&["config", "pm.approval", "Strickt"]).ok();
    let id = repo.task("Work", &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("a.txt", "x\n");
    place.commit_all("Work");
    repo.pm(&["finish", &id]).ok();
    let error = repo.pm(&["task", "approve", &id]).exits(1).err;
    assert!(error.contains("terminal"), "{error}");
    refused(&agent, &["config", "pm.approval", "advisory"]);
}
