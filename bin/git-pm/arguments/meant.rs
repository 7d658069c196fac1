//! What people type that is spelled otherwise here: words of the command line, and what they mean.
//!
//! The daily verbs work without the word of their group; for all else a usage error names the
//! command or the option.

use std::ffi::OsString;

use clap::Command;
use git_pm::items::Field;
use git_pm::text::similar_names;

/// What is typed, and what is meant: tables with lines such as `find grep = git pm search WORD | git pm list QUERY`.
///
/// - `short`: verbs of tasks that need not be preceded by `task`, and other short words.
/// - `root`: words of the root that no command has, and the commands that do it.
/// - `pairs`: two words of GitHub's `gh` and the like.
/// - `import`: how the path ends that is typed instead of a tool to import from.
/// - `group`: words below a group, and its verbs; those of issues are the verbs of beads.
/// - `options`: what is typed for an option of the same command, and its name there.
/// - `otherwise`: what is no option at all, after the last word of its command, or `*` for all, and what to do.
const TABLES: &str = include_str!("meant.txt");

/// The lines of a table.
fn table(name: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    super::table(TABLES, name)
}

/// The command that a short word of the root stands for.
pub fn short(word: &str) -> Option<&'static str> {
    let found = all_short().find(|(short, _)| *short == word);
    found.map(|(_, whole)| whole)
}

/// All short words, and the commands that they stand for.
pub fn all_short() -> impl Iterator<Item = (&'static str, &'static str)> {
    table("short")
}

/// The hint for an unknown word, or the first argument of a command, by the words after `git pm`.
pub fn pair(first: &str, argv: &[OsString]) -> Option<String> {
    let words = argv.iter().filter_map(|word| word.to_str());
    let second = words.skip_while(|word| *word != first).nth(1)?;
    let pair = format!("{first} {second}");
    let (_, meant) = table("pairs").find(|(words, _)| *words == pair)?;
    Some(did_you_mean_one_of(meant))
}

/// What `issue` is, for those who meet it beside `task`.
pub const ISSUES: &str =
    "`issue` has the words and the hash IDs of beads; all other commands take the IDs of both";

/// Tools whose data come as comma-separated values.
const SHEETS: &str = "jira linear asana trello notion excel spreadsheet tsv";

/// The last argument of some commands, which is a text: several words have to be quoted.
const TEXTS: [&str; 2] = ["title", "text"];

/// The hint for the second word of a text without quotes, which is the last argument of a command.
pub fn quoted(command: &Command, typed: &str, argv: &[OsString]) -> Option<String> {
    let names: Vec<&str> = command
        .get_positionals()
        .map(|arg| arg.get_id().as_str())
        .collect();
    let (last, before) = names.split_last()?;
    if !TEXTS.contains(last) {
        return None;
    }
    let whole = typed.strip_prefix("git pm ")?;
    let short = all_short().find(|(_, known)| *known == whole);
    let mut verb = short.map_or(whole, |(short, _)| short).to_string();
    // What follows the verb, up to the first option.
    let words = argv.iter().skip(1).filter_map(|word| word.to_str());
    let words: Vec<&str> = words.collect();
    let begin = whole.split(' ').count();
    let words = words.get(begin..).unwrap_or_default();
    let mut words = words.split(|word| word.starts_with('-')).next()?;
    let is_plain = |word: &&str| !word.contains(['"', '$', '`', '\\', '!']);
    let mut least = 2;
    // The value of an option that has to be given was typed first, without it.
    let needed = command.get_opts().filter(|arg| arg.is_required_set());
    for option in needed.filter_map(|arg| Some(format!("--{}", arg.get_long()?))) {
        let is_given = |word: &OsString| word.to_string_lossy().starts_with(&option);
        if !argv.iter().any(is_given)
            && let Some((value, rest)) = words.split_first().filter(|(value, _)| is_plain(value))
        {
            verb += &format!(" {option} {value}");
            (words, least) = (rest, 1);
        }
    }
    let (first, text) = match words.split_at_checked(before.len()) {
        Some((first, text)) if text.len() >= least && text.iter().all(is_plain) => {
            (first.join(" "), text.join(" "))
        }
        _ => (before.join(" ").to_uppercase(), last.to_uppercase()),
    };
    let space = if first.is_empty() { "" } else { " " };
    Some(did_you_mean(&[&format!(
        "git pm {verb} {first}{space}\"{text}\""
    )]))
}

/// The most similar names that are offered.
const NEAR: usize = 3;

/// The hint for an unknown word of a group or of the `root` (`typed`, such as `git pm task`); none if
/// nothing is like it.
pub fn command(root: &Command, group: &Command, typed: &str, word: &str) -> Option<String> {
    if typed == "git pm" {
        if let Some((_, meant)) = table("root").find(|(words, _)| is_one_of(words, word)) {
            let hint = did_you_mean_one_of(meant);
            return Some(if meant.contains(" issue ") {
                format!("{hint} {ISSUES}")
            } else {
                hint
            });
        }
        if is_id(word) {
            return Some(did_you_mean(&[&format!("git pm show {word}")]));
        }
    }
    if typed == "git pm import"
        && let Some(meant) = import_of(word)
    {
        return Some(did_you_mean_one_of(&meant));
    }
    let known = |name: &str| group.find_subcommand(name).is_some();
    let mut here = table("group").filter(|(words, _)| is_one_of(words, word));
    if let Some((_, meant)) = here.find(|(_, meant)| known(meant)) {
        return Some(did_you_mean(&[&format!("{typed} {meant}")]));
    }
    if root.find_subcommand(word).is_some_and(|c| !c.is_hide_set()) {
        return Some(did_you_mean(&[&format!("git pm {word}")]));
    }
    let names = group.get_subcommands().filter(|c| !c.is_hide_set());
    let mut names: Vec<&str> = names.map(Command::get_name).collect();
    if typed == "git pm" {
        names.extend(all_short().map(|(short, _)| short));
    }
    let near = similar_names(word, names);
    if typed == "git pm reserve" && near.is_empty() {
        return Some(did_you_mean(&[&format!("{typed} add {}", path_of(word))]));
    }
    similar("subcommand", &near)
}

/// A path as it is typed for a shell; a placeholder for one that would need more than quotes.
fn path_of(word: &str) -> String {
    let is_path = |c: char| c.is_ascii_alphanumeric() || "/._-*?{},".contains(c);
    match word.chars().all(is_path) {
        true if word.contains(['*', '?', '{']) => format!("'{word}'"),
        true => word.to_string(),
        false => "PATH".to_string(),
    }
}

/// The commands for what was typed instead of the tool that is imported from: its file, its folder or its name.
fn import_of(word: &str) -> Option<String> {
    if is_one_of("md markdown", word) {
        return Some("git pm import ccpm FOLDER".into());
    }
    if is_one_of(SHEETS, word) {
        return Some("git pm import csv FILE".into());
    }
    let path = word.trim_end_matches('/');
    let is_it = |ends: &str| ends.split(' ').any(|end| path.ends_with(end));
    let (_, meant) = table("import").find(|(ends, _)| is_it(ends))?;
    Some(meant.replace("PATH", word))
}

/// The hint for an unknown option, with its dashes; none if nothing is like it.
pub fn option(command: &Command, typed: &str, option: &str) -> Option<String> {
    let name = option.trim_start_matches('-');
    let name = &name.split('=').next().unwrap_or(name).to_lowercase();
    let longs = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let longs: Vec<&str> = longs.filter_map(clap::Arg::get_long).collect();
    let last = typed.rsplit(' ').next().unwrap_or_default();
    let mut own = table("options").filter(|(words, _)| is_one_of(words, name));
    if let Some((_, meant)) = own.find(|(_, meant)| longs.contains(meant)) {
        return Some(did_you_mean(&[&format!("--{meant}")]));
    }
    let takes_query = command.get_positionals().any(|arg| arg.get_id() == "query");
    if let (true, Some(field)) = (takes_query, Field::named(name)) {
        let field = field.name();
        return Some(format!(
            "it is a condition of the query: `{typed} {field}:VALUE`"
        ));
    }
    if takes_query && !option.starts_with("--") {
        let longs = longs.iter().filter(|long| long.starts_with(name.as_str()));
        let meant: Vec<String> = longs.map(|long| format!("--{long}")).collect();
        return Some(match meant.is_empty() {
            true => format!("`!WORD` excludes a word: `{typed} '!WORD'`"),
            false => did_you_mean(&meant.iter().map(String::as_str).collect::<Vec<_>>()),
        });
    }
    let is_it = |of_words: &str| {
        let (of, words) = of_words.split_once(": ").unwrap_or_default();
        (of == "*" || of == last) && is_one_of(words, name)
    };
    if let Some((_, hint)) = table("otherwise").find(|(of_words, _)| is_it(of_words)) {
        return Some(hint.to_string());
    }
    let near: Vec<String> = similar_names(name, longs)
        .iter()
        .map(|near| format!("--{near}"))
        .collect();
    let near: Vec<&str> = near.iter().map(String::as_str).collect();
    similar("argument", &near)
}

/// A hint with the nearest names.
fn similar(what: &str, near: &[&str]) -> Option<String> {
    match near {
        [] => None,
        [one] => Some(format!("a similar {what} exists: '{one}'")),
        many => {
            let many = many.iter().take(NEAR);
            let many: Vec<String> = many.map(|name| format!("'{name}'")).collect();
            Some(format!("some similar {what}s exist: {}", many.join(", ")))
        }
    }
}

fn did_you_mean(commands: &[&str]) -> String {
    let quoted: Vec<String> = commands.iter().map(|c| format!("`{c}`")).collect();
    format!("did you mean {}?", quoted.join(" or "))
}

/// The same of commands in a table.
fn did_you_mean_one_of(commands: &str) -> String {
    did_you_mean(&commands.split(" | ").collect::<Vec<_>>())
}

/// True for one of words that are separated by spaces.
fn is_one_of(words: &str, word: &str) -> bool {
    words.split(' ').any(|one| one == word)
}

/// True for `T-12` and the like.
fn is_id(word: &str) -> bool {
    let number = word.split_once('-').filter(|(kind, _)| kind.len() == 1);
    number
        .is_some_and(|(_, number)| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
}
