//! Kinds of headings and bold names beyond those that the document reader recognizes.

use super::id_mentions;
use crate::plan::document::Words;
use crate::plan::document::{SectionKind, kind_of_name};

/// The id of a requirement in the form `Requirement 3: …`, which names it just as `REQ-3` does.
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

/// The kind of a list below a bold name, if the document reader knows the name or the list only
/// informs the reader.
pub(super) fn group_kind(name: &str) -> Option<SectionKind> {
    let normalized = super::similarity::normalize(name);
    let aside = Words(
        "note, example, reference, background, context, rationale, why, problem, assumption, \
         constraint, pros, cons, benefit, legend, key result, status, current, steps to reproduce, \
         reproduction, expected behavio, actual behavio, environment",
    );
    let known = kind_of_name(name).filter(|kind| {
        matches!(
            kind,
            SectionKind::NonGoal
                | SectionKind::Future
                | SectionKind::Question
                | SectionKind::Acceptance
                | SectionKind::Deliverable
                | SectionKind::Risk
        )
    });
    known.or_else(|| {
        aside
            .iter()
            .any(|start| normalized.starts_with(start))
            .then_some(SectionKind::Context)
    })
}
