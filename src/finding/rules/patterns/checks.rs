//! What else has to hold where a line matches a pattern: what the lines around it say.

use std::collections::BTreeSet;

use crate::diff::Line;
use crate::rules::files::{Role, ends, listed, mentions, split};
use crate::rules::language::Lang;
use crate::rules::lex::{Lexed, Parted};
use crate::rules::view::{Changed, View};

/// The most lines that are looked at before and after a line.
const NEAR: u32 = 12;

/// A changed line, and what is around it.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub view: &'a View<'a>,
    /// The side of the file that has it.
    pub lexed: &'a Lexed,
    pub line: &'a Line,
    pub code: &'a str,
    pub comment: &'a str,
}

impl<'a> Site<'a> {
    pub fn of(view: &'a View<'a>, lexed: &'a Lexed, changed: &'a Changed<'a>) -> Self {
        let parts = lexed.get(changed.line.number);
        Self {
            view,
            lexed,
            line: changed.line,
            code: parts.map_or("", |parts| &parts.code),
            comment: parts.map_or("", |parts| &parts.comment),
        }
    }

    /// The lines before, the nearest first.
    fn before(&self, most: u32) -> impl Iterator<Item = &Parted> {
        let number = self.line.number;
        self.lexed
            .range(number.saturating_sub(most), number.saturating_sub(1))
            .rev()
    }

    /// The lines after.
    fn after(&self, most: u32) -> impl Iterator<Item = &Parted> {
        let number = self.line.number;
        self.lexed
            .range(number.saturating_add(1), number.saturating_add(most))
    }
}

/// The number of words of a text that people would say: neither names of rules nor directives.
fn words(text: &str) -> usize {
    const DIRECTIVES: &str = "noqa type ignore pylint disable pyright mypy pragma cover nosec nolint ignored rubocop all next line file";
    if text.contains("://") {
        return 2;
    }
    let text = text.split('[').next().unwrap_or(text);
    text.split_whitespace()
        .map(|word| word.trim_matches(|c: char| c.is_ascii_punctuation()))
        .filter(|word| word.len() > 2 && word.chars().all(|c| c.is_alphabetic() || c == '\''))
        .filter(|word| !listed(DIRECTIVES, &word.to_ascii_lowercase()))
        .count()
}

/// True if the line above is a comment that explains, but no documentation.
fn explained_above(site: &Site<'_>) -> bool {
    site.before(1).any(|above| {
        let doc = above.comment.starts_with(['/', '!', '*']);
        above.code.trim().is_empty() && !doc && words(&above.comment) >= 3
    })
}

pub(super) fn without_reason(site: &Site<'_>) -> bool {
    let rest = site.comment.split_once(']').map_or("", |(_, rest)| rest);
    words(site.comment) < 2 && words(rest) < 2 && !explained_above(site)
}

pub(super) fn attribute_without_reason(site: &Site<'_>) -> bool {
    let inside = !site.code.contains(']') && site.after(4).any(|line| line.code.contains("reason"));
    words(site.comment) < 2 && !inside && !explained_above(site)
}

pub(super) fn without_comment(site: &Site<'_>) -> bool {
    site.comment.trim().is_empty()
}

pub(super) fn code_file(site: &Site<'_>) -> bool {
    !matches!(site.view.lang, Lang::Other | Lang::Markdown)
}

/// True for a gate that was there before.
pub(super) fn edits_gate(site: &Site<'_>) -> bool {
    const NAMES: &str = "package.json Makefile justfile Justfile tox.ini noxfile.py";
    let gate = site.view.role == Role::Gate || listed(NAMES, split(site.view.path()).1);
    gate && !site.view.is_new()
}

/// True for settings of a checker that were there before.
pub(super) fn edits_settings(site: &Site<'_>) -> bool {
    const NAMES: &str = "tsconfig .eslintrc eslint.config biome.json .oxlintrc pyproject.toml setup.cfg mypy.ini tox.ini \
        Cargo.toml clippy.toml .rubocop";
    !site.view.is_new() && mentions(NAMES, split(site.view.path()).1)
}

/// True for an entry of a list of what a checker ignores.
pub(super) fn in_ignore_list(site: &Site<'_>) -> bool {
    let mut keys = site.before(60).map(|line| line.code.trim());
    let key = keys.find(|code| code.contains(['=', ':']) || code.starts_with('['));
    !site.view.is_new() && key.is_some_and(|key| mentions("ignore disable", key))
}

pub(super) fn gate_file(site: &Site<'_>) -> bool {
    site.view.role == Role::Gate
}

pub(super) fn not_prose(site: &Site<'_>) -> bool {
    site.view.lang != Lang::Markdown && !ends(".txt .rst .adoc .html .htm .svg", site.view.path())
}

/// True if the file does not print anyway: it neither did before nor is it a program with a command
/// line.
pub(super) fn prints_nothing_else(site: &Site<'_>) -> bool {
    const PRINTS: &str = "print( console. println! fmt.Print println( System.out System.err Console.Write print_r( NSLog(";
    const NAMES: &str = "cli cmd bin main command commands console repl log logger logging print printer output terminal \
        term report reporter debug ui display shell";
    const PROGRAMS: &str = "__main__ argparse sys.argv process.argv OptionParser @main";
    let printed =
        |line: &Parted| mentions(PRINTS, &line.code) || line.code.trim_start().starts_with("puts ");
    let program = |text: &str| {
        text.starts_with("#!")
            || mentions(PROGRAMS, text)
            || crate::rules::regex!(
                r"package main|\b(fn|func|fun|void|Task) [mM]ain\(|import (click|typer)"
            )
            .is_match(text)
    };
    !*site.view.prints.get_or_init(|| {
        let path = site.view.path();
        path.split(|c: char| !c.is_alphanumeric())
            .any(|part| listed(NAMES, part))
            || site.view.new_text.is_some_and(program)
            || site.view.old.range(1, u32::MAX).any(printed)
    })
}

fn indent(code: &str) -> usize {
    code.len() - code.trim_start().len()
}

/// False if the line is in a branch: a test that is skipped where it cannot run.
pub(super) fn unconditional(site: &Site<'_>) -> bool {
    const BRANCHES: &str =
        "if elif else unless except case guard catch rescue when switch for default";
    let own = indent(site.code);
    let mut before = site.before(NEAR);
    let outer = before.find(|line| !line.code.trim().is_empty() && indent(&line.code) < own);
    let code = outer.map_or("", |line| line.code.trim_start_matches(['}', ' ', '\t']));
    let word = code
        .split(|c: char| !c.is_alphabetic())
        .next()
        .unwrap_or_default();
    !listed(BRANCHES, word)
}

/// True if the block that the line opens is empty and has no comment.
pub(super) fn nothing_follows(site: &Site<'_>) -> bool {
    if !site.comment.trim().is_empty() {
        return false;
    }
    let code = site.code.trim_end().trim_end_matches(';');
    if ends("pass ... } nil", code) {
        return true;
    }
    for line in site.after(5) {
        if !line.comment.trim().is_empty() {
            return false;
        }
        let code = line.code.trim();
        if !code.is_empty() {
            return match site.view.lang {
                Lang::Python => matches!(code, "pass" | "..."),
                Lang::Ruby => matches!(code, "end" | "nil"),
                _ => code.starts_with('}'),
            };
        }
    }
    false
}

/// True if the command of a call with `shell=True` is not written out.
pub(super) fn command_from_value(site: &Site<'_>) -> bool {
    let mut lines: Vec<&str> = site.before(8).map(|line| line.code.as_str()).collect();
    lines.reverse();
    lines.push(site.code);
    let code = lines.join(" ");
    let call = crate::rules::regex!(r"\b(run|call|Popen|check_output|check_call|getoutput)\(");
    let Some(at) = call.find_iter(&code).last().map(|call| call.end()) else {
        return false;
    };
    let argument = code[at..].trim_start();
    let literal = argument.trim_start_matches(['r', 'b']);
    match literal.starts_with(['"', '\'']) {
        true => {
            let after = literal.trim_start_matches(['"', '\'', ' ']);
            after.starts_with(['+', '%']) || after.starts_with(".format")
        }
        false => !argument.is_empty() && !argument.starts_with(['[', ')', ',']),
    }
}

/// False if a query contains only names that no parameter can stand for: constants, tables, and the
/// placeholders of parameters.
pub(super) fn names_a_value(site: &Site<'_>) -> bool {
    const NAMES: &str = "table column cols schema placeholder fields marks params order direction where list values";
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for (at, _) in site.line.text.match_indices(['{', '+', '%']).take(20) {
        let rest = site.line.text[at + 1..].trim_start_matches([' ', '(']);
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.')))
            .unwrap_or(rest.len());
        names.insert(&rest[..end]);
    }
    names.remove("");
    names.remove("s");
    let harmless = |name: &&str| {
        let last = name.rsplit('.').next().unwrap_or(name);
        !last.contains(|c: char| c.is_lowercase()) || mentions(NAMES, &name.to_ascii_lowercase())
    };
    names.is_empty() || !names.iter().all(harmless)
}

/// True if markup is set from something else than a text that is written out.
pub(super) fn markup_from_value(site: &Site<'_>) -> bool {
    let text = site.line.text.as_str();
    let mark =
        crate::rules::regex!("__html:|innerHTML|outerHTML|document.write|insertAdjacentHTML");
    let Some(value) = mark.find(text).map(|mark| &text[mark.end()..]) else {
        return true;
    };
    let mut value = value.trim_start_matches(['l', 'n', '+', '=', ' ', '(']);
    if text.contains("insertAdjacentHTML") {
        value = value
            .split_once(',')
            .map_or("", |(_, value)| value.trim_start());
    }
    let Some(quote) = value.chars().next() else {
        return false;
    };
    if !matches!(quote, '"' | '\'' | '`') {
        return true;
    }
    match value[1..].split_once(quote) {
        Some((inside, rest)) => {
            quote == '`' && inside.contains("${") || rest.trim_start().starts_with('+')
        }
        None => value.contains("${"),
    }
}
