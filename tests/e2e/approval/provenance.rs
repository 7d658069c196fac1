//! An approval, or a looser shared rule, counts only if a command run by a human wrote it and,
//! where signatures are required, signed it with a key that git accepts.

use super::{approved, document, worked};
use crate::store::signing::with_key;
use crate::support::forge::{path_of, put_as, read};
use crate::support::{Repo, Scene, agent, at_terminal, script_file, set_up};

/// A forged document of a task, approved by Ana at a terminal.
pub fn approving(repo: &Repo, id: &str, commit: &str) -> String {
    let record = format!(
        "approval: {{\"at\": \"2026-11-21T07:21:58Z\", \"by\": \"Ana\", \"commit\": \"{commit}\", \
         \"how\": \"terminal\", \"target\": \"main\"}}"
    );
    document(repo, id)
        .replace("status: in_review", "status: ready_for_integration")
        .replacen("created_at: ", &format!("{record}\ncreated_at: "), 1)
}

const COMMENT: &str =
    "task comment on T-0001\n\nPM-Op: task comment\nPM-Actor: Ana\nPM-Agent: bot\nPM-Item: T-0001";

const APPROVAL: &str = "task approve: T-0001: terminal approval by Ana\n\nPM-Op: task approve\n\
                        PM-Actor: Ana\nPM-Item: T-0001\nPM-Clock: 1767225600000.9";

#[test]
fn an_approval_written_by_a_plain_commit_does_not_permit_a_merge() {
    for (message, reason) in [
        ("x", "but not with `git pm task approve`"),
        (COMMENT, "its trailers say that an agent made the commit"),
    ] {
        let (_scene, repo) = set_up();
        let (id, place) = worked(&agent(&repo).by("bot"), "task", "evil.txt");
        place.pm(&["finish", &id]).ok();
        let text = approving(&repo, &id, &place.tip("HEAD"));
        let forged = put_as(&repo, &path_of(&repo, &id), &text, &["-m", message]);
        assert_eq!(repo.data(&["show", &id])["status"], "ready_for_integration");
        for who in [agent(&repo), repo.clone()] {
            let refused = who.pm(&["merge", &id]).exits(1);
            assert!(refused.err.contains(reason), "{}", refused.err);
            assert!(refused.err.contains(&forged[..10]), "{}", refused.err);
        }
        let doctor = repo.pm(&["doctor"]);
        let doctor = doctor.out + &doctor.err;
        assert!(doctor.contains(&forged[..10]), "{doctor}");
        // Later writes of others do not make it count; an approval by a human does.
        repo.pm(&["task", "comment", &id, "Looks fine"]).ok();
        repo.pm(&["merge", &id]).exits(1);
        repo.pm(&["task", "approve", &id]).ok();
        repo.pm(&["merge", &id]).ok();
    }
}

#[test]
fn an_approval_from_an_agents_copied_folder_or_backup_does_not_permit_a_merge() {
    for by in ["pull", "backup"] {
        let scene = Scene::new();
        let (hub, ana) = scene.with_hub();
        let (id, place) = worked(&agent(&ana).by("bot"), "task", "evil.txt");
        place.pm(&["finish", &id]).ok();
        ana.pm(&["sync"]).ok();
        let other = scene.clone_of(&hub, "other", "Bot");
        let text = approving(&other, &id, &place.tip("HEAD"));
        put_as(&other, &path_of(&other, &id), &text, &["-m", "x"]);
        let bot = agent(&ana);
        if by == "pull" {
            bot.pm(&["pull", "../other"]).ok();
        } else {
            agent(&other)
                .pm(&["backup", "create", "../state.bundle"])
                .ok();
            bot.pm(&["backup", "load", "../state.bundle"]).ok();
        }
        assert_eq!(ana.data(&["show", &id])["status"], "ready_for_integration");
        ana.pm(&["merge", &id]).exits(1);
    }
}

#[test]
fn an_approval_needs_a_signature_where_signatures_are_required() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    with_key(&scene, &ana, "ana");
    ana.pm(&["config", "--shared", "pm.sign", "true"]).ok();
    let id = ana.task("Work", &[]);
    ana.pm(&["sync"]).ok();
    let bot = scene.clone_of(&hub, "bot", "Bot");
    let key = scene.dir.path().join("key-bot");
    let key = key.to_str().unwrap();
    bot.run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", key])
        .ok();
    bot.git(&["config", "gpg.format", "ssh"]).ok();
    bot.git(&["config", "user.signingKey", key]).ok();
    let bot = agent(&bot);
    bot.pm(&["start", &id]).ok();
    let place = bot.worktree(&id);
    place.write("evil.txt", "evil\n");
    place.commit_all("Work");
    place.pm(&["finish", &id]).ok();
    let before = bot.tip("refs/pm/main");
    let text = approving(&bot, &id, &place.tip("HEAD"));
    let file = path_of(&bot, &id);
    // Neither ending the requirement nor signing with an unknown key helps.
    let rules = read(&bot, "pm.yaml");
    let without = rules.replace("sign: true\n", "");
    assert_ne!(rules, without);
    for way in ["unsigned", "not required", "unknown key"] {
        bot.git(&["update-ref", "refs/pm/main", &before]).ok();
        let reason = match way {
            "unknown key" => "but git does not accept its signature here",
            _ => "but the commit is not signed",
        };
        if way == "not required" {
            let message = "config\n\nPM-Op: config\nPM-Actor: Ana\nPM-Clock: 1767225600000.8";
            put_as(&bot, "pm.yaml", &without, &["-m", message]);
        }
        let sign: &[&str] = match way {
            "unknown key" => &["-S"],
            _ => &[],
        };
        let forged = put_as(&bot, &file, &text, &[&["-m", APPROVAL], sign].concat());
        let back = ana.tip("refs/pm/main");
        ana.git(&["fetch", "-q", "../bot", "refs/pm/main"]).ok();
        ana.git(&["update-ref", "refs/pm/main", "FETCH_HEAD"]).ok();
        ana.git(&["fetch", "-q"]).ok();
        let refused = ana.pm(&["merge", &id]).exits(1);
        assert!(refused.err.contains(reason), "{way}: {}", refused.err);
        assert!(refused.err.contains(&forged[..10]), "{}", refused.err);
        // Keys set in the environment of one command do not count.
        let trusting = format!("gpg.ssh.allowedSignersFile={key}.allowed");
        let public = std::fs::read_to_string(format!("{key}.pub")).unwrap();
        std::fs::write(format!("{key}.allowed"), format!("bot {public}")).unwrap();
        ana.git(&["-c", &trusting, "verify-commit", &forged]);
        let asked = ana.with("GIT_CONFIG_PARAMETERS", &format!("'{trusting}'"));
        asked.pm(&["merge", &id]).exits(1);
        ana.git(&["update-ref", "refs/pm/main", &back]).ok();
    }
    ana.git(&["update-ref", "refs/pm/main", &before]).ok();
    put_as(&ana, &file, &text, &["-m", APPROVAL]);
    ana.pm(&["merge", &id]).exits(1);
    ana.pm(&["task", "approve", &id]).ok();
    ana.pm(&["merge", &id]).ok();
}

#[test]
fn neither_git_replace_nor_a_file_named_by_the_environment_validates_a_signature() {
    let scene = Scene::new();
    let ana = scene.repo("a");
    ana.write("README", "a\n");
    ana.commit_all("first");
    ana.pm(&["init"]).ok();
    with_key(&scene, &ana, "ana");
    ana.pm(&["config", "--shared", "pm.sign", "true"]).ok();
    let (id, place) = worked(&ana, "task", "evil.txt");
    place.pm(&["finish", &id]).ok();
    let (other, there) = worked(&ana, "task", "b.txt");
    there.pm(&["finish", &other]).ok();
    ana.pm(&["task", "approve", &other]).ok();
    let signed = ana.tip("refs/pm/main");
    ana.git(&["verify-commit", &signed]).ok();
    let key = scene.dir.path().join("key-bot");
    let key = key.to_str().unwrap();
    ana.run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", key])
        .ok();
    let text = approving(&ana, &id, &place.tip("HEAD"));
    let sign = format!("-S{key}");
    let forged = put_as(&ana, &path_of(&ana, &id), &text, &["-m", APPROVAL, &sign]);
    ana.pm(&["merge", &id]).exits(1);
    // A configuration file named by the environment, with a program that accepts every signature.
    let program = scene.dir.path().join("good");
    script_file(
        &program,
        "echo 'Good \"git\" signature for ana@example.org with ED25519 key SHA256:x'",
    );
    scene.at(".").write(
        "x/.gitconfig",
        &format!(
            "[user]\n\tname = Ana\n\temail = ana@example.org\n[gpg \"ssh\"]\n\tprogram = {}\n",
            program.display()
        ),
    );
    let config = scene.at("x/.gitconfig").path;
    for name in ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"] {
        let set = format!("{name}={}", config.display());
        let args = [
            "-u",
            "GIT_CONFIG_NOSYSTEM",
            &set,
            "git-pm",
            "merge",
            id.as_str(),
        ];
        let refused = ana.run("env", &args).exits(1);
        assert!(
            refused.err.contains("git does not accept"),
            "{}",
            refused.err
        );
    }
    // A forged commit that git replaces by a good one.
    ana.git(&["replace", &forged, &signed]).ok();
    for value in ["1", ""] {
        let asked = ana.with("GIT_NO_REPLACE_OBJECTS", value);
        asked.pm(&["merge", &id]).exits(1);
    }
    ana.pm(&["merge", &id]).exits(1);
    ana.git(&["replace", "-d", &forged]).ok();
    // A good commit that git replaces by a forged one.
    ana.git(&["update-ref", "refs/pm/main", &signed]).ok();
    ana.git(&["replace", &signed, &forged]).ok();
    ana.pm(&["merge", &id]).exits(1);
}

/// A join has no author and no signature: the commit that brought the approval counts.
#[test]
fn a_signed_approval_counts_in_other_clones_after_a_join_and_a_cut_of_history() {
    for cut in [false, true] {
        let scene = Scene::new();
        let (hub, ana) = scene.with_hub();
        with_key(&scene, &ana, "ana");
        ana.pm(&["config", "--shared", "pm.sign", "true"]).ok();
        let (id, _) = worked(&ana, "task", "a.txt");
        ana.pm(&["finish", &id]).ok();
        ana.pm(&["sync"]).ok();
        let bob = scene.clone_of(&hub, "bob", "Bob");
        with_key(&scene, &bob, "bob");
        bob.pm(&["--offline", "task", "create", "Beside it"]).ok();
        ana.pm(&["task", "approve", &id]).ok();
        if cut {
            ana.pm(&["gc", "--new-generation"]).ok();
        }
        ana.pm(&["sync"]).ok();
        bob.pm(&["sync"]).ok();
        bob.pm(&["merge", &id]).ok();
    }
}

#[test]
fn a_shared_rule_loosened_by_a_plain_commit_stays_in_force() {
    let (_scene, repo) = set_up();
    at_terminal(&repo, &["config", "--shared", "pm.approval", "strict"], "").ok();
    let strict = read(&repo, "pm.yaml");
    let loose = strict.replace("value: strict", "value: advisory");
    assert_ne!(strict, loose);
    let forged = put_as(&repo, "pm.yaml", &loose, &["-m", COMMENT]);
    assert_eq!(repo.data(&["config", "pm.approval"])["value"], "strict");
    let doctor = repo.pm(&["doctor"]);
    let doctor = doctor.out + &doctor.err;
    assert!(
        doctor.contains("pm.approval") && doctor.contains(&forged[..10]),
        "{doctor}"
    );
    let (id, _) = worked(&repo, "task", "a.txt");
    repo.pm(&["finish", &id]).ok();
    let refused = repo.pm(&["task", "approve", &id]).exits(1);
    assert!(
        refused.err.contains("must be given at a terminal"),
        "{}",
        refused.err
    );
    assert!(refused.err.contains(&forged[..10]), "{}", refused.err);
    // A human can decide either way.
    for value in ["strict", "advisory"] {
        repo.pm(&["config", "--shared", "pm.approval", value]).ok();
        assert_eq!(repo.data(&["config", "pm.approval"])["value"], value);
    }
    repo.pm(&["task", "approve", &id]).ok();
    // An earlier value of a human, restored by another actor, does not count as set by that human.
    repo.pm(&["config", "--shared", "pm.approval", "strict"])
        .ok();
    put_as(&repo, "pm.yaml", &loose, &["-m", COMMENT]);
    repo.pm(&["merge", &id]).exits(1);
}

#[test]
fn work_approved_with_the_command_is_merged() {
    for kind in ["task", "issue", "epic"] {
        let (_scene, repo) = set_up();
        let (id, _) = approved(&repo, kind, "a.txt");
        repo.pm(&["task", "comment", &id, "Good"]);
        repo.pm(&["merge", &id]).ok();
    }
    let (_scene, repo) = set_up();
    let (id, _) = worked(&repo, "task", "a.txt");
    repo.pm(&["finish", &id]).ok();
    let line = serde_json::json!({"op": "task.approve", "id": id}).to_string();
    repo.feed("git-pm", &["batch"], &line).ok();
    repo.pm(&["merge", &id]).ok();
}

fn shown(repo: &Repo, id: &str) -> String {
    repo.pm(&["show", id]).ok().out
}

#[test]
fn an_agent_can_neither_open_nor_remove_a_gate_that_waits_for_a_human() {
    let (_scene, repo) = set_up();
    let id = repo.data(&["issue", "create", "Ship it"])["id"].clone();
    let id = id.as_str().unwrap();
    let args = ["issue", "gate", "create", "human", "--blocks", id];
    let gate = repo.data(&args)["id"].clone();
    let gate = gate.as_str().unwrap();
    let bot = agent(&repo).by("bot");
    let line = serde_json::json!({"op": "issue.close", "id": gate}).to_string();
    let before = repo.tip("refs/pm/main");
    for said in [
        bot.pm(&["issue", "gate", "resolve", gate]),
        bot.pm(&["issue", "close", gate, "--force"]),
        bot.pm(&["issue", "update", gate, "--status", "closed"]),
        bot.pm(&["issue", "update", gate, "--type", "task"]),
        bot.pm(&["issue", "delete", gate, "--force"]),
        bot.pm(&["dep", "rm", id, gate]),
        bot.feed("git-pm", &["batch"], &line),
    ] {
        assert_ne!(said.code, 0, "{}", said.what);
        let refused = said.out.clone() + &said.err;
        assert!(
            refused.contains("it; bot is treated as an agent"),
            "{}: {refused}",
            said.what
        );
    }
    assert_eq!(repo.tip("refs/pm/main"), before);
    // Agents may open gates that do not wait for a human, and may comment.
    bot.pm(&["issue", "comment", gate, "Please look"]).ok();
    let timer = ["issue", "gate", "create", "timer", "--timeout", "4h"];
    let timer = repo.data(&timer)["id"].clone();
    bot.pm(&["issue", "gate", "resolve", timer.as_str().unwrap()])
        .ok();
    repo.pm(&["issue", "gate", "resolve", gate]).ok();
}

#[test]
fn a_trailer_alone_does_not_make_a_commit_approved() {
    for strategy in ["squash", "merge", "rebase"] {
        let (_scene, repo) = set_up();
        let (id, place) = worked(&repo, "task", "a.txt");
        place.write("b.txt", "b\n");
        place.commit_all(&format!("More\n\nTask: {id}"));
        place.write("d.txt", "d\n");
        place.commit_all(&format!("The last\n\nTask: {id}"));
        let (first, second) = (place.tip("HEAD~1"), place.tip("HEAD"));
        place.pm(&["finish", &id]).ok();
        repo.pm(&["task", "approve", &id]).ok();
        // Makes the rebase create new commits.
        repo.write("c.txt", "c\n");
        repo.commit_all("Meanwhile");
        repo.pm(&["merge", &id, "--strategy", strategy]).ok();
        let merged = repo.tip("main");
        repo.write("evil.txt", "evil\n");
        repo.commit_all(&format!("Follow-up\n\nTask: {id}"));
        let look = |commit: &str| {
            let view = repo.data(&["trace", commit]);
            assert_eq!(view["commit"]["names"], id.as_str(), "{strategy}: {view}");
            let approved = view["commit"]["approved"].as_bool().unwrap();
            let text = repo.pm(&["trace", commit]).ok().out;
            assert_eq!(text.contains("approved by Ana"), approved, "{text}");
            assert_eq!(
                text.contains(&format!("mentions {id}; it is not the approved commit")),
                !approved,
                "{text}"
            );
            approved
        };
        assert!(!look("HEAD"), "{strategy}");
        assert!(look(&merged), "{strategy}");
        for commit in [&first, &second] {
            assert!(look(commit), "{strategy}");
        }
        if strategy == "rebase" {
            assert_ne!(merged, second);
            assert!(look("HEAD~2"), "{strategy}");
        }
        let task = repo.pm(&["trace", &id]).ok().out;
        assert!(task.contains("approved by Ana"), "{task}");
    }
    // Without an approval, the trailer names no approved commit.
    let (_scene, repo) = set_up();
    repo.task("By hand", &[]);
    repo.write("a.txt", "a\n");
    repo.commit_all("By hand\n\nTask: T-0001");
    let text = repo.pm(&["trace", "HEAD"]).ok().out;
    assert!(text.contains("mentions T-0001"), "{text}");
    assert!(!text.contains("approved"), "{text}");
}

#[test]
fn approving_a_named_commit_approves_no_other_commit() {
    let (_scene, repo) = set_up();
    let (id, place) = worked(&repo, "task", "a.txt");
    place.pm(&["finish", &id]).ok();
    let seen = place.tip("HEAD");
    let text = shown(&repo, &id);
    assert!(
        text.contains("in review") && text.contains(&seen[..10]),
        "{text}"
    );
    place.write("evil.txt", "evil\n");
    place.commit_all("After the look");
    let now = place.tip("HEAD");
    let moved = format!("{}; the branch has moved to {}", &seen[..10], &now[..10]);
    let text = shown(&repo, &id);
    assert!(text.contains(&moved), "{text}");
    let before = repo.tip("refs/pm/main");
    let approve = |commit: &str| repo.pm(&["task", "approve", &id, "--commit", commit]);
    let refused = approve(&seen[..10]).exits(1);
    assert!(refused.err.contains(&now[..10]), "{}", refused.err);
    approve("main").exits(2);
    approve(&now[..4]).exits(2);
    assert_eq!(repo.tip("refs/pm/main"), before);
    approve(&now[..10]).ok();
    let text = shown(&repo, &id);
    assert!(
        text.contains("commit") && text.contains(&now[..10]),
        "{text}"
    );
    place.write("more.txt", "more\n");
    place.commit_all("After the approval");
    let tip = place.tip("HEAD");
    let moved = format!("{}; the branch has moved to {}", &now[..10], &tip[..10]);
    let text = shown(&repo, &id);
    assert!(text.contains(&moved), "{text}");
    let work = repo.data(&["show", &id])["work"].clone();
    assert_eq!(work["commit"], now.as_str());
    assert_eq!(work["branch_at"], tip.as_str());
}

#[test]
fn a_human_in_an_agents_worktree_approves_and_blocks_under_their_own_name() {
    let (_scene, repo) = set_up();
    let (id, place) = worked(&agent(&repo).by("claude-1"), "task", "a.txt");
    place.pm(&["finish", &id]).ok();
    let human = repo.other(&place.path);
    human.pm(&["task", "approve", &id]).ok();
    assert_eq!(repo.data(&["show", &id])["approval"]["by"], "Ana");
    let log = repo.data(&["log", "--limit", "1"])["items"][0].clone();
    assert_eq!(log["actor"], "Ana", "{log}");
    human.pm(&["task", "block", &id, "Wait"]).ok();
    let log = repo.data(&["log", "--limit", "1"])["items"][0].clone();
    assert_eq!(log["actor"], "Ana", "{log}");
    agent(&human).pm(&["task", "unblock", &id]).exits(1);
    human.pm(&["task", "unblock", &id]).ok();
    human.pm(&["merge", &id]).ok();
}

#[test]
fn approved_work_closed_by_hand_is_not_shown_as_merged() {
    let (_scene, repo) = set_up();
    let (id, place) = approved(&repo, "task", "a.txt");
    place
        .pm(&["task", "done", &id, "--evidence", "Tests pass", "--force"])
        .ok();
    let text = shown(&repo, &id);
    assert!(text.contains("by Ana, not merged"), "{text}");
    assert_eq!(repo.data(&["show", &id])["work"]["merged"], false);
    let (id, _) = approved(&repo, "task", "b.txt");
    repo.pm(&["merge", &id]).ok();
    let text = shown(&repo, &id);
    assert!(!text.contains("not merged"), "{text}");
}

#[test]
fn trace_does_not_show_a_commit_from_before_the_work_as_approved() {
    for (local, tracked) in [(true, true), (false, true), (false, false)] {
        let scene = Scene::new();
        let (_hub, ana) = scene.with_hub();
        let id = ana.task("Work", &[]);
        ana.write("p.txt", "p\n");
        ana.commit_all(&format!("Prepare\n\nTask: {id}"));
        let before = ana.tip("HEAD");
        ana.git(&["push", "-q", "origin", "main"]).ok();
        ana.pm(&["start", &id]).ok();
        let place = ana.worktree(&id);
        place.write("a.txt", "a\n");
        place.commit_all(&format!("Work\n\nTask: {id}"));
        place.write("b.txt", "b\n");
        place.commit_all("More");
        let first = place.tip("HEAD~1");
        place.pm(&["finish"]).ok();
        ana.pm(&["task", "approve", &id]).ok();
        ana.git(&["checkout", "-q", "--detach"]).ok();
        if !local {
            ana.git(&["branch", "-q", "-D", "main"]).ok();
        }
        if !tracked {
            ana.git(&["update-ref", "-d", "refs/remotes/origin/main"])
                .ok();
        }
        let look = |commit: &str| ana.data(&["trace", commit])["commit"]["approved"].clone();
        assert_eq!(look(&before), false, "{local} {tracked}");
        assert_eq!(look(&first), true, "{local} {tracked}");
    }
}

#[test]
fn trace_shows_work_with_its_target_merged_in_as_approved_after_a_fast_forward() {
    let (_scene, repo) = set_up();
    let id = repo.task("Work", &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("a.txt", "a\n");
    place.commit_all(&format!("Work\n\nTask: {id}"));
    let first = place.tip("HEAD");
    repo.write("m.txt", "m\n");
    repo.commit_all(&format!("Beside it\n\nTask: {id}"));
    let beside = repo.tip("main");
    place.git(&["merge", "-q", "--no-edit", "main"]).ok();
    place.pm(&["finish"]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    repo.git(&["merge", "-q", "--ff-only", &repo.worktree(&id).tip("HEAD")])
        .ok();
    repo.pm(&["merge", &id]).ok();
    let look = |commit: &str| repo.data(&["trace", commit])["commit"]["approved"].clone();
    assert_eq!(look(&first), true);
    assert_eq!(look(&beside), false);
}
