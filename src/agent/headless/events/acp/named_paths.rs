//! The paths that a tool call of an agent names: locations, diffs, arguments, words of its command.

use std::path::{Component, Path, PathBuf};

use super::super::super::json::{Fields, Json};
use crate::coordinate::worktree::name_template::without_dots;
use crate::model::text;

/// Device files, which are not locations.
const DEVICES: [&str; 9] = [
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/stdin",
    "/dev/stdout",
    "/dev/stderr",
    "/dev/tty",
];

/// Folders whose programs a command may start.
const PROGRAMS: [&str; 6] = [
    "/bin",
    "/sbin",
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/bin",
    "/opt/homebrew/bin",
];

/// Tool arguments that are command lines.
const COMMANDS: [&str; 4] = ["command", "cmd", "commands", "script"];

/// Tool arguments that are free text and name no paths.
const TEXTS: [&str; 12] = [
    "content",
    "newText",
    "oldText",
    "new_string",
    "old_string",
    "newString",
    "oldString",
    "text",
    "prompt",
    "description",
    "pattern",
    "query",
];

/// The longest path that is looked at, in bytes: the limit of most systems.
const PATH_MAX: usize = 4096;

/// Checks that a tool call stays in a worktree.
pub(super) struct Named<'a> {
    worktree: &'a Path,
    real: PathBuf,
}

impl Named<'_> {
    pub(super) fn new(worktree: &Path) -> Named<'_> {
        let real = worktree.canonicalize();
        Named {
            worktree,
            real: real.unwrap_or_else(|_| worktree.to_path_buf()),
        }
    }

    /// The reason why a tool call does not stay in the worktree.
    pub(super) fn outside(&self, call: &Json) -> Option<String> {
        let input = &call["rawInput"];
        let base = ["cwd", "workdir"].map(|name| input[name].text());
        let base = base.into_iter().find(|dir| !dir.is_empty());
        let base = self.worktree.join(base.unwrap_or_default());
        let locations = call["locations"].list().iter();
        let diffs = call["content"].list().iter();
        let diffs = diffs.filter(|content| content["type"].text() == "diff");
        let mut named = locations.chain(diffs).map(|place| &place["path"]);
        let found = named.find_map(|path| match path.text() {
            "" => Some("it names no path".to_string()),
            path => self.path(path, &base),
        });
        // Some agents name the command only in the title.
        let title = || match call["kind"].text() {
            "execute" => self.command(call["title"].text(), &base),
            _ => None,
        };
        found
            .or_else(|| self.argument("", input, &base))
            .or_else(title)
    }

    fn argument(&self, name: &str, value: &Json, base: &Path) -> Option<String> {
        match value {
            Json::String(text) if COMMANDS.contains(&name) => self.command(text, base),
            Json::String(_) if TEXTS.contains(&name) => None,
            Json::String(text) => match looks_like_path(text) {
                true => self.path(text, base),
                false => None,
            },
            Json::Array(words) if COMMANDS.contains(&name) => {
                words.iter().enumerate().find_map(|(n, word)| {
                    let word = word.text();
                    // The first word is a program; a later word has one only if it is a command
                    // line.
                    match n == 0 || word.contains(char::is_whitespace) {
                        true => self.command(word, base),
                        false => self.word(word, false, base),
                    }
                })
            }
            Json::Array(list) => list
                .iter()
                .find_map(|value| self.argument(name, value, base)),
            Json::Object(fields) => fields
                .iter()
                .find_map(|(name, value)| self.argument(name, value, base)),
            _ => None,
        }
    }

    /// The reason why the words of a command do not stay in the worktree. A word is a path if it is
    /// absolute and its top folder exists, or if it contains `..`.
    fn command(&self, line: &str, base: &Path) -> Option<String> {
        let mut is_program = true;
        let mut word = String::new();
        for c in line.chars().chain(['\n']) {
            let ends_command = matches!(c, ';' | '|' | '&' | '(' | '\n' | '`');
            let ends_word = ends_command
                || c.is_whitespace()
                || matches!(c, '"' | '\'' | '<' | '>' | ')' | '=' | '{' | '}' | ',');
            if !ends_word {
                word.push(c);
                continue;
            }
            if !word.is_empty() {
                let found = self.word(&word, is_program, base);
                if found.is_some() {
                    return found;
                }
                is_program = false;
                word.clear();
            }
            is_program |= ends_command;
        }
        None
    }

    fn word(&self, word: &str, is_program: bool, base: &Path) -> Option<String> {
        let path = Path::new(word);
        let is_home = word.starts_with('~') || word.contains("$HOME");
        if is_home {
            return Some(format!("{} is outside the worktree", shown(word)));
        }
        if word.starts_with('/') {
            let is_known = DEVICES.contains(&word)
                || (is_program
                    && PROGRAMS
                        .iter()
                        .any(|dir| path.parent() == Some(dir.as_ref())));
            let top = path.components().take(2).collect::<PathBuf>();
            // A pattern or a part of a URL can look like a path.
            if is_known || word.starts_with("//") || !top.exists() {
                return None;
            }
            return self.path(word, base);
        }
        let leads_up = path.components().any(|part| part == Component::ParentDir);
        match leads_up && !word.contains("://") {
            true => self.path(word, base),
            false => None,
        }
    }

    /// The reason why a path is outside the worktree, or is one of git's own files.
    fn path(&self, path: &str, base: &Path) -> Option<String> {
        let outside = || Some(format!("{} is outside the worktree", shown(path)));
        let path = path.strip_prefix("file://").unwrap_or(path);
        if path.starts_with('~') || path.len() > PATH_MAX {
            return outside();
        }
        let full = without_dots(&base.join(path));
        let inner = full
            .strip_prefix(self.worktree)
            .or_else(|_| full.strip_prefix(&self.real));
        let Ok(inner) = inner else { return outside() };
        if inner.components().next() == Some(Component::Normal(".git".as_ref())) {
            return Some(format!("{} belongs to git", shown(path)));
        }
        // A link in the worktree can lead out of it, even to a path that does not exist yet.
        let last = full
            .ancestors()
            .find(|part| part.symlink_metadata().is_ok());
        let real = last.and_then(|part| part.canonicalize().ok());
        match real.is_some_and(|real| real.starts_with(&self.real)) {
            true => None,
            false => outside(),
        }
    }
}

/// True if a text as a whole is a path that may lead out of a folder.
fn looks_like_path(text: &str) -> bool {
    !text.contains('\n')
        && (text.starts_with(['/', '~'])
            || text.starts_with("file://")
            || Path::new(text)
                .components()
                .any(|part| part == Component::ParentDir))
}

fn shown(path: &str) -> String {
    text::excerpt(path, 120)
}
