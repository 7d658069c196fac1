//! The commands that repair, trust and remove, killed and failed as those of `matrix`. TM-14.

use serde_json::{Value, json};

use crate::faults::stage::{Case, Stage};
use crate::support::{Repo, forge, script_file};

#[test]
fn tm_14_an_interrupted_repair_happened_completely_or_not() {
    let stage = Stage::with_state(|stage| {
        let a = stage.at("a");
        // A damaged document, one at a wrong path, and one with an edge to a missing item.
        forge::put(&a, &forge::path_of(&a, "T-0002"), b"no document\n");
        let path = forge::path_of(&a, "T-0003");
        let text = forge::read(&a, &path);
        let edge = "depends_on: [\"T-0099-01jd4qz0r0000000000000k3f9\"]\ncreated_at:";
        let text = text.replacen("created_at:", edge, 1);
        forge::put(&a, &path, text.as_bytes());
        forge::put(
            &a,
            "tasks/77/misplaced-k3f9.md",
            forge::read(&a, &forge::path_of(&a, "T-0001")).as_bytes(),
        );
    });
    Case::new("fsck --repair", stage, &["fsck", "--repair"]).run();
}

#[test]
fn tm_14_an_interrupted_load_of_a_backup_happened_or_not() {
    let stage = Stage::with_state(|stage| {
        let (a, b) = (stage.at("a"), stage.at("b"));
        a.pm(&["task", "edit", "T-2", "--title", "As Ana says"])
            .ok();
        b.pm(&["task", "edit", "T-2", "--body", "As Ben says"]).ok();
        b.task("Of Ben", &[]);
        b.pm(&["backup", "create", "../b.bundle"]).ok();
    });
    Case::new("backup load", stage, &["backup", "load", "../b.bundle"])
        .reaching(&["git-fetch-done:1", "object-write:1", "ref-rename:1"])
        .run();
}

#[test]
fn tm_14_an_interrupted_load_into_an_empty_repository_happened_or_not() {
    let stage = Stage::new(|stage| {
        let b = stage.at("b");
        b.pm(&["init"]).ok();
        b.task("The bystander", &[]);
        b.task("Of Ben", &[]);
        b.pm(&["backup", "create", "../b.bundle"]).ok();
    });
    Case::new("backup load", stage, &["backup", "load", "../b.bundle"])
        .reaching(&["git-fetch-done:1", "ref-rename:1"])
        .run();
}

/// The items that the remote has.
fn at_the_remote(a: &Repo) -> Value {
    let hub = a.other("../hub.git");
    if hub.tip("refs/pm/main").is_empty() {
        return json!([]);
    }
    let list = ["ls-tree", "-r", "--name-only", "refs/pm/main", "tasks"];
    json!(hub.git(&list).ok().out.lines().collect::<Vec<_>>())
}

#[test]
fn tm_14_an_interrupted_restore_of_a_remote_is_completed_by_repeating_it() {
    fn end(a: &Repo) {
        a.pm(&["doctor", "--restore-remote"]).ok();
    }
    let stage = Stage::with_state(|stage| {
        let hub = stage.at("hub.git");
        hub.git(&["update-ref", "-d", "refs/pm/main"]).ok();
    });
    let args = ["doctor", "--restore-remote"];
    Case::steps("doctor --restore-remote", stage, &args, end)
        .seeing(at_the_remote)
        .reaching(&["git-push:1", "publish-pushed:1"])
        .run();
    // The remote and this clone's own ref are rewound, and another clone continued from there.
    let stage = Stage::with_state(|stage| {
        let (hub, a, b) = (stage.at("hub.git"), stage.at("a"), stage.at("b"));
        let old = a.tip("refs/pm/main");
        a.task("Lost", &[]);
        a.pm(&["sync"]).ok();
        hub.git(&["update-ref", "refs/pm/main", &old]).ok();
        b.pm(&["task", "edit", "T-2", "--body", "As Ben says"]).ok();
        b.pm(&["sync"]).ok();
        a.git(&["update-ref", "refs/pm/main", &old]).ok();
    });
    Case::steps(
        "doctor --restore-remote of a rewound one",
        stage,
        &args,
        end,
    )
    .seeing(at_the_remote)
    .reaching(&["git-push:1", "publish-pushed:1", "ref-rename:1"])
    .run();
}

/// The configuration of hooks and fetches.
fn set_up(a: &Repo) -> Value {
    let mut hooks = Vec::new();
    for folder in [".git/hooks", ".git/pm/hooks", ".husky"] {
        let entries = std::fs::read_dir(a.path.join(folder));
        for entry in entries.into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.ends_with(".sample") {
                let text = std::fs::read_to_string(entry.path()).unwrap();
                hooks.push(format!("{folder}/{name}: {text}"));
            }
        }
    }
    hooks.sort();
    let config = a.git(&["config", "--local", "--list"]).ok().out;
    let mut config: Vec<&str> = config.lines().collect();
    config.sort_unstable();
    json!({"hooks": hooks, "config": config})
}

fn uninstall_again(a: &Repo) {
    a.pm(&["uninstall"]).ok();
}

#[test]
fn tm_14_an_interrupted_uninstall_is_completed_by_repeating_it() {
    let stage = Stage::with_state(|stage| {
        let a = stage.at("a");
        a.pm(&["uninstall"]).ok();
        for name in ["pre-commit", "pre-push"] {
            script_file(&a.path.join(".git/hooks").join(name), "exit 0 # mine");
        }
        a.pm(&["init"]).ok();
    });
    Case::steps("uninstall", stage, &["uninstall"], uninstall_again)
        .seeing(set_up)
        .reaching(&["hook-remove:1", "hook-move:2", "git-config:1"])
        .run();
}

#[test]
fn tm_14_an_interrupted_uninstall_with_chained_hooks_is_completed_by_repeating_it() {
    let stage = Stage::with_state(|stage| {
        let a = stage.at("a");
        a.write(".husky/pre-commit", "#!/bin/sh\nexit 0\n");
        a.commit_all("Hooks");
        a.git(&["config", "core.hooksPath", ".husky"]).ok();
        a.pm(&["init"]).ok();
    });
    Case::steps("uninstall", stage, &["uninstall"], uninstall_again)
        .seeing(set_up)
        .reaching(&["hook-remove:1", "git-config:1"])
        .run();
}

/// What is trusted: the present file, and the previous one.
fn trusted(a: &Repo) -> Value {
    let mut all = Vec::new();
    let now = a.read(".pm.toml");
    for text in [now.as_str(), "[gates]\ntest = \"true\"\n"] {
        a.write(".pm.toml", text);
        all.push(a.data(&["trust"])["trusted"].clone());
    }
    a.write(".pm.toml", &now);
    json!(all)
}

#[test]
fn tm_14_an_interrupted_trust_happened_or_not() {
    let prepare = |stage: &Stage| {
        let a = stage.at("a");
        a.write(".pm.toml", "[gates]\ntest = \"true\"\n");
        a.pm(&["trust", "--yes"]).ok();
        a.write(".pm.toml", "[gates]\ntest = \"false\"\n");
        a.commit_all("Gates");
    };
    Case::new("trust", Stage::with_state(prepare), &["trust", "--yes"])
        .seeing(trusted)
        .reaching(&["trust-write:1", "trust-rename:1"])
        .run();
    let both = |stage: &Stage| {
        prepare(stage);
        stage.at("a").pm(&["trust", "--yes"]).ok();
    };
    Case::new(
        "trust --revoke",
        Stage::with_state(both),
        &["trust", "--revoke"],
    )
    .seeing(trusted)
    .reaching(&["trust-write:1", "trust-rename:1"])
    .run();
}

/// The worktrees, and the uncommitted work that was saved.
fn worktrees(a: &Repo) -> Value {
    let list = a.git(&["worktree", "list", "--porcelain"]).ok().out;
    let places: Vec<&str> = list.lines().filter(|l| l.starts_with("worktree")).collect();
    let saved = a.git(&["for-each-ref", "--format=%(tree)", "refs/pm-local/saved"]);
    let saved = saved.ok().out;
    // The remaining files may be saved once more later.
    let whole = saved.lines().any(|tree| {
        let files = a.git(&["ls-tree", "-r", "--name-only", tree]).ok().out;
        ["draft.txt", "src/auth.rs"]
            .iter()
            .all(|name| files.contains(name))
    });
    json!({"places": places, "saved": whole})
}

#[test]
fn tm_14_an_interrupted_removal_of_worktrees_is_completed_by_the_next_gc() {
    fn end(a: &Repo) {
        a.pm(&["worktree", "gc", "--force"]).ok();
    }
    let stage = Stage::with_state(|stage| {
        let a = stage.at("a");
        for id in ["T-2", "T-3"] {
            a.pm(&["start", id]).ok();
            let work = a.worktree(id);
            a.pm(&["task", "cancel", id]).ok();
            if id == "T-3" {
                work.write("draft.txt", "not committed\n");
            }
        }
    });
    let args = ["worktree", "gc", "--force"];
    Case::steps("worktree gc", stage, &args, end)
        .seeing(worktrees)
        .reaching(&[
            "worktree-remove:2",
            "worktree-empty:2",
            "git-update-ref-done:1",
            "git-worktree-done:1",
        ])
        .run();
}
