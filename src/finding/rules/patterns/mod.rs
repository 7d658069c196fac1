//! Rules that look at one added line at a time, and at what stands around it.

mod checks;
mod table;

use std::collections::HashMap;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::files::Role;
use super::language::Lang;
use super::lex::LINE_MAX;
use super::report::{At, Report};
use super::view::View;
use checks::Site;
use table::{On, PATTERNS, Pattern, Place};

/// Adds what added lines match. As many lines with a rule as a hunk removed are not new: there a line
/// was edited that the base has.
pub(super) fn review(views: &[View<'_>], report: &mut Report) {
    for view in views.iter().filter(|view| view.role != Role::Foreign) {
        let patterns = compiled(view.lang);
        let mut removed = view.removed.chunk_by(|a, b| a.hunk == b.hunk).peekable();
        for hunk in view.added.chunk_by(|a, b| a.hunk == b.hunk) {
            let old = loop {
                match removed.next_if(|old| old[0].hunk <= hunk[0].hunk) {
                    Some(old) if old[0].hunk < hunk[0].hunk => {}
                    found => break found.unwrap_or_default(),
                }
            };
            // How many lines with a rule the hunk removed, once a line has one.
            let mut before: Option<HashMap<&str, usize>> = None;
            for changed in hunk.iter().filter(|changed| !changed.moved) {
                let Some(pattern) = patterns.first(&Site::of(view, &view.new, changed)) else {
                    continue;
                };
                let before = before.get_or_insert_with(|| {
                    let mut counts = HashMap::new();
                    for changed in old {
                        if let Some(found) = patterns.first(&Site::of(view, &view.old, changed)) {
                            *counts.entry(found.rule).or_default() += 1;
                        }
                    }
                    counts
                });
                match before.get_mut(pattern.rule).filter(|left| **left > 0) {
                    Some(left) => *left -= 1,
                    None => {
                        let claim = format!("{} in `{}`.", pattern.says, view.path());
                        report.add(pattern.rule, claim, At::added(view.path(), changed.line));
                    }
                }
            }
        }
    }
}

/// The patterns for a part of lines, each with its exception.
type Set = (On, RegexSet, Vec<(&'static Pattern, Option<Regex>)>);

/// The patterns of a language.
struct Compiled {
    sets: [Set; 3],
}

impl Compiled {
    /// The first pattern that says something of a line.
    fn first(&self, site: &Site<'_>) -> Option<&'static Pattern> {
        let test = site.lexed.in_test(site.line.number) || site.view.role == Role::Test;
        let text = crate::model::text::head(&site.line.text, LINE_MAX);
        let commented = site.code.trim().is_empty() && !site.comment.is_empty();
        for (on, set, patterns) in &self.sets {
            let part = match on {
                On::Code => site.code,
                On::Comment => site.comment,
                On::Text if commented => "",
                On::Text => text,
            };
            for at in &set.matches(part.as_bytes()) {
                let (pattern, unless) = &patterns[at];
                let in_place = match pattern.place {
                    Place::Any => true,
                    Place::Source => !test && site.view.role == Role::Source,
                    Place::NoTest => !test,
                    Place::Test => test,
                };
                let excepted = |unless: &Regex| unless.is_match(text.as_bytes());
                if in_place && !unless.as_ref().is_some_and(excepted) && (pattern.check)(site) {
                    return Some(pattern);
                }
            }
        }
        None
    }
}

/// The patterns of a language, compiled when first used.
fn compiled(lang: Lang) -> &'static Compiled {
    static ALL: [OnceLock<Compiled>; Lang::COUNT] = [const { OnceLock::new() }; Lang::COUNT];
    ALL[lang as usize].get_or_init(|| {
        let set = |on: On| {
            let of: Vec<&Pattern> = PATTERNS
                .iter()
                .filter(|p| p.on == on && (p.langs.is_empty() || p.langs.contains(&lang)))
                .collect();
            let set = RegexSetBuilder::new(of.iter().map(|pattern| pattern.regex))
                .unicode(false)
                .build();
            let unless = |pattern: &Pattern| {
                let regex = RegexBuilder::new(pattern.unless).unicode(false).build();
                regex.ok().filter(|_| !pattern.unless.is_empty())
            };
            let patterns = of.into_iter().map(|pattern| (pattern, unless(pattern)));
            (on, set.unwrap_or_default(), patterns.collect())
        };
        Compiled {
            sets: [On::Code, On::Comment, On::Text].map(set),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_belongs_to_a_rule() {
        for pattern in PATTERNS {
            for regex in [pattern.regex, pattern.unless] {
                let built = RegexBuilder::new(regex).unicode(false).build();
                assert!(built.is_ok(), "{regex}: {built:?}");
            }
            assert!(
                super::super::rule_named(pattern.rule).is_some(),
                "{}",
                pattern.rule
            );
        }
    }
}
