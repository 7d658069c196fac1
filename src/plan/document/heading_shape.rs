//! Headings whose form determines their kind: a phase, sprint or week with its number, a story, a
//! step.

use super::SectionKind::{self, Appendix, Checklist, Feature, Milestone, Story};
use super::tokens;
use super::{Words, words};

/// The kind by the first word of a heading, if a number or colon follows: `Phase 2: Risk scoring`
/// is a phase.
pub(super) fn by_shape(title: &str) -> Option<SectionKind> {
    const SPANS: Words = words!(
        "phase, sprint, milestone, week, weeks, iteration, release, stage, month, months, quarter, \
         wave, increment, woche, wochen, meilenstein, semaine, jalon, étape, semana, fase, hito, \
         marco, этап, фаза, спринт, неделя, веха, itération, iteración",
    );
    const THINGS: Words = words!(
        "feature, epic, component, module, funktion, fonctionnalité, funcionalidad, компонент, \
         модуль",
    );
    let head: String = title.chars().take(120).collect();
    let tokens = tokens::tokens(&head);
    let first = tokens.first()?.as_str();
    let second = tokens.get(1).map(String::as_str).unwrap_or_default();
    let numbered = is_number(second);
    let colon = head
        .trim_start()
        .get(first.len()..)
        .is_some_and(|rest| rest.trim_start().starts_with([':', '：']));
    if SPANS.contains(first) && (numbered || (colon && first != "release")) {
        return Some(Milestone);
    }
    let letters: String = first.chars().take_while(|c| c.is_alphabetic()).collect();
    let digits = &first[letters.len()..];
    let glued = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if glued
        && digits.len() <= 2
        && (letters == "m" || (letters.len() > 3 && SPANS.contains(&letters)))
    {
        return Some(Milestone);
    }
    if glued
        && letters == "q"
        && digits.len() == 1
        && (tokens.len() == 1 || second.len() == 4 && numbered)
    {
        return Some(Milestone);
    }
    if words!("appendix, annex, anhang, annexe, apéndice, anexo, приложение").contains(first)
    {
        return Some(Appendix);
    }
    let lettered = second.len() == 1 && head.contains([':', '：', '–', '—']);
    if THINGS.contains(first) && (numbered || colon || lettered) {
        return Some(Feature);
    }
    if words!("task, aufgabe, tâche, tarea, tarefa, задача").contains(first) && (numbered || colon)
    {
        return Some(Checklist);
    }
    let story = matches!(first, "story") || (first == "user" && second == "story");
    let third = tokens
        .get(if first == "user" { 2 } else { 1 })
        .map(String::as_str)
        .unwrap_or_default();
    if story && (colon || is_number(third)) {
        return Some(Story);
    }
    if first == "as" && matches!(second, "a" | "an" | "the") && tokens.len() > 3 {
        return Some(Story);
    }
    let dense: Vec<char> = head
        .chars()
        .filter(|c| !c.is_whitespace())
        .take(8)
        .collect();
    let opening: String = dense.iter().collect();
    let spans = words!("阶段, フェーズ, スプリント, 里程碑, 冲刺, マイルストーン, 週目, 周");
    let ordinal = opening.starts_with('第') || spans.iter().any(|span| opening.starts_with(span));
    (ordinal
        && spans.iter().any(|span| opening.contains(span))
        && dense
            .iter()
            .any(|c| c.is_ascii_digit() || "一二三四五六七八九十".contains(*c)))
    .then_some(Milestone)
}

/// True for a decimal or Roman number or a single letter.
fn is_number(token: &str) -> bool {
    !token.is_empty()
        && (token.bytes().all(|byte| byte.is_ascii_digit())
            || (token.len() <= 4 && token.bytes().all(|byte| b"ivx".contains(&byte)))
            || words!("b, c, d, one, two, three, four, five, six, zero").contains(token))
}
