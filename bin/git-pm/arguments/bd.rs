//! The arguments of the program called bd: its commands and options become those of git pm. An
//! option or command that has no counterpart is an error that names what to use instead.

use std::ffi::OsString;

use git_pm::{Error, Result};

use super::bd_instead::INSTEAD;

/// The command lines of git pm for one of bd, without the program's name. They run one after the
/// other until one fails.
pub fn commands(given: &[OsString]) -> Result<Vec<Vec<String>>> {
    let mut words = Vec::new();
    for word in given {
        let text = word
            .to_str()
            .ok_or_else(|| Error::usage("bd accepts only UTF-8 arguments"))?;
        words.push(text.to_string());
    }
    let mut line = Line::read(words)?;
    let Some(verb) = line.take_verb() else {
        return Ok(vec![line.of(&["issue", "--help"])]);
    };
    line.translated(&verb)
}

/// Options of bd that have no meaning without its daemon and database.
const MEANINGLESS: &[&str] = &[
    "--no-daemon",
    "--no-db",
    "--no-auto-flush",
    "--no-auto-import",
    "--allow-stale",
];

/// The same with a value.
const MEANINGLESS_WITH_VALUE: &[&str] = &["--db", "--lock-timeout", "--dolt-auto-commit"];

/// The verbs of bd that are commands of their own here, with these commands.
const COMMANDS: &[(&str, &str)] = &[
    ("init", "init"),
    ("sync", "sync"),
    ("dolt", "sync"),
    ("prime", "prime"),
    ("onboard", "install"),
    ("setup", "install"),
    ("quickstart", "issue"),
    ("hooks", "hook"),
    ("status", "status"),
    ("info", "status"),
    ("where", "status"),
    ("config", "config"),
    ("mail", "msg"),
    ("history", "log"),
    ("find-duplicates", "suggest"),
    ("export", "export beads"),
    ("import", "import beads"),
];

/// True if standard input is a pipe or a file, whose records a command without a file would ignore.
#[cfg(unix)]
fn input_is_given() -> bool {
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileTypeExt;
    let owned = std::io::stdin().as_fd().try_clone_to_owned();
    let kind = owned.and_then(|input| std::fs::File::from(input).metadata());
    kind.is_ok_and(|kind| kind.file_type().is_fifo() || kind.is_file())
}

#[cfg(not(unix))]
fn input_is_given() -> bool {
    false
}

/// A command line of bd.
struct Line {
    /// Options of git pm for the whole line.
    globals: Vec<String>,
    /// Set by `--json`.
    json: bool,
    rest: Vec<String>,
}

impl Line {
    fn read(words: Vec<String>) -> Result<Line> {
        let mut line = Line {
            globals: Vec::new(),
            json: false,
            rest: Vec::new(),
        };
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let name = word.split('=').next().unwrap_or_default();
            match name {
                "--" => {
                    line.rest.push(word);
                    line.rest.extend(words);
                    break;
                }
                "--json" => line.json = true,
                "--sandbox" => line.globals.push("--offline".into()),
                "--actor" => {
                    line.globals.push(word.replacen("--actor", "--as", 1));
                    if !word.contains('=') {
                        line.globals.extend(words.next());
                    }
                }
                "--readonly" => {
                    return Err(Error::usage("git pm has no --readonly").hint(
                        "read-only commands never write; `--sandbox` works without the network",
                    ));
                }
                name if MEANINGLESS.contains(&name) => {}
                name if MEANINGLESS_WITH_VALUE.contains(&name) => {
                    if !word.contains('=') {
                        words.next();
                    }
                }
                _ => line.rest.push(word),
            }
        }
        Ok(line)
    }

    /// Takes the first word that is not an option.
    fn take_verb(&mut self) -> Option<String> {
        let verb = match self.rest.first().map(String::as_str) {
            Some("--version" | "-V") => Some("version"),
            Some("--help" | "-h") => Some("help"),
            _ => None,
        };
        if let Some(verb) = verb {
            self.rest.remove(0);
            return Some(verb.into());
        }
        let at = self.rest.iter().position(|word| !word.starts_with('-'))?;
        Some(self.rest.remove(at))
    }

    /// Takes an option without a value.
    fn take(&mut self, option: &str) -> bool {
        let before = self.rest.len();
        self.rest.retain(|word| word != option);
        self.rest.len() < before
    }

    /// Takes an option with its value.
    fn take_value(&mut self, option: &str) -> Option<String> {
        let with = format!("{option}=");
        if let Some(at) = self.rest.iter().position(|word| word.starts_with(&with)) {
            return Some(self.rest.remove(at)[with.len()..].to_string());
        }
        let at = self.rest.iter().position(|word| word == option)?;
        self.rest.remove(at);
        (at < self.rest.len()).then(|| self.rest.remove(at))
    }

    /// A command line of git pm with the global options and git pm's own JSON.
    fn of(&self, command: &[&str]) -> Vec<String> {
        let json = self.json.then(|| "--json".to_string());
        let words = command.iter().map(ToString::to_string);
        self.globals
            .iter()
            .cloned()
            .chain(json)
            .chain(words)
            .collect()
    }

    /// The same with all other arguments.
    fn with_rest(self, command: &[&str]) -> Vec<String> {
        let mut out = self.of(command);
        out.extend(self.rest);
        out
    }

    /// A command of `git pm issue`, which prints beads' JSON.
    fn issue(mut self, command: &[&str]) -> Vec<String> {
        let shape: &[&str] = match std::mem::take(&mut self.json) {
            true => &["issue", "--format", "beads"],
            false => &["issue"],
        };
        self.with_rest(&[shape, command].concat())
    }

    /// A command line without other arguments: those that are left have no counterpart.
    fn alone(self, verb: &str, command: &[&str]) -> Result<Vec<Vec<String>>> {
        if let Some(left) = self.rest.first() {
            let word = left.split('=').next().unwrap_or_default();
            let error = Error::usage(format!("git pm has no `bd {verb} {word}`"));
            let error = match COMMANDS.iter().find(|(name, _)| *name == verb) {
                Some((_, own)) => error.hint(format!("`git pm help {own}` lists the options here")),
                None => error,
            };
            return Err(error
                .because("bd.unsupported")
                .hint("`man git-pm-beads` lists the differences from beads"));
        }
        Ok(vec![self.of(command)])
    }

    /// `sync`: what only moves data between a file and a database has nothing to do here, since
    /// each change is in the state at once.
    fn sync(mut self) -> Result<Vec<Vec<String>>> {
        let reads = [
            "--status",
            "--check",
            "--dry-run",
            "--flush-only",
            "--import-only",
        ];
        let mut only_reads = false;
        for option in reads {
            only_reads |= self.take(option);
        }
        // A message for a commit of the file.
        self.take_value("--message")
            .or_else(|| self.take_value("-m"));
        self.take("--full");
        let (no_push, no_pull) = (self.take("--no-push"), self.take("--no-pull"));
        let command = match (only_reads || (no_push && no_pull), no_push, no_pull) {
            (true, ..) => "status",
            (false, true, _) => "pull",
            (false, _, true) => "push",
            (false, ..) => "sync",
        };
        self.alone("sync", &[command])
    }

    /// `dolt pull` and `dolt push`; `dolt commit` has nothing to do.
    fn dolt(mut self) -> Result<Vec<Vec<String>>> {
        let verb = match self.rest.is_empty() {
            true => String::new(),
            false => self.rest.remove(0),
        };
        match verb.as_str() {
            "pull" | "push" => self.alone(&format!("dolt {verb}"), &[&verb]),
            "commit" => {
                self.take_value("--message")
                    .or_else(|| self.take_value("-m"));
                self.alone("dolt commit", &["status"])
            }
            _ => Err(Error::usage(format!(
                "git pm has no `{}`",
                format!("bd dolt {verb}").trim()
            ))
            .because("bd.unsupported")
            .hint("there is no database; `git pm sync` shares the state, `git pm status` shows it")
            .hint("`man git-pm-beads` lists the differences from beads")),
        }
    }

    /// The command line that prints the help of a verb of bd that is a command of its own here.
    fn help_of(&self, verb: &str) -> Option<Vec<String>> {
        let wanted = |word: &String| word == "--help" || word == "-h";
        let known = |(name, _): &&(&str, &str)| *name == verb;
        self.rest.iter().find(|word| wanted(word))?;
        let (_, command) = COMMANDS.iter().find(known)?;
        let words = command.split(' ').map(String::from);
        Some(std::iter::once("help".to_string()).chain(words).collect())
    }

    fn translated(mut self, verb: &str) -> Result<Vec<Vec<String>>> {
        if let Some(help) = self.help_of(verb) {
            return Ok(vec![help]);
        }
        let second = self
            .rest
            .first()
            .filter(|word| !word.starts_with('-'))
            .cloned();
        let both = format!("{verb} {}", second.unwrap_or_default());
        for (command, option, instead) in INSTEAD {
            let meant = *command == verb || *command == both;
            let given = option.is_empty()
                || self
                    .rest
                    .iter()
                    .any(|word| word.split('=').next() == Some(*option));
            if meant && given {
                let what = format!("bd {command} {option}");
                return Err(Error::usage(format!("git pm has no `{}`", what.trim()))
                    .because("bd.unsupported")
                    .hint(*instead)
                    .hint("`man git-pm-beads` lists the differences from beads"));
            }
        }
        let one = |line: Vec<String>| Ok(vec![line]);
        match verb {
            "init" => self.init(),
            "sync" => self.sync(),
            "dolt" => self.dolt(),
            "prime" => {
                for option in ["--full", "--mcp", "--stealth"] {
                    self.take(option);
                }
                one(self.with_rest(&["prime"]))
            }
            "onboard" => self.alone(verb, &["install", "agents", "--print"]),
            "quickstart" => self.alone(verb, &["help", "issue"]),
            "setup" => self.setup(),
            "hooks" => one(self.with_rest(&["hook"])),
            "status" | "info" | "where" => self.alone(verb, &["status"]),
            "version" => self.alone(verb, &["--version"]),
            "help" => one(self.with_rest(&["help", "issue"])),
            "stats" | "doctor" | "graph" | "worktree" | "backup" => one(self.with_rest(&[verb])),
            "config" => one(self.config()),
            "mail" => {
                let command: &[&str] = match self.rest.is_empty() {
                    true => &["msg", "inbox"],
                    false => &["msg"],
                };
                one(self.with_rest(command))
            }
            "history" => one(self.with_rest(&["log"])),
            "find-duplicates" => self.alone(verb, &["suggest"]),
            "export" => {
                let file = self
                    .take_value("-o")
                    .or_else(|| self.take_value("--output"));
                // All issues, which is what they ask for.
                self.take("--all");
                let file = file.unwrap_or_else(|| "-".into());
                self.alone(verb, &["export", "beads", &file])
            }
            "import" => {
                let file = self.take_value("-i").or_else(|| self.take_value("--input"));
                self.rest.extend(file);
                let named = self
                    .rest
                    .iter()
                    .any(|word| !word.starts_with('-') || word == "-");
                if !named && input_is_given() {
                    return Err(Error::usage("specify a file to import")
                        .because("bd.unsupported")
                        .hint("`bd import -` reads standard input")
                        .hint("`bd import FILE` reads a file"));
                }
                one(self.with_rest(&["import", "beads"]))
            }
            "duplicate" => self.related("--of", "duplicates"),
            "supersede" => self.related("--with", "supersedes"),
            "show" => Ok(vec![self.show()]),
            "list" => {
                self.list_conditions();
                one(self.issue(&["list"]))
            }
            "ready" => self.ready(),
            "search" => self.search(),
            "dep" => self.dep(),
            "relate" | "unrelate" => {
                self.rest.insert(0, verb.to_string());
                self.dep()
            }
            verb => one(self.issue(&[verb])),
        }
    }

    fn init(mut self) -> Result<Vec<Vec<String>>> {
        let prefix = self
            .take_value("--prefix")
            .or_else(|| self.take_value("-p"));
        let mut command = vec!["init"];
        if self.take("--skip-hooks") {
            command.push("--no-hooks");
        }
        if self.take("--quiet") | self.take("-q") {
            command.push("--quiet");
        }
        let prefix =
            prefix.map(|prefix| self.of(&["config", "--shared", "pm.issuePrefix", &prefix]));
        let mut out = self.alone("init", &command)?;
        out.extend(prefix);
        Ok(out)
    }

    fn setup(mut self) -> Result<Vec<Vec<String>>> {
        let remove = self.take("--remove");
        let at = self.rest.iter().position(|word| !word.starts_with('-'));
        let tool = at.map(|at| self.rest.remove(at));
        let mut command = match tool.as_deref() {
            Some(tool @ ("claude" | "gemini" | "codex" | "opencode")) => {
                vec!["install", "hooks", "--for", tool]
            }
            _ => vec!["install", "agents"],
        };
        if remove {
            command.push("--remove");
        }
        self.alone("setup", &command)
    }

    /// `config get KEY` and the like. The one setting that both have is the prefix of issues, which
    /// is shared by all clones.
    fn config(mut self) -> Vec<String> {
        let verb = self.rest.first().cloned().unwrap_or_default();
        if ["get", "set", "list", "unset"].contains(&verb.as_str()) {
            self.rest.remove(0);
        }
        let prefix = |word: &&mut String| ["issue_prefix", "issue-prefix"].contains(&word.as_str());
        if let Some(key) = self.rest.iter_mut().find(prefix) {
            *key = "pm.issuePrefix".into();
            if ["set", "unset"].contains(&verb.as_str()) {
                self.rest.push("--shared".into());
            }
        }
        if verb == "unset" {
            self.rest.push("--unset".into());
        }
        self.with_rest(&["config"])
    }

    /// `duplicate A --of B`: an edge, and A is closed.
    fn related(mut self, option: &str, kind: &str) -> Result<Vec<Vec<String>>> {
        let other = self.take_value(option);
        let (Some(id), Some(other)) = (self.rest.first().cloned(), other) else {
            return Err(Error::usage(format!("specify an ID and {option} ID")));
        };
        let reason = format!("{kind} {other}");
        Ok(vec![
            self.of(&["issue", "dep", "add", &id, &other, "--type", kind]),
            self.of(&["issue", "close", &id, "--reason", &reason]),
        ])
    }

    fn show(mut self) -> Vec<String> {
        // These are always shown.
        self.take("--refs");
        self.take("--long");
        let (short, children) = (self.take("--short"), self.take("--children"));
        if children {
            return self.issue(&["children"]);
        }
        if short {
            let ids = self.rest.join(",");
            self.rest.clear();
            return self.issue(&["list", "--all", "--id", &ids]);
        }
        self.issue(&["show"])
    }

    /// Options of `list` that are conditions of a query here.
    fn list_conditions(&mut self) {
        for field in ["created", "updated", "closed", "due"] {
            for (end, sign) in [("after", ">"), ("before", "<")] {
                let option = format!("--{field}-{end}");
                let value = self.take_value(&option);
                self.rest
                    .extend(value.map(|value| format!("{field}:{sign}{value}")));
            }
        }
        for (option, condition) in [
            ("--priority-min", "priority:>="),
            ("--priority-max", "priority:<="),
        ] {
            let value = self.take_value(option);
            self.rest
                .extend(value.map(|value| format!("{condition}{value}")));
        }
        let spec = self.take_value("--spec");
        self.rest.extend(spec.map(|value| format!("spec:{value}")));
        if self.take("--no-labels") {
            self.rest.push("!has:label".into());
        }
        if self.take("--overdue") {
            self.rest.extend(["due:<now".into(), "is:open".into()]);
        }
        for option in ["--long", "--pretty"] {
            self.take(option);
        }
    }

    fn ready(mut self) -> Result<Vec<Vec<String>>> {
        for option in ["--pretty", "--plain"] {
            self.take(option);
        }
        let sort = self.take_value("--sort").or_else(|| self.take_value("-s"));
        match sort.as_deref() {
            None | Some("priority" | "hybrid") => Ok(vec![self.issue(&["ready"])]),
            Some(_) => Ok(vec![self.issue(&["list", "is:ready", "--sort", "created"])]),
        }
    }

    fn search(mut self) -> Result<Vec<Vec<String>>> {
        let query = self.take_value("--query");
        self.rest.extend(query);
        match self
            .take_value("--status")
            .or_else(|| self.take_value("-s"))
            .as_deref()
        {
            None | Some("open") => {}
            Some("all") => self.rest.push("--all".into()),
            Some(_) => {
                return Err(Error::usage(
                    "`bd search --status` supports only `open` and `all` here",
                )
                .because("bd.unsupported")
                .hint("`--status all` includes closed issues")
                .hint("`git pm issue list 'title:*WORD*' --status S` searches titles"));
            }
        }
        Ok(vec![self.issue(&["search"])])
    }

    fn dep(mut self) -> Result<Vec<Vec<String>>> {
        let on = self
            .take_value("--blocked-by")
            .or_else(|| self.take_value("--depends-on"));
        if let Some(on) = on {
            self.rest.push(on);
        }
        // `dep A --blocks B`: B waits for A.
        if let Some(other) = self
            .take_value("--blocks")
            .or_else(|| self.take_value("-b"))
        {
            let id = self.rest.pop().unwrap_or_default();
            return Ok(vec![self.issue(&["dep", "add", &other, &id])]);
        }
        match self.rest.first().map(String::as_str) {
            Some(verb @ ("relate" | "unrelate")) => {
                let verb = if verb == "relate" { "add" } else { "remove" };
                self.rest.remove(0);
                self.rest
                    .extend(["--type".to_string(), "related".to_string()]);
                Ok(vec![self.issue(&["dep", verb])])
            }
            _ => Ok(vec![self.issue(&["dep"])]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(line: &str) -> Vec<String> {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let all = commands(&words).unwrap_or_else(|error| panic!("{line}: {error}"));
        all.iter().map(|words| words.join(" ")).collect()
    }

    #[test]
    fn a_command_of_bd_becomes_one_of_git_pm() {
        for (bd, pm) in [
            ("ready", "issue ready"),
            (
                "--no-daemon --json ready -n 3",
                "issue --format beads ready -n 3",
            ),
            (
                "list --json --actor bob",
                "--as bob issue --format beads list",
            ),
            ("--db x.db show a-1 --short", "issue list --all --id a-1"),
            (
                "show a-1 --children --json",
                "issue --format beads children a-1",
            ),
            (
                "list --created-after 2026-01-01 --priority-max 1",
                "issue list created:>2026-01-01 priority:<=1",
            ),
            ("dep add a --blocked-by b", "issue dep add a b"),
            ("dep a --blocks b", "issue dep add b a"),
            ("dep relate a b", "issue dep add a b --type related"),
            ("sync --flush-only", "status"),
            ("export -o f.jsonl", "export beads f.jsonl"),
            (
                "import -i f.jsonl --dry-run",
                "import beads --dry-run f.jsonl",
            ),
            ("--version", "--version"),
            ("version --json", "--json --version"),
            ("config get issue_prefix", "config pm.issuePrefix"),
            (
                "config set issue-prefix app",
                "config pm.issuePrefix app --shared",
            ),
            ("config unset pm.sync", "config pm.sync --unset"),
            ("config list --json", "--json config"),
            ("mail", "msg inbox"),
            ("mail send ana hello", "msg send ana hello"),
            ("info --json", "--json status"),
            ("dolt push", "push"),
            ("setup claude", "install hooks --for claude"),
            ("ready --sort oldest", "issue list is:ready --sort created"),
        ] {
            assert_eq!(lines(bd), [pm], "{bd}");
        }
        assert_eq!(
            lines("init --prefix bd"),
            ["init", "config --shared pm.issuePrefix bd"]
        );
        assert_eq!(lines("duplicate a --of b").len(), 2);
    }

    #[test]
    fn what_has_no_counterpart_names_one() {
        for line in [
            "create T --id x",
            "mol list",
            "ready --gated",
            "label propagate a",
            "--readonly list",
            "kv set a b",
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let error = commands(&words).unwrap_err();
            assert_eq!(error.kind().exit_code(), 2, "{line}");
            assert!(!error.hints().is_empty(), "{line}");
        }
    }
}
