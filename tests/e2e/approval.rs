//! An approval is of a commit, by a human: nothing else gets work onto the target branch, and it
//! lasts no longer than the work stays as it was approved.

use serde_json::{Value, json};

use crate::forge::{path_of, put_as, read};
use crate::merge_cli::at_terminal;
use crate::support::{Ran, Repo, Scene, agent, set_up};

const KINDS: [&str; 3] = ["task", "issue", "epic"];

/// An item that was started and has a commit, with its worktree.
pub fn worked(repo: &Repo, kind: &str, file: &str) -> (String, Repo) {
    let id = repo.data(&[kind, "create", "Work"])["id"].clone();
    let id = id.as_str().unwrap().to_string();
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write(file, "new\n");
    place.commit_all("Work");
    (id, place)
}

pub fn approved(repo: &Repo, kind: &str, file: &str) -> (String, Repo) {
    let (id, place) = worked(repo, kind, file);
    repo.pm(&["finish", &id]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    (id, place)
}

fn show(repo: &Repo, id: &str) -> Value {
    repo.data(&["show", id])
}

/// A merge that is refused, whoever asks, and moves nothing.
#[track_caller]
fn not_merged(repo: &Repo, id: &str) -> Ran {
    let look = || (repo.tip("main"), repo.tip("refs/pm/main"));
    let before = look();
    agent(repo).pm(&["merge", id]).exits(1);
    let refused = repo.pm(&["merge", id]).exits(1);
    assert_eq!(look(), before, "a refused merge of {id} wrote something");
    refused
}

/// As [`not_merged`], and the refusal names the command that approves what is there.
#[track_caller]
fn needs_another_approval(repo: &Repo, id: &str) -> Ran {
    let refused = not_merged(repo, id);
    let hint = format!("git pm task approve {id}");
    assert!(refused.err.contains(&hint), "{}", refused.err);
    repo.pm(&["task", "approve", id]).ok();
    repo.pm(&["merge", id]).ok();
    refused
}

#[track_caller]
fn is_not_approved(repo: &Repo, id: &str) {
    let item = show(repo, id);
    for field in ["approval", "approved_at", "approved_by"] {
        assert!(item[field].is_null(), "{field} of {id} stays: {item}");
    }
    let document = document(repo, id);
    assert!(!document.contains("approval: {"), "{document}");
}

/// An item's document as it is stored.
pub fn document(repo: &Repo, id: &str) -> String {
    read(repo, &path_of(repo, id))
}

/// Writes an item's document past the tool, as a fetch could bring it.
fn forge(repo: &Repo, id: &str, text: &str) {
    let message = "x\n\nPM-Op: x\nPM-Clock: 1767225600000.9";
    put_as(repo, &path_of(repo, id), text, &["-m", message]);
}

#[test]
fn an_agent_merges_nothing_by_giving_it_the_state_of_approved_work() {
    for kind in KINDS {
        let (_scene, repo) = set_up();
        let (id, agent) = worked(&agent(&repo).by("bot"), kind, "a.txt");
        let reason = match kind {
            "task" => "states have verbs",
            _ => "only an approval",
        };
        for step in ["started", "finished"] {
            if step == "finished" {
                agent.pm(&["finish", &id]).ok();
            }
            let before = repo.tip("refs/pm/main");
            let state = ["issue", "update", &id, "--status", "ready_for_integration"];
            let line = json!({"op": "issue.update", "id": id, "status": "ready_for_integration"});
            // Nor may a human, who has a command for it.
            for said in [
                agent.pm(&state),
                agent.feed("git-pm", &["batch"], &line.to_string()),
                repo.pm(&[&state[..], &["--force"]].concat()),
            ] {
                assert_ne!(said.code, 0, "{kind}");
                assert!(said.err.contains(reason), "{}", said.err);
            }
            assert_eq!(repo.tip("refs/pm/main"), before, "{kind}: it wrote");
            not_merged(&repo, &id);
        }
        agent.pm(&["task", "approve", &id]).exits(1);
        let item = repo.data(&["task", "approve", &id]);
        assert_eq!(item["approval"]["commit"], agent.tip("HEAD"), "{kind}");
        assert_eq!(item["approval"]["by"], "Ana", "{kind}");
        assert_eq!(item["approval"]["how"], "advisory", "{kind}");
        assert_eq!(item["approval"]["target"], "main", "{kind}");
        agent.pm(&["merge", &id]).ok();
        assert_eq!(repo.read("a.txt"), "new\n", "{kind}");
        assert_eq!(show(&repo, &id)["approved_by"], "Ana", "{kind}: forgotten");
    }
}

#[test]
fn an_export_that_says_approved_does_not_come_back_as_approved() {
    let (_scene, repo) = set_up();
    let (id, place) = worked(&repo, "task", "a.txt");
    let agent = agent(&place);
    agent.pm(&["finish", &id]).ok();
    let out = repo.path.join("../out");
    agent.pm(&["export", "md", out.to_str().unwrap()]).ok();
    let list = repo.run(
        "grep",
        &["-rl", "^status: in-review", out.to_str().unwrap()],
    );
    let file = list.ok().text();
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replace("status: in-review", "status: ready-for-integration");
    std::fs::write(&file, text).unwrap();
    agent.pm(&["import", "ccpm", out.to_str().unwrap()]);
    assert_eq!(show(&repo, &id)["status"], "in_review");
    is_not_approved(&repo, &id);
    not_merged(&repo, &id);
}

#[test]
fn records_of_other_tools_come_in_unapproved_and_say_so() {
    let (_scene, repo) = set_up();
    let file = |name: &str, text: &str| repo.write(name, text);
    file(
        "backlog/tasks/task-1 - One.md",
        "---\nid: task-1\ntitle: One\nstatus: Ready for integration\n---\n",
    );
    file("backlog/config.yml", "project_name: x\n");
    file(
        ".taskmaster/tasks/tasks.json",
        r#"{"master":{"tasks":[{"id":1,"title":"One","status":"ready-for-integration"}]}}"#,
    );
    file(
        ".claude/epics/e/epic.md",
        "---\nname: e\nstatus: ready-for-integration\n---\n",
    );
    file(
        ".claude/epics/e/1.md",
        "---\nname: One\nstatus: ready_for_integration\n---\n",
    );
    file(
        "issues.jsonl",
        "{\"id\":\"bd-1\",\"title\":\"One\",\"status\":\"ready_for_integration\",\
         \"priority\":2,\"issue_type\":\"task\",\"created_at\":\"2025-11-20T08:00:00Z\",\
         \"updated_at\":\"2025-11-20T08:00:00Z\"}\n",
    );
    for args in [
        &["import", "backlog"][..],
        &["import", "taskmaster"],
        &["import", "ccpm"],
        &["import", "beads", "issues.jsonl"],
    ] {
        let mut all = vec!["--json"];
        all.extend(args);
        let report = agent(&repo).pm(&all).data();
        assert!(
            report["warnings"].to_string().contains("approves nothing"),
            "{args:?}: {report}"
        );
    }
    let items = repo.data(&["list", "--all"]);
    assert!(items.to_string().contains("in_review"), "{items}");
    assert!(!items.to_string().contains("ready_for"), "{items}");
}

#[test]
fn a_commit_made_after_the_approval_is_not_merged_without_another() {
    for kind in KINDS {
        let (_scene, repo) = set_up();
        let (id, place) = approved(&repo, kind, "a.txt");
        place.write("more.txt", "more\n");
        place.commit_all("More");
        let refused = needs_another_approval(&repo, &id);
        assert!(refused.err.contains("1 more commit"), "{}", refused.err);
        assert!(refused.err.contains("git diff"), "{}", refused.err);
        assert_eq!(repo.read("more.txt"), "more\n");
    }
}

#[test]
fn work_that_takes_the_place_of_what_was_approved_is_not_merged() {
    for kind in KINDS {
        let (_scene, repo) = set_up();
        let (id, place) = approved(&repo, kind, "a.txt");
        place.git(&["reset", "-q", "--hard", "main"]).ok();
        place.write("evil.txt", "evil\n");
        place.commit_all("Work");
        let refused = needs_another_approval(&repo, &id);
        assert!(refused.err.contains("other changes"), "{}", refused.err);
        assert!(!repo.path.join("a.txt").exists());
    }
}

#[test]
fn a_file_mode_white_space_or_another_place_is_another_change() {
    let (_scene, repo) = set_up();
    let lines = "x\n".repeat(40);
    repo.write("same.txt", &lines);
    repo.commit_all("Equal lines");
    let put = |at: usize, text: &str| {
        let mut lines: Vec<&str> = lines.lines().collect();
        lines.insert(at, text);
        lines.join("\n") + "\n"
    };
    let (id, place) = worked(&repo, "task", "a.txt");
    place.write("same.txt", &put(10, "a b"));
    place.commit_all("One");
    place.pm(&["finish"]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    let good = place.tip("HEAD");
    for what in ["space", "place", "mode", "nul"] {
        place.git(&["reset", "-q", "--hard", &good]).ok();
        match what {
            "space" => place.write("same.txt", &put(10, "ab")),
            "place" => place.write("same.txt", &put(30, "a b")),
            "mode" => {
                place.run("chmod", &["+x", "a.txt"]).ok();
            }
            _ => place.write("same.txt", &put(10, "a b\0c")),
        }
        place.git(&["commit", "-qa", "--amend", "--no-edit"]).ok();
        assert_ne!(place.tip("HEAD"), good);
        not_merged(&repo, &id);
    }
    place.git(&["reset", "-q", "--hard", &good]).ok();
    repo.pm(&["merge", &id]).ok();
}

#[test]
fn a_binary_file_with_other_bytes_is_another_change() {
    let (_scene, repo) = set_up();
    repo.write(".gitattributes", "*.bin -diff\n");
    repo.commit_all("Attributes");
    let (id, place) = worked(&repo, "task", "a.bin");
    place.pm(&["finish"]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    place.write("a.bin", "other\n");
    place.git(&["commit", "-qa", "--amend", "--no-edit"]).ok();
    not_merged(&repo, &id);
}

#[test]
fn a_clean_rebase_a_new_message_and_a_merge_of_the_target_keep_the_approval() {
    for kind in KINDS {
        for how in ["rebase", "amend", "merge", "squash"] {
            let (_scene, repo) = set_up();
            repo.write("long.txt", &"line\n".repeat(30));
            repo.commit_all("Long");
            let (id, place) = worked(&repo, kind, "a.txt");
            place.write("long.txt", &("first\n".to_string() + &"line\n".repeat(30)));
            place.commit_all("More");
            place.pm(&["finish"]).ok();
            repo.pm(&["task", "approve", &id]).ok();
            let was = place.tip("HEAD");
            repo.write("long.txt", &("line\n".repeat(30) + "last\n"));
            repo.commit_all("Others went on, in the same file");
            match how {
                "rebase" => place.git(&["rebase", "-q", "main"]),
                "amend" => place.git(&["commit", "-q", "--amend", "-m", "Said better"]),
                "merge" => place.git(&["merge", "-q", "--no-edit", "main"]),
                _ => {
                    place.git(&["reset", "-q", "--soft", "HEAD~2"]).ok();
                    place.git(&["commit", "-qm", "In one"])
                }
            }
            .ok();
            assert_ne!(place.tip("HEAD"), was);
            agent(&repo).pm(&["merge", &id]).ok();
            let text = repo.read("long.txt");
            assert!(
                text.starts_with("first\n") && text.ends_with("last\n"),
                "{how}"
            );
        }
    }
}

#[test]
fn work_without_a_change_can_be_approved_and_a_sha_256_repository_too() {
    let scene = Scene::new();
    let repo = scene.at("a");
    std::fs::create_dir_all(&repo.path).unwrap();
    repo.git(&["init", "-q", "--object-format=sha256"]).ok();
    repo.write("f", "f\n");
    repo.commit_all("Begin");
    repo.pm(&["init"]).ok();
    let (id, place) = worked(&repo, "task", "a.txt");
    place.git(&["revert", "--no-edit", "HEAD"]).ok();
    place.pm(&["finish"]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    assert!(show(&repo, &id)["approval"]["patch"].is_string());
    place.write("b.txt", "b\n");
    place.commit_all("Something");
    needs_another_approval(&repo, &id);
    let (id, place) = approved(&repo, "task", "c.txt");
    place
        .git(&["commit", "-q", "--amend", "-m", "Said better"])
        .ok();
    repo.pm(&["merge", &id]).ok();
}

#[test]
fn every_way_back_takes_the_approval_back() {
    let resume: &[&[&str]] = &[&["start", "ID", "--resume"]];
    let again: &[&[&str]] = &[&["finish", "ID"]];
    let cancel: &[&[&str]] = &[&["task", "cancel", "ID"], &["task", "reopen", "ID"]];
    let done: &[&[&str]] = &[
        &["task", "done", "ID", "--evidence", "seen"],
        &["task", "reopen", "ID"],
    ];
    let (_scene, repo) = set_up();
    for kind in KINDS {
        for (n, steps) in [resume, again, cancel, done].into_iter().enumerate() {
            let (id, _) = approved(&repo, kind, &format!("{kind}{n}.txt"));
            assert_eq!(show(&repo, &id)["approved_by"], "Ana");
            for step in steps {
                let args: Vec<&str> = step
                    .iter()
                    .map(|arg| if *arg == "ID" { id.as_str() } else { arg })
                    .collect();
                repo.pm(&args).ok();
            }
            is_not_approved(&repo, &id);
            not_merged(&repo, &id);
            let text = repo.pm(&["show", &id]).ok().out;
            assert!(!text.contains("approved"), "{text}");
        }
    }
    for status in ["open", "in_progress", "in_review"] {
        let (id, _) = approved(&repo, "issue", &format!("{status}.txt"));
        repo.pm(&["issue", "update", &id, "--status", status]).ok();
        is_not_approved(&repo, &id);
        not_merged(&repo, &id);
    }
}

#[test]
fn an_approval_that_was_taken_back_does_not_help_a_forged_state_or_an_import() {
    let (_scene, repo) = set_up();
    repo.pm(&["config", "pm.approval", "strict"]).ok();
    let (id, place) = worked(&repo, "task", "a.txt");
    repo.pm(&["finish", &id]).ok();
    at_terminal(&repo, &["task", "approve", &id], "").ok();
    assert_eq!(show(&repo, &id)["approval"]["how"], "terminal");
    agent(&place).pm(&["start", &id, "--resume"]).ok();
    place.write("a.txt", "unreviewed\n");
    place.commit_all("Unreviewed");
    agent(&place).pm(&["finish", &id]).ok();
    is_not_approved(&repo, &id);
    let text = document(&repo, &id);
    let text = text.replace("status: in_review", "status: ready_for_integration");
    forge(&repo, &id, &text);
    let refused = not_merged(&repo, &id);
    assert!(refused.err.contains("is not approved"), "{}", refused.err);
    // A human can still approve what there is.
    at_terminal(&repo, &["task", "approve", &id], "").ok();
    agent(&repo).pm(&["merge", &id]).ok();
}

#[test]
fn an_approval_that_names_no_commit_or_another_one_merges_nothing() {
    let (_scene, repo) = set_up();
    let (id, place) = approved(&repo, "task", "a.txt");
    let good = document(&repo, &id);
    let line = good.lines().find(|line| line.starts_with("approval: {"));
    let line = line.unwrap();
    let commit = place.tip("HEAD");
    let other = repo.tip("main");
    for forged in [
        // As an older version wrote it.
        "approval: advisory\napproved_at: \"2026-11-20T12:00:00Z\"\napproved_by: Ana".to_string(),
        "approval: {\"by\": \"Ana\", \"how\": \"terminal\", \"at\": \"2026-11-20T12:00:00Z\"}"
            .into(),
        "approval: {\"by\": \"Ana\"}".into(),
        "approval: [1]".into(),
        line.replace(&commit, "--output=x"),
        line.replace(&commit, &other)
            .replace("patch", "patch-of-old"),
        line.replace(&commit, &"0123456789".repeat(4))
            .replace("patch", "x"),
    ] {
        let mut stamps = String::new();
        if forged.contains("approved_at") {
            stamps = good
                .lines()
                .filter(|line| line.starts_with("  approval:"))
                .map(|line| {
                    line.replace("approval", "approved_at")
                        + "\n"
                        + &line.replace("approval", "approved_by")
                })
                .collect();
            stamps.push('\n');
        }
        let text = good.replace(line, &forged);
        let text = text.replace("  branch: \"", &format!("{stamps}  branch: \""));
        forge(&repo, &id, &text);
        assert_eq!(
            show(&repo, &id)["status"],
            "ready_for_integration",
            "{text}"
        );
        let refused = not_merged(&repo, &id);
        assert!(refused.err.contains("task approve"), "{}", refused.err);
    }
    repo.pm(&["task", "approve", &id]).ok();
    repo.pm(&["merge", &id]).ok();
}

#[test]
fn an_agent_does_not_lift_what_stops_approved_work() {
    for kind in KINDS {
        let (_scene, repo) = set_up();
        let (id, _) = approved(&repo, kind, "a.txt");
        let (main, agent) = (repo.tip("main"), agent(&repo));
        let verb = if kind == "task" { "block" } else { "defer" };
        let reason = if kind == "task" {
            "wait"
        } else {
            "--reason=wait"
        };
        repo.pm(&["task", verb, &id, reason]).ok();
        let back = format!("un{verb}");
        let before = repo.tip("refs/pm/main");
        let refused = agent.pm(&["task", &back, &id]).exits(1);
        assert!(refused.err.contains("human"), "{}", refused.err);
        agent.pm(&["issue", "undefer", &id]).exits(1);
        let line = json!({"op": format!("task.{back}"), "id": id}).to_string();
        let said = agent.feed("git-pm", &["batch"], &line);
        assert!(said.err.contains("human"), "{}{}", said.out, said.err);
        agent.pm(&["undo"]).exits(1);
        assert_eq!(repo.tip("refs/pm/main"), before);
        not_merged(&repo, &id);
        assert_eq!(repo.tip("main"), main);
        // Whoever approved it may let it go on, with the approval it had.
        repo.pm(&["task", &back, &id]).ok();
        assert_eq!(show(&repo, &id)["status"], "ready_for_integration");
        repo.pm(&["merge", &id]).ok();
    }
}

#[test]
fn what_was_stopped_before_it_was_approved_comes_back_as_it_was() {
    let (_scene, repo) = set_up();
    let agent = agent(&repo).by("bot");
    let (id, _) = worked(&agent, "task", "a.txt");
    agent.pm(&["finish", &id]).ok();
    agent.pm(&["task", "block", &id, "wait"]).ok();
    agent.pm(&["task", "unblock", &id]).ok();
    assert_eq!(show(&repo, &id)["status"], "in_review");
    // Nor does an agent let approved work go on that it stopped itself.
    repo.pm(&["task", "approve", &id]).ok();
    agent.pm(&["task", "block", &id, "wait"]).ok();
    let refused = agent.pm(&["task", "unblock", &id]).exits(1);
    assert!(refused.err.contains("ask a human"), "{}", refused.err);
    repo.pm(&["task", "unblock", &id]).ok();
    assert_eq!(show(&repo, &id)["status"], "ready_for_integration");
}

#[test]
fn no_undoing_brings_an_approval_back() {
    let (_scene, repo) = set_up();
    let (id, place) = approved(&repo, "task", "a.txt");
    agent(&place).pm(&["start", &id, "--resume"]).ok();
    let before = repo.tip("refs/pm/main");
    for who in [agent(&repo), repo.clone()] {
        let refused = who.pm(&["undo"]).exits(1);
        assert!(refused.err.contains("would approve"), "{}", refused.err);
        who.pm(&["undo", "--force"]).exits(1);
    }
    assert_eq!(repo.tip("refs/pm/main"), before);
    is_not_approved(&repo, &id);
    // A human's own stop can be taken back: what was approved stays approved.
    repo.pm(&["finish", &id]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    repo.pm(&["task", "block", &id, "wait"]).ok();
    repo.pm(&["undo"]).ok();
    repo.pm(&["merge", &id]).ok();
    // And a closed item that was reopened by mistake is closed again.
    agent(&repo).pm(&["task", "reopen", &id]).ok();
    agent(&repo).pm(&["undo"]).ok();
    assert_eq!(show(&repo, &id)["status"], "done");
}

#[test]
fn two_approvals_offline_do_not_become_one_of_a_commit_that_one_of_them_saw() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.task("Work", &[]);
    a.pm(&["sync"]).ok();
    b.pm(&["start", "T-0001"]).ok();
    let place = b.worktree("T-0001");
    let branch = place.git(&["branch", "--show-current"]).text();
    place.write("a.txt", "one\n");
    place.commit_all("One");
    let one = place.tip("HEAD");
    place.git(&["push", "-q", "origin", "HEAD"]).ok();
    b.pm(&["finish", "T-0001"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    a.git(&["fetch", "-q"]).ok();
    a.git(&["branch", "-q", &branch, &format!("origin/{branch}")])
        .ok();
    // Ana approves what she sees; Ben goes on and approves that.
    let offline = |repo: &Repo| repo.pm(&["--offline", "task", "approve", "T-0001"]).ok();
    place.write("a.txt", "two\n");
    place.commit_all("Two");
    let two = place.tip("HEAD");
    offline(&b);
    offline(&a);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), b.state_tree());
    let approval = show(&a, "T-0001")["approval"].clone();
    let pair = (approval["by"].as_str(), approval["commit"].as_str());
    assert!(
        pair == (Some("Ana"), Some(&one)) || pair == (Some("Ben"), Some(&two)),
        "{approval}"
    );
    // Where the branch is at the other commit, it is not merged.
    let (other, same) = if pair.0 == Some("Ana") {
        (&b, &a)
    } else {
        (&a, &b)
    };
    let main = other.tip("main");
    let refused = other.pm(&["merge", "T-0001"]).exits(1);
    assert!(refused.err.contains("task approve"), "{}", refused.err);
    assert_eq!(other.tip("main"), main);
    same.pm(&["merge", "T-0001"]).ok();
}

#[test]
fn an_approval_for_one_branch_brings_nothing_else_into_another() {
    let (_scene, repo) = set_up();
    repo.pm(&["epic", "create", "Big"]).ok();
    repo.pm(&["epic", "start", "E-0001"]).ok();
    let epic = repo.worktree("E-0001");
    epic.write("unreviewed.txt", "x\n");
    epic.commit_all("Not looked at by anybody");
    let id = repo.task("Part", &["--epic", "E-0001"]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("part.txt", "part\n");
    place.commit_all("Part");
    repo.pm(&["finish", &id]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    let (main, agent) = (repo.tip("main"), agent(&repo));
    let refused = agent.pm(&["merge", &id, "--target", "main"]).exits(1);
    assert!(
        refused.err.contains("was approved for epic/"),
        "{}",
        refused.err
    );
    assert_eq!(repo.tip("main"), main, "unreviewed work is in main");
    // Nor where another branch takes that one's name.
    epic.git(&["checkout", "-q", "--detach"]).ok();
    let tip = repo.tip("epic/big");
    repo.git(&["branch", "-q", "-D", "epic/big"]).ok();
    let alias = ["symbolic-ref", "refs/heads/epic/big", "refs/heads/main"];
    repo.git(&alias).ok();
    agent.pm(&["merge", &id]).exits(1);
    assert_eq!(repo.tip("main"), main, "unreviewed work is in main");
    repo.git(&["symbolic-ref", "-d", "refs/heads/epic/big"])
        .ok();
    repo.git(&["branch", "-q", "epic/big", &tip]).ok();
    epic.git(&["checkout", "-q", "epic/big"]).ok();
    agent.pm(&["merge", &id]).ok();
    assert_eq!(epic.read("part.txt"), "part\n");
}

#[test]
fn a_local_replacement_of_an_object_is_not_merged_in_its_place() {
    let (_scene, repo) = set_up();
    let (id, place) = approved(&repo, "task", "a.txt");
    let good = place.tip("HEAD");
    place.git(&["checkout", "-q", "--detach", "main"]).ok();
    place.write("evil.txt", "evil\n");
    place.commit_all("Evil");
    let evil = place.tip("HEAD");
    place.git(&["checkout", "-q", "-"]).ok();
    repo.git(&[
        "replace",
        &format!("{good}^{{tree}}"),
        &format!("{evil}^{{tree}}"),
    ])
    .ok();
    repo.pm(&["merge", &id]).ok();
    repo.git(&["replace", "-d", &repo.git(&["replace"]).text()])
        .ok();
    assert!(
        !repo
            .git(&["ls-tree", "--name-only", "main"])
            .out
            .contains("evil")
    );
}

#[test]
fn what_is_approved_just_so_is_not_approved_once_more() {
    let (_scene, repo) = set_up();
    let (id, place) = approved(&repo, "task", "a.txt");
    let before = repo.tip("refs/pm/main");
    repo.pm(&["task", "approve", &id]).exits(1);
    assert_eq!(repo.tip("refs/pm/main"), before);
    // A person at a terminal makes more of it, and a person alone approves with `finish --merge`.
    at_terminal(&repo, &["task", "approve", &id], "").ok();
    assert_eq!(show(&repo, &id)["approval"]["how"], "terminal");
    place.write("b.txt", "b\n");
    place.commit_all("More");
    repo.pm(&["finish", &id, "--merge"]).ok();
    assert_eq!(repo.read("b.txt"), "b\n");
}

#[test]
fn an_item_without_work_has_nothing_to_approve() {
    let (_scene, repo) = set_up();
    let id = repo.pm(&["issue", "q", "Idea"]).ok().text();
    repo.pm(&["issue", "update", &id, "--status", "in_review"])
        .ok();
    let refused = repo.pm(&["task", "approve", &id]).exits(1);
    assert!(refused.err.contains("no branch"), "{}", refused.err);
}

#[test]
fn what_one_commit_adds_and_the_next_takes_out_does_not_come_into_the_history() {
    let (_scene, repo) = set_up();
    let (id, place) = approved(&repo, "task", "a.txt");
    let good = place.tip("HEAD");
    place.git(&["reset", "-q", "--hard", "main"]).ok();
    place.write("evil.txt", "evil\n");
    place.commit_all("Evil");
    place.git(&["rm", "-q", "evil.txt"]).ok();
    place.write("a.txt", "new\n");
    place.commit_all("Work");
    let main = repo.tip("main");
    for strategy in ["merge", "rebase"] {
        let refused = repo.pm(&["merge", &id, "--strategy", strategy]).exits(1);
        assert!(refused.err.contains(strategy), "{}", refused.err);
        assert!(refused.err.contains("task approve"), "{}", refused.err);
    }
    assert_eq!(repo.tip("main"), main);
    // Rebased only, or with another message, they are those that were approved.
    place.git(&["reset", "-q", "--hard", &good]).ok();
    repo.write("other.txt", "other\n");
    repo.commit_all("Others go on");
    place.git(&["rebase", "-q", "main"]).ok();
    place
        .git(&["commit", "-q", "--amend", "-m", "Said better"])
        .ok();
    repo.pm(&["merge", &id, "--strategy", "rebase"]).ok();
    assert_eq!(
        repo.git(&["log", "-1", "--format=%s", "main"]).text(),
        "Said better"
    );
}

#[test]
fn whoever_approves_another_commit_than_was_handed_in_is_told() {
    let (_scene, repo) = set_up();
    let (id, place) = worked(&repo, "task", "a.txt");
    repo.pm(&["finish", &id]).ok();
    let handed_in = place.tip("HEAD");
    place.write("more.txt", "more\n");
    place.commit_all("More");
    let said = repo.pm(&["task", "approve", &id]).ok();
    assert!(said.err.contains(&handed_in[..10]), "{}", said.err);
    assert!(said.err.contains(&place.tip("HEAD")[..10]), "{}", said.err);
    let (id, _) = worked(&repo, "task", "b.txt");
    repo.pm(&["finish", &id]).ok();
    let said = repo.pm(&["task", "approve", &id]).ok();
    assert!(!said.err.contains("handed in"), "{}", said.err);
}

#[test]
fn whoever_approves_what_is_not_in_the_clone_is_told() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.task("Work", &[]);
    a.pm(&["sync"]).ok();
    b.pm(&["config", "pm.push", "never"]).ok();
    b.pm(&["start", "T-0001"]).ok();
    let place = b.worktree("T-0001");
    place.write("a.txt", "a\n");
    place.commit_all("Work");
    b.pm(&["finish", "T-0001"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    let said = a.pm(&["task", "approve", "T-0001"]).ok();
    assert!(
        said.err.contains("without being seen here"),
        "{}{}",
        said.out,
        said.err
    );
    // Nothing but that commit is merged by it.
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    place.write("a.txt", "b\n");
    place.git(&["commit", "-qa", "--amend", "--no-edit"]).ok();
    let refused = b.pm(&["merge", "T-0001"]).exits(1);
    assert!(refused.err.contains("was approved at"), "{}", refused.err);
}
