//! The raw arguments, with what has to be read or rewritten before clap parses them.

use std::ffi::{OsStr, OsString};

use git_pm::verbs::list::KINDS;

/// The arguments before they are parsed, and the options that decide how even a usage error looks
/// and where the repository is.
pub struct Raw {
    /// The arguments without `-C` and its values.
    pub argv: Vec<OsString>,
    /// The values of `-C`, in order.
    pub directories: Vec<OsString>,
    /// Set by `--json`.
    pub json: bool,
    /// Set by `--no-color`.
    pub plain: bool,
}

/// The command with which the scripts of shells ask for completions.
pub const COMPLETE: &str = "__complete";

impl Raw {
    /// Reads the arguments. Everything after `--` is for another program and is left alone.
    pub fn read(argv: Vec<OsString>) -> Raw {
        let mut raw = Raw {
            argv: Vec::with_capacity(argv.len()),
            directories: Vec::new(),
            json: false,
            plain: false,
        };
        let mut rest = argv.into_iter();
        raw.argv.extend(rest.next());
        while let Some(arg) = rest.next() {
            if arg == "--" {
                raw.argv.push(arg);
                raw.argv.extend(rest);
                break;
            }
            if arg == "-C" {
                match rest.next() {
                    Some(directory) => raw.directories.push(directory),
                    None => raw.argv.push(arg),
                }
                continue;
            }
            if let Some(directory) = attached_directory(&arg) {
                raw.directories.push(directory);
                continue;
            }
            if let Some(limit) = raw.limit(&arg) {
                raw.argv.push(limit);
                continue;
            }
            if is_number(&arg) && raw.joins_last(&arg) {
                continue;
            }
            if let Some(negated) = raw.negated(&arg) {
                raw.argv.push(negated);
                continue;
            }
            if is_text(&arg) && raw.joins_last(&arg) {
                continue;
            }
            raw.json |= arg == "--json";
            raw.plain |= arg == "--no-color";
            raw.argv.push(arg);
        }
        raw
    }

    /// Rewrites a short word of the root to the command that it stands for, and `git pm plan FILE` to
    /// `git pm plan new FILE` unless FILE is a subcommand.
    pub fn spell_out(
        &mut self,
        short: fn(&str) -> Option<&'static str>,
        plan: impl FnOnce() -> clap::Command,
    ) {
        let words = self.verb_at();
        let Some((at, verb)) = words.first().copied() else {
            return;
        };
        // So the scripts of earlier versions ask for completions; without the dashes a person typed it.
        if verb == "complete" && self.argv.get(at + 1).is_some_and(|next| next == "--") {
            self.argv[at] = COMPLETE.into();
            return;
        }
        if let Some(whole) = short(verb) {
            let whole = whole.split(' ').map(OsString::from);
            self.argv.splice(at..=at, whole);
            return;
        }
        let is_file = words
            .get(1)
            .is_some_and(|(_, word)| verb == "plan" && plan().find_subcommand(word).is_none());
        if is_file {
            self.argv.insert(at + 1, "new".into());
        }
    }

    /// The words so far that are neither options nor values of global options.
    pub fn verb(&self) -> Vec<&str> {
        self.verb_at().into_iter().map(|(_, word)| word).collect()
    }

    /// The same with their places.
    fn verb_at(&self) -> Vec<(usize, &str)> {
        let mut words = Vec::new();
        let mut value = false;
        for (at, arg) in self.argv.iter().enumerate().skip(1) {
            let Some(arg) = arg.to_str() else {
                continue;
            };
            if !value && !arg.starts_with('-') {
                words.push((at, arg));
            }
            value = ["--as", "--idempotency-key", "--if-version"].contains(&arg);
        }
        words
    }

    /// Rewrites `-owner:me` in a query to `!owner:me`, which means the same and does not look like
    /// an option. Lists have short options, so a word is excluded only after another one, and in lists of issues
    /// only with `!`.
    fn negated(&self, arg: &OsStr) -> Option<OsString> {
        let words = self.verb_at();
        let verb: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
        let own = match verb.as_slice() {
            ["list" | "ls", ..] => 1,
            ["view", "save", ..] => 2,
            [kind, "list", ..] if KINDS.contains(kind) => 2,
            _ => return None,
        };
        let rest = arg.to_str()?.strip_prefix('-')?;
        // `-q` and `-v` are options, alone and together.
        let options = rest.chars().all(|c| "qvhV".contains(c));
        let is_option = |arg: &OsString| arg.to_string_lossy().starts_with('-');
        let follows = || (words.iter().skip(own)).any(|(at, _)| !is_option(&self.argv[at - 1]));
        let is_long = || rest.chars().take_while(|c| c.is_alphabetic()).count() > 1;
        let quoted = rest.contains(['"', '(', ' ']);
        let is_word = || verb[0] != "issue" && (quoted || follows() && is_long());
        let order = self.argv.last().is_some_and(|last| last == "--sort");
        (!options && !order && !rest.starts_with('-') && (rest.contains(':') || is_word()))
            .then(|| format!("!{rest}").into())
    }

    /// Rewrites `git pm log -3` to `git pm log --limit=3`, as git log takes it.
    fn limit(&self, arg: &OsStr) -> Option<OsString> {
        let number = arg.to_str()?.strip_prefix('-')?;
        let is_number = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
        let is_value = self
            .argv
            .last()
            .is_some_and(|last| last == "--limit" || last == "-n");
        let is_log = self.verb().first() == Some(&"log");
        (is_log && is_number && !is_value).then(|| format!("--limit={number}").into())
    }

    /// Rewrites `--body "- a list"` to `--body=- a list`, which clap accepts: a text may begin with
    /// a dash, as Markdown lists do, and the error about a negative number names its option.
    fn joins_last(&mut self, text: &OsStr) -> bool {
        let option = self.argv.last_mut().filter(|last| {
            let last = last.to_string_lossy();
            last.len() > 1 && last.starts_with('-') && !last.contains(['=', ' '])
        });
        if let Some(option) = option {
            option.push("=");
            option.push(text);
            return true;
        }
        false
    }
}

/// True if an argument starts like an option but is a text: white space follows the dashes.
fn is_text(arg: &OsStr) -> bool {
    let text = arg.to_string_lossy();
    let rest = text.trim_start_matches('-');
    rest.len() < text.len() && rest.starts_with(char::is_whitespace)
}

/// True for a negative number.
fn is_number(arg: &OsStr) -> bool {
    let text = arg.to_string_lossy();
    let digits = text.strip_prefix('-').unwrap_or_default();
    digits.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok()
}

/// The directory of `-Cpath`.
fn attached_directory(arg: &OsStr) -> Option<OsString> {
    let path = arg.to_str()?.strip_prefix("-C")?;
    (!path.is_empty()).then(|| OsString::from(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Raw {
        Raw::read(words.iter().map(OsString::from).collect())
    }

    #[test]
    fn directories_are_accepted_before_and_after_the_verb() {
        let raw = read(&["git-pm", "-C", "a", "status", "-Cb", "--json"]);
        assert_eq!(raw.directories, ["a", "b"]);
        assert_eq!(raw.argv, ["git-pm", "status", "--json"]);
        assert!(raw.json);
    }

    #[test]
    fn arguments_after_two_dashes_are_not_changed() {
        let raw = read(&["git-pm", "hook", "run", "x", "--", "-C", "--json"]);
        assert!(raw.directories.is_empty() && !raw.json);
        assert_eq!(raw.argv.len(), 7);
    }

    #[test]
    fn a_text_may_begin_with_a_dash() {
        let raw = read(&[
            "git-pm", "task", "create", "x", "--body", "- a\n- b", "--json",
        ]);
        assert_eq!(raw.argv[4..], ["--body=- a\n- b", "--json"]);
        let raw = read(&["git-pm", "task", "comment", "T-1", "-m", "- yes"]);
        assert_eq!(raw.argv[4..], ["-m=- yes"]);
    }

    #[test]
    fn a_query_may_begin_with_a_dash() {
        let raw = read(&["git-pm", "list", "-owner:me", "-qv", "-race", "--json"]);
        assert_eq!(raw.argv[2..], ["!owner:me", "-qv", "!race", "--json"]);
        // Not a short option.
        let raw = read(&["git-pm", "ls", "-a", "-sdone", "-p0"]);
        assert_eq!(raw.argv[2..], ["-a", "-sdone", "-p0"]);
        let raw = read(&["git-pm", "view", "save", "mine", "-is:blocked"]);
        assert_eq!(raw.argv[4..], ["!is:blocked"]);
        let raw = read(&["git-pm", "list", "--sort", "-updated"]);
        assert_eq!(raw.argv[2..], ["--sort", "-updated"]);
        let raw = read(&["git-pm", "--as", "bob", "--json", "task", "list", "-x:y"]);
        assert_eq!(raw.argv[6], "!x:y");
        let raw = read(&["git-pm", "task", "create", "list", "-p1"]);
        assert_eq!(raw.argv[4], "-p1");
        let raw = read(&["git-pm", "log", "-owner:me"]);
        assert_eq!(raw.argv[2..], ["-owner:me"]);
    }

    #[test]
    fn a_log_takes_its_limit_as_git_does() {
        let raw = read(&["git-pm", "log", "--json", "-3"]);
        assert_eq!(raw.argv[2..], ["--json", "--limit=3"]);
        let raw = read(&["git-pm", "log", "-n", "-3"]);
        assert_eq!(raw.argv[2..], ["-n=-3"]);
        let raw = read(&["git-pm", "task", "comment", "log", "-3"]);
        assert_eq!(raw.argv[4..], ["-3"]);
    }

    #[test]
    fn a_negative_number_is_the_value_of_the_option_before_it() {
        let raw = read(&["git-pm", "list", "--limit", "-1", "-p2"]);
        assert_eq!(raw.argv[2..], ["--limit=-1", "-p2"]);
        let raw = read(&["git-pm", "issue", "ready", "-n", "-1.5"]);
        assert_eq!(raw.argv[3..], ["-n=-1.5"]);
        let raw = read(&["git-pm", "task", "accept", "T-1", "-1"]);
        assert_eq!(raw.argv[4..], ["-1"]);
    }

    #[test]
    fn a_directory_without_a_value_is_left_for_the_parser_to_refuse() {
        assert_eq!(read(&["git-pm", "-C"]).argv, ["git-pm", "-C"]);
    }
}
