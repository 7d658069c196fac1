//! The kind of a document, from its front matter and the words of its title and headings.

use super::{Document, DocumentKind, Words, tokens, words};

/// Words that indicate an investigation or a specification.
const SIGNS: [(DocumentKind, &str); 2] = [
    (
        DocumentKind::DebugInvestigation,
        "symptom|symptoms|root cause|hypothesis|hypotheses|reproduction|steps to reproduce|\
         repro|stack trace|stacktrace|backtrace|timeline of events|incident|postmortem|\
         post mortem|bug report|debug|debugging|investigation|regression|crash|\
         expected behavior|actual behavior|expected behavior|actual behavior|symptome|\
         ursache|fehleranalyse|symptômes|cause racine|síntomas|causa raíz|sintomas|\
         causa raiz|симптомы|причина|根因|症状|原因|复现|再現",
    ),
    (
        DocumentKind::TechSpec,
        "architecture|api|apis|data model|data models|schema|schemas|implementation details|\
         components|technical design|technical specification|tech spec|design doc|\
         design document|system design|interfaces|endpoints|database|migration|\
         detailed design|rfc|sequence|deployment|data structures|protocol|architektur|\
         datenmodell|arquitectura|arquitetura|modelo de datos|modelo de dados|\
         modèle de données|архитектура|модель данных|架构|数据模型|アーキテクチャ|データモデル|設計",
    ),
];

pub(super) fn kind(document: &Document) -> DocumentKind {
    for (key, value) in &document.front {
        if matches!(key.to_ascii_lowercase().as_str(), "type" | "kind")
            && let Some(kind) = named(value)
        {
            return kind;
        }
    }
    if let Some(kind) = named_in(&document.title) {
        return kind;
    }
    let mut counts = [0usize; 2];
    for section in document
        .sections
        .iter()
        .filter(|section| section.level <= 3)
    {
        for (place, (_, signs)) in SIGNS.iter().enumerate() {
            counts[place] += usize::from(signs.split('|').any(|sign| says(&section.title, sign)));
        }
    }
    let product = document
        .sections
        .iter()
        .filter(|section| is_product(&section.title))
        .count();
    match counts {
        [debug, _] if debug >= 2 && debug > product => DocumentKind::DebugInvestigation,
        [_, spec] if spec >= 2 && spec > product => DocumentKind::TechSpec,
        _ => DocumentKind::Prd,
    }
}

/// The kind that a value in the front matter names.
fn named(value: &str) -> Option<DocumentKind> {
    match tokens::tokens(value).join("-").as_str() {
        "prd"
        | "product-requirements"
        | "product-requirements-document"
        | "requirements"
        | "feature" => Some(DocumentKind::Prd),
        "tech-spec"
        | "techspec"
        | "spec"
        | "technical-specification"
        | "technical-spec"
        | "design"
        | "design-doc"
        | "rfc" => Some(DocumentKind::TechSpec),
        "debug-investigation"
        | "debug"
        | "investigation"
        | "bug"
        | "bug-report"
        | "incident"
        | "postmortem" => Some(DocumentKind::DebugInvestigation),
        _ => None,
    }
}

/// The kind that the title names.
fn named_in(title: &str) -> Option<DocumentKind> {
    let any = |signs: Words| signs.iter().any(|sign| says(title, sign));
    if any(words!(
        "prd, product requirements, requirements document, product spec, product specification",
    )) {
        return Some(DocumentKind::Prd);
    }
    if any(words!(
        "debug, debugging, investigation, root cause, postmortem, post mortem, bug, bug report, \
         incident report",
    )) {
        return Some(DocumentKind::DebugInvestigation);
    }
    let spec = words!(
        "technical design, technical specification, tech spec, technical spec, design doc, \
         design document, system design, rfc, architecture, implementation spec",
    );
    any(spec).then_some(DocumentKind::TechSpec)
}

fn is_product(title: &str) -> bool {
    words!(
        "user stories, personas, functional requirements, success metrics, target users, market, \
         product overview, user story, features, problem statement, non goals, kpis",
    )
    .iter()
    .any(|sign| says(title, sign))
}

/// True if `title` has the words of `sign`, in sequence.
fn says(title: &str, sign: &str) -> bool {
    if sign.chars().any(tokens::is_dense) {
        return title.contains(sign);
    }
    let title: String = title.chars().take(200).collect();
    let folded = format!(" {} ", tokens::tokens(&title).join(" "));
    folded.contains(&format!(" {sign} "))
}
