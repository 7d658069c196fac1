//! What agents may neither commit nor push.

use super::{ana_holds, commit_without_hooks, passes};
use crate::support::{Repo, Scene};

// ---- Agents ----

// SE-04: protected paths.
#[test]
fn agents_cannot_commit_protected_paths() {
    let scene = Scene::new();
    let ana = scene.set_up("a");
    for marker in [
        ("CLAUDECODE", "1"),
        ("AGENT_NAME", "bot"),
        ("CODEX_SANDBOX", "seatbelt"),
    ] {
        let agent = ana.with(marker.0, marker.1);
        for path in [".github/workflows/ci.yml", "infra/main.tf", "secrets/key"] {
            agent.write(path, "x\n");
            agent.git(&["add", "-A"]).ok();
            let before = agent.tip("HEAD");
            let ran = agent.git(&["commit", "-m", "x"]).exits(1);
            assert!(
                ran.err.contains(path) && ran.err.contains("human"),
                "{ran:?}"
            );
            assert_eq!(agent.tip("HEAD"), before);
            // The bypass for reservations does not apply to protected paths.
            agent
                .with("GIT_PM_BYPASS", "please")
                .git(&["commit", "-m", "x"])
                .exits(1);
            agent.git(&["reset", "-q", "--hard"]).ok();
        }
        agent.write("src/infra/x.rs", marker.0);
        agent.git(&["add", "-A"]).ok();
        passes(&agent, || agent.git(&["commit", "-q", "-m", "x"]));
    }
    ana.write("infra/main.tf", "x\n");
    ana.git(&["add", "-A"]).ok();
    passes(&ana, || ana.git(&["commit", "-q", "-m", "x"]));
}

#[test]
fn protected_paths_can_be_configured() {
    let scene = Scene::new();
    let ana = scene.set_up("a");
    ana.git(&["config", "pm.protectedPaths", "deploy/, *.lock"])
        .ok();
    let agent = ana.with("CLAUDECODE", "1");
    for path in ["deploy/x", "Cargo.lock"] {
        agent.write(path, "x\n");
        agent.git(&["add", "-A"]).ok();
        agent.git(&["commit", "-m", "x"]).exits(1);
        agent.git(&["reset", "-q", "--hard"]).ok();
    }
    agent.write("infra/x", "x\n");
    agent.git(&["add", "-A"]).ok();
    passes(&agent, || agent.git(&["commit", "-q", "-m", "x"]));
}

#[test]
fn agents_cannot_push_protected_paths_committed_without_hooks() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let agent = ana.with("CLAUDECODE", "1");
    commit_without_hooks(&agent, "infra/main.tf");
    let ran = agent.git(&["push", "origin", "HEAD:refs/heads/topic"]);
    assert!(
        ran.code != 0 && ran.err.contains("infra/main.tf"),
        "{ran:?}"
    );
    assert_eq!(hub.tip("refs/heads/topic"), "");
    ana.git(&["push", "-q", "origin", "HEAD:refs/heads/topic"])
        .ok();
    // Once a human has pushed it, agents can push on top of it.
    ana.git(&["fetch", "-q"]).ok();
    agent.write("README.md", "x\n");
    agent.commit_all("Fine");
    agent
        .git(&["push", "-q", "origin", "HEAD:refs/heads/topic"])
        .ok();
}

// WT-04: protected branches, in both hooks.
#[test]
fn agents_can_neither_commit_to_nor_push_protected_branches() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    ana.git(&["config", "pm.protectedBranches", "main release"])
        .ok();
    let agent = ana.with("CLAUDECODE", "1");
    let before = hub.tip("main");
    agent.write("README.md", "x\n");
    let ran = agent.git(&["commit", "-a", "-m", "x"]).exits(1);
    assert!(
        ran.err.contains("main") && ran.err.contains("pm.protectedBranches"),
        "{ran:?}"
    );
    assert!(ran.err.contains("git pm start"), "no next command: {ran:?}");
    agent
        .git(&["commit", "-q", "-a", "--no-verify", "-m", "x"])
        .ok();
    let ran = agent.git(&["push", "origin", "main"]);
    assert!(
        ran.code != 0 && ran.err.contains("protected branch main"),
        "{ran:?}"
    );
    // With a source branch of another name.
    agent.git(&["checkout", "-q", "-b", "topic"]).ok();
    assert_ne!(agent.git(&["push", "origin", "topic:main"]).code, 0);
    assert_ne!(
        agent
            .git(&["push", "origin", "topic:refs/heads/release"])
            .code,
        0
    );
    let ran = agent.git(&["push", "origin", ":main"]);
    assert!(
        ran.code != 0 && ran.err.contains("protected branch main"),
        "an agent may delete what it may not change: {ran:?}"
    );
    assert_eq!(hub.tip("main"), before);
    agent.git(&["push", "-q", "origin", "topic"]).ok();
    // A human may.
    ana.git(&["checkout", "-q", "main"]).ok();
    ana.write("README.md", "y\n");
    ana.git(&["commit", "-q", "-a", "-m", "y"]).ok();
    ana.git(&["push", "-q", "origin", "main"]).ok();
}

// WT-04: nor by `merge`, alone or as the queue; a human may.
#[test]
fn agents_do_not_merge_into_protected_branches() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let id = repo.task("Fix login", &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("fix.txt", "1\n");
    place.commit_all("Fix");
    repo.pm(&["finish", &id]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    repo.git(&["config", "pm.protectedBranches", "main"]).ok();
    let bot = repo.with("AGENT_NAME", "bot");
    let refs = || repo.git(&["for-each-ref"]).out;
    let (before, merge) = (refs(), ["--json", "merge", id.as_str()]);
    let refused = bot.pm(&merge).exits(1).error();
    assert_eq!(refused["reason"], "actor.not_human", "{refused}");
    let said = refused["message"].as_str().unwrap();
    assert!(
        said.contains("agents may not merge into the protected branch main (pm.protectedBranches)"),
        "{said}"
    );
    let queue = bot.pm(&["--json", "merge", "--queue"]).out;
    assert!(queue.contains("pm.protectedBranches"), "{queue}");
    assert_eq!(refs(), before, "something was written");
    let offered = bot.pm(&["next"]).out;
    assert!(
        !offered.contains(&format!("git pm merge {id}")),
        "{offered}"
    );
    repo.pm(&["merge", &id]).ok();
    assert_eq!(repo.read("fix.txt"), "1\n");
}

// WT-04: commands of git pm.
#[test]
fn only_the_merge_command_moves_the_target_branch() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let (here, there) = (ana.tip("main"), hub.tip("main"));
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("src/auth.rs", "fixed\n");
    work.commit_all("Fix");
    work.pm(&["finish"]).ok();
    ana.pm(&["task", "approve", &id]).ok();
    ana.pm(&["sync"]).ok();
    assert_eq!(
        (ana.tip("main"), hub.tip("main")),
        (here.clone(), there.clone())
    );
    ana.pm(&["merge", &id]).ok();
    assert_ne!(ana.tip("main"), here);
    ana.pm(&["sync"]).ok();
    assert_eq!(
        hub.tip("main"),
        there,
        "publishing the code is the user's decision"
    );
}

#[test]
fn a_commit_of_an_agent_without_a_name_is_refused_and_of_a_human_is_not() {
    let scene = Scene::new();
    let (ana, _) = ana_holds(&scene, &["src/auth.rs"]);
    // Commits are possible without a configured identity.
    let nobody = ana
        .with("GIT_CONFIG_GLOBAL", "/dev/null")
        .with("GIT_CONFIG_COUNT", "1")
        .with("GIT_CONFIG_KEY_0", "user.email")
        .with("GIT_CONFIG_VALUE_0", "somebody@example.org");
    nobody.write("README.md", "x\n");
    let agent = nobody.with("AGENT", "1");
    let guard = |who: &Repo| who.pm(&["hook", "run", "pre-commit"]);
    let ran = guard(&agent).exits(1);
    assert!(ran.err.contains("AGENT_NAME"), "{ran:?}");
    guard(&nobody).ok();
    guard(&agent.with("AGENT_NAME", "bot")).ok();
    // An actor without a name does not count as the holder either.
    nobody.write("src/auth.rs", "x\n");
    nobody.git(&["add", "-A"]).ok();
    let ran = guard(&nobody).exits(1);
    assert!(ran.err.contains("Ana"), "{ran:?}");
}
