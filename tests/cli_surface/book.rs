//! The book in docs/book: its reference of the commands is generated from them, and its other pages
//! name only commands and options that exist.

use std::fmt::Write as _;

use serde_json::Value;

use super::{document, pages, root, run, stdout};

fn tree() -> Value {
    document(&run(&["help", "--all", "--json"]))["data"].clone()
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// A text without Markdown except code.
fn plain(text: &str) -> String {
    let part = |(n, part): (usize, &str)| match n % 2 {
        0 => part
            .chars()
            .flat_map(|c| "<*_[|".contains(c).then_some('\\').into_iter().chain([c]))
            .collect(),
        _ => part.to_string(),
    };
    let parts: Vec<String> = text.split('`').enumerate().map(part).collect();
    parts.join("`")
}

fn options(page: &mut String, options: &[Value]) {
    for option in options {
        let short = option["short"].as_str().map(|short| format!("`{short}`, "));
        let mut notes = Vec::new();
        match text(option, "type") {
            "bool" | "string" => {}
            "choice" => notes.push(
                list(option, "choices")
                    .iter()
                    .map(|choice| format!("`{}`", choice.as_str().unwrap_or_default()))
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
            kind => notes.push(kind.to_string()),
        }
        if let Some(default) = option["default"].as_str() {
            notes.push(format!("`{default}` by default"));
        }
        let notes = match notes.is_empty() {
            true => String::new(),
            false => format!(" ({})", notes.join("; ")),
        };
        let (name, summary) = (text(option, "name"), plain(text(option, "summary")));
        let short = short.unwrap_or_default();
        let _ = writeln!(page, "- {short}`{name}`: {summary}{notes}");
    }
}

fn section(page: &mut String, command: &Value) {
    let name = text(command, "name");
    let summary = plain(text(command, "summary"));
    let _ = write!(page, "\n## git pm {name}\n\n{summary}.\n");
    let mut usage = format!("git pm {name}");
    for argument in list(command, "args") {
        let dots = if argument["many"] == true { "..." } else { "" };
        let name = text(argument, "name");
        let _ = match argument["required"] == true {
            true => write!(usage, " <{name}>{dots}"),
            false => write!(usage, " [{name}]{dots}"),
        };
    }
    let _ = write!(page, "\n```text\n{usage}\n```\n\n");
    options(page, list(command, "args"));
    options(page, list(command, "flags"));
    let examples: Vec<&str> = list(command, "examples")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    if !examples.is_empty() {
        let _ = write!(page, "\n```text\n{}\n```\n", examples.join("\n"));
    }
}

/// The pages: one for each subject of `help --all`, and the first one.
fn reference() -> Vec<(String, String)> {
    let (help, tree) = (stdout(&run(&["help", "--all"])), tree());
    let mut index = String::from(
        "# All commands\n\nGenerated from the program. `git pm help COMMAND` says more about each.\n",
    );
    let mut groups: Vec<(String, String)> = Vec::new();
    let lines = help.lines();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with("hint: ")) {
        let Some(line) = line.strip_prefix("  ") else {
            let file = format!("{}.md", line.to_lowercase().replace(' ', "-"));
            let _ = write!(index, "\n## [{line}]({file})\n\n");
            groups.push((file, format!("# {line}\n")));
            continue;
        };
        let (file, page) = groups.last_mut().expect("a subject");
        let listed = line.split("  ").next().unwrap_or_default();
        for command in list(&tree, "commands") {
            let name = text(command, "name");
            if name == listed {
                section(page, command);
                let anchor = name.replace(' ', "-");
                let summary = plain(text(command, "summary"));
                let _ = writeln!(index, "- [`{name}`]({file}#git-pm-{anchor}): {summary}");
            }
        }
    }
    index.push_str("\n## Options of every command\n\n");
    options(&mut index, list(&tree, "globals"));
    groups.push(("index.md".to_string(), index));
    groups.sort();
    groups
}

#[test]
fn the_reference_of_the_book_is_up_to_date() {
    let fresh = reference();
    let sections: usize = fresh
        .iter()
        .map(|page| page.1.matches("\n## git pm ").count())
        .sum();
    assert_eq!(sections, super::verbs().len(), "each command is in a group");
    let folder = root().join("docs/book/src/reference");
    if std::env::var_os("GIT_PM_BLESS").is_some() {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("the folder");
        for (name, page) in &fresh {
            std::fs::write(folder.join(name), page).expect("a page");
        }
    }
    assert!(
        fresh == pages(&folder),
        "GIT_PM_BLESS=1 rewrites docs/book/src/reference"
    );
}

/// The command lines in a page: its code, from each `git pm` on.
fn lines(page: &str) -> Vec<String> {
    page.split('`')
        .skip(1)
        .step_by(2)
        .flat_map(str::lines)
        .flat_map(|line| line.split("git pm ").skip(1))
        .map(|line| {
            let end = line
                .find([';', '|', '&', '#', ')', '…', '·'])
                .unwrap_or(line.len());
            line[..end].trim_end_matches('\'').to_string()
        })
        .collect()
}

#[test]
fn the_book_names_commands_and_options_that_exist() {
    let tree = tree();
    let source = root().join("docs/book/src");
    let mut checked = 0;
    let files = ["", "moving"].map(|folder| std::fs::read_dir(source.join(folder)).expect("pages"));
    for file in files.into_iter().flatten() {
        let file = file.expect("an entry").path();
        if file.extension().is_some_and(|end| end == "md") {
            let page = std::fs::read_to_string(&file).expect("a page");
            let file = file.display();
            for line in lines(&page) {
                let words: Vec<&str> = line.split_whitespace().collect();
                let typed = |name: &str| {
                    let name: Vec<&str> = name.split(' ').collect();
                    words.starts_with(&name)
                };
                let commands = list(&tree, "commands").iter();
                let command = commands
                    .filter(|command| typed(text(command, "name")))
                    .max_by_key(|command| text(command, "name").len());
                let is_group = || {
                    let start = format!("{} ", words.join(" "));
                    super::verbs().iter().any(|verb| verb.starts_with(&start))
                };
                let is_option_first = words.first().is_none_or(|word| word.starts_with('-'));
                assert!(
                    command.is_some() || is_option_first || is_group(),
                    "{file}: there is no `git pm {line}`"
                );
                let flags = |of: &Value, key: &str| {
                    let names = list(of, key)
                        .iter()
                        .map(|flag| text(flag, "name").to_string());
                    names.collect::<Vec<_>>()
                };
                let mut known = flags(&tree, "globals");
                known.extend(command.into_iter().flat_map(|one| flags(one, "flags")));
                for word in words.iter().filter(|word| word.starts_with("--")) {
                    let name = word.split('=').next().unwrap_or(word);
                    let is_known = known.iter().any(|flag| flag == name);
                    assert!(
                        is_known || ["--", "--help"].contains(&name),
                        "{file}: `git pm {line}` has no {name}"
                    );
                }
                checked += 1;
            }
        }
    }
    assert!(checked > 50, "{checked}");
}

/// The pages whose blocks of `sh` are run.
const RUN: [&str; 8] = [
    "tour",
    "cookbook",
    "moving/agent-mail",
    "moving/backlog",
    "moving/beads",
    "moving/ccpm",
    "moving/csv",
    "moving/task-master",
];

/// A page's `sh` blocks are one script in an empty folder. What its `text` blocks show is printed, but for
/// lines with `…`.
#[test]
fn the_commands_of_the_book_do_what_it_shows() {
    std::thread::scope(|scope| {
        for page in RUN {
            scope.spawn(move || run_page(page));
        }
    });
}

fn run_page(page: &str) {
    let source = root().join(format!("docs/book/src/{page}.md"));
    let (mut script, mut shown) = (String::from("set -e\nexec 2>&1\n"), Vec::new());
    let mut block = None;
    for line in std::fs::read_to_string(source).expect(page).lines() {
        match (block.take(), line.strip_prefix("```")) {
            (None, kind) => block = kind.map(str::to_string),
            (Some(_), Some(_)) => {}
            (Some(kind), None) => {
                match kind.as_str() {
                    "sh" => script.push_str(&format!("{line}\n")),
                    "text" if !line.contains('…') => shown.push(line.to_string()),
                    _ => {}
                }
                block = Some(kind);
            }
        }
    }
    assert!(script.contains("git pm "), "{page} runs nothing");
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("work");
    std::fs::create_dir(&folder).expect("a folder");
    let settings = "[user]\nname = Ana\nemail = ana@example.org\n[init]\ndefaultBranch = main\n\
        [protocol \"file\"]\nallow = always\n";
    std::fs::write(home.path().join(".gitconfig"), settings).expect("settings");
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_git-pm"));
    let mut path = program.parent().expect("a folder").as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .env_clear()
        .envs([
            ("PATH", path.as_os_str()),
            ("HOME", home.path().as_os_str()),
        ])
        .envs([
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("LC_ALL", "C.UTF-8"),
            ("TZ", "UTC"),
        ])
        .current_dir(&folder)
        .stdin(std::process::Stdio::null())
        .output()
        .expect("sh starts");
    let printed = stdout(&output);
    assert!(output.status.success(), "{page}: {printed}");
    for line in shown {
        let is_there = printed.lines().any(|one| one.trim_end() == line.trim_end());
        assert!(is_there, "{page}: `{line}` is not printed:\n{printed}");
    }
}
