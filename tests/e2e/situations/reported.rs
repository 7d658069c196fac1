//! Hooks, settings, the sandbox, manual pages and records as reports describe them.

use serde_json::json;

use super::sandbox::{home, stage_with_closed_home};
use crate::run::stage::{Stage, WORK};
use crate::support::{Ran, Repo, Scene, script_file, set_up};

/// What is said on both streams.
pub(super) fn said(ran: &Ran) -> String {
    format!("{}{}", ran.out, ran.err)
}

/// A hub and a clone of it, in which a hook was there before git pm.
fn with_hook(scene: &Scene, name: &str, text: &str) -> (Repo, Repo) {
    let (hub, a) = (scene.bare("hub.git"), scene.repo("a"));
    let url = hub.path.to_str().unwrap();
    a.git(&["remote", "add", "origin", url]).ok();
    a.git(&["push", "-q", "-u", "origin", "main"]).ok();
    script_file(&a.path.join(".git/hooks").join(name), text);
    a.pm(&["init"]).ok();
    (hub, a)
}

/// The worktree of a new task with a commit.
pub(super) fn worked(repo: &Repo) -> Repo {
    repo.task("One", &[]);
    repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    place.write("work.txt", "work\n");
    place.commit_all("Work");
    place
}

// ---- Hooks ----

// abhinav/git-spice#725
#[test]
fn the_pre_push_hook_tests_the_worktree_of_the_task() {
    let scene = Scene::new();
    let hook = "read -r line\ncase $line in *refs/heads/task*) pwd -P >>\"$HOME/where\"\n\
                echo \"the tests fail\" >&2; test -e tests-pass ;; esac";
    let (hub, a) = with_hook(&scene, "pre-push", hook);
    let place = worked(&a);
    // What lies in the main work tree does not count.
    a.write("tests-pass", "");
    let refused = place.pm(&["finish"]).exits(1);
    assert!(refused.err.contains("the tests fail"), "{refused:?}");
    assert_eq!(hub.tip("task/T-0001-one"), "");
    std::fs::remove_file(a.path.join("tests-pass")).unwrap();
    place.write("tests-pass", "");
    place.commit_all("Mend");
    place.pm(&["finish"]).ok();
    assert_eq!(hub.tip("task/T-0001-one"), place.tip("HEAD"));
    let real = place.path.canonicalize().unwrap();
    let places = scene.at("home").read("where");
    assert!(
        places.lines().all(|line| line == real.to_str().unwrap()),
        "{places}"
    );
}

// Of the same kind: `finish` is run in the main work tree.
#[test]
fn the_pre_push_hook_tests_the_worktree_of_the_task_from_elsewhere_too() {
    let scene = Scene::new();
    let hook = "read -r line\ncase $line in *refs/heads/task*) test -e tests-pass ;; esac";
    let (hub, a) = with_hook(&scene, "pre-push", hook);
    let place = worked(&a);
    place.write("tests-pass", "");
    place.commit_all("Mend");
    a.pm(&["finish", "T-0001"]).ok();
    assert_eq!(hub.tip("task/T-0001-one"), place.tip("HEAD"));
}

// Of the same kind: what an agent left in its worktree is not started by the push of a person.
#[test]
fn the_pre_push_hook_for_work_of_an_agent_runs_in_the_main_work_tree() {
    let scene = Scene::new();
    let hook = "cat >/dev/null\npwd -P >>\"$HOME/where\"\n[ ! -e \"$HOME/strict\" ]";
    let (hub, a) = with_hook(&scene, "pre-push", hook);
    let bot = [("GIT_PM_ACTOR", "bot"), ("AI_AGENT", "1")];
    let by_bot = |repo: &Repo| {
        bot.iter()
            .fold(repo.clone(), |repo, (k, v)| repo.with(k, v))
    };
    let place = worked(&by_bot(&a));
    by_bot(&place).pm(&["finish"]).ok();
    a.pm(&["task", "reassign", "T-0001", "--to", "Ana"]).ok();
    scene.at("home").write("strict", "");
    let refused = a.pm(&["finish", "T-0001"]).exits(1);
    let words = "the pre-push hook ran in the main worktree";
    assert!(refused.err.contains(words), "{refused:?}");
    std::fs::remove_file(scene.at("home/strict").path).unwrap();
    for from in [&a, &a.worktree("T-0001").by("Ana")] {
        from.pm(&["finish", "T-0001"]).ok();
    }
    assert_eq!(hub.tip("task/T-0001-one"), place.tip("HEAD"));
    let main = a.path.canonicalize().unwrap();
    let places = scene.at("home").read("where");
    assert!(
        places.lines().all(|line| line == main.to_str().unwrap()),
        "{places}"
    );
}

// gitext-rs/git-stack#192, jelmer/dulwich#1801
#[test]
fn a_merge_says_that_it_runs_no_reference_transaction_hook() {
    let scene = Scene::new();
    let hook = "[ \"$1\" = prepared ] || exit 0\nwhile read -r old new ref; do\n\
                if [ \"$ref\" = refs/heads/main ] && [ -e \"$HOME/frozen\" ]; then\n\
                echo 'main is frozen until Monday' >&2; exit 1; fi\ndone";
    let (_hub, a) = with_hook(&scene, "reference-transaction", hook);
    let place = worked(&a);
    scene.at("home").write("frozen", "");
    let merged = place.pm(&["finish", "--merge"]).ok();
    let words = "does not run the project's reference-transaction hook when it moves main";
    assert!(merged.err.contains(words), "{merged:?}");
}

// What gates alone let into main may be what the hook starts.
#[test]
fn the_commit_msg_hook_is_not_run_on_what_only_gates_have_approved() {
    let stage = Stage::with_tasks(&["One"]);
    let repo = &stage.repo;
    let main = repo.path.canonicalize().unwrap();
    let folder = repo.path.join(".git/hooks-before-git-pm");
    std::fs::create_dir_all(&folder).unwrap();
    let hook = format!(
        "[ \"$PWD\" != '{}' ] || echo 'Seen-By: hook' >>\"$1\"",
        main.display()
    );
    script_file(&folder.join("commit-msg"), &hook);
    stage.run(WORK, &["--merge", "gates"]).ok();
    assert_eq!(stage.item("T-0001"), "done");
    let message = || repo.git(&["log", "-1", "--format=%B", "main"]).ok().out;
    assert!(!message().contains("Seen-By"), "{}", message());
    // Nor for other work, as main has what nobody has looked at.
    repo.task("Two", &[]);
    repo.pm(&["start", "T-0002"]).ok();
    let place = repo.worktree("T-0002");
    place.write("two.txt", "two\n");
    place.commit_all("Two");
    let merged = place.pm(&["finish", "--merge"]).ok();
    assert!(!message().contains("Seen-By"), "{}", message());
    assert!(message().starts_with("Two\n"), "{}", message());
    assert!(
        merged.err.contains("commit-msg hook was not run"),
        "{merged:?}"
    );
}

// uwolfer/gerrit-intellij-plugin#142, Samsung/Universum#102: the server wants what the hook adds.
#[test]
fn the_commit_of_a_merge_passes_the_commit_msg_hook() {
    let scene = Scene::new();
    let hook = "if grep -q One \"$1\" && [ -e \"$HOME/strict\" ]; then\n\
                echo 'name a ticket' >&2; exit 1; fi\n\
                grep -q '^Change-Id: ' \"$1\" || \
                printf '\\nChange-Id: I%s\\n' \"$(git hash-object \"$1\")\" >>\"$1\"";
    for strategy in ["squash", "merge"] {
        let scene_of = Scene::new();
        let (_hub, a) = with_hook(&scene_of, "commit-msg", hook);
        a.pm(&["config", "pm.mergeStrategy", strategy]).ok();
        let place = worked(&a);
        let own = place.git(&["log", "-1", "--format=%B"]).ok().out;
        assert!(own.contains("Change-Id: I"), "{own}");
        place.pm(&["finish", "--merge"]).ok();
        let merged = a.git(&["log", "-1", "--format=%B", "main"]).ok().out;
        assert!(merged.contains("Task: T-0001"), "{strategy}: {merged}");
        let ids = merged.matches("Change-Id: I").count();
        assert_eq!(ids, 1, "{strategy}: {merged}");
    }
    // One that refuses the message is quoted.
    let (_hub, a) = with_hook(&scene, "commit-msg", hook);
    let place = worked(&a);
    let before = a.tip("main");
    scene.at("home").write("strict", "");
    let refused = place.pm(&["--json", "finish", "--merge"]).exits(1);
    let error = refused.error();
    assert_eq!(error["reason"], "merge.message_refused", "{error}");
    assert!(error.to_string().contains("name a ticket"), "{error}");
    assert_eq!(a.tip("main"), before);
}

// ---- Settings of git and of git pm ----

// gitbutlerapp/gitbutler#4235, baloise/gitopscli#16: hosts check the committer.
#[test]
fn commits_have_the_author_and_the_committer_that_are_set_apart() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    for (key, value) in [
        ("author.email", "author@example.org"),
        ("committer.email", "committer@example.org"),
        ("committer.name", "Ana at Work"),
    ] {
        a.git(&["config", key, value]).ok();
    }
    let of = |name: &str| {
        let format = "--format=%ae %ce %cn";
        a.git(&["log", "-1", format, name]).ok().text()
    };
    let place = worked(&a);
    let wanted = "author@example.org committer@example.org Ana at Work";
    assert_eq!(of("task/T-0001-one"), wanted, "git itself");
    place.pm(&["finish", "--merge"]).ok();
    assert_eq!(of("main"), wanted);
    let state = of("refs/pm/main");
    assert!(
        state.ends_with(" committer@example.org Ana at Work"),
        "{state}"
    );
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
}

// sourcegit-scm/sourcegit#345, Vinzent03/obsidian-git#581: others could not check the work out.
#[test]
fn a_branch_with_a_commit_of_a_submodule_that_is_at_no_remote_is_not_finished() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    // Git reads a relative address from the worktree.
    let to = hub.path.to_str().unwrap();
    a.git(&["remote", "set-url", "origin", to]).ok();
    let (lib_hub, lib) = (scene.bare("lib.git"), scene.repo("lib"));
    let url = lib_hub.path.to_str().unwrap();
    lib.git(&["push", "-q", url, "main"]).ok();
    a.git(&["submodule", "--quiet", "add", url, "lib"]).ok();
    a.commit_all("Library");
    a.git(&["push", "-q"]).ok();
    a.git(&["config", "push.recurseSubmodules", "check"]).ok();
    let place = worked(&a);
    place.git(&["submodule", "-q", "update", "--init"]).ok();
    let inner = place.other("lib");
    inner.git(&["checkout", "-q", "-B", "main"]).ok();
    inner.write("new.txt", "new\n");
    inner.commit_all("Never pushed");
    place.commit_all("Bump");
    let refused = place.pm(&["finish"]).exits(1);
    for words in [
        "task/T-0001-one was not pushed to origin",
        "submodule paths contain changes that can not be found on any remote: lib",
    ] {
        assert!(refused.err.contains(words), "{refused:?}");
    }
    assert_eq!(hub.tip("task/T-0001-one"), "");
    assert_eq!(a.data(&["show", "T-0001"])["status"], "in_progress");
    inner.git(&["push", "-q", "origin", "main"]).ok();
    place.pm(&["finish"]).ok();
    assert_eq!(hub.tip("task/T-0001-one"), place.tip("HEAD"));
}

// standardagents/dmux#62, josh-project/josh#616
#[test]
fn the_target_may_be_named_in_full_or_as_at_its_remote() {
    for name in ["refs/heads/main", "origin/main", "refs/remotes/origin/main"] {
        let scene = Scene::new();
        let (_hub, a) = scene.with_hub();
        a.pm(&["config", "pm.target", name]).ok();
        worked(&a).pm(&["finish", "--merge"]).ok();
        let merged = a.git(&["show", "refs/heads/main:work.txt"]);
        assert_eq!(merged.ok().text(), "work", "{name}");
        let wrong = format!("refs/heads/{name}");
        assert_eq!(a.tip(&wrong), "", "a branch of this name was made");
    }
}

// ---- The sandbox ----

/// Adds a file of a filter, and says how that ended.
const ADD: &str = "echo t >>a.secret; git add a.secret; echo add rc=$?; git commit -qm x; \
                   echo commit rc=$?\n";

/// A repository with a file of the filter `f`.
fn with_filter(repo: &Repo, command: &str) {
    for (key, value) in [
        ("filter.f.clean", command),
        ("filter.f.smudge", command),
        ("filter.f.required", "true"),
    ] {
        repo.git(&["config", key, value]).ok();
    }
    repo.write(".gitattributes", "*.secret filter=f\n");
    repo.write("a.secret", "s\n");
    repo.commit_all("A file of a filter");
}

fn log_of(stage: &Stage, id: &str) -> String {
    stage.repo.pm(&["logs", id]).ok().out
}

// RyderFreeman4Logos/cli-sub-agent#448, pingdotgg/t3code#7674
#[test]
fn a_run_names_the_setting_that_fills_submodules_for_agents() {
    let stage = stage_with_closed_home(|repo| {
        let lib = repo.other("../lib");
        std::fs::create_dir(&lib.path).unwrap();
        lib.git(&["init", "-q"]).ok();
        lib.write("l.txt", "l\n");
        lib.commit_all("Library");
        let url = repo.path.parent().unwrap().join("lib");
        let url = url.to_str().unwrap();
        repo.git(&["submodule", "--quiet", "add", url, "lib"]).ok();
        repo.commit_all("Submodule");
    });
    let remedy = "git pm config pm.setup \"git submodule update --init\"";
    let agent = "cat lib/l.txt && echo FILLED; echo x >>README.md; git commit -qam x";
    stage.repo.task("One", &[]);
    let ran = stage.run(agent, &[]);
    assert!(ran.err.contains(remedy), "{ran:?}");
    assert!(!log_of(&stage, "T-0001").contains("FILLED"));
    stage.repo.task("Two", &[]);
    let started = stage.repo.pm(&["start", "T-0002"]).ok();
    assert!(said(&started).contains(remedy), "{started:?}");
    // As it says.
    let setup = ["config", "pm.setup", "git submodule update --init"];
    stage.repo.pm(&setup).ok();
    stage.repo.task("Three", &[]);
    let ran = stage.run(agent, &["--only", "T-0003"]);
    assert!(!ran.err.contains("submodules are empty"), "{ran:?}");
    let log = log_of(&stage, "T-0003");
    assert!(log.contains("FILLED"), "{log}\n{ran:?}");
}

// raine/workmux#258: the filter is where nbstripout installs itself.
#[test]
fn a_run_names_the_setting_that_opens_the_program_of_a_filter() {
    let stage = stage_with_closed_home(|repo| {
        let programs = home(repo).join(".venvs/tools/bin");
        std::fs::create_dir_all(&programs).unwrap();
        script_file(&programs.join("strip"), "exec /bin/cat\n");
        with_filter(repo, programs.join("strip").to_str().unwrap());
    });
    let programs = home(&stage.repo).join(".venvs/tools/bin");
    let programs = programs.to_str().unwrap();
    let opens = format!("git config --add pm.sandboxRead {programs}");
    stage.repo.task("One", &[]);
    let ran = stage.run(ADD, &[]);
    assert!(ran.err.contains("files of the filter f"), "{ran:?}");
    assert!(ran.err.contains(&opens), "{ran:?}");
    let log = log_of(&stage, "T-0001");
    assert!(!log.contains("add rc=0"), "{log}");
    // As it says.
    let open = ["config", "--add", "pm.sandboxRead", programs];
    stage.repo.git(&open).ok();
    stage.repo.task("Two", &[]);
    let ran = stage.run(ADD, &["--only", "T-0002"]);
    assert!(!ran.err.contains("sandboxRead"), "{ran:?}");
    let log = log_of(&stage, "T-0002");
    assert!(log.contains("add rc=0"), "{log}");
    assert!(log.contains("commit rc=0"), "{log}");
}

// AGWA/git-crypt#334, stablyai/orca#4626
#[test]
fn a_filter_finds_its_key_in_the_git_directory_of_the_sandbox() {
    let stage = stage_with_closed_home(|repo| {
        repo.write(".git/git-crypt/keys/default", "key\n");
        let filter = "k=$(git rev-parse --git-common-dir)/git-crypt/keys/default; \
                      test -s \"$k\" || { echo 'Unable to open key file' >&2; exit 1; }; cat";
        with_filter(repo, filter);
    });
    stage.repo.task("One", &[]);
    let ran = stage.run(ADD, &[]);
    let log = log_of(&stage, "T-0001");
    assert!(log.contains("add rc=0"), "{log}\n{ran:?}");
    assert!(log.contains("commit rc=0"), "{log}\n{ran:?}");
}

// ---- Manual pages: icholy/git-get#2, VirtusLab/git-machete#25, meroton/git-toprepo#285 ----

#[test]
fn where_man_does_not_look_for_the_pages_the_missing_step_is_named() {
    let (_scene, repo) = set_up();
    let pages = home(&repo).join(".local/share/man");
    let pages = pages.to_str().unwrap();
    let step = format!("export MANPATH=\"{pages}:$MANPATH\"");
    let told = repo.pm(&["man", "--install"]).ok().out;
    assert!(told.contains(&step), "{told}");
    // As it says: `git pm --help` asks man.
    let there = repo.with("MANPATH", &format!("{pages}:"));
    let told = there.pm(&["man", "--install"]).ok().out;
    assert!(!told.contains("MANPATH"), "{told}");
    let shown = there.run("sh", &["-c", "command -v man || exit 0; man -w git-pm"]);
    assert!(shown.out.is_empty() || shown.code == 0, "{shown:?}");
    // man looks beside the folders of programs.
    let path = std::env::var("PATH").unwrap();
    let bin = home(&repo).join(".local/bin");
    let beside = repo.with("PATH", &format!("{}:{path}", bin.display()));
    let told = beside.pm(&["man", "--install"]).ok().out;
    assert!(!told.contains("MANPATH"), "{told}");
}

// ---- Records: GeneralTask/task-manager#508, steedos/steedos-platform#2525 ----

#[test]
fn the_zero_time_of_go_is_no_date() {
    let (_scene, repo) = set_up();
    let zero = "0001-01-01T00:00:00Z";
    let record = |id: &str, due: &str| {
        json!({
            "id": id, "title": id, "status": "open", "priority": 1, "issue_type": "task",
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
            "due_at": due, "closed_at": zero,
        })
    };
    let records = [record("bd-1", zero), record("bd-2", "2001-01-01T00:00:00Z")];
    let lines: String = records.iter().map(|one| format!("{one}\n")).collect();
    repo.write(".beads/issues.jsonl", &lines);
    repo.pm(&["import", "beads"]).ok();
    let shown = repo.data(&["show", "bd-1"]);
    assert_eq!(shown["status"], "open", "{shown}");
    assert!(shown["due_at"].is_null(), "{shown}");
    assert!(shown["closed_at"].is_null(), "{shown}");
    let listed = repo.pm(&["list", "due:<today"]).ok().out;
    assert!(
        listed.contains("bd-2") && !listed.contains("bd-1"),
        "{listed}"
    );
}
