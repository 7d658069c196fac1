//! The arguments of the program called bd: its commands and options become those of git pm.
//!
//! An option or command that has no counterpart is an error that names what to use instead.

use std::ffi::OsString;

use git_pm::error::Reason;
use git_pm::{Error, Result};

mod issues;
mod line;
mod repository;
#[cfg(test)]
mod tests;

use self::line::Line;
use super::table;

/// The command lines of git pm for one of bd, without the program's name. They run one after the
/// other until one fails; there are none if there is nothing to do.
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

/// What a command line of bd does not do here, although it succeeds: the hooks and habits of beads
/// rely on that.
pub fn note(given: &[OsString]) -> Option<&'static str> {
    let words = given.iter().filter_map(|word| word.to_str());
    let mut line = Line::read(words.map(String::from).collect()).ok()?;
    let verb = line.take_verb()?;
    let has = |word: &&str| line.rest.iter().any(|one| one == word);
    let is_told = match verb.as_str() {
        "sync" => ["--flush-only", "--import-only", "--status"]
            .iter()
            .any(has),
        "dolt" => line.rest.first().is_some_and(|word| word == "commit"),
        _ => false,
    };
    (is_told && !["--help", "-h"].iter().any(has)).then_some(
        "no file was written or read: each change is in the state at once; \
         `git pm export beads FILE` writes a file, `git pm import beads FILE` reads one",
    )
}

/// Tables of words of bd, and what they are here.
///
/// - `commands`: verbs that are commands of their own here.
/// - `instead`: commands and options that git pm does not have, and what to use instead.
const TABLES: &str = include_str!("bd.txt");

/// The command here for a verb of bd.
fn command(verb: &str) -> Option<&'static str> {
    let found = table(TABLES, "commands").find(|(name, _)| *name == verb);
    found.map(|(_, command)| command)
}

/// The command for a verb of bd that `git pm issue` does not have, if the program above has none.
pub fn pointer(verb: &str) -> Option<&'static str> {
    let found = table(TABLES, "instead").find(|(typed, _)| *typed == verb);
    found.map(|(_, instead)| instead).or_else(|| command(verb))
}

/// The words after `git pm help` for a verb of bd that is a command of its own here.
fn help_words(verb: &str) -> Option<Vec<&'static str>> {
    let is_name = |word: &&str| word.bytes().all(|b| b.is_ascii_lowercase());
    let words = command(verb)?.split(' ').skip(2).take_while(is_name);
    Some(words.filter(|word| *word != "help").collect())
}

impl Line {
    /// The command line that prints the help of a verb of bd that is a command of its own here.
    fn help_of(&self, verb: &str) -> Option<Vec<String>> {
        let wanted = |word: &String| word == "--help" || word == "-h";
        self.rest.iter().find(|word| wanted(word))?;
        let words = ["help"].into_iter().chain(help_words(verb)?);
        Some(words.map(String::from).collect())
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
        for (typed, instead) in table(TABLES, "instead") {
            let (command, option) = match typed.rsplit_once(' ') {
                Some((command, option)) if option.starts_with('-') => (command, Some(option)),
                _ => (typed, None),
            };
            let meant = command == verb || command == both;
            let is_it = |word: &String| word.split('=').next() == option;
            if meant && (option.is_none() || self.rest.iter().any(is_it)) {
                return Err(Error::usage(format!("git pm has no `bd {typed}`"))
                    .because(Reason::BdUnsupported)
                    .hint(instead)
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
            "hooks" => self.hooks(),
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
            "export" => self.export(),
            "import" => self.import(),
            "duplicate" => self.related("--of", "duplicates"),
            "supersede" => self.related("--with", "supersedes"),
            "show" => Ok(vec![self.show()]),
            "list" => {
                self.list_conditions();
                one(self.issue(&["list"]))
            }
            "count" => {
                self.count_all();
                one(self.issue(&["count"]))
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
}
