//! What a caller's path arguments mean, and which of them get a warning.
//!
//! Patterns are relative to the top of the work tree, or to the current folder; words may not be paths;
//! files may have a last change that the caller's branch does not have.

use super::pattern::comparison_budget::{Answer, Effort};
use super::pattern::{Path, Pattern, looks_like_path};
use super::queue;
use crate::coordinate::changes;
use crate::coordinate::here;
use crate::error::{Error, Reason, Result};
use crate::model::reservation::Reservation;
use crate::model::text::one_line;
use crate::pm::{Caller, Pm};
use crate::store::git::repo::Oid;
use crate::store::state::State;

/// The age up to which a release is considered, in milliseconds.
const RECENT_MS: u64 = 7 * crate::model::stamp::DAY_MS;
/// The maximum number of releases that are compared with the branch; each takes a git process.
const COMPARED: usize = 20;

/// The given patterns; those that begin with `./` or `../` are relative to the current folder.
pub(crate) fn patterns(pm: &Pm, given: &[String]) -> Result<Vec<Pattern>> {
    let all = separated(pm, given, &[]);
    all.iter().map(|text| pattern(pm, text)).collect()
}

/// The texts, each pattern as one of its own. What has a comma in its name stays whole where such a file
/// exists, or the item of an edit has it already.
pub(crate) fn separated(pm: &Pm, given: &[String], own: &[String]) -> Vec<String> {
    let folders = [pm.store.repo().workdir(), Some(&*pm.store.env().cwd)];
    let is_file = |text: &str| folders.iter().flatten().any(|at| at.join(text).exists());
    let is_one = |text: &String| own.contains(text) || text.contains(',') && is_file(text);
    let each = |text: &String| match is_one(text) {
        true => vec![text.clone()],
        false => split(text),
    };
    given.iter().flat_map(each).collect()
}

/// The patterns of a text, with commas or lines between them. A comma in braces or brackets, or behind `\`
/// (which is left out), is a part of its pattern, and so is one in a pattern in quotation marks; a blank beside
/// one in braces is not.
pub(crate) fn split(text: &str) -> Vec<String> {
    let (mut all, mut pattern, mut open) = (Vec::new(), String::new(), Vec::new());
    let mut quoted_to = 0;
    for (at, c) in text.char_indices() {
        if at < quoted_to {
            continue;
        }
        if let Some((inner, length)) = quoted(&text[at..]).filter(|_| pattern.trim().is_empty()) {
            pattern = inner.to_string();
            quoted_to = at + length;
            continue;
        }
        let is_escaped = pattern.ends_with('\\');
        match c {
            '\n' | '\r' | ',' if c != ',' || !is_escaped && open.is_empty() => {
                all.push(std::mem::take(&mut pattern));
                continue;
            }
            ',' if !is_escaped => pattern.truncate(pattern.trim_end().len()),
            ',' if open.is_empty() => _ = pattern.pop(),
            ' ' if open.last() == Some(&'}') && pattern.ends_with(',') => continue,
            '{' if text[at..].contains('}') => open.push('}'),
            '[' if text[at..].contains(']') => open.push(']'),
            _ if open.last() == Some(&c) => _ = open.pop(),
            _ => {}
        }
        pattern.push(c);
    }
    all.push(pattern);
    let all = all.iter().map(|one| one.trim().to_string());
    let all: Vec<String> = all.filter(|one| !one.is_empty()).collect();
    match all.is_empty() {
        true => vec![text.to_string()],
        false => all,
    }
}

/// The pattern in quotation marks at the beginning of a text, and its length with them: only what comes next
/// separates patterns.
fn quoted(text: &str) -> Option<(&str, usize)> {
    let (inner, rest) = text.strip_prefix('"')?.split_once('"')?;
    let is_whole = !inner.trim().is_empty() && !inner.contains(['\n', '\r']);
    let next = rest.trim_start_matches([' ', '\t']);
    let is_end = next.is_empty() || next.starts_with([',', '\n', '\r']);
    (is_whole && is_end).then_some((inner, inner.len() + 2))
}

/// A pattern as it can be typed: [`split`] gives it back.
#[cfg(any(test, feature = "serve"))]
pub(crate) fn typed(pattern: &str) -> String {
    match split(pattern)[..] {
        [ref one] if one == pattern => pattern.to_string(),
        _ if pattern.contains('"') => pattern.replace(',', "\\,"),
        _ => format!("\"{pattern}\""),
    }
}

/// A given pattern, as [`patterns`]. One typed below the top of the work tree that leads to something only from the
/// current folder, as shells complete it, is relative to that.
pub(crate) fn pattern(pm: &Pm, text: &str) -> Result<Pattern> {
    let begin = match text.find(['*', '?', '[', '{']) {
        Some(at) => text[..at].rsplit_once('/').map_or("", |(folder, _)| folder),
        None => text,
    };
    let (cwd, top) = (&pm.store.env().cwd, pm.store.repo().workdir());
    let is_here = pm.options.caller == Caller::Here
        && !begin.is_empty()
        && !begin.starts_with(['.', '/'])
        && cwd.join(begin).exists()
        && top.is_some_and(|top| !top.join(begin).exists());
    if !is_here {
        return from_top(pm, text);
    }
    let found = from_top(pm, &format!("./{text}"))?;
    if found.text() != text {
        pm.notice(format!(
            "`{}` is read as {}, as the top of the work tree has no `{}`",
            one_line(text),
            found.text(),
            one_line(begin)
        ));
    }
    Ok(found)
}

/// A pattern that is relative to the top of the work tree, or begins with a dot.
pub(crate) fn from_top(pm: &Pm, text: &str) -> Result<Pattern> {
    let text = without_top(pm, text);
    let prefix = match text.trim_start().starts_with('.') {
        true => folder_below_top(pm).unwrap_or_default(),
        false => String::new(),
    };
    Pattern::parse(text, &prefix).map_err(|e| Error::usage(e.to_string()))
}

/// An absolute path inside the work tree as one from its top; any other text as it is.
fn without_top<'t>(pm: &Pm, text: &'t str) -> &'t str {
    let top = pm.store.repo().workdir().and_then(|top| top.to_str());
    match top.and_then(|top| text.strip_prefix(top)) {
        Some(rest) if rest.starts_with('/') => rest.trim_start_matches('/'),
        _ => text,
    }
}

/// The current folder, as seen from the top of the work tree.
fn folder_below_top(pm: &Pm) -> Option<String> {
    let top = std::fs::canonicalize(pm.store.repo().workdir()?).ok()?;
    let cwd = std::fs::canonicalize(&pm.store.env().cwd).ok()?;
    Some(cwd.strip_prefix(&top).ok()?.to_str()?.replace('\\', "/"))
}

/// A file or folder, from the top of the work tree, which may not be there: as git takes one, relative to the current
/// folder, or to the top behind `:/`. A caller that has no current folder names it from the top.
pub(crate) fn named_as_for_git(pm: &Pm, text: &str) -> Result<String> {
    let at_top = text.strip_prefix(":/");
    let is_below = pm.options.caller == Caller::Here && at_top.is_none() && !text.starts_with('/');
    let folder = folder_below_top(pm)
        .filter(|_| is_below)
        .unwrap_or_default();
    let rest = without_top(pm, at_top.unwrap_or(text));
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(rest.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or_else(|| {
                    let shown = one_line(text);
                    Error::usage(format!("`{shown}` is outside of the repository"))
                })?;
            }
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// The patterns that name a file in the work tree. A pattern alone cannot tell: `README.md`
/// could be a folder, and then `**/*.rs` would overlap with it.
pub(crate) fn files_among(pm: &Pm, patterns: &[Pattern]) -> Vec<String> {
    let Some(top) = pm.store.repo().workdir() else {
        return Vec::new();
    };
    let is_file = |path: String| {
        let found = std::fs::symlink_metadata(top.join(path));
        found.is_ok_and(|meta| !meta.is_dir())
    };
    patterns
        .iter()
        .filter(|p| p.literal_path().is_some_and(is_file))
        .map(|p| p.text().to_string())
        .collect()
}

/// Refuses words that are not paths (`13714/2m`), so that they are not reserved by accident.
pub(crate) fn require_path(pm: &Pm, pattern: &Pattern) -> Result<()> {
    let repo = pm.store.repo();
    let exists = pattern.literal_path().is_some_and(|path| {
        repo.workdir().is_some_and(|top| top.join(&path).exists())
            || repo
                .git()
                .run(&["cat-file", "-e", &format!("HEAD:{path}")])
                .is_ok_and(|o| o.ok())
    });
    if exists || looks_like_path(pattern.text()) {
        return Ok(());
    }
    Err(Error::usage(format!(
        "`{}` is not a path in the repository and does not look like one",
        crate::model::text::one_line(pattern.text())
    ))
    .hint("`--new` reserves it anyway, for a path that does not exist yet")
    .because(Reason::PathUnknown)
    .about(pattern.text()))
}

/// Warns a caller who reserves recently released files without having the commit of the
/// release.
pub(crate) fn warn_of_unseen_release(
    pm: &Pm,
    state: &State<'_>,
    patterns: &[Pattern],
) -> Result<()> {
    let Some(head) = pm.store.repo().head_commit() else {
        return Ok(());
    };
    let (effort, mut compared) = (Effort::default(), 0);
    for r in state.reservations() {
        let Some(commit) = r.released_commit.as_deref() else {
            continue;
        };
        let Some(id) = pm.store.repo().parse_id(commit) else {
            continue;
        };
        if r.at.ms.saturating_add(RECENT_MS) <= pm.now_ms() {
            continue;
        }
        if compared == COMPARED || effort.is_spent() {
            pm.notice(
                "not all reservations released in the last week were compared with these \
                     paths; `git pm reserve list --all` shows them"
                    .to_string(),
            );
            break;
        }
        let theirs = Pattern::all_within(&r.patterns, &effort);
        if queue::meet_within(patterns, &theirs, here::case(pm), &effort) != Answer::Yes {
            continue;
        }
        let repo = pm.store.repo();
        let has = |id| repo.has_object(id) && repo.is_ancestor(id, head).unwrap_or(false);
        // A squash has the changes of the branch's commits, but not the commits.
        let merged = r
            .task
            .as_ref()
            .and_then(|t| state.doc(t.uid.as_ref()?)?.text("merged_commit"))
            .and_then(|hex| repo.parse_id(hex));
        if has(id) || merged.is_some_and(has) {
            continue;
        }
        compared += 1;
        let short = &commit[..commit.len().min(12)];
        if !repo.has_object(id) {
            pm.notice(format!(
                "{} released these paths at {short}, a commit that this clone does not have",
                r.actor
            ));
        } else if changed_since(pm, &r, (&theirs, patterns), head, &effort)? {
            pm.notice(format!(
                "{} changed these paths in {short}, which your branch does not have",
                r.actor
            ));
        }
    }
    Ok(())
}

/// True if the holder of a released reservation changed paths that are its and the caller's in
/// commits that `head` does not have.
pub(super) fn changed_since(
    pm: &Pm,
    r: &Reservation,
    (theirs, ours): (&[Pattern], &[Pattern]),
    head: Oid,
    effort: &Effort,
) -> Result<bool> {
    let repo = pm.store.repo();
    let include: Vec<String> = r.released_commit.iter().cloned().collect();
    let mut exclude = vec![head.to_string()];
    exclude.extend(r.began_commit.clone().filter(|hex| {
        let id = repo.parse_id(hex);
        id.is_some_and(|id| repo.has_object(id))
    }));
    let commits = changes::in_range(repo.git(), &include, &exclude)?;
    let mut paths = commits.iter().flat_map(|c| &c.paths);
    Ok(paths.any(|path| {
        let path = Path::new(path);
        let matches = |p: &Pattern| p.matches_within(&path, here::case(pm), effort);
        let any = |all: &[Pattern]| all.iter().any(|p| matches(p) == Answer::Yes);
        any(theirs) && any(ours)
    }))
}

#[cfg(test)]
mod tests {
    use super::{split, typed};

    #[test]
    fn a_pattern_as_it_is_typed_is_read_as_itself() {
        for text in [
            "src/**",
            "src/a,b.rs",
            "src/{a,b}/c,d",
            "a b,c",
            "a\",b",
            "[x,y],z",
        ] {
            assert_eq!(split(&typed(text)), [text], "{}", typed(text));
            let both = format!("{}, {}", typed(text), typed(text));
            assert_eq!(split(&both), [text, text], "{both}");
        }
        assert_eq!(typed("src/**"), "src/**");
        assert_eq!(typed("src/a,b.rs"), "\"src/a,b.rs\"");
    }

    #[test]
    fn commas_and_lines_separate_patterns_unless_they_belong_to_one() {
        for (text, wanted) in [
            ("src/**", &["src/**"][..]),
            (
                "src/**, docs/*\r\nREADME.md ,",
                &["src/**", "docs/*", "README.md"],
            ),
            ("c,b.txt", &["c", "b.txt"]),
            ("c\\,b.txt,d", &["c,b.txt", "d"]),
            ("\"c,b.txt\", d", &["c,b.txt", "d"]),
            ("\"c,b.txt\"\n\"d\"", &["c,b.txt", "d"]),
            ("\"c\"d,e", &["\"c\"d", "e"]),
            ("\"c,d", &["\"c", "d"]),
            ("src/{a, b}/*,[x,y]", &["src/{a,b}/*", "[x,y]"]),
            ("src/{a/**, b", &["src/{a/**", "b"]),
            ("", &[""]),
            (",", &[","]),
        ] {
            assert_eq!(split(text), wanted, "{text}");
        }
    }
}
