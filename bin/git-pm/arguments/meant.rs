//! What people type that is spelled otherwise here: words of the command line, and what they mean.
//!
//! The daily verbs work without the word of their group; for all else a usage error names the
//! command or the option.

use std::ffi::OsString;

use clap::Command;
use git_pm::items::Field;
use git_pm::text::similar_names;

/// Verbs of tasks that need not be preceded by `task`, and other short words: what is typed, and what
/// it stands for.
const SHORT: &[(&str, &str)] = &[
    ("add", "task create"),
    ("ls", "list"),
    ("approve", "task approve"),
    ("assign", "task reassign"),
    ("cancel", "task cancel"),
    ("comment", "task comment"),
    ("defer", "task defer"),
    ("done", "task done"),
    ("drop", "task drop"),
    ("edit", "task edit"),
    ("reopen", "task reopen"),
    ("tree", "task tree"),
];

/// The command that a short word of the root stands for.
pub fn short(word: &str) -> Option<&'static str> {
    let found = SHORT.iter().find(|(short, _)| *short == word);
    found.map(|(_, whole)| *whole)
}

/// All short words, and the commands that they stand for.
pub fn all_short() -> impl Iterator<Item = (&'static str, &'static str)> {
    SHORT.iter().copied()
}

/// Words of the root that no command has, and the commands that do it.
const ROOT: &[(&str, &[&str])] = &[
    ("claim", &["git pm start ID", "git pm issue claim ID"]),
    (
        "create new",
        &["git pm task create TITLE", "git pm issue create TITLE"],
    ),
    ("close", &["git pm task done ID", "git pm issue close ID"]),
    ("complete", &["git pm finish ID", "git pm task done ID"]),
    ("resolve", &["git pm task done ID"]),
    (
        "delete remove rm",
        &["git pm task cancel ID", "git pm task delete ID"],
    ),
    ("label tag", &["git pm task edit ID --add-label LABEL"]),
    ("update set rename", &["git pm task edit ID"]),
    ("block", &["git pm task block ID REASON"]),
    ("unblock", &["git pm task unblock ID"]),
    ("snooze", &["git pm defer ID"]),
    ("priority prio", &["git pm edit ID --priority NUMBER"]),
    ("due deadline", &["git pm edit ID --due DAY"]),
    ("estimate", &["git pm edit ID --estimate SIZE"]),
    ("reassign", &["git pm task reassign ID ACTOR"]),
    ("accept tick check-off", &["git pm task accept ID NUMBER"]),
    (
        "reject return request-changes",
        &["git pm task return ID --note TEXT"],
    ),
    ("take pick", &["git pm start ID"]),
    (
        "stop pause",
        &["git pm drop ID", "git pm task block ID REASON"],
    ),
    ("mine", &["git pm list is:mine"]),
    ("member members user users team", &["git pm assign ID NAME"]),
    ("today due-today", &["git pm list 'due:<=today'"]),
    ("token tokens", &["git pm serve token"]),
    ("redo", &["git pm undo COMMIT"]),
    ("ui tui", &["git pm board"]),
    ("web open", &["git pm serve --open"]),
    ("todo", &["git pm ready"]),
    (
        "find grep query",
        &["git pm search WORD", "git pm list QUERY"],
    ),
    ("history", &["git pm log"]),
    ("submit pr", &["git pm finish"]),
    ("inbox messages", &["git pm msg inbox"]),
    ("send tell", &["git pm msg send --to NAME SUBJECT TEXT"]),
    ("release unclaim", &["git pm task drop ID"]),
    ("settings", &["git pm config"]),
    ("whoami who me", &["git pm status"]),
    ("depend link", &["git pm dep add ID OTHER"]),
];

/// Two words of GitHub's `gh` and the like, and the commands that do it.
const PAIRS: &[(&str, &[&str])] = &[
    ("pr list", &["git pm list status:in_review"]),
    ("pr status", &["git pm status"]),
    ("pr view", &["git pm show ID"]),
    ("pr diff", &["git pm task diff ID"]),
    ("pr checkout", &["git pm start ID"]),
    (
        "pr review",
        &[
            "git pm task approve ID",
            "git pm task return ID --note TEXT",
        ],
    ),
    ("pr comment", &["git pm comment ID TEXT"]),
    ("pr merge", &["git pm merge ID"]),
    ("pr close", &["git pm task return ID --note TEXT"]),
    ("review approve", &["git pm task approve ID"]),
    ("label list", &["git pm issue label list-all"]),
    ("project list", &["git pm epic list"]),
];

/// The hint for an unknown word, or the first argument of a command, by the words after `git pm`.
pub fn pair(first: &str, argv: &[OsString]) -> Option<String> {
    let words = argv.iter().filter_map(|word| word.to_str());
    let second = words.skip_while(|word| *word != first).nth(1)?;
    let pair = format!("{first} {second}");
    let (_, meant) = PAIRS.iter().find(|(words, _)| *words == pair)?;
    Some(did_you_mean(meant))
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
    let short = SHORT.iter().find(|(_, known)| *known == whole);
    let verb = short.map_or(whole, |(short, _)| *short);
    // What follows the verb, up to the first option.
    let words = argv.iter().skip(1).filter_map(|word| word.to_str());
    let words: Vec<&str> = words.collect();
    let begin = whole.split(' ').count();
    let words = words.get(begin..).unwrap_or_default();
    let words = words.split(|word| word.starts_with('-')).next()?;
    let is_plain = |word: &&str| !word.contains(['"', '$', '`', '\\', '!']);
    let (first, text) = match words.split_at_checked(before.len()) {
        Some((first, text)) if text.len() > 1 && text.iter().all(is_plain) => {
            (first.join(" "), text.join(" "))
        }
        _ => (before.join(" ").to_uppercase(), last.to_uppercase()),
    };
    let space = if first.is_empty() { "" } else { " " };
    Some(did_you_mean(&[&format!(
        "git pm {verb} {first}{space}\"{text}\""
    )]))
}

/// The same below a group; those of issues are the verbs of beads.
const GROUP: &[(&str, &str)] = &[
    ("add new", "create"),
    ("assign", "reassign"),
    ("close complete", "done"),
    ("close complete", "close"),
    ("ls", "list"),
    ("remove rm", "delete"),
    ("rm", "remove"),
    ("set update", "edit"),
    ("view get", "show"),
    ("release", "drop"),
    ("reject", "return"),
    ("submit", "finish"),
    ("claim", "start"),
];

/// What is typed for an option of the same command, by its name there.
const OPTIONS: &[(&str, &str)] = &[
    ("description desc text content message m", "body"),
    ("name", "title"),
    ("status state s", "status"),
    ("due-date due-at deadline", "due"),
    ("until defer-until snooze", "defer"),
    ("owner assign assigned-to user", "assignee"),
    ("owner assign assignee user", "to"),
    ("tag tags labels", "label"),
    ("add-tag add-labels", "add-label"),
    ("remove-tag remove-labels rm-label", "remove-label"),
    (
        "after blocked-by deps depends needs waits-for",
        "depends-on",
    ),
    ("file files paths glob", "path"),
    ("criterion criteria ac", "accept"),
    ("size effort", "estimate"),
    ("prio", "priority"),
    ("kind", "type"),
    ("message m comment reason", "note"),
    ("message m why", "reason"),
    ("port address bind addr", "listen"),
    ("number count max n l", "limit"),
    ("actor user author", "by"),
    ("closed done include-closed", "all"),
    ("order order-by orderby", "sort"),
    ("format fields", "columns"),
];

/// Options of some commands that are no option at all: the last word of the command or nothing for
/// all, what is typed, and what to do.
const OTHERWISE: &[(&str, &str, &str)] = &[
    (
        "edit",
        "status state s",
        "verbs change the status: `git pm start ID`, `git pm finish ID`, `git pm task done ID`, \
         `git pm task cancel ID`",
    ),
    (
        "create",
        "title name",
        "the title is an argument: `git pm task create \"TITLE\"`",
    ),
    (
        "create",
        "status state s",
        "a new item is queued; `git pm start ID` starts it",
    ),
    ("", "format output o", "`--json` prints JSON"),
    (
        "",
        "no-colour nocolor plain",
        "`--no-color` disables colors",
    ),
    (
        "comment",
        "body b message m text",
        "the text is an argument: `git pm comment ID \"TEXT\"`",
    ),
    (
        "block",
        "reason message m",
        "the reason is an argument: `git pm task block ID \"REASON\"`",
    ),
    (
        "defer",
        "until when",
        "the time is an argument: `git pm task defer ID UNTIL`",
    ),
    ("show", "comments c", "the comments are shown without it"),
    (
        "create",
        "t",
        "`--type` is the type, and the title an argument: `git pm add \"TITLE\"`",
    ),
    (
        "close",
        "comment c",
        "`git pm comment ID \"TEXT\"` adds a comment, `--reason` a reason",
    ),
    ("", "search", "`git pm search WORD` searches the texts"),
    (
        "",
        "user author actor",
        "`--as ACTOR` acts under another name",
    ),
    ("", "version", "`git pm --version` prints the version"),
];

/// The most similar names that are offered.
const NEAR: usize = 3;

/// The hint for an unknown word of a group or of the root (`typed`, such as `git pm task`); none if
/// nothing is like it.
pub fn command(group: &Command, typed: &str, word: &str) -> Option<String> {
    if typed == "git pm" {
        if let Some((_, meant)) = ROOT.iter().find(|(words, _)| is_one_of(words, word)) {
            let hint = did_you_mean(meant);
            let both = meant.iter().any(|one| one.contains(" issue "));
            return Some(if both {
                format!("{hint} {ISSUES}")
            } else {
                hint
            });
        }
        if is_id(word) {
            return Some(did_you_mean(&[&format!("git pm show {word}")]));
        }
    }
    if typed == "git pm import" && word.ends_with(".jsonl") {
        return Some(did_you_mean(&[&format!("git pm import beads {word}")]));
    }
    if typed == "git pm import" && word.ends_with(".md") {
        return Some(did_you_mean(&[&format!("git pm plan {word}")]));
    }
    if typed == "git pm import" && is_one_of("md markdown", word) {
        return Some(did_you_mean(&["git pm import ccpm FOLDER"]));
    }
    if typed == "git pm import" && (word.ends_with(".csv") || is_one_of(SHEETS, word)) {
        return Some(did_you_mean(&["git pm import csv FILE"]));
    }
    let known = |name: &str| group.find_subcommand(name).is_some();
    let here = GROUP.iter().filter(|(words, _)| is_one_of(words, word));
    if let Some((_, meant)) = here.into_iter().find(|(_, meant)| known(meant)) {
        return Some(did_you_mean(&[&format!("{typed} {meant}")]));
    }
    let names = group.get_subcommands().filter(|c| !c.is_hide_set());
    let mut names: Vec<&str> = names.map(Command::get_name).collect();
    if typed == "git pm" {
        names.extend(SHORT.iter().map(|(short, ..)| *short));
    }
    similar("subcommand", &similar_names(word, names))
}

/// The hint for an unknown option, with its dashes; none if nothing is like it.
pub fn option(command: &Command, typed: &str, option: &str) -> Option<String> {
    let name = option.trim_start_matches('-');
    let name = &name.split('=').next().unwrap_or(name).to_lowercase();
    let longs = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let longs: Vec<&str> = longs.filter_map(clap::Arg::get_long).collect();
    let last = typed.rsplit(' ').next().unwrap_or_default();
    let is_here = |of: &str| of.is_empty() || of == last;
    let own = OPTIONS.iter().filter(|(words, _)| is_one_of(words, name));
    if let Some((_, meant)) = own.into_iter().find(|(_, meant)| longs.contains(meant)) {
        return Some(did_you_mean(&[&format!("--{meant}")]));
    }
    let takes_query = command.get_positionals().any(|arg| arg.get_id() == "query");
    if let (true, Some(field)) = (takes_query, Field::named(name)) {
        let field = field.name();
        return Some(format!(
            "it is a condition of the query: `{typed} {field}:VALUE`"
        ));
    }
    let other = OTHERWISE.iter();
    let mut other = other.filter(|(of, words, _)| is_here(of) && is_one_of(words, name));
    if let Some((.., hint)) = other.next() {
        return Some((*hint).to_string());
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
