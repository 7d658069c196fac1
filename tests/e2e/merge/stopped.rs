//! Merges of work that a human stopped: an agent's merge is refused also if the stop was made in
//! another clone, and a merge made before the stop was known is reported.

use super::{finished, refused_unmoved, with_agents_approved_work};
use crate::support::forge::{path_of, put_as, read};
use crate::support::{Repo, Scene, agent, set_up};

/// Work on a task, finished in this clone and approved by a human.
fn approved(repo: &Repo, id: &str) {
    finished(repo, id);
    repo.pm(&["task", "approve", id]).ok();
}

#[test]
fn an_agent_cannot_merge_work_that_a_human_deferred() {
    for put_off in [
        &["task", "edit", "T-0001", "--defer", "2099-01-01"][..],
        &[
            "issue",
            "defer",
            "T-0001",
            "--until",
            "2099-01-01",
            "--force",
        ],
        &["task", "block", "T-0001", "legal has to look"],
    ] {
        let (_scene, repo) = set_up();
        let id = repo.task("Work", &[]);
        approved(&repo, &id);
        repo.pm(put_off).ok();
        refused_unmoved(
            &agent(&repo),
            &["merge", &id],
            "a human (Ana) stopped T-0001",
        );
    }
}

#[test]
fn an_agent_cannot_merge_work_that_was_stopped_in_another_clone_before_its_approval() {
    let (scene, hub, ana, bot) = with_agents_approved_work();
    let far = scene.clone_of(&hub, "c", "Cid");
    far.pm(&["sync"]).ok();
    far.pm(&["--offline", "task", "block", "T-0001", "no"]).ok();
    // A later write by a clone that has not seen the stop.
    bot.pm(&["task", "reopen", "T-0001"]);
    ana.pm(&["task", "approve", "T-0001"]);
    ana.pm(&["sync"]).ok();
    far.pm(&["pull"]).ok();
    far.pm(&["push"]).ok();
    refused_unmoved(&agent(&bot), &["merge", "T-0001"], "stopped T-0001");
}

#[test]
fn a_stop_made_during_the_merge_is_reported_and_the_merge_is_recorded() {
    let (_scene, _hub, ana, bot) = with_agents_approved_work();
    let slow = agent(&bot).with("GIT_PM_FAULT", "merge-moved:1:sleep:2000");
    let before = bot.tip("main");
    let merging = slow.spawn(&["merge", "T-0001"]);
    while bot.tip("main") == before {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    bot.pm(&["--offline", "task", "block", "T-0001", "wait"])
        .ok();
    let done = crate::support::wait_all(vec![merging]).remove(0).ok();
    assert!(!done.err.contains("error"), "{}", done.err);
    let item = bot.data(&["show", "T-0001"]);
    assert_eq!(item["status"], "done");
    assert_eq!(item["work"]["merged_commit"], bot.tip("main").as_str());
    let told = bot.data(&["status"])["notices"].to_string();
    assert!(
        told.contains("without knowing that you had stopped it"),
        "{told}"
    );
    ana.pm(&["sync"]).ok();
    assert_eq!(ana.data(&["show", "T-0001"])["status"], "done");
}

#[test]
fn no_option_setting_or_variable_prevents_an_agents_merge_from_fetching_a_stop() {
    let (_scene, hub, ana, bot) = with_agents_approved_work();
    ana.pm(&["task", "block", "T-0001", "a hole"]).ok();
    ana.pm(&["sync"]).ok();
    let state = bot.tip("refs/pm/main");
    let elsewhere = hub.path.with_extension("old");
    hub.git(&["init", "-q", "--bare", elsewhere.to_str().unwrap()])
        .ok();
    let sent = format!("url.{}.insteadOf", elsewhere.display());
    let origin = bot.git(&["config", "remote.origin.url"]).text();
    let with = |key: &str, value: &str| {
        agent(&bot)
            .with("GIT_CONFIG_COUNT", "1")
            .with("GIT_CONFIG_KEY_0", key)
            .with("GIT_CONFIG_VALUE_0", value)
    };
    bot.write("../other/gitconfig", "[pm]\n\tremote = \n\tsync = manual\n");
    let section = format!(
        "[user]\n\tname = Bot\n\temail = bot@example.org\n[url \"{}\"]\n\tinsteadOf = {origin}\n",
        elsewhere.display()
    );
    bot.write("../other/sent", &section);
    let merge = &["merge", "T-0001"][..];
    for (place, args) in [
        (agent(&bot), &["--offline", "merge", "T-0001"][..]),
        (with("pm.remote", ""), merge),
        (with("pm.sync", "manual"), merge),
        (with("pm.remoteRef", "refs/pm/nothing"), merge),
        (with("remote.second.url", "../nowhere"), merge),
        (with(&sent, &origin), merge),
        (
            agent(&bot).with("GIT_CONFIG_GLOBAL", "../other/gitconfig"),
            merge,
        ),
        (
            agent(&bot).with("GIT_CONFIG_GLOBAL", "../other/sent"),
            merge,
        ),
        (
            agent(&bot)
                .with("GIT_CONFIG_SYSTEM", "../other/sent")
                .with("GIT_CONFIG_NOSYSTEM", "0"),
            merge,
        ),
        (agent(&bot).with("GIT_ALLOW_PROTOCOL", "none"), merge),
        (agent(&bot).with("GIT_EXEC_PATH", "/nowhere"), merge),
    ] {
        refused_unmoved(&place, args, "a human (Ana) stopped T-0001");
        // Reset, for the next attempt.
        bot.git(&["update-ref", "refs/pm/main", &state]).ok();
    }
    bot.git(&["config", "pm.sync", "manual"]).ok();
    refused_unmoved(&agent(&bot), merge, "a human (Ana) stopped T-0001");
}

#[cfg(unix)]
#[test]
fn no_ssh_variable_prevents_an_agents_merge_from_fetching_a_stop() {
    let (scene, hub, ana, bot) = with_agents_approved_work();
    ana.pm(&["task", "block", "T-0001", "a hole"]).ok();
    ana.pm(&["sync"]).ok();
    let ssh = scene.dir.path().join("ssh");
    crate::support::script_file(&ssh, "for last; do :; done\nexec sh -c \"$last\"");
    let set = |key: &str, value: &str| drop(bot.git(&["config", key, value]).ok());
    set("core.sshCommand", ssh.to_str().unwrap());
    set("ssh.variant", "simple");
    let url = format!("ssh://hub{}", hub.path.display());
    set("remote.origin.url", &url);
    for (key, value) in [("GIT_SSH_COMMAND", "false"), ("GIT_SSH", "/bin/false")] {
        let state = bot.tip("refs/pm/main");
        let led = agent(&bot).with(key, value);
        refused_unmoved(&led, &["merge", "T-0001"], "a human (Ana) stopped T-0001");
        bot.git(&["update-ref", "refs/pm/main", &state]).ok();
    }
}

#[test]
fn a_human_who_merges_without_asking_the_remote_gets_a_notice() {
    for how in ["--offline", "pm.sync=manual"] {
        let (_scene, _hub, ana, bot) = with_agents_approved_work();
        ana.pm(&["task", "block", "T-0001", "a hole"]).ok();
        ana.pm(&["sync"]).ok();
        let mut args = vec!["merge", "T-0001"];
        match how {
            "--offline" => args.insert(0, "--offline"),
            _ => drop(bot.pm(&["config", "pm.sync", "manual"]).ok()),
        }
        let merged = bot.pm(&args).ok();
        let said = format!("origin was not asked whether the approval is still valid ({how})");
        assert!(merged.err.contains(&said), "{}", merged.err);
    }
}

#[test]
fn work_claimed_in_another_clone_is_not_merged_if_the_claim_cannot_be_ended() {
    let (_scene, hub, ana, _bot) = with_agents_approved_work();
    ana.git(&["fetch", "-q"]).ok();
    let merge = &["--offline", "merge", "T-0001"][..];
    refused_unmoved(&ana, merge, "holds T-0001 in another clone");
    std::fs::rename(&hub.path, hub.path.with_extension("away")).unwrap();
    refused_unmoved(&ana, &merge[1..], "holds T-0001 in another clone");
    std::fs::rename(hub.path.with_extension("away"), &hub.path).unwrap();
    ana.pm(&["merge", "T-0001"]).ok();
}

#[test]
fn a_human_is_notified_if_stopped_work_was_merged_meanwhile_and_it_stays_merged() {
    for stopped_first in [true, false] {
        let (scene, hub, ana, bot) = with_agents_approved_work();
        let third = scene.clone_of(&hub, "c", "Cid");
        third.pm(&["sync"]).ok();
        let (early, late) = ("2099-01-01T00:00:00Z", "2099-01-01T01:00:00Z");
        let (stop, merge) = match stopped_first {
            true => (early, late),
            false => (late, early),
        };
        let block = ["task", "block", "T-0001", "a hole"];
        ana.when(stop).pm(&block).ok();
        let bot = bot.when(late);
        bot.when(merge).pm(&["--offline", "merge", "T-0001"]).ok();
        let (ana, third) = (ana.when(late), third.when(late));
        ana.pm(&["sync"]).ok();
        for clone in [&bot, &third, &ana, &bot] {
            clone.pm(&["sync"]).ok();
        }
        for clone in [&bot, &third] {
            assert_eq!(clone.state_tree(), ana.state_tree(), "{stopped_first}");
        }
        let item = ana.data(&["show", "T-0001"]);
        let status = if stopped_first { "done" } else { "blocked" };
        assert_eq!(item["status"], status);
        let main = bot.tip("main");
        assert_eq!(item["work"]["merged_commit"], main.as_str());
        let shown = ana.pm(&["show", "T-0001"]).ok().out;
        assert!(
            shown.contains(&format!("into main, at {}", &main[..10])),
            "{shown}"
        );
        let told = ana.data(&["status"])["notices"].clone();
        let all: Vec<_> = told.as_array().unwrap().iter().collect();
        let late: Vec<_> = all
            .iter()
            .filter(|n| n["topic"] == "stop-unheard")
            .collect();
        assert_eq!(late.len(), 1, "{told}");
        assert_eq!(
            late[0]["subject"],
            "[T-0001] Bot merged T-0001 into main without knowing that you had stopped it"
        );
        assert_eq!(late[0]["alarm"], true);
        // Later syncs bring no second notification.
        for clone in [&third, &bot, &ana] {
            clone.pm(&["task", "comment", "T-0001", "seen"]).ok();
            clone.pm(&["sync"]).ok();
        }
        ana.pm(&["sync"]).ok();
        let told = ana.data(&["status"])["notices"].to_string();
        assert_eq!(told.matches("stop-unheard").count(), 1, "{told}");
    }
}

#[test]
fn work_closed_by_hand_during_a_stop_stays_closed_and_the_human_is_notified() {
    let (_scene, _hub, ana, bot) = with_agents_approved_work();
    ana.pm(&["task", "block", "T-0001", "a hole"]).ok();
    ana.pm(&["sync"]).ok();
    let done = ["--offline", "task", "done", "T-0001", "--force"];
    bot.pm(&done).ok();
    bot.pm(&["sync"]).ok();
    ana.pm(&["sync"]).ok();
    assert_eq!(ana.data(&["show", "T-0001"])["status"], "done");
    let told = ana.data(&["status"])["notices"].to_string();
    assert!(told.contains("Bot closed T-0001 without knowing"), "{told}");
    // The stop holds: no agent can resume it.
    agent(&bot).pm(&["task", "reopen", "T-0001"]).exits(1);
    ana.pm(&["task", "reopen", "T-0001"]).ok();
    ana.pm(&["sync"]).ok();
    bot.pm(&["sync"]).ok();
    assert_eq!(bot.data(&["show", "T-0001"])["status"], "queued");
}

#[test]
fn cancelling_an_issue_oneself_is_not_reported_as_a_missed_stop() {
    let scene = Scene::new();
    let (_hub, ana) = scene.with_hub();
    let bug = ana.data(&["issue", "create", "Bug"])["id"].clone();
    let bug = bug.as_str().unwrap();
    ana.pm(&["sync"]).ok();
    ana.pm(&["task", "cancel", bug, "--reason", "not wanted"])
        .ok();
    ana.pm(&["sync"]).ok();
    ana.pm(&["issue", "comment", bug, "really"]).ok();
    ana.pm(&["sync"]).ok();
    assert_eq!(ana.data(&["show", bug])["status"], "cancelled");
    let told = ana.data(&["status"])["notices"].to_string();
    assert!(!told.contains("stop-unheard"), "{told}");
}

#[test]
fn an_agent_can_drop_work_that_a_human_deferred_while_the_agent_held_it() {
    let (_scene, repo) = set_up();
    repo.task("Work", &[]);
    let agent = agent(&repo);
    agent.pm(&["start", "T-0001"]).ok();
    repo.pm(&["task", "edit", "T-0001", "--defer", "2099-01-01"])
        .ok();
    agent.pm(&["task", "drop", "T-0001"]).ok();
    let item = repo.data(&["show", "T-0001"]);
    assert!(item["claim"].is_null(), "{item}");
    assert_eq!(item["status"], "queued");
    agent.pm(&["start", "T-0001"]).exits(1);
}

#[test]
fn a_fast_forward_merge_brings_exactly_the_approved_commits() {
    let (_scene, repo) = set_up();
    repo.write("base.txt", "base\n");
    repo.commit_all("Before\n\nTask: T-0001");
    let id = repo.task("Work", &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    for name in ["a", "b", "c"] {
        place.write(name, "x\n");
        place.commit_all(&format!("{name}\n\nTask: {id}"));
    }
    let tip = place.tip("HEAD");
    repo.pm(&["finish", &id]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    repo.pm(&["merge", &id, "--strategy", "rebase"]).ok();
    assert_eq!(repo.tip("main"), tip, "no fast-forward");
    let approved = |commit: &str| repo.data(&["trace", commit])["commit"]["approved"] == true;
    for commit in ["main", "main~1", "main~2"] {
        assert!(approved(commit), "{commit}");
    }
    assert!(!approved("main~3"), "that was there before");
}

#[test]
fn a_task_cannot_use_the_default_branch_even_if_no_remote_names_it() {
    let scene = Scene::new();
    let hub = scene.bare("hub.git");
    let repo = scene.repo("a");
    repo.git(&["branch", "-q", "-m", "trunk"]).ok();
    repo.git(&["remote", "add", "origin", "../hub.git"]).ok();
    repo.git(&["push", "-q", "origin", "trunk"]).ok();
    repo.pm(&["init"]).ok();
    repo.task("Work", &[]);
    repo.pm(&["start", "T-0001", "--no-worktree"]).ok();
    repo.pm(&["task", "drop", "T-0001"]).ok();
    repo.git(&["switch", "-q", "trunk"]).ok();
    forge_branch(&repo, "trunk");
    assert_eq!(repo.data(&["show", "T-0001"])["branch"], "trunk");
    for detached in [false, true] {
        if detached {
            repo.git(&["checkout", "-q", "--detach"]).ok();
        }
        let bot = agent(&repo);
        bot.pm(&["start", "T-0001"]).ok();
        let branch = repo.data(&["show", "T-0001"])["branch"].to_string();
        assert_ne!(branch, "\"trunk\"", "detached: {detached}");
        bot.pm(&["task", "drop", "T-0001", "--remove-worktree"])
            .ok();
        repo.git(&["branch", "-q", "-D", branch.trim_matches('"')])
            .ok();
        forge_branch(&repo, "trunk");
    }
    repo.git(&["checkout", "-q", "trunk"]).ok();
    agent(&repo).pm(&["start", "T-0001", "--no-worktree"]).ok();
    forge_branch(&repo, "trunk");
    repo.write("evil.txt", "evil\n");
    repo.commit_all("evil");
    let before = hub.tip("trunk");
    // What is on the target is no work of its own, over which only a human passes.
    agent(&repo).pm(&["finish", "T-0001", "--force"]).exits(1);
    repo.pm(&["finish", "T-0001", "--force"]);
    assert_eq!(hub.tip("trunk"), before, "unapproved work is on trunk");
}

/// Sets the branch of T-0001 without git pm, as anyone who can push could.
fn forge_branch(repo: &Repo, branch: &str) {
    let path = path_of(repo, "T-0001");
    let text = read(repo, &path);
    let forged = text.lines().map(|line| match line.starts_with("branch: ") {
        true => format!("branch: {branch}\n"),
        false => format!("{line}\n"),
    });
    let message = repo
        .git(&["log", "-1", "--format=%B", "refs/pm/main"])
        .text();
    put_as(repo, &path, &forged.collect::<String>(), &["-m", &message]);
}

#[test]
fn a_task_worked_on_in_the_main_worktree_keeps_its_branch() {
    let scene = Scene::new();
    let (hub, repo) = scene.with_hub();
    repo.task("Work", &[]);
    repo.pm(&["start", "T-0001", "--no-worktree"]).ok();
    let branch = repo.data(&["show", "T-0001"])["branch"].clone();
    let branch = branch.as_str().unwrap();
    repo.git(&["checkout", "-q", branch]).ok();
    repo.write("a.txt", "x\n");
    repo.commit_all("Work");
    repo.pm(&["start", "T-0001", "--no-worktree", "--resume"])
        .ok();
    assert_eq!(repo.data(&["show", "T-0001"])["branch"], branch);
    repo.pm(&["finish", "T-0001"]).ok();
    assert_eq!(hub.tip(branch), repo.tip("HEAD"));
}

#[test]
fn the_message_of_a_merge_has_one_empty_line_before_its_trailer() {
    let (_scene, repo) = set_up();
    let id = repo.task("Work", &["--accept", "It works"]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("b.txt", "good\n");
    place.commit_all("Work");
    place.pm(&["finish", "--force"]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    repo.pm(&["merge", &id]).ok();
    let message = repo.git(&["log", "-1", "--format=%B", "main"]).ok().out;
    assert!(
        message.starts_with(&format!("Work\n\nTask: {id}\n")),
        "{message:?}"
    );
}

#[test]
fn a_cancellation_that_crosses_a_submission_blocks_the_work_and_tells_both() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let id = ana.task("Work", &[]);
    ana.pm(&["sync"]).ok();
    let ben = scene.clone_of(&hub, "b", "Ben");
    ben.pm(&["--offline", "task", "cancel", &id, "--reason", "not needed"])
        .ok();
    ana.pm(&["start", &id]).ok();
    let place = ana.worktree(&id);
    place.write("a.txt", "1\n");
    place.commit_all("Work");
    ana.pm(&["finish", &id]).ok();
    let told = "[T-0001] blocked: Ben cancelled it, and Ana submitted it";
    for clone in [&ben, &ana] {
        assert_eq!(clone.data(&["sync"])["notices"][0]["subject"], told);
        let item = clone.data(&["show", &id]);
        assert_eq!(item["status"], "blocked");
        assert!(item["closed_at"].is_null(), "{item}");
        let why = clone.pm(&["why", &id]).ok().out;
        for part in [
            "Ben cancelled it (not needed)",
            "Ana submitted it",
            "git pm task unblock",
        ] {
            assert!(why.contains(part), "{why}");
        }
        clone.pm(&["sync"]).ok();
    }
    assert_eq!(ana.state_tree(), ben.state_tree());
    ben.pm(&["task", "unblock", &id]).ok();
    assert_eq!(ben.data(&["show", &id])["status"], "in_review");
}
