//! Manifests and lock files of package managers: whether they change together, and what is new.

use std::collections::{BTreeMap, BTreeSet};

use crate::diff::File;
use crate::model::text::first_of;

use super::change::Change;
use super::files::{Role, is_aside, is_lock, listed, locks_of, mentions, role, split};
use super::language::Lang;
use super::report::{At, Report};

/// What a manifest asks for, by the name of the dependency.
type Wanted = BTreeMap<String, String>;

/// What messages of commits call an update of lock files.
const UPDATES: &str =
    "dep lock bump upgrad updat renovate version release audit secur merge revert";

/// Adds what is wrong with dependencies.
pub(super) fn review(change: &Change<'_>, report: &mut Report) {
    let files = &change.diff.files;
    let changed: BTreeSet<&str> = files.iter().map(|file| split(&file.path).1).collect();
    let asked: Vec<&str> = files
        .iter()
        .filter_map(|file| locks_of(&file.path))
        .collect();
    let mut others = files
        .iter()
        .filter(|file| !is_lock(&file.path) && locks_of(&file.path).is_none());
    let said = change.facts.commits.iter().any(|commit| {
        let message = format!("{} {}", commit.subject, commit.body);
        mentions(UPDATES, &message.to_lowercase())
    });
    let unasked = others.next().is_some() && !said;
    let mut seen = BTreeSet::new();
    for file in files {
        let path = file.path.as_str();
        if let Some(locks) = locks_of(path)
            && let Some(old) = change.old.get(file.path_before())
            && let Some(new) = change.new.get(path)
            && role(path, Lang::Other) != Role::Test
            && !is_aside(path)
        {
            let (old, new) = (wanted(old), wanted(new));
            added(file, &old, &new, &mut seen, report);
            if differs(locks, &old, &new)
                && !locks.split(' ').any(|lock| changed.contains(lock))
                && let Some(lock) = nearest(change, locks, path)
            {
                let claim = format!("The dependencies of `{path}` change, but `{lock}` does not.");
                report.add("lock-missing", claim, At::file(path));
            }
        }
        let name = split(path).1;
        if unasked && is_lock(path) && !asked.iter().any(|locks| listed(locks, name)) {
            let claim = format!("`{path}` changes, but no manifest does.");
            report.add("manifest-missing", claim, At::file(path));
        }
    }
}

fn added(
    file: &File,
    old: &Wanted,
    new: &Wanted,
    seen: &mut BTreeSet<String>,
    report: &mut Report,
) {
    let path = file.path.as_str();
    let local = |wish: &str| mentions("path workspace link: file: catalog: indirect", wish);
    let names: Vec<&str> = new
        .iter()
        .filter(|(name, wish)| {
            !old.contains_key(*name) && !local(wish) && seen.insert((*name).clone())
        })
        .map(|(name, _)| name.as_str())
        .collect();
    if let Some(first) = names.first() {
        let at = file.added().find(|line| line.text.contains(first));
        let claim = format!("`{path}` adds {}.", first_of(&names, 5));
        report.add("dependency-added", claim, At::file_at(path, at));
    }
}

/// True if the lock file has to change: not with comments and options. That of Cargo has only the
/// versions that meet requirements: it need not change with one for a later version of the same kind.
fn differs(locks: &str, old: &Wanted, new: &Wanted) -> bool {
    let digit = |c: char| c.is_ascii_digit();
    let asks = |wish: &String| -> String {
        let wish = wish.split("//").next().unwrap_or_default();
        match locks {
            "Cargo.lock" => {
                let numbers = wish.split(|c| !digit(c));
                numbers.filter(|part| !part.is_empty()).take(1).collect()
            }
            "Gemfile.lock" => {
                let parts = wish.split(',');
                parts.filter(|part| !part.contains(": ")).collect()
            }
            _ => wish.trim().to_owned(),
        }
    };
    let pairs = old.iter().zip(new);
    old.len() != new.len()
        || pairs
            .into_iter()
            .any(|(a, b)| a.0 != b.0 || asks(a.1) != asks(b.1))
}

/// The lock file in the folder of a manifest, or in one above.
fn nearest(change: &Change<'_>, locks: &str, path: &str) -> Option<String> {
    let mut folder = split(path).0;
    loop {
        let path = |lock: &str| {
            format!("{folder}/{lock}")
                .trim_start_matches('/')
                .to_owned()
        };
        let mut here = locks.split(' ').map(path);
        match here.find(|lock| change.facts.locks.contains(lock)) {
            None if folder.is_empty() => return None,
            None => folder = split(folder).0,
            found => return found,
        }
    }
}

/// The dependencies of a manifest, line by line: all formats have an entry a line, below a key or
/// header that tells what they are.
fn wanted(text: &str) -> Wanted {
    let mut wanted = Wanted::new();
    let mut table = String::new();
    for line in text
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with(['#', '/']))
    {
        if let Some(call) =
            regex!(r#"^(?:gem|\w+\.add_(?:\w+_)?dependency)[ (]\s*["']([\w-]+)["'](.*)"#)
                .captures(line)
        {
            wanted.insert(call[1].to_owned(), call[2].to_owned());
        } else if let Some(module) = regex!(r"^require\s+(\S+)\s+(\S.*)$")
            .captures(line)
            .filter(|_| table != "require")
        {
            wanted.insert(module[1].to_owned(), module[2].to_owned());
        } else if let Some(header) =
            regex!(r#"^\[{1,2}([^\]"]+)\]{1,2}$|^["']?([\w-]+)["']?\s*[:=]?\s*[\[{(]$"#)
                .captures(line)
        {
            table = header
                .get(1)
                .or(header.get(2))
                .map_or("", |name| name.as_str())
                .to_owned();
            if let Some((_, name)) = table
                .rsplit_once("dependencies.")
                .filter(|_| !table.contains("optional-"))
            {
                wanted.insert(name.to_owned(), String::new());
            }
        } else if matches!(line, "]" | "}" | "}," | "]," | ")") {
            table.clear();
        } else if let Some(list) = line
            .strip_prefix("dependencies")
            .and_then(|rest| rest.trim_start().strip_prefix('='))
        {
            list.split(['"', '\''])
                .skip(1)
                .step_by(2)
                .for_each(|wish| entry(wish, "", &mut wanted));
        } else if table.ends_with("ependencies") && !table.starts_with("peer")
            || mentions("optional-dependencies dependency-groups", &table)
            || listed(
                "require require-dev packages dev-packages dev test docs",
                &table,
            )
        {
            let (name, wish) = line.split_once([':', '=', ' ']).unwrap_or((line, ""));
            match line.starts_with('"') && !line.contains("\":") {
                true => entry(line.trim_matches(['"', ',']), "", &mut wanted),
                false => entry(name.trim_matches(['"', ' ']), wish, &mut wanted),
            }
        } else if let Some((_, name)) = table.rsplit_once("dependencies.")
            && mentions("version path workspace", line)
        {
            wanted.insert(name.to_owned(), line.to_owned());
        }
    }
    wanted
}

/// Adds an entry such as `name`, `name>=1` or `name.workspace`.
fn entry(text: &str, wish: &str, wanted: &mut Wanted) {
    let end = text.find(|c: char| {
        !(c.is_alphanumeric() || "@/_-".contains(c) || c == '.' && text.contains('/'))
    });
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    if name.starts_with(|c: char| c.is_alphanumeric() || c == '@') {
        wanted.insert(
            name.to_owned(),
            format!("{rest}{}", wish.trim().trim_end_matches(',')),
        );
    }
}
