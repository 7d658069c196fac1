//! The kind of a section by its heading, the lexicon and the kind of the section above.
//!
//! Below a section whose parts are things to build, a word counts only in a heading without other
//! words: there `Risk scoring` is a feature, not a risk.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::SectionKind::{self, *};
use super::lexicon::{lexicon, list};
use super::words::{is_glued, tokens};

/// The kind that the heading itself names, below a section of the kind `above`.
pub(super) fn of_heading(title: &str, above: SectionKind) -> Option<SectionKind> {
    let found = by_shape(title).or_else(|| by_words(title, above.is_work()))?;
    // Goals and non-goals may share a section; else what is below an aside is part of it.
    let beside = above == NonGoal && matches!(found, Scope | Context);
    let aside = above.is_aside() || above == Acceptance;
    let part = found.is_work() || matches!(found, Scope | Context | NonFunctional);
    (beside || !(aside && part)).then_some(found)
}

/// The kind of a heading without words other than those for the kind.
pub(super) fn of_bare(title: &str) -> Option<SectionKind> {
    by_words(title, true)
}

impl SectionKind {
    /// True for kinds of sections below which headings do not name work.
    pub(super) fn is_aside(self) -> bool {
        let noted = matches!(self, NonGoal | Future | Question | Risk | Ready | Done);
        noted || matches!(self, Metric | Decision | Assumption | Appendix)
    }

    /// True for kinds of sections in which a box to tick is work nevertheless. A box for a condition of the end is
    /// ticked there, and `is_aside` says whether its heading puts later work aside.
    pub(super) fn yields_to_box(self, is_aside: bool) -> bool {
        let condition = matches!(self, Acceptance | Ready | Done | Metric);
        let known = condition || self.is_work() || matches!(self, Scope | Unknown);
        !known && self != NonGoal && !(self == Future && is_aside)
    }

    /// True for a kind that the words of an open box can name: the box itself says that it is work.
    pub(super) fn names_a_box(self, text: &str) -> bool {
        let known = self.is_work() || matches!(self, Scope | NonGoal);
        known || self == Future && puts_aside(text)
    }

    /// True for kinds of sections whose parts are work.
    pub fn is_work(self) -> bool {
        let built = matches!(self, Functional | Story | Feature | Deliverable);
        built || matches!(self, Milestone | Checklist)
    }
}

/// True if a heading of later work says that it is not work of this plan: `Later` or `Phase 2: Ideas`, but not `Next`,
/// `Backlog` or `Phase 2`, which only say when it comes.
pub(super) fn puts_aside(title: &str) -> bool {
    let mut words = tokens(title);
    words.retain(|word| !list("queues").is(word));
    let apart = |kind: SectionKind| matches!(kind, NonGoal | Future);
    let found = (0..words.len()).any(|at| {
        let exact = index().by_word.get(&words[at]).into_iter().flatten();
        let mut all = exact.chain(&index().stems);
        all.any(|pattern| apart(pattern.kind) && pattern.matches(&words[at..]))
    });
    let mut glued = index().glued.iter();
    found
        || list("later").has(&words.join(" "))
        || glued.any(|(kind, word)| apart(*kind) && title.contains(word))
}

/// A word or phrase for a kind.
struct Pattern {
    kind: SectionKind,
    rank: usize,
    words: Vec<String>,
    /// `*`, `=`, `$` or none.
    mark: char,
}

#[derive(Default)]
struct Index {
    by_word: HashMap<String, Vec<Pattern>>,
    stems: Vec<Pattern>,
    glued: Vec<(SectionKind, &'static str)>,
}

fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        let mut index = Index::default();
        for (rank, (kind, patterns)) in lexicon().sections.iter().enumerate() {
            for pattern in patterns {
                let words = tokens(pattern);
                let Some(first) = words.first().cloned() else {
                    continue;
                };
                let mark = pattern.chars().find(|c| "*=$".contains(*c));
                let read = Pattern {
                    kind: *kind,
                    rank,
                    words,
                    mark: mark.unwrap_or(' '),
                };
                if pattern.contains(is_glued) {
                    index.glued.push((*kind, pattern));
                } else if read.mark == '*' && read.words.len() == 1 {
                    index.stems.push(read);
                } else {
                    index.by_word.entry(first).or_default().push(read);
                }
            }
        }
        index
    })
}

impl Pattern {
    fn matches(&self, tokens: &[String]) -> bool {
        let open = |(token, word): (&String, &String)| token.starts_with(word.as_str());
        let at = self.words.len().saturating_sub(1);
        let last = tokens.get(at).zip(self.words.last());
        let stem = self.mark == '*' && last.is_some_and(open);
        tokens.starts_with(&self.words) || stem && tokens.starts_with(&self.words[..at])
    }
}

/// The kind of the first pattern that matches; `strict` requires that the title has no other words.
fn by_words(title: &str, strict: bool) -> Option<SectionKind> {
    let title: String = title.chars().take(160).collect();
    let whole = title.split(['(', '（', '[']).find(|part| !part.is_empty());
    let whole = whole.unwrap_or_default();
    let head = whole.split([':', '：', '–', '—']).next().unwrap_or(whole);
    hit(head, strict).or_else(|| hit(whole, false).filter(|_| !strict))
}

fn hit(text: &str, strict: bool) -> Option<SectionKind> {
    if let Some(kind) = glued_hit(text, strict) {
        return Some(kind);
    }
    let tokens = tokens(text);
    let mut covered = vec![false; tokens.len()];
    let mut hits: Vec<(&Pattern, usize)> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let exact = index().by_word.get(token).into_iter().flatten();
        let all = exact.chain(&index().stems);
        for pattern in all.filter(|pattern| pattern.matches(&tokens[at..])) {
            let end = at + pattern.words.len();
            covered[at..end].fill(true);
            hits.push((pattern, end));
        }
    }
    let is_filler = |token: &str| list("fillers").is(token) || token.parse::<u32>().is_ok();
    let mut pure = tokens.iter().zip(&covered);
    let pure = pure.all(|(token, covered)| *covered || is_filler(token));
    let thing = tokens.last().is_some_and(|token| list("things").is(token));
    let fits = |(pattern, end): &(&Pattern, usize)| {
        let built = thing && *end < tokens.len() && !pattern.kind.is_work();
        let placed = pattern.mark != '=' && (pattern.mark != '$' || *end == tokens.len());
        // `Future enhancements` of a plan are none of its parts.
        let begins = *end == pattern.words.len() && matches!(pattern.kind, NonGoal | Future);
        pure || (!strict || begins) && placed && !built
    };
    let best = hits.into_iter().filter(fits).map(|(pattern, _)| pattern);
    let best = best.min_by_key(|pattern| (pattern.mark == '=', pattern.rank));
    best.map(|pattern| pattern.kind)
}

/// The kind of a heading in a script without spaces: the last word determines it, unless the
/// heading has a word for non-goals, later work or non-functional requirements.
fn glued_hit(text: &str, strict: bool) -> Option<SectionKind> {
    let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
    let known = index().glued.iter().filter(|_| text.contains(is_glued));
    let found = known.filter_map(|(kind, word)| {
        let end = text.rfind(word)? + word.len();
        let first = matches!(kind, NonGoal | Future | NonFunctional);
        let other = letters.saturating_sub(word.chars().count());
        (!strict || other <= 4).then_some(((first, end, word.len()), *kind))
    });
    found.max_by_key(|(place, _)| *place).map(|(_, kind)| kind)
}

/// The kind by the first word of a heading, if a number or colon follows: `Phase 2: Risk scoring`
/// is a phase, `Feature 4: Risk view` a feature.
pub fn by_shape(title: &str) -> Option<SectionKind> {
    let head: String = title.trim_start().chars().take(120).collect();
    let words = tokens(&head);
    let first = words.first()?.as_str();
    let second = words.get(1).map_or("", String::as_str);
    let rest = head.get(first.len()..).unwrap_or_default().trim_start();
    let colon = rest.starts_with([':', '：']);
    let numbered = is_number(second);
    let letters = first.trim_end_matches(|c: char| c.is_ascii_digit());
    let glued = (1..=2).contains(&(first.len() - letters.len()));
    let short = match letters {
        // `V1 navigation` is a part of the first version.
        "v" => glued && !rest.starts_with(char::is_alphabetic),
        "m" => glued && !rest.starts_with('.'),
        "q" => glued && words.len() == 1,
        _ => glued && letters.len() > 3 && list("phase").is(letters),
    };
    let named = list("phase").is(first) && (numbered || colon && first != "release");
    if short || named || dense_phase(&head) {
        return Some(Milestone);
    }
    (list("part").is(first) && (numbered || colon)).then_some(Feature)
}

/// `第一阶段`, `フェーズ2`, `1주차`.
fn dense_phase(head: &str) -> bool {
    let opening = head.chars().filter(|c| !c.is_whitespace());
    let opening: String = opening.take(8).collect();
    let spans = &list("phase-dense").plain;
    let begins = spans.iter().any(|span| opening.starts_with(span.as_str()));
    let counted = |c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c);
    let ordinal = opening.starts_with(|c| c == '第' || counted(c));
    let named = spans.iter().any(|span| opening.contains(span.as_str()));
    (begins || ordinal) && named && opening.contains(counted)
}

/// True for a decimal or Roman number, one as a word, or one with a letter: `M1`.
fn is_number(token: &str) -> bool {
    let all = |token: &str, digits: &[u8]| {
        !token.is_empty() && token.bytes().all(|byte| digits.contains(&byte))
    };
    let words = ["zero", "one", "two", "three", "four", "five", "six"];
    let bare = token.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let lettered = token.len() - bare.len() <= 1 && all(bare, b"0123456789");
    lettered || token.len() <= 4 && all(token, b"ivx") || words.contains(&token)
}
