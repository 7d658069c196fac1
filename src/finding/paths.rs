//! The paths that other tools write: which of them name a file of the repository.

use crate::model::text;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::borrow::Cow;

/// The longest path that is taken, in bytes: the limit of most systems.
pub(crate) const PATH_MAX: usize = 4096;

/// What is encoded in the path of a URI.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The path from the repository's root of what a tool names by a path: relative, or absolute below
/// `root`. Empty for the root itself. `None` for a path outside the repository or in git's own folder,
/// with `..`, or with characters that steer a terminal. A backslash separates, as it does for the tools
/// of Windows.
pub(crate) fn of_path(path: &str, root: Option<&str>) -> Option<String> {
    let path = path.replace('\\', "/");
    let root = root.map(|root| root.replace('\\', "/"));
    let below = root.as_deref().and_then(|root| {
        let rest = path.strip_prefix(root.trim_end_matches('/'))?;
        (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/'))
    });
    let relative = below.unwrap_or(&path);
    let has_drive = matches!(relative.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic());
    let is_plain = |part: &&str| !part.is_empty() && *part != ".";
    let parts: Vec<&str> = relative.split('/').filter(is_plain).collect();
    let is_wrong = |part: &&str| {
        *part == ".."
            || [".git", "git~1"]
                .iter()
                .any(|git| part.eq_ignore_ascii_case(git))
    };
    let refused = relative.len() > PATH_MAX
        || relative.starts_with('/')
        || has_drive
        || parts.iter().any(is_wrong)
        || relative.chars().any(text::steers);
    (!refused).then(|| parts.join("/"))
}

/// The same for a URI reference. Many tools do not encode what they write, so a `%` without two
/// digits, `?` and `#` belong to the path.
pub(crate) fn of_uri(uri: &str, root: Option<&str>) -> Option<String> {
    let Some((scheme, rest)) = scheme(uri) else {
        return of_path(&decoded(uri)?, root);
    };
    let local = match rest.strip_prefix("//") {
        Some(named) => named.strip_prefix("localhost").unwrap_or(named),
        None => rest,
    };
    if !scheme.eq_ignore_ascii_case("file") || !local.starts_with('/') {
        return None;
    }
    let path = decoded(local)?;
    // `file:///C:/work` names `C:/work`.
    let has_drive = path.as_bytes().get(2) == Some(&b':');
    of_path(&path[usize::from(has_drive)..], root)
}

/// The scheme of a URI and what follows it. A single letter is a drive.
pub(crate) fn scheme(uri: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = uri.split_once(':')?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let is_scheme = scheme.len() > 1 && scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    (is_scheme && scheme.chars().all(is_part)).then_some((scheme, rest))
}

fn decoded(text: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(text).decode_utf8().ok()
}

/// A path as a relative URI reference.
pub(crate) fn to_uri(path: &str) -> String {
    utf8_percent_encode(path, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: Option<&str> = Some("/home/eve/repo/");

    #[test]
    fn paths_below_the_root_become_relative() {
        for (uri, path) in [
            ("src/a.py", "src/a.py"),
            ("./src//./a.py", "src/a.py"),
            ("src/a%20b.py", "src/a b.py"),
            ("src/a b.py", "src/a b.py"),
            ("src/100%.txt", "src/100%.txt"),
            ("src/%+1.txt", "src/%+1.txt"),
            ("src/c#?.rs", "src/c#?.rs"),
            ("src/%C3%A9.rs", "src/é.rs"),
            ("src\\win\\a.cs", "src/win/a.cs"),
            ("file:///home/eve/repo/src/a.py", "src/a.py"),
            ("file:/home/eve/repo/src/a.py", "src/a.py"),
            ("FILE://localhost/home/eve/repo/a%23b", "a#b"),
            ("/home/eve/repo/a.py", "a.py"),
            ("file:///home/eve/repo", ""),
            (".github/x.yml", ".github/x.yml"),
            ("a..b/...", "a..b/..."),
        ] {
            assert_eq!(of_uri(uri, ROOT).as_deref(), Some(path), "{uri}");
        }
        let windows = Some("C:\\work");
        assert_eq!(of_uri("file:///C:/work/a.cs", windows).unwrap(), "a.cs");
        assert_eq!(of_path("C:\\work\\a\\b.cs", windows).unwrap(), "a/b.cs");
    }

    #[test]
    fn what_is_not_a_file_of_the_repository_is_refused() {
        for uri in [
            "../../etc/passwd",
            "src/../../x",
            "%2e%2e%2fx",
            "..%5c..%5cx",
            "/etc/passwd",
            "file:///etc/passwd",
            "file:///home/eve/repository/a",
            "file:///home/eve/repo/../x",
            "file://server/home/eve/repo/a",
            "file:a",
            "https://example.org/a",
            "C:/work/a",
            "c:a",
            "file:///C:/work/a",
            ".git/config",
            "sub/.GIT/hooks/x",
            "GIT~1/config",
            "a%00b",
            "a\u{1b}[31m",
            "a\nb",
            "a\u{202e}b",
            "%ff",
        ] {
            assert_eq!(of_uri(uri, ROOT), None, "{uri:?}");
            assert_eq!(of_uri(uri, None), None, "{uri:?}");
        }
        assert_eq!(of_path(&"a/".repeat(3000), None), None);
    }

    #[test]
    fn a_path_is_the_same_after_it_was_a_uri() {
        for path in ["a b/100%25.txt", "é/修.rs", "ab:c", "x?y#z", "%2e%2e/x"] {
            assert_eq!(of_uri(&to_uri(path), None).as_deref(), Some(path));
        }
    }
}
