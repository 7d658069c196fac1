//! The kind of a document, from its front matter and the words of its title and headings.

use super::lexicon::list;
use super::{Document, DocumentKind};

pub(super) fn kind(document: &Document) -> DocumentKind {
    let signs = [
        ("prd", DocumentKind::Prd),
        ("investigation", DocumentKind::DebugInvestigation),
        ("specification", DocumentKind::TechSpec),
    ];
    let named = |text: &str| signs.into_iter().find(|(name, _)| list(name).has(text));
    let mut front = document.front.iter();
    let front = front.find(|(key, _)| ["type", "kind"].contains(&key.as_str()));
    let stated = front.and_then(|(_, value)| named(value));
    let count = |name: &str| {
        let named = document
            .sections
            .iter()
            .filter(|one| list(name).has(&one.title));
        named.count()
    };
    let counted = signs.into_iter().rev();
    let counted = counted.filter(|(name, kind)| *kind == DocumentKind::Prd || count(name) >= 2);
    let found = stated.or_else(|| named(&document.title));
    let found = found.or_else(|| counted.max_by_key(|(name, _)| count(name)));
    found.map_or(DocumentKind::Prd, |(_, kind)| kind)
}
