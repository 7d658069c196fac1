//! The vision of a document: the first statement of the section most likely to contain it.

use super::emoji::statement_text;
use super::{Block, Document, Section, SectionKind, Statement, tokens};

/// Words in the heading of such a section, the most significant first.
const WORDS: [&str; 4] = [
    "vision|visión|visão|видение|愿景|ビジョン",
    "goal|goals|objective|objectives|purpose|mission|ziel|ziele|zweck|objectif|objectifs|objetivo|objetivos|цель|цели|\
     目标|目的|目標|project goal|product goal",
    "summary|resumen|résumé|resumo|zusammenfassung|abstract|摘要|резюме",
    "overview|introduction|überblick|einleitung|aperçu|введение|обзор|概述|简介|概要|はじめに",
];

pub(in crate::plan) fn find(document: &Document) -> Option<Statement> {
    WORDS.iter().find_map(|list| {
        document
            .sections
            .iter()
            .enumerate()
            .find_map(|(at, section)| {
                let fits = section.kind == SectionKind::Context && names(section, list);
                if fits {
                    first_statement(&section.blocks, at)
                } else {
                    None
                }
            })
    })
}

fn names(section: &Section, list: &str) -> bool {
    let tokens = tokens::tokens(&section.title);
    list.split('|').any(|word| {
        let dense = word.chars().any(tokens::is_dense);
        (dense && section.title.contains(word)) || tokens.iter().any(|token| token == word)
    })
}

fn first_statement(blocks: &[Block], section: usize) -> Option<Statement> {
    blocks.iter().find_map(|block| {
        let (text, lines) = match block {
            Block::Paragraph { text, lines } if !text.plain.ends_with([':', '：']) => {
                (text.plain.as_str(), *lines)
            }
            Block::List { entries, .. } => {
                let first = entries.first()?;
                (first.text.plain.as_str(), first.lines)
            }
            Block::Label { text, lines, .. } if !text.plain.is_empty() => {
                (text.plain.as_str(), *lines)
            }
            Block::Label { blocks, .. } => return first_statement(blocks, section),
            _ => return None,
        };
        let text = statement_text(text);
        (!text.is_empty()).then(|| Statement {
            id: None,
            text: text.to_owned(),
            lines,
            section: Some(section),
        })
    })
}
