//! Patterns of arbitrary bytes, and the question whether two of them can name one file.

use std::time::Duration;

use git_pm::internals::coordinate::reserve::pattern::comparison_budget::Effort;
use git_pm::internals::coordinate::reserve::pattern::overlap::Case;
use git_pm::internals::coordinate::reserve::pattern::{Pattern, looks_like_path};

use crate::harness::{Target, Work, run};
use crate::mutate::Rng;

const TOKENS: &[&str] = &[
    "*",
    "**",
    "***",
    "/",
    "\\",
    "?",
    "[",
    "]",
    "[a-z]",
    "[!a]",
    "[^a]",
    "[]a]",
    "[a-",
    "[z-a]",
    "[[:alpha:]]",
    "[[:",
    ":]]",
    "[[=a=]]",
    "[[.a.]]",
    "{",
    "}",
    ",",
    "{a,b}",
    "{,a}",
    "{{",
    "}}",
    "{a,{b,c}}",
    "!",
    "\\!",
    "\\*",
    "\\{",
    "\\[",
    ".",
    "..",
    "./",
    "../",
    "//",
    "a",
    "b",
    "A",
    "ß",
    "İ",
    "K",
    "é",
    "\u{301}",
    "\u{202e}",
    "\0",
    "\n",
    "**/",
    "/**",
    "*a",
    "a*",
    "?*",
    "[!b-\u{10ffff}]",
    "{a,*}",
    ".git",
    "~",
    " ",
    "[/]",
    "[!/]",
];

/// The time limit of a query, on a busy machine in a debug build.
const LIMIT: Duration = Duration::from_secs(8);

/// A pattern that takes longer is near the bound on steps: only one query is made for it.
const SLOW: Duration = Duration::from_millis(100);

#[test]
fn patterns_of_any_bytes_have_an_answer() {
    let target = Target {
        name: "overlap",
        tokens: TOKENS,
        seeds: Vec::new,
        make: Some(make),
        rounds: 100,
    };
    run(target, tiny_paths, |paths, input| probe(paths, input));
}

/// Two patterns so small that all paths can be tried, or larger ones made of tokens.
fn make(rng: &mut Rng) -> Vec<u8> {
    let tiny = ["a", "b", "*", "?", "/", "**"];
    let most = if rng.one_in(2) { 4 } else { 40 };
    let side = |rng: &mut Rng| -> String {
        let tokens = if most == 4 { &tiny[..] } else { TOKENS };
        (0..=rng.below(most)).map(|_| rng.pick(tokens)).collect()
    };
    let (left, right) = (side(rng), side(rng));
    format!("{left}\n{right}\n").into_bytes()
}

fn probe(paths: &mut [String], input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let mut lines = text.split('\n');
    let mut next = || lines.next().unwrap_or_default();
    let (left, right, prefix) = (next(), next(), next());
    let path: String = next().chars().take(2000).collect();
    looks_like_path(left);
    let (a, b) = match (parse(left, prefix), parse(right, prefix)) {
        (Ok(a), Ok(b)) => (a, b),
        (a, b) => return format!("{:?} {:?}", a.err(), b.err()),
    };
    let begun = Work::begin();
    let mut kind = format!(
        "{} {}",
        a.literal_path().is_some(),
        b.literal_path().is_some()
    );
    for case in [Case::Sensitive, Case::Folded] {
        let there = a.overlaps(&b, case);
        if begun.elapsed() > SLOW {
            kind.push_str(" slow");
            break;
        }
        assert_eq!(there, b.overlaps(&a, case), "`{a}` and `{b}` disagree");
        assert!(
            a.overlaps(&a, case) || is_empty(&a),
            "`{a}` does not overlap with itself"
        );
        let (at_a, at_b) = (a.matches(&path, case), b.matches(&path, case));
        assert!(
            there || !(at_a && at_b),
            "`{a}` and `{b}` both match {path:?}"
        );
        if a.covers(&b, case, &Effort::default()) {
            assert!(there, "`{a}` covers `{b}` and does not overlap with it");
        }
        if let Some(literal) = a.literal_path() {
            assert!(
                a.matches(&literal, case),
                "`{a}` does not match {literal:?}"
            );
        }
        let (files, others) = (a.clone().files_only(), b.clone().files_only());
        assert!(
            there || !files.overlaps(&others, case),
            "`{a}` and `{b}`: a narrower pattern overlaps with more"
        );
        if case == Case::Sensitive && is_tiny(&a) && is_tiny(&b) {
            let both = |path: &&String| naive(a.text(), path) && naive(b.text(), path);
            let witness = paths.iter().find(both);
            assert_eq!(there, witness.is_some(), "`{a}` and `{b}`: {witness:?}");
        }
        kind = format!("{kind} {there} {at_a} {at_b}");
    }
    let taken = begun.elapsed();
    assert!(taken < LIMIT, "`{a}` and `{b}` took {taken:?}");
    let size = |pattern: &Pattern| pattern.text().len().next_power_of_two();
    format!("{kind} {} {}", size(&a), size(&b))
}

/// A pattern, which must read back as the same; or the kind of the refusal.
fn parse(text: &str, prefix: &str) -> Result<Pattern, String> {
    match Pattern::parse(text, prefix) {
        Ok(pattern) => {
            let again = Pattern::parse(pattern.text(), "").unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(again, pattern);
            assert_eq!(again.text(), pattern.text());
            Ok(pattern)
        }
        Err(error) => {
            let shown = error.to_string();
            assert!(!shown.contains(char::is_control), "{shown:?}");
            let kind = format!("{error:?}");
            Err(kind.split('(').next().unwrap_or_default().to_string())
        }
    }
}

/// Whether it may contain a class without members, so that it matches nothing.
fn is_empty(pattern: &Pattern) -> bool {
    pattern.text().contains('[')
}

/// So small that paths of eight characters show every overlap.
fn is_tiny(pattern: &Pattern) -> bool {
    let text = pattern.text();
    text.len() <= 4
        && text
            .bytes()
            .all(|b| matches!(b, b'a' | b'b' | b'*' | b'?' | b'/'))
}

/// All paths of up to eight characters from an alphabet of two.
fn tiny_paths() -> Vec<String> {
    let mut all: Vec<String> = vec![String::new()];
    let mut longest = all.clone();
    for _ in 0..8 {
        let longer = |path: &String| ["a", "b", "/"].map(|next| format!("{path}{next}"));
        longest = longest.iter().flat_map(longer).collect();
        all.extend(longest.iter().cloned());
    }
    all.retain(|path| path.split('/').all(|name| !name.is_empty()));
    all
}

/// A second implementation of the language of tiny patterns, by plain recursion.
fn naive(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    names(&pattern, &path)
}

fn names(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], _) => true,
        ([stars, rest @ ..], _) if stars.len() > 1 && stars.bytes().all(|b| b == b'*') => {
            names(rest, path) || (!path.is_empty() && names(pattern, &path[1..]))
        }
        ([first, rest @ ..], [name, below @ ..]) => {
            characters(first.as_bytes(), name.as_bytes()) && names(rest, below)
        }
        (_, []) => false,
    }
}

fn characters(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => {
            characters(rest, name) || (!name.is_empty() && characters(pattern, &name[1..]))
        }
        ([b'?', rest @ ..], [_, after @ ..]) => characters(rest, after),
        ([own, rest @ ..], [there, after @ ..]) => own == there && characters(rest, after),
        _ => false,
    }
}
