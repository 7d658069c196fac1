//! One command that work has to pass (a gate) or that reports about it (a reviewer), and when it applies.

pub(crate) mod agent_files;
pub mod checklist_rule;
pub(crate) mod forge_rule;
pub(crate) mod gates_to_run;
mod table_values;
pub mod trust;
pub(crate) mod worktree_rule;

use std::fmt;
use std::path::Path;

use toml_edit::Item;

use self::table_values::{Values, texts};
use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::reserve::pattern::overlap::Case;
use crate::model::text::spelled;

/// A gate of this clone's configuration, or a gate or reviewer of a trusted `.pm.toml`.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    /// Its name.
    pub name: String,
    /// The command line, for the shell.
    pub run: String,
    /// The longest time in seconds, 0 for no limit; `pm.commandTimeout` if none.
    pub timeout: Option<u64>,
    /// It applies to work that changes one of these; to all work if there are none.
    pub paths: Vec<Pattern>,
    /// False if work may fail it, with a notice.
    pub required: bool,
    /// Set if it has to fail on the tests alone, which the work commits first.
    pub tests_first: bool,
}

impl Gate {
    /// A gate of a name and a command.
    pub(crate) fn new(name: &str, run: &str) -> Gate {
        Gate {
            name: name.to_string(),
            run: run.to_string(),
            timeout: None,
            paths: Vec::new(),
            required: true,
            tests_first: false,
        }
    }

    /// A gate or reviewer (`kind`) as `.pm.toml` has it: a command, or a table with `run`. The error says
    /// what is wrong.
    pub(crate) fn read(kind: &str, name: &str, item: &Item) -> Result<Gate, String> {
        if let Some(run) = item.as_str() {
            return Ok(Gate::new(name, run));
        }
        let table = item.as_table_like().ok_or_else(|| {
            format!("the {kind} `{name}` must be a command, or a table with `run = \"COMMAND\"`")
        })?;
        let run = table.get("run").and_then(Item::as_str);
        let run = run.ok_or_else(|| format!("the {kind} `{name}` has no `run = \"COMMAND\"`"))?;
        let of = format!(" of the {kind} `{name}`");
        let keys = ["run", "timeout", "paths", "required", "tests_first"];
        let keys = match kind {
            "gate" => &keys[..],
            _ => &keys[..4],
        };
        let values = Values::of(table, ("", &of), keys)?;
        let seconds = |item: &Item| u64::try_from(item.as_integer()?).ok();
        let mut gate = Gate::new(name, run);
        gate.timeout = values.get("timeout", "a number of seconds", seconds)?;
        let paths = values.get("paths", "a list of patterns", texts)?;
        for path in paths.unwrap_or_default() {
            let pattern = Pattern::parse(&path, "");
            let pattern = pattern.map_err(|error| format!("`paths`{of}: {error}"))?;
            gate.paths.push(pattern);
        }
        gate.required = values.flag("required")?.unwrap_or(true);
        gate.tests_first = values.flag("tests_first")?.unwrap_or(false);
        Ok(gate)
    }
}

/// The programs that only read the files that a command names, and those that read none.
const READERS: [&str; 21] = [
    "test", "[", "[[", "echo", "printf", "cat", "grep", "egrep", "fgrep", "head", "tail", "wc",
    "ls", "cmp", "diff", "stat", "true", "false", "exit", "sleep", "cd",
];

/// The programs that run a file of a fixed name, wherever they look for it.
const BUILD_FILES: [(&str, &[&str]); 7] = [
    ("make", &["makefile", "gnumakefile"]),
    ("just", &["justfile", ".justfile"]),
    ("rake", &["rakefile", "rakefile.rb"]),
    ("npm", &["package.json", ".npmrc"]),
    ("pnpm", &["package.json", ".npmrc"]),
    ("yarn", &["package.json", ".yarnrc", ".yarnrc.yml"]),
    ("bun", &["package.json", "bunfig.toml"]),
];

/// The words of the shell that are no commands.
const OF_SHELL: [&str; 11] = [
    "", "!", "if", "then", "elif", "else", "fi", "while", "until", "do", "done",
];

impl Gate {
    /// True if the gate applies to work that changes these paths.
    pub(crate) fn applies_to(&self, changed: &[String]) -> bool {
        // A clone whose files have no case checks `SRC/x` out into `src`.
        let is_changed = |path: &Pattern| changed.iter().any(|n| path.matches(n, Case::Folded));
        self.paths.is_empty() || self.paths.iter().any(is_changed)
    }

    /// True if the command names a file, and may run it: it runs anything but programs that only
    /// read files. The path begins at the top, or in a folder that the command names as well.
    pub(crate) fn may_run(&self, path: &str) -> bool {
        let words = self.named();
        let path = path.to_lowercase();
        let is = |word: &String, path: &str| match word.contains(['*', '?', '[']) {
            true => Pattern::parse(word, "").is_ok_and(|one| one.matches(path, Case::Folded)),
            // `node tests/run` runs `tests/run.js`, and an absolute path leads to the top folder.
            false => {
                let (word, stem) = (word.to_lowercase(), Path::new(path).with_extension(""));
                let stem = word.contains('/') && stem == Path::new(&word);
                let below = word.starts_with('/') && word.ends_with(&format!("/{path}"));
                word == path || stem || below
            }
        };
        let is_named = |path: &str| words.iter().any(|word| is(word, path));
        let mut cuts = path.match_indices('/').map(|(at, _)| at);
        let file = path.rsplit('/').next().unwrap_or_default();
        let is_built = |(program, files): &(&str, &[&str])| {
            let mut words = words.iter().map(|word| word.rsplit('/').next());
            files.contains(&file) && words.any(|word| word == Some(program))
        };
        is_named(&path)
            || cuts.any(|at| is_named(&path[..at]) && is_named(&path[at + 1..]))
            || BUILD_FILES.iter().any(is_built)
    }

    /// The words that may name files, relative to the top where that can be told; none if the command
    /// only reads files.
    pub(crate) fn named(&self) -> Vec<String> {
        if only_reads(&self.run) {
            return Vec::new();
        }
        let split = |c: char| c.is_whitespace() || "`;&|()<>{}=,:".contains(c);
        // `./a`, `b/../a`, `/a` after the name of the top folder, `$TOP/a`.
        let plain = |word: &str| -> String {
            let mut parts = Vec::new();
            for part in word.split('/') {
                match part {
                    "" | "." => {}
                    ".." => _ = parts.pop(),
                    part if part.starts_with('$') => {}
                    part => parts.push(part),
                }
            }
            let top = if word.starts_with('/') { "/" } else { "" };
            format!("{top}{}", parts.join("/"))
        };
        // `"not"ify.sh`
        let unquoted = self.run.replace(['"', '\'', '\\'], "");
        unquoted.split(split).map(plain).collect()
    }
}

/// True if a command line runs nothing but [`READERS`].
fn only_reads(line: &str) -> bool {
    let mut commands = line.split([';', '&', '|', '(', '{', '}', '\n']);
    !line.contains('`')
        && commands.all(|command| {
            // What follows `)` is the rest of a word, or of the words after a command.
            let words = command.split(')').next().unwrap_or_default();
            let words = words.split_whitespace();
            let mut words = words.map(|word| word.trim_matches(['"', '\'']));
            let is_set = |word: &str| word.contains('=') && !word.contains('/');
            let first = words.find(|word| !OF_SHELL.contains(word) && !is_set(word));
            first.is_none_or(|word| READERS.contains(&word))
        })
}

/// The command with its conditions, on one line.
impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", spelled(&self.run))?;
        let mut more = Vec::new();
        if let Some(seconds) = self.timeout {
            more.push(format!("at most {seconds} seconds"));
        }
        if !self.paths.is_empty() {
            let paths = self.paths.iter().map(|path| spelled(path.text()));
            more.push(format!("for {}", paths.collect::<Vec<_>>().join(", ")));
        }
        if !self.required {
            more.push("advisory".into());
        }
        if self.tests_first {
            more.push("tests first".into());
        }
        match more.is_empty() {
            true => Ok(()),
            false => write!(f, " ({})", more.join("; ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Gate, String> {
        let file: toml_edit::DocumentMut = text.parse().unwrap();
        Gate::read("gate", "test", &file["gates"]["test"])
    }

    #[test]
    fn a_gate_is_a_command_or_a_table() {
        assert_eq!(read("gates.test = \"make\"").unwrap().to_string(), "make");
        let all = "[gates.test]\nrun = \"make\"\ntimeout = 60\npaths = [\"src/**\", \"a b\"]\n\
                   required = false\ntests_first = true\n";
        assert_eq!(
            read(all).unwrap().to_string(),
            "make (at most 60 seconds; for src/**, a b; advisory; tests first)"
        );
    }

    #[test]
    fn a_command_may_run_the_files_that_it_names() {
        for (run, path) in [
            ("./ci.sh", "ci.sh"),
            ("sh ci/./test.sh --fast", "ci/test.sh"),
            ("make -f ci.mk", "ci.mk"),
            ("cd ci && ./test.sh", "ci/test.sh"),
            ("make -C tools --makefile=ci.mk", "tools/ci.mk"),
            ("sh \"$(git rev-parse --show-toplevel)/ci.sh\"", "ci.sh"),
            ("$PWD/ci.sh", "ci.sh"),
            ("${PWD}/ci.sh", "ci.sh"),
            ("for t in ci/*.sh; do sh \"$t\"; done", "ci/a.sh"),
            ("cat ci.sh | sh", "ci.sh"),
            ("test -x ci.sh && ci.sh", "ci.sh"),
            ("x=`cat ci.sh`; eval $x", "ci.sh"),
            ("X=1 ./ci.sh", "CI.sh"),
            ("test \"$(sh ci.sh)\"", "ci.sh"),
            ("(ci.sh)", "ci.sh"),
            ("sh /home/ana/app/ci.sh", "ci.sh"),
            ("sh tests/../ci.sh", "ci.sh"),
            ("sh \"ci\".sh", "ci.sh"),
            ("sh c\\i.sh", "ci.sh"),
            ("node tests/run", "tests/run.js"),
            ("make -s -C tools", "tools/GNUmakefile"),
            ("npm test", "package.json"),
        ] {
            assert!(Gate::new("test", run).may_run(path), "{run}: {path}");
        }
        for (run, path) in [
            ("cargo test", "src/main.rs"),
            ("pytest tests", "tests/test_a.py"),
            ("! grep -rq EVIL src/b.txt", "src/b.txt"),
            ("test -f ok.txt || { echo no; exit 9; }", "ok.txt"),
            (
                "n=$(ls part-* 2>/dev/null | wc -l); c=$(cat count); test $n -le $c",
                "count",
            ),
            ("test \"$(cat a.txt)\" = a", "a.txt"),
            ("if test -e a; then cat a; fi", "a"),
            ("./ci.sh", "ci/ci.sh"),
        ] {
            assert!(!Gate::new("test", run).may_run(path), "{run}: {path}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (text, why) in [
            ("gates.test = 1", "must be a command"),
            ("gates.test = { timeout = 1 }", "has no `run"),
            (
                "gates.test = { run = \"a\", timeout = -1 }",
                "a number of seconds",
            ),
            (
                "gates.test = { run = \"a\", paths = \"b\" }",
                "a list of patterns",
            ),
            (
                "gates.test = { run = \"a\", paths = [\"!b\"] }",
                "`paths` of the gate",
            ),
            (
                "gates.test = { run = \"a\", required = 1 }",
                "true or false",
            ),
            (
                "gates.test = { run = \"a\", advisory = true }",
                "unknown key `advisory`",
            ),
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }
}
