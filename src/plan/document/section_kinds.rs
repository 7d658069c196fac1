//! The kind of a section, by its heading, the lexicon and the kind of the section above. Below a
//! section whose parts are things to build, a word counts only in a heading without other words:
//! there `Risk scoring` is a feature, not a risk.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::SectionKind::{self, *};
use super::heading_shape::by_shape;
use super::section_lexicon::{FILLERS, INVESTIGATION, PATTERNS, THINGS, each};
use super::tokens;

/// The kind that the heading itself names, below a section of the kind `above`.
pub(super) fn of_heading(
    title: &str,
    above: SectionKind,
    investigation: bool,
) -> Option<SectionKind> {
    let found = by_shape(title).or_else(|| by_words(title, is_work(above), investigation))?;
    // The sections below an excluded section are excluded, too; but goals and non-goals may share a
    // section.
    if above == NonGoal && matches!(found, Scope | Context) {
        return Some(found);
    }
    let aside = is_aside(above) || above == Acceptance;
    (!(aside && (is_work(found) || matches!(found, Scope | Context | NonFunctional))))
        .then_some(found)
}

/// The kind of a heading without words other than those for the kind: for the title of a document.
pub(super) fn of_bare_heading(title: &str, investigation: bool) -> Option<SectionKind> {
    by_words(title, true, investigation)
}

/// The kind of a section that begins with `id`.
pub(in crate::plan) fn of_id(id: &str, above: SectionKind) -> Option<SectionKind> {
    let prefix: String = id.chars().take_while(char::is_ascii_alphabetic).collect();
    match prefix.as_str() {
        "NFR" | "NF" | "QR" | "RNF" | "NREQ" => Some(NonFunctional),
        "US" | "UC" | "STORY" => Some(Story),
        "AC" => Some(Acceptance),
        "FR" | "REQ" | "RF" | "RQ" | "FREQ" | "FUNC" | "BR" | "SR" | "UR" | "TR" | "SRS"
        | "PRD" => Some(Functional),
        "FEAT" => Some(Feature),
        _ if above == Unknown => Some(Functional),
        _ => None,
    }
}

/// True for kinds of sections below which headings do not name work.
pub(super) fn is_aside(kind: SectionKind) -> bool {
    matches!(
        kind,
        NonGoal
            | Future
            | Question
            | Risk
            | Ready
            | Done
            | Metric
            | Decision
            | Assumption
            | Appendix
    )
}

/// True for kinds of sections whose parts are work.
pub(super) fn is_work(kind: SectionKind) -> bool {
    matches!(
        kind,
        Functional | Story | Milestone | Feature | Checklist | Deliverable
    )
}

struct Pattern {
    kind: SectionKind,
    rank: usize,
    words: Vec<String>,
    open: bool,
    whole: bool,
    last: bool,
}

struct Index {
    by_word: HashMap<String, Vec<Pattern>>,
    stems: Vec<Pattern>,
    dense: Vec<(SectionKind, &'static str)>,
}

fn index(investigation: bool) -> &'static Index {
    static PLAIN: OnceLock<Index> = OnceLock::new();
    static DEBUG: OnceLock<Index> = OnceLock::new();
    if investigation {
        DEBUG.get_or_init(|| Index::new(INVESTIGATION.iter().chain(PATTERNS)))
    } else {
        PLAIN.get_or_init(|| Index::new(PATTERNS.iter()))
    }
}

impl Index {
    fn new(table: impl Iterator<Item = &'static (SectionKind, &'static str)>) -> Self {
        let mut index = Self {
            by_word: HashMap::new(),
            stems: Vec::new(),
            dense: Vec::new(),
        };
        for (rank, (kind, patterns)) in table.enumerate() {
            for pattern in each(patterns) {
                if pattern.chars().any(is_glued) {
                    index.dense.push((*kind, pattern));
                    continue;
                }
                let pattern = Pattern {
                    kind: *kind,
                    rank,
                    words: tokens::unaccented(pattern),
                    open: pattern.ends_with('*'),
                    whole: pattern.starts_with('='),
                    last: pattern.starts_with('$'),
                };
                match pattern.words.first() {
                    Some(first) if pattern.words.len() > 1 || !pattern.open => {
                        index
                            .by_word
                            .entry(first.clone())
                            .or_default()
                            .push(pattern);
                    }
                    _ => index.stems.push(pattern),
                }
            }
        }
        index
    }
}

impl Pattern {
    fn matches(&self, tokens: &[String]) -> bool {
        let last = self.words.len().saturating_sub(1);
        tokens.len() >= self.words.len()
            && self
                .words
                .iter()
                .zip(tokens)
                .enumerate()
                .all(|(place, (word, token))| {
                    word == token
                        || (self.open && place == last && token.starts_with(word.as_str()))
                })
    }
}

/// The kind of the first lexicon pattern that matches; `strict` requires that the title has no
/// other words.
fn by_words(title: &str, strict: bool, investigation: bool) -> Option<SectionKind> {
    let title: String = title.chars().take(160).collect();
    let index = index(investigation);
    let cut = title
        .find(['(', '（', '['])
        .filter(|at| *at > 0)
        .unwrap_or(title.len());
    let whole = &title[..cut];
    let aside = hit(&title[cut..], false, index);
    if let Some(kind @ (Future | NonGoal)) = aside.filter(|_| !strict) {
        return Some(kind);
    }
    let head = whole
        .find([':', '：', '–', '—'])
        .map_or(whole, |at| &whole[..at]);
    let by_head = hit(head, strict, index);
    if head.len() == whole.len() || by_head.is_some() || strict {
        return by_head;
    }
    hit(whole, strict, index)
}

fn hit(text: &str, strict: bool, index: &Index) -> Option<SectionKind> {
    if text.chars().any(is_glued)
        && let Some(kind) = dense_hit(text, index)
    {
        return Some(kind);
    }
    let tokens = tokens::unaccented(text);
    let mut covered = vec![false; tokens.len()];
    let mut hits: Vec<(&Pattern, usize)> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let exact = index.by_word.get(token).into_iter().flatten();
        for pattern in exact.chain(&index.stems) {
            if pattern.matches(&tokens[at..]) {
                covered[at..at + pattern.words.len()].fill(true);
                hits.push((pattern, at + pattern.words.len()));
            }
        }
    }
    let filler = |token: &String| {
        each(FILLERS).any(|word| word == token) || token.bytes().all(|b| b.is_ascii_digit())
    };
    let pure = tokens
        .iter()
        .zip(&covered)
        .all(|(token, covered)| *covered || filler(token));
    let thing = tokens
        .last()
        .is_some_and(|token| each(THINGS).any(|word| word == token));
    hits.into_iter()
        .filter(|(pattern, end)| {
            let built = thing && *end < tokens.len() && !is_work(pattern.kind);
            pure || (!strict && !pattern.whole && !built && (!pattern.last || *end == tokens.len()))
        })
        .min_by_key(|(pattern, _)| (pattern.whole, pattern.rank))
        .map(|(pattern, _)| pattern.kind)
}

/// True for a character of a script in which words are not separated from each other or from
/// particles.
fn is_glued(c: char) -> bool {
    tokens::is_dense(c) || matches!(u32::from(c), 0xAC00..=0xD7A3)
}

/// The kind of a heading in such a script: the last word determines it, unless the heading has a
/// word for non-goals, later work or non-functional requirements.
fn dense_hit(text: &str, index: &Index) -> Option<SectionKind> {
    let mut best: Option<(usize, usize, SectionKind)> = None;
    for (kind, word) in &index.dense {
        let Some(at) = text.rfind(word) else { continue };
        if matches!(kind, NonGoal | Future | NonFunctional) {
            return Some(*kind);
        }
        let place = (at + word.len(), word.len(), *kind);
        if best.is_none_or(|(end, len, _)| (place.0, place.1) > (end, len)) {
            best = Some(place);
        }
    }
    best.map(|(_, _, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn top(title: &str) -> Option<SectionKind> {
        of_heading(title, Unknown, false)
    }

    #[test]
    fn the_more_specific_word_wins() {
        for (title, kind) in [
            ("Out of scope", NonGoal),
            ("Non-Goals", NonGoal),
            ("Goals and Non-Goals", NonGoal),
            ("Won’t have", NonGoal),
            ("Goals", Context),
            ("In scope", Scope),
            ("Non-functional requirements", NonFunctional),
            ("Functional requirements", Functional),
            ("Acceptance criteria", Acceptance),
            ("Future work", Future),
            ("Open questions", Question),
            ("FAQ", Appendix),
            ("Risks & mitigations", Risk),
            ("Success metrics", Metric),
            ("Definition of Done", Done),
            ("Task breakdown", Checklist),
            ("Implementation plan", Milestone),
            ("Security", NonFunctional),
            ("Dependencies", Dependency),
            ("Problem statement", Context),
            ("Timeline (weeks 1-4)", Milestone),
            ("Glossary", Appendix),
            ("Target users", Persona),
            ("Assumptions and constraints", Assumption),
            ("Key features", Feature),
            ("Deliverables", Deliverable),
        ] {
            assert_eq!(top(title), Some(kind), "{title}");
        }
    }

    #[test]
    fn a_numbered_phase_is_a_phase_under_any_name() {
        for title in [
            "Phase 2: Risk scoring",
            "Sprint 3",
            "Week 1-2",
            "Weeks 3–4: Security",
            "M2 Beta",
            "Milestone 1 — Metrics",
            "Q3 2026",
            "Phase II",
            "Этап 2: Риски",
            "第一阶段：风险",
            "フェーズ2",
            "Semaine 3",
        ] {
            assert_eq!(top(title), Some(Milestone), "{title}");
        }
        assert_eq!(top("Appendix B: Requirements"), Some(Appendix));
        assert_eq!(top("Feature 4: Risk view"), Some(Feature));
        assert_eq!(top("Story 2: Metrics"), Some(Story));
    }

    #[test]
    fn a_feature_is_not_classified_by_the_words_of_its_subject() {
        for title in [
            "Metrics dashboard",
            "Question bank",
            "Dependency graph",
            "Login",
            "Weekly digest",
            "Risk scoring",
        ] {
            assert_eq!(top(title), None, "{title}");
        }
        assert_eq!(
            of_heading("Decision history for auditors", Functional, false),
            None
        );
        assert_eq!(
            of_heading("Acceptance criteria", Story, false),
            Some(Acceptance)
        );
    }

    #[test]
    fn sections_below_non_goals_and_future_work_have_that_kind() {
        assert_eq!(of_heading("Features", NonGoal, false), None);
        assert_eq!(of_heading("Phase 4", Future, false), None);
        assert_eq!(of_heading("Performance", Acceptance, false), None);
    }

    #[test]
    fn other_languages_are_understood() {
        for (title, kind) in [
            ("Nicht-funktionale Anforderungen", NonFunctional),
            ("Funktionale Anforderungen", Functional),
            ("Nicht-Ziele", NonGoal),
            ("Offene Fragen", Question),
            ("Hors périmètre", NonGoal),
            ("Exigences fonctionnelles", Functional),
            ("Exigences non fonctionnelles", NonFunctional),
            ("Requisitos funcionales", Functional),
            ("Fuera de alcance", NonGoal),
            ("Fora do escopo", NonGoal),
            ("Requisitos não funcionais", NonFunctional),
            ("功能需求", Functional),
            ("非功能需求", NonFunctional),
            ("需求背景", Context),
            ("非目标", NonGoal),
            ("機能要件", Functional),
            ("非機能要件", NonFunctional),
            ("スコープ外", NonGoal),
            ("リスク", Risk),
            ("Функциональные требования", Functional),
            ("Нефункциональные требования", NonFunctional),
            ("Не-цели", NonGoal),
            ("Риски", Risk),
            ("里程碑", Milestone),
        ] {
            assert_eq!(top(title), Some(kind), "{title}");
        }
    }

    #[test]
    fn investigations_have_their_own_section_words() {
        assert_eq!(of_heading("Timeline", Unknown, true), Some(Context));
        assert_eq!(of_heading("Hypotheses", Unknown, true), Some(Question));
        assert_eq!(of_heading("Proposed fix", Unknown, true), Some(Checklist));
    }
}
