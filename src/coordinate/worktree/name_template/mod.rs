//! Names for branches and folders, rendered from a pattern such as `task/{id}-{slug}`.
//!
//! Pure: for any title or id the result is valid as a ref and on every file system.

use std::path::{Component, Path, PathBuf};

use crate::error::{Error, Result};
use crate::model::{settings, text};

/// The longest `{slug}`, in characters.
const SLUG_CHARS: usize = 40;
/// The longest component of a branch name, in bytes: a file system takes 255, and git appends
/// `.lock`.
const COMPONENT_BYTES: usize = 200;
/// The longest folder name, in bytes: Windows takes 260 characters for the whole path of a file.
const FOLDER_BYTES: usize = 80;
/// The longest value of any other placeholder, in characters.
const VALUE_CHARS: usize = 60;

/// The values of the placeholders.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fields<'a> {
    /// `{id}`, as `T-0001`.
    pub id: &'a str,
    /// The source of `{slug}`.
    pub title: &'a str,
    /// `{agent}`, as `agent-1`.
    pub agent: Option<&'a str>,
    /// `{run}`.
    pub run: Option<&'a str>,
    /// `{epic}`.
    pub epic: Option<&'a str>,
}

/// The location of the repository, for the folder of a worktree.
#[derive(Clone, Copy, Debug)]
pub struct Repo<'a> {
    /// The main work tree's folder, or the git directory of a bare repository; absolute.
    pub root: &'a Path,
    /// Set if `root` is the git directory of a bare repository.
    pub bare: bool,
    /// The folder that a leading `~/` stands for.
    pub home: Option<&'a Path>,
}

/// The branch name that `pattern` gives. A placeholder without a value is dropped with the
/// separator next to it; a `{slug}` that is alone in its component falls back to the id.
///
/// # Errors
/// Usage, when the pattern has an unknown placeholder or gives a name that git refuses.
pub fn branch(pattern: &str, fields: &Fields) -> Result<String> {
    let mut parts = Vec::new();
    for component in pattern.split('/') {
        // An empty component of the pattern itself is kept, so that git's rules refuse it.
        let rendered = render_within(component, fields, None, COMPONENT_BYTES)?;
        if !rendered.is_empty() || component.is_empty() {
            parts.push(rendered);
        }
    }
    let name = parts.join("/");
    check_branch(&name).map_err(|e| {
        Error::usage(format!(
            "the branch pattern `{}` does not produce a valid branch name: {}",
            text::one_line(pattern),
            e.message()
        ))
        .hint(format!(
            "use a pattern such as `{}`",
            settings::BRANCH.default
        ))
    })?;
    Ok(name)
}

/// The folder that `pattern` gives for a worktree. A relative pattern is relative to the parent of
/// the main work tree (or the bare repository), a leading `~/` to the given home.
///
/// # Errors
/// Usage, when the pattern has an unknown placeholder, names no folder, or needs a home that is
/// not known.
pub fn place(pattern: &str, fields: &Fields, repo: &Repo) -> Result<PathBuf> {
    let shown = text::one_line(pattern);
    let (start, rest) = if let Some(rest) = pattern.strip_prefix("~/") {
        let home = repo.home.ok_or_else(|| {
            Error::usage(format!("`{shown}` needs a home directory, but none is set"))
                .hint("use an absolute path")
        })?;
        (home, rest)
    } else {
        (repo.root.parent().unwrap_or(repo.root), pattern)
    };
    let repo_name = repo_name(repo);
    let count = rest.split('/').filter(|c| !c.is_empty()).count();
    let mut out = start.to_path_buf();
    let mut last = String::new();
    for (at, component) in rest.split('/').filter(|c| !c.is_empty()).enumerate() {
        let end = at + 1 == count;
        let most = if end { FOLDER_BYTES } else { COMPONENT_BYTES };
        last = render_within(component, fields, Some(&repo_name), most)?;
        if end {
            last = folder_name(&last, fields.id);
        }
        // Pushing an empty name would only add a separator.
        if !last.is_empty() {
            out.push(&last);
        }
    }
    if rest.starts_with('/') {
        out = Path::new("/").join(out.strip_prefix(start).unwrap_or(&out));
    }
    let end = rest.split('/').rfind(|c| !c.is_empty());
    if last.is_empty() || matches!(end, Some("." | "..")) {
        return Err(
            Error::usage(format!("`{shown}` does not name a folder")).hint(format!(
                "use a pattern such as `{}`",
                settings::WORKTREE_PATH.default
            )),
        );
    }
    Ok(without_dots(&out))
}

/// The repository's name: that of its folder, without a bare repository's `.git`. A hidden one
/// (`project/.git`, `project/.bare`) takes its parent's.
fn repo_name(repo: &Repo) -> String {
    let name = |p: &Path| p.file_name().map(|n| n.to_string_lossy().into_owned());
    let own = name(repo.root).unwrap_or_default();
    if !repo.bare {
        return own;
    }
    if own.starts_with('.') {
        return repo.root.parent().and_then(name).unwrap_or(own);
    }
    own.strip_suffix(".git").map(str::to_string).unwrap_or(own)
}

/// Resolves `.` and `..` in the text of the path: the folders need not exist.
pub(crate) fn without_dots(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// Renders one component in at most `most` bytes, shortening the slug first, as the id makes the
/// name unique.
fn render_within(
    component: &str,
    fields: &Fields,
    repo: Option<&str>,
    most: usize,
) -> Result<String> {
    let mut chars = SLUG_CHARS;
    loop {
        let rendered = render(component, fields, repo, chars)?;
        if rendered.len() <= most || chars == 0 {
            let cut = text::head(&rendered, most);
            if cut.len() == rendered.len() {
                return Ok(rendered);
            }
            let cut = cut.trim_end_matches(['-', '_', '.']);
            return Ok(cut.trim_end_matches(".lock").to_string());
        }
        chars -= 1;
    }
}

fn render(component: &str, fields: &Fields, repo: Option<&str>, chars: usize) -> Result<String> {
    let mut out = String::new();
    let mut rest = component;
    // Set after an empty value, whose separators are dropped.
    let mut dropped = false;
    while let Some(open) = rest.find('{') {
        let (before, after) = rest.split_at(open);
        let close = after.find('}').ok_or_else(|| unknown(after, repo))?;
        let value = value(&after[1..close], component, fields, repo, chars)
            .ok_or_else(|| unknown(&after[..=close], repo))?;
        append(&mut out, before, dropped);
        dropped = value.is_empty();
        if dropped {
            // The separator before an empty value is dropped with it.
            out.truncate(out.trim_end_matches(['-', '_']).len());
        }
        out.push_str(&value);
        rest = &after[close + 1..];
    }
    append(&mut out, rest, dropped);
    Ok(out)
}

/// Appends the pattern's own text; after an empty value at the very beginning, without the
/// separator that follows it.
fn append(out: &mut String, literal: &str, after_dropped: bool) {
    if after_dropped && out.is_empty() {
        out.push_str(literal.trim_start_matches(['-', '_']));
    } else {
        out.push_str(literal);
    }
}

fn value(
    name: &str,
    component: &str,
    fields: &Fields,
    repo: Option<&str>,
    chars: usize,
) -> Option<String> {
    let id = safe(fields.id);
    Some(match name {
        "id" => id,
        "slug" => {
            let slug = text::slug(fields.title, chars);
            // `epic/` alone would conflict with every other `epic/…`.
            if slug.is_empty() && component == "{slug}" {
                id
            } else {
                slug
            }
        }
        "agent" => safe(fields.agent.unwrap_or_default()),
        "run" => safe(fields.run.unwrap_or_default()),
        "epic" => safe(fields.epic.unwrap_or_default()),
        "repo" => repo?.to_string(),
        _ => return None,
    })
}

fn unknown(placeholder: &str, repo: Option<&str>) -> Error {
    let also = if repo.is_some() { " {repo}" } else { "" };
    Error::usage(format!(
        "unknown placeholder `{}`",
        text::one_line(placeholder)
    ))
    .hint(format!(
        "valid placeholders: {{id}} {{slug}} {{agent}} {{run}} {{epic}}{also}"
    ))
}

/// A value that is valid as one component of a ref and of a path.
fn safe(value: &str) -> String {
    let mut out = String::new();
    for c in value.chars().take(VALUE_CHARS) {
        let c = if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') {
            c
        } else {
            '-'
        };
        // Neither `..` (refused in refs) nor a row of dashes.
        if !(matches!(c, '.' | '-') && out.ends_with(c)) {
            out.push(c);
        }
    }
    let out = out.trim_matches(['.', '-']);
    match out.strip_suffix(".lock") {
        Some(stem) => format!("{stem}-lock"),
        None => out.to_string(),
    }
}

/// A folder name that is valid on every file system. The names and characters are those of
/// Microsoft's "Naming Files, Paths, and Namespaces".
fn folder_name(name: &str, id: &str) -> String {
    const RESERVED: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$", ".git"];
    let refused = |c: char| c.is_control() || "<>:\"/\\|?*".contains(c);
    let clean: String = name
        .chars()
        .map(|c| if refused(c) { '-' } else { c })
        .collect();
    let trim = |s: &str| s.trim_end_matches(['.', ' ']).trim_start().to_string();
    let mut clean = trim(text::head(&trim(&clean), FOLDER_BYTES));
    if clean.is_empty() {
        clean = safe(id);
    }
    let lower = clean.to_lowercase();
    // `nul.txt` is as reserved as `nul`, and `.git` has no stem.
    let stem = match lower.find('.') {
        Some(0) | None => lower.as_str(),
        Some(dot) => &lower[..dot],
    };
    let stem = stem.trim_end();
    let device = ["com", "lpt"].iter().any(|p| {
        stem.strip_prefix(p)
            .is_some_and(|n| n.chars().count() == 1 && n.contains(|c| "123456789¹²³".contains(c)))
    });
    if device || RESERVED.contains(&stem) {
        clean.insert(0, '_');
    }
    clean
}

/// Checks that git accepts `name` for a branch: the rules of git-check-ref-format(1) for
/// `refs/heads/<name>`, and those of its `--branch` (no leading dash, and not `HEAD`).
///
/// # Errors
/// Usage, naming the rule that is broken.
pub fn check_branch(name: &str) -> Result<()> {
    let broken = if name.is_empty() {
        Some("it is empty")
    } else if name.starts_with('-') {
        Some("it begins with `-`")
    } else if name == "HEAD" {
        Some("`HEAD` is reserved")
    } else {
        // The rule that a lone `@` is refused is about whole refs: `refs/heads/@` is one.
        broken_ref_rule(name)
    };
    match broken {
        None => Ok(()),
        Some(why) => Err(Error::usage(format!(
            "`{}` is not a valid branch name: {why}",
            text::one_line(name)
        ))),
    }
}

/// The rule of git-check-ref-format(1) that the ref name breaks, if any.
pub(crate) fn broken_ref_rule(name: &str) -> Option<&'static str> {
    // In the order of the man page, which numbers them.
    for component in name.split('/') {
        if component.is_empty() {
            return Some("it begins or ends with `/`, or has two in a row");
        }
        if component.starts_with('.') {
            return Some("a component begins with `.`");
        }
        if component.ends_with(".lock") {
            return Some("a component ends with `.lock`");
        }
    }
    if name.contains("..") {
        return Some("it has two dots in a row");
    }
    if name
        .bytes()
        .any(|b| b < 0x20 || b == 0x7f || b" ~^:?*[\\".contains(&b))
    {
        return Some("it has a space, a control character, or one of `~ ^ : ? * [ \\`");
    }
    if name.ends_with('.') {
        return Some("it ends with `.`");
    }
    if name.contains("@{") {
        return Some("it has `@{`");
    }
    None
}

#[cfg(test)]
mod tests;
