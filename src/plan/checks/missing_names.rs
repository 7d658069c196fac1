//! Paths and symbols that a plan is to change, and that neither exist at HEAD nor are made by a task.
//!
//! A document names mostly what is new. So a name counts only behind a word that presumes it
//! ("update `load()`"), and not if any text of the plan introduces it ("add `load()`").

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Check, Planned, Severity, Subject, tasks};
use crate::plan::document::{list, tokens};

/// The most symbols that are looked for, and the longest time that it may take.
const SYMBOLS: usize = 40;
const PATIENCE: Duration = Duration::from_millis(1500);

/// The longest name that is looked for, in bytes.
const LONGEST: usize = 120;

/// The most words between a verb and the name that it governs.
const BETWEEN: usize = 4;

/// What a text says about a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Exists,
    New,
    Nothing,
}

/// A name in back-ticks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Path(String),
    /// A symbol by its parts: `Store::open()` is `Store` and `open`.
    Symbol(Vec<String>),
}

pub(super) fn findings(subject: &Subject<'_>) -> Vec<Check> {
    let mut presumed: BTreeMap<Name, (&Planned, String)> = BTreeMap::new();
    let mut made: BTreeSet<Name> = BTreeSet::new();
    for planned in tasks(subject.plan) {
        let task = &planned.task;
        let criteria = task.acceptance.iter().map(|one| one.text.as_str());
        for text in criteria.chain([task.title.as_str(), task.description.as_str()]) {
            for (said, token, name) in names(text) {
                match said {
                    Said::Exists => drop(presumed.entry(name).or_insert((planned, token))),
                    Said::New => drop(made.insert(name)),
                    Said::Nothing => {}
                }
            }
        }
    }
    presumed.retain(|name, _| !made.iter().any(|made| made.brings(name)));
    if presumed.is_empty() {
        return Vec::new();
    }
    let missing = missing(subject, presumed.keys()).unwrap_or_default();
    presumed.retain(|name, _| missing.contains(name));
    let found = presumed.into_iter().map(|(name, (planned, token))| {
        let rule = match name {
            Name::Path(_) => "missing-path",
            Name::Symbol(_) => "missing-symbol",
        };
        let message = format!(
            "`{}` is to change `{token}`, but it is not at HEAD, and no task makes it",
            planned.name
        );
        let fix = "correct the name, or say in a task that it is new (\"add `…`\")";
        Check::of_task(planned, rule, Severity::Warning, message, fix)
    });
    found.collect()
}

/// The names in back-ticks outside blocks of code, as they are written, and what is said about them.
fn names(text: &str) -> Vec<(Said, String, Name)> {
    let mut found = Vec::new();
    let mut is_block = false;
    for line in text.lines() {
        is_block ^= line.trim_start().starts_with("```");
        let pieces: Vec<&str> = line.split('`').collect();
        if is_block || pieces.len().is_multiple_of(2) {
            continue;
        }
        let mut last = Said::Nothing;
        for at in (1..pieces.len()).step_by(2) {
            // One verb can govern several names: "update `a()` and `b()`".
            last = said(pieces[at - 1]).unwrap_or(last);
            if let Some(name) = Name::of(pieces[at]) {
                found.push((last, pieces[at].to_owned(), name));
            }
        }
    }
    found
}

/// What the words before a name say about it; `None` if there is no such word.
fn said(before: &str) -> Option<Said> {
    let clause = before.rsplit(['.', ',', ';', '(']).next().unwrap_or(before);
    let words = tokens(clause);
    let mut words = words.iter().rev().take(BETWEEN);
    let verb = words.find(|word| !list("beside-names").is(word))?;
    Some(match () {
        () if list("presumes").is(verb) => Said::Exists,
        () if list("introduces").is(verb) => Said::New,
        () => Said::Nothing,
    })
}

impl Name {
    /// True if the other name exists where this one does: it is the same, or a folder of its path.
    fn brings(&self, other: &Name) -> bool {
        match (self, other) {
            (Name::Path(file), Name::Path(path)) => is_at(file, path),
            _ => self == other,
        }
    }

    fn of(token: &str) -> Option<Name> {
        let plain = token.trim_start_matches("./").trim_end_matches('/');
        let is_word = |part: &str| {
            let mut chars = part.chars();
            let begins = chars
                .next()
                .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
            begins && part.len() > 2 && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        if !(3..=LONGEST).contains(&plain.len()) {
            return None;
        }
        // `src/a.rs:12` names a line of it.
        let path = plain.split_once(':').map_or(plain, |(path, _)| path);
        let is_part = |c: char| c.is_alphanumeric() || "/._-@".contains(c);
        let has_end = path
            .rsplit_once('.')
            .is_some_and(|(_, end)| is_word(&format!("{end}__")));
        if path.contains('/') && !plain.contains("::") {
            let is_path = has_end && path.chars().all(is_part) && !path.contains("..");
            let is_path = is_path && path.starts_with(|c: char| c.is_alphanumeric() || c == '.');
            return is_path.then(|| Name::Path(path.to_owned()));
        }
        let bare = plain.strip_suffix("()");
        let parts: Vec<String> = bare
            .unwrap_or(plain)
            .split("::")
            .map(str::to_owned)
            .collect();
        let is_symbol = (bare.is_some() || parts.len() > 1) && parts.iter().all(|one| is_word(one));
        is_symbol.then_some(Name::Symbol(parts))
    }
}

/// The names that are not at HEAD; `None` if that cannot be told in time.
fn missing<'n>(
    subject: &Subject<'_>,
    names: impl Iterator<Item = &'n Name>,
) -> Option<BTreeSet<Name>> {
    let repo = subject.pm.store.repo();
    let head = repo.head_commit()?.to_string();
    let git = repo.git().plain();
    let run = |args: &[&str]| git.run_with(args, None, Some(PATIENCE)).ok();
    let (mut files, mut words) = (None, None);
    let mut symbols = 0;
    let counts = |name: &&Name| {
        symbols += usize::from(matches!(name, Name::Symbol(_)));
        symbols <= SYMBOLS
    };
    let names: Vec<&Name> = names.take_while(counts).collect();
    let parts = names.iter().filter_map(|name| match name {
        Name::Symbol(parts) => Some(parts),
        Name::Path(_) => None,
    });
    let parts: Vec<&String> = parts.flatten().collect();
    if names.iter().any(|name| matches!(name, Name::Path(_))) {
        let listed = run(&["ls-tree", "-r", "-z", "--name-only", &head])?;
        files = listed.ok().then(|| listed.names::<Vec<String>>());
    }
    if !parts.is_empty() {
        let mut args = vec!["grep", "-I", "-h", "-o", "-w", "-F", "--no-color"];
        parts
            .iter()
            .for_each(|part| args.extend(["-e", part.as_str()]));
        // The document itself names them.
        args.extend([
            head.as_str(),
            "--",
            ":(exclude,glob)**/*.md",
            ":(exclude,glob)**/*.txt",
        ]);
        let found = run(&args)?;
        // 1 is git's code for no match.
        words = matches!(found.code, Some(0 | 1))
            .then(|| found.lines().into_iter().collect::<BTreeSet<String>>());
    }
    // Nothing is missing in a list that could not be read, or in a project that begins.
    let files = files.unwrap_or_default();
    let is_missing = |name: &&&Name| match name {
        Name::Path(path) => !files.is_empty() && !files.iter().any(|file| is_at(file, path)),
        Name::Symbol(parts) => words
            .as_ref()
            .is_some_and(|words| parts.iter().any(|part| !words.contains(part))),
    };
    Some(
        names
            .iter()
            .filter(is_missing)
            .map(|name| (*name).clone())
            .collect(),
    )
}

/// True if a path names a file or one of its folders, from the root or from a folder in it.
fn is_at(file: &str, path: &str) -> bool {
    let mut places = file.match_indices(path);
    places.any(|(at, _)| {
        let rest = file.get(at + path.len()..).unwrap_or_default();
        (at == 0 || file.get(..at).is_some_and(|before| before.ends_with('/')))
            && (rest.is_empty() || rest.starts_with('/'))
    })
}
