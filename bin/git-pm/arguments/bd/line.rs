//! A command line of bd: its words, taken one by one, and the command lines made of the rest.

use git_pm::error::Reason;
use git_pm::{Error, Result};

use super::help_words;

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

/// A command line of bd.
pub(super) struct Line {
    /// Options of git pm for the whole line.
    globals: Vec<String>,
    /// Set by `--json`.
    pub(super) json: bool,
    pub(super) rest: Vec<String>,
}

impl Line {
    pub(super) fn read(words: Vec<String>) -> Result<Line> {
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
    pub(super) fn take_verb(&mut self) -> Option<String> {
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
    pub(super) fn take(&mut self, option: &str) -> bool {
        let before = self.rest.len();
        self.rest.retain(|word| word != option);
        self.rest.len() < before
    }

    /// Takes an option with its value.
    pub(super) fn take_value(&mut self, option: &str) -> Option<String> {
        let with = format!("{option}=");
        if let Some(at) = self.rest.iter().position(|word| word.starts_with(&with)) {
            return Some(self.rest.remove(at)[with.len()..].to_string());
        }
        let at = self.rest.iter().position(|word| word == option)?;
        self.rest.remove(at);
        (at < self.rest.len()).then(|| self.rest.remove(at))
    }

    /// A command line of git pm with the global options and git pm's own JSON.
    pub(super) fn of(&self, command: &[&str]) -> Vec<String> {
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
    pub(super) fn with_rest(self, command: &[&str]) -> Vec<String> {
        let mut out = self.of(command);
        out.extend(self.rest);
        out
    }

    /// A command of `git pm issue`, which prints beads' JSON.
    pub(super) fn issue(mut self, command: &[&str]) -> Vec<String> {
        // Of several labels between commas, bd wants all.
        let given = std::iter::from_fn(|| {
            let long = self.take_value("--label");
            long.or_else(|| self.take_value("-l"))
        });
        let given: Vec<String> = given.collect();
        for label in given.iter().flat_map(|labels| labels.split(',')) {
            self.rest.extend(["--label".into(), label.into()]);
        }
        let shape: &[&str] = match std::mem::take(&mut self.json) {
            true => &["issue", "--format", "beads"],
            false => &["issue"],
        };
        self.with_rest(&[shape, command].concat())
    }

    /// A command line without other arguments: those that are left have no counterpart.
    pub(super) fn alone(self, verb: &str, command: &[&str]) -> Result<Vec<Vec<String>>> {
        if let Some(left) = self.rest.first() {
            let word = left.split('=').next().unwrap_or_default();
            let error = Error::usage(format!("git pm has no `bd {verb} {word}`"));
            let own = help_words(verb).filter(|own| !own.is_empty());
            let error = match own.map(|own| own.join(" ")) {
                Some(own) => error.hint(format!("`git pm help {own}` lists the options here")),
                None => error,
            };
            return Err(error
                .because(Reason::BdUnsupported)
                .hint("`man git-pm-beads` lists the differences from beads"));
        }
        Ok(vec![self.of(command)])
    }
}
