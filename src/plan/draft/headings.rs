//! Kinds of headings and bold names beyond those that the document reader recognises.

use super::id_mentions;
use crate::plan::document::SectionKind;

/// `Requirement 3: …` names a requirement just as `REQ-3` does.
pub(super) fn requirement_number(title: &str) -> Option<String> {
    let rest = title
        .get(..12)
        .filter(|head| head.eq_ignore_ascii_case("requirement "))?;
    let digits = &title[rest.len()..];
    let end = digits
        .bytes()
        .position(|b| !(b.is_ascii_digit() || b == b'.'))
        .unwrap_or(digits.len());
    let number = digits[..end].trim_end_matches('.');
    (!number.is_empty() && number.starts_with(|c: char| c.is_ascii_digit()))
        .then(|| id_mentions::canonical(&format!("REQ-{number}")))
}

/// The kind of a section with a descriptive heading or bold name.
pub(super) fn descriptive_kind(name: &str) -> Option<SectionKind> {
    let name = super::similarity::normalise(name);
    let begins = |starts: &[&str]| {
        starts.iter().any(|start| {
            name.strip_prefix(start)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        })
    };
    let has = |parts: &[&str]| {
        parts.iter().any(|part| {
            super::similarity::has_phrase(
                &name.split(' ').map(str::to_owned).collect::<Vec<_>>(),
                part,
            )
        })
    };
    if begins(&[
        "out of scope",
        "non goal",
        "non goals",
        "not in scope",
        "won t",
        "will not",
        "nicht ziel",
        "excluded",
        "exclusions",
        "not planned",
        "not in this",
        "not included",
    ]) || has(&[
        "leave alone",
        "leave out",
        "not do",
        "don t do",
        "do not build",
        "not building",
        "not doing",
        "not part of",
        "will not",
    ]) {
        Some(SectionKind::NonGoal)
    } else if begins(&[
        "future",
        "later",
        "nice to have",
        "post mvp",
        "stretch",
        "deferred",
        "not now",
        "wishes",
        "wish list",
        "wishlist",
        "someday",
        "maybe",
        "out of mvp",
        "ideas",
    ]) {
        Some(SectionKind::Future)
    } else if begins(&[
        "open question",
        "open questions",
        "questions",
        "offene fragen",
        "clarifications",
        "to be clarified",
        "unresolved",
    ]) {
        Some(SectionKind::Question)
    } else if begins(&[
        "success criteria",
        "acceptance",
        "acceptance criteria",
        "exit criteria",
        "done when",
        "definition of done",
        "verification",
        "how to verify",
        "validation criteria",
    ]) {
        Some(SectionKind::Acceptance)
    } else if begins(&["critical deliverables", "deliverables", "key deliverables"]) {
        Some(SectionKind::Deliverable)
    } else if begins(&["risk", "risks"]) {
        Some(SectionKind::Risk)
    } else {
        None
    }
}

/// The kind of a list below a bold name that only informs the reader.
pub(super) fn group_kind(name: &str) -> Option<SectionKind> {
    let normalised = super::similarity::normalise(name);
    let aside = [
        "note",
        "example",
        "reference",
        "background",
        "context",
        "rationale",
        "why",
        "problem",
        "assumption",
        "constraint",
        "pros",
        "cons",
        "benefit",
        "legend",
        "key result",
        "status",
        "current",
    ];
    descriptive_kind(name).or_else(|| {
        aside
            .iter()
            .any(|start| normalised.starts_with(start))
            .then_some(SectionKind::Context)
    })
}
