//! Hooks of agents' command lines.

use serde_json::json;

use crate::support::{Repo, agent, binary, set_up};

/// The answer of the hook before a tool, or nothing.
fn pre_tool(repo: &Repo, event: &serde_json::Value) -> String {
    repo.feed(binary(), &["hook", "pre-tool"], &event.to_string())
        .ok()
        .out
}

#[test]
fn settings_keep_what_is_in_them() {
    let (_scene, repo) = set_up();
    let settings = "{\n    \"model\": \"opus\",\n    \"hooks\": {\n        \"PreToolUse\": [\n            {\"matcher\": \"Bash\", \"hooks\": [{\"type\": \"command\", \"command\": \"check\"}]}\n        ]\n    },\n    \"z\": 1.50\n}\n";
    repo.write(".claude/settings.json", settings);
    repo.write(".gemini/settings.json", "{ \"theme\": \"dark\" }\n");
    repo.pm(&["install", "hooks"]).exits(1);
    assert_eq!(repo.read(".claude/settings.json"), settings);
    repo.pm(&["install", "hooks", "--yes"]).ok();
    let new = repo.read(".claude/settings.json");
    assert!(
        new.contains("\"z\": 1.50") && new.contains("\"check\""),
        "{new}"
    );
    let read: serde_json::Value = serde_json::from_str(&new).unwrap();
    assert_eq!(
        read["hooks"]["SessionStart"][0]["hooks"][0]["command"],
        "git pm prime --hook-json"
    );
    assert_eq!(
        read["hooks"]["PreToolUse"][1]["hooks"][0]["command"],
        "git pm hook pre-tool"
    );
    let gemini: serde_json::Value =
        serde_json::from_str(&repo.read(".gemini/settings.json")).unwrap();
    assert_eq!(gemini["theme"], "dark");
    assert!(gemini["hooks"]["BeforeTool"][0]["matcher"].is_string());
    assert!(
        !repo.path.join(".codex").exists(),
        "a tool that is not used here"
    );
    let again = repo.pm(&["install", "hooks"]).ok().out;
    assert!(again.contains("installed already"), "{again}");
    repo.pm(&["install", "hooks", "--for", "codex,opencode", "-y"])
        .ok();
    let codex: serde_json::Value = serde_json::from_str(&repo.read(".codex/hooks.json")).unwrap();
    assert!(
        codex["hooks"]["PreToolUse"][0]["matcher"]
            .as_str()
            .unwrap()
            .contains("apply_patch")
    );
    assert!(
        repo.read(".opencode/plugins/git-pm.js")
            .contains("tool.execute.before")
    );
    repo.pm(&["install", "hooks", "--remove", "-y"]).ok();
    assert_eq!(repo.read(".claude/settings.json"), settings);
    assert_eq!(
        repo.read(".gemini/settings.json"),
        "{ \"theme\": \"dark\" }\n"
    );
    assert!(!repo.path.join(".codex/hooks.json").exists());
    assert!(!repo.path.join(".opencode/plugins/git-pm.js").exists());
    // A file that is not JSON stays as it is.
    repo.write(".claude/settings.json", "{ not json");
    repo.pm(&["install", "hooks", "--for", "claude", "-y"])
        .exits(1);
    assert_eq!(repo.read(".claude/settings.json"), "{ not json");
}

#[test]
fn the_hook_before_a_tool_denies_files_that_others_reserved_for_editing() {
    let (_scene, repo) = set_up();
    repo.by("Bea")
        .pm(&[
            "reserve",
            "add",
            "src/auth.rs",
            "--mode",
            "edit",
            "--ttl",
            "4h",
        ])
        .ok();
    repo.by("Bea").pm(&["reserve", "add", "docs/**"]).ok();
    let robot = agent(&repo);
    let file = |name: &str| repo.path.join(name).display().to_string();
    let claude = |path: &str| {
        json!({"hook_event_name": "PreToolUse", "cwd": repo.path, "tool_name": "Edit",
                                     "tool_input": {"file_path": path, "old_string": "a"}})
    };
    let denied: serde_json::Value =
        serde_json::from_str(&pre_tool(&robot, &claude(&file("src/auth.rs")))).unwrap();
    let out = &denied["hookSpecificOutput"];
    assert_eq!(
        (&out["hookEventName"], &out["permissionDecision"]),
        (&json!("PreToolUse"), &json!("deny"))
    );
    let reason = out["permissionDecisionReason"].as_str().unwrap();
    assert!(
        reason.contains("src/auth.rs is reserved by Bea") && reason.contains("edit mode"),
        "{reason}"
    );
    // Relative paths, also over folders that do not exist, patches, and the form of Gemini CLI.
    for path in [
        "src/../src/auth.rs",
        "nodir/../src/auth.rs",
        "./no/such/../../src/auth.rs",
    ] {
        assert!(!pre_tool(&robot, &claude(path)).is_empty(), "{path}");
    }
    let patch = json!({"hook_event_name": "PreToolUse", "cwd": repo.path, "tool_name": "apply_patch",
        "tool_input": {"command": "*** Begin Patch\n*** Add File: new.rs\n+x\n*** Update File: src/auth.rs\n@@\n*** End Patch\n"}});
    assert!(pre_tool(&robot, &patch).contains("deny"));
    let indented = json!({"cwd": repo.path, "tool_name": "apply_patch",
        "tool_input": {"patch": "*** Begin Patch\n *** Update File: src/auth.rs\n@@\n*** End Patch\n"}});
    assert!(pre_tool(&robot, &indented).contains("deny"));
    let gemini = json!({"hook_event_name": "BeforeTool", "cwd": repo.path, "tool_name": "replace",
        "tool_input": {"file_path": file("src/auth.rs")}});
    let denied: serde_json::Value = serde_json::from_str(&pre_tool(&robot, &gemini)).unwrap();
    assert_eq!(denied["decision"], "deny");
    // Everything else is allowed in silence: mode commit, other files, the holder, odd input.
    for event in [
        claude(&file("docs/guide.md")),
        claude(&file("src/main.rs")),
        claude("/etc/passwd"),
        claude("/no/such/folder/x"),
        json!({"tool_input": {"command": "ls"}}),
        json!([1, 2]),
        json!({"cwd": 7, "tool_input": {"file_path": {"a": 1}}}),
    ] {
        assert_eq!(pre_tool(&robot, &event), "", "{event}");
    }
    assert_eq!(pre_tool(&repo.by("Bea"), &claude(&file("src/auth.rs"))), "");
    let junk = repo.feed(binary(), &["hook", "pre-tool"], "not json").ok();
    assert_eq!(junk.out, "");
    let outside = repo
        .other("..")
        .feed(binary(), &["hook", "pre-tool"], &claude("x").to_string());
    assert_eq!(outside.ok().out, "");
}

#[test]
fn the_hook_before_a_tool_asks_each_worktree_once_and_follows_links() {
    let (_scene, repo) = set_up();
    let id = repo.task("T", &[]);
    repo.pm(&["start", &id]).ok();
    let there = repo.worktree(&id);
    let reserve = ["reserve", "add", "src/auth.rs", "--mode", "edit"];
    repo.by("Bea").pm(&reserve).ok();
    let mut patch = String::from("*** Begin Patch\n");
    for n in 0..60 {
        patch += &format!("*** Add File: new{n}/deep/f{n}.rs\n+x\n");
        std::fs::create_dir_all(repo.path.join(format!("new{n}/deep"))).unwrap();
    }
    let file = there.path.join("src/auth.rs");
    patch += &format!("*** Update File: {}\n@@\n", file.display());
    let event = json!({"cwd": repo.path, "tool_name": "apply_patch",
        "tool_input": {"input": patch}});
    let costs = repo.path.join(".git/costs");
    let robot = agent(&repo).with("GIT_PM_COSTS", costs.to_str().unwrap());
    let steps = |event: &serde_json::Value| {
        std::fs::write(&costs, "").unwrap();
        let answer = pre_tool(&robot, event);
        assert!(
            answer.contains("src/auth.rs is reserved by Bea"),
            "{answer}"
        );
        let spent = std::fs::read_to_string(&costs).unwrap();
        let spent: serde_json::Value = serde_json::from_str(&spent).unwrap();
        spent["index_steps"].as_u64().unwrap()
    };
    let one = json!({"cwd": repo.path, "tool_input": {"file_path": file}});
    let (one, many) = (steps(&one), steps(&event));
    assert!(many < 5 * one, "{many} steps for 61 files, {one} for one");
    // Tools shorten `link/..` in the text; the system follows the link first.
    #[cfg(unix)]
    {
        std::fs::create_dir_all(repo.path.join("a/b")).unwrap();
        std::os::unix::fs::symlink(repo.path.join("a/b"), repo.path.join("link")).unwrap();
        for path in ["link/../src/auth.rs", "link/../../src/auth.rs"] {
            let event = json!({"cwd": repo.path, "tool_input": {"file_path": path}});
            assert!(pre_tool(&robot, &event).contains("deny"), "{path}");
        }
    }
}
