//! Slash commands of agents' command lines.

use crate::support::set_up;

// CM-17, CM-12, CM-09: the files only call the command line, and every command in them exists.
#[test]
fn cm_17_slash_commands_call_only_commands_that_exist() {
    let (scene, repo) = set_up();
    let codex = scene.dir.path().join("codex");
    let repo = repo.with("CODEX_HOME", codex.to_str().unwrap());
    repo.pm(&["install", "slash", "--for", "claude,gemini,codex,opencode"])
        .exits(1);
    assert!(!repo.path.join(".claude").exists() && !codex.exists());
    let report = repo.data(&[
        "install",
        "slash",
        "--for",
        "claude,gemini,codex,opencode",
        "--yes",
    ]);
    let files = report["files"].as_array().unwrap();
    assert!(files.len() >= 4 * 19, "{}", files.len());
    let verbs = repo.data(&["help", "--verbs"]);
    let verbs: Vec<&str> = verbs["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_str().unwrap())
        .collect();
    let mut texts: Vec<String> = files
        .iter()
        .map(|f| repo.read(f["path"].as_str().unwrap()))
        .collect();
    texts.push(repo.pm(&["install", "agents", "--print"]).ok().out);
    for text in texts {
        let typed = text
            .split("git pm ")
            .skip(1)
            .filter(|rest| !rest.starts_with("install "));
        for rest in typed {
            let end = rest.find(['`', '\n', '#', '"', ')']).unwrap_or(rest.len());
            let command = rest[..end].trim();
            let exists = verbs
                .iter()
                .any(|verb| command == *verb || command.starts_with(&format!("{verb} ")));
            assert!(
                exists || command.starts_with("help"),
                "`git pm {command}` does not exist"
            );
            // Its options exist, too.
            let words: Vec<&str> = command.split_whitespace().collect();
            let verb: Vec<&str> = words
                .iter()
                .copied()
                .take_while(|w| w.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
                .filter(|w| !w.starts_with('-'))
                .collect();
            let help = repo.pm(&[&["help"], &verb[..]].concat()).ok().out;
            for option in words.iter().filter(|w| w.starts_with("--")) {
                assert!(help.contains(*option), "`git pm {command}`: no {option}");
            }
        }
    }
    for path in [
        ".claude/commands/pm/next.md",
        ".claude/commands/ce-plan.md",
        ".claude/commands/lfg.md",
        ".gemini/commands/pm/next.toml",
        ".opencode/commands/pm-next.md",
    ] {
        assert!(repo.path.join(path).is_file(), "{path}");
    }
    assert!(codex.join("prompts/pm-next.md").is_file());
    // CM-12, CM-09: what each of them runs.
    for (file, command) in [
        ("ce-plan", "git pm plan write"),
        ("ce-exec", "git pm next --claim"),
        ("ce-review", "git pm review"),
        ("ce-pr", "git pm finish"),
        ("pm/preflight", "git pm preflight"),
        ("pm/postflight", "git pm postflight"),
        ("pm/deep-review", "git pm deep-review"),
    ] {
        let text = repo.read(&format!(".claude/commands/{file}.md"));
        assert!(text.contains(command), "{file}: {text}");
    }
    repo.pm(&["install", "slash"]).ok();
    // An edited one stays unless forced.
    let path = ".opencode/commands/pm-next.md";
    let edited = repo.read(path) + "Be brief.\n";
    repo.write(path, &edited);
    let tool = ["install", "slash", "--for", "opencode", "-y"];
    for verb in [&[][..], &["--remove"]] {
        let out = repo.pm(&[&tool[..], verb].concat()).ok().out;
        assert!(out.contains("pm-next.md was edited"), "{out}");
        assert_eq!(repo.read(path), edited);
    }
    repo.pm(&[&tool[..], &["--force"]].concat()).ok();
    assert!(!repo.read(path).contains("Be brief"));
    // A command of the user's own is never replaced or removed unasked.
    repo.write(".claude/commands/lfg.md", "mine\n");
    repo.pm(&["install", "slash", "--for", "claude", "-y"])
        .exits(1);
    repo.pm(&[
        "install",
        "slash",
        "--remove",
        "--for",
        "claude,gemini,codex,opencode",
        "-y",
    ])
    .ok();
    assert_eq!(repo.read(".claude/commands/lfg.md"), "mine\n");
    assert!(!repo.path.join(".claude/commands/pm").exists());
    assert!(!codex.join("prompts/pm-next.md").exists());
    repo.pm(&["install", "slash", "--for", "claude", "--force", "-y"])
        .ok();
    assert!(
        repo.read(".claude/commands/lfg.md")
            .contains("git pm next --claim")
    );
}
