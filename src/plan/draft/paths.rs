//! The files that a task is expected to change: only names in back-ticks that exist in the tree or
//! that the task may create. Prose names no files.

use super::candidate::TaskCandidate;
use super::draft_types::{Finding, Severity};
use super::similarity::words;
use super::task_criteria::Content;
use crate::plan::document::{Lines, Words, words};

/// The longest path, in bytes.
const MAX_BYTES: usize = 200;

/// The paths of a task, in order, without duplicates.
pub(super) fn of(
    candidate: &TaskCandidate,
    content: &Content,
    exists: &dyn Fn(&str) -> bool,
) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let verbs = words!("create, add, generate, introduce, new, write, scaffold, set");
    let creates = words(&candidate.title)
        .iter()
        .take(3)
        .any(|word| verbs.contains(word));
    let mut ask = 0;
    for code in &content.codes {
        let Some(path) = shape(code) else { continue };
        let bare = path.trim_end_matches('/');
        ask += 1;
        if ask > 400
            || found
                .iter()
                .any(|known| known.trim_end_matches('/') == bare)
        {
            continue;
        }
        let planned = || {
            let file = extension(bare) || path.ends_with('/');
            let first = bare.split('/').next().unwrap_or(bare);
            let nested = bare.contains('/') || path.ends_with('/');
            file && ((nested && exists(first)) || (creates && (nested || extension(bare))))
        };
        let hidden = bare.starts_with('.') && !bare.contains('/');
        if exists(bare) || (planned() && !hidden) {
            found.push(path.to_owned());
        }
    }
    found
}

/// A code span with the form of a relative path.
fn shape(code: &str) -> Option<&str> {
    let path = code.trim().trim_start_matches("./");
    // `src/main.rs:42` is a line of a file.
    let path = match path.rsplit_once(':') {
        Some((head, line))
            if !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit() || b == b'-') =>
        {
            head
        }
        _ => path,
    };
    let odd = |c: char| {
        c.is_whitespace() || c.is_control() || "{}[]<>()*?|\"'`$#@=;,!&%^~\\:…".contains(c)
    };
    let parts = || path.trim_end_matches('/').split('/');
    let usable = !path.is_empty()
        && path.len() <= MAX_BYTES
        && !path.starts_with(['/', '-', '+'])
        && !path.contains(odd)
        && parts().all(|part| !part.is_empty() && part != "." && part != ".." && part != ".git")
        && path.chars().any(char::is_alphabetic);
    usable.then_some(path)
}

/// True if the last component ends like a file name: `x.rs`, not `1.5k` or `v1.2`.
fn extension(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some((stem, extension)) = name.rsplit_once('.') else {
        return false;
    };
    let letters = extension.starts_with(|c: char| c.is_ascii_alphabetic())
        && extension.len() <= 8
        && extension.bytes().all(|b| b.is_ascii_alphanumeric());
    if path.contains('/') {
        return letters && !stem.bytes().all(|b| b.is_ascii_digit());
    }
    // `config.port`, `window.location`, `orders.create` are names in code; only known extensions
    // are files.
    const KNOWN: Words = words!(
        "c, cfg, cjs, conf, cpp, cs, css, csv, dart, env, ex, exs, go, gradle, graphql, h, hpp, \
         hs, html, ini, ipynb, java, js, json, jsonl, jsx, kt, lock, lua, md, mdx, mjs, ml, php, \
         plist, png, prisma, proto, ps1, py, rb, rs, rst, sass, scala, scss, sh, sql, svelte, svg, \
         swift, tf, toml, ts, tsx, txt, vue, xml, yaml, yml, zig",
    );
    letters
        && KNOWN.contains(extension.to_ascii_lowercase().as_str())
        && stem.chars().any(char::is_alphabetic)
}

/// Reports paths outside the repository.
pub(super) fn outside(content: &Content, lines: Lines, key: &str) -> Vec<Finding> {
    content
        .codes
        .iter()
        .filter(|code| {
            let parts: Vec<&str> = code.split('/').collect();
            let up = parts.len() > 1 && parts.contains(&"..");
            let system = ["/etc/", "/usr/", "/var/", "/root/", "/home/", "~/", "C:\\"]
                .iter()
                .any(|start| code.starts_with(start));
            (up || system) && !code.contains(' ') && code.len() <= MAX_BYTES
        })
        .take(5)
        .map(|code| Finding {
            rule: "path-outside".to_owned(),
            severity: Severity::Warning,
            lines,
            task: Some(key.to_owned()),
            message: format!("`{code}` is outside the repository; no task may change it"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn paths(title: &str, codes: &[&str], tree: &[&str]) -> Vec<String> {
        let content = Content {
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
            ..Content::default()
        };
        let candidate = TaskCandidate {
            node: None,
            folded: Vec::new(),
            title: title.to_owned(),
            key: String::new(),
            cause: super::super::candidate::Cause::Work,
            requirement: None,
            unit: None,
            group: None,
            story: None,
            coarse: false,
            lines: Lines { start: 1, end: 1 },
            stems: BTreeSet::new(),
        };
        let tree: BTreeSet<&str> = tree.iter().copied().collect();
        of(&candidate, &content, &|path| tree.contains(path))
    }

    #[test]
    fn only_existing_and_possible_files_are_paths() {
        let codes = [
            "XS/S/M/L/XL",
            "1.5k/1k",
            "Pro/Max",
            "opened/synchronize",
            "/health",
            "epic/[name]",
            "13714/2m",
            "config.port",
            "../x.rs",
            "src/../../etc",
        ];
        assert!(paths("Add it", &codes, &["src"]).is_empty());
    }

    #[test]
    fn files_of_the_tree_and_new_files_beside_them_are_paths() {
        assert_eq!(
            paths(
                "Change it",
                &["src/a.rs", "src/new.rs", "lib/x.rs", "src/new/", "src/word"],
                &["src", "src/a.rs"]
            ),
            ["src/a.rs", "src/new.rs", "src/new/"]
        );
        assert_eq!(
            paths("Create the reader", &["lib/x.rs", "reader.py"], &[]),
            ["lib/x.rs", "reader.py"]
        );
    }
}
