//! Dependencies that the author stated: `depends on FR-2`, a label, an arrow chain, a sub-id.

use super::candidate::TaskCandidate;
use super::edge_set::{Link, Links};
use super::id_mentions;
use super::node_tree::{Line, Origin, Tag};
use super::sentences::{quoted, short, split};
use super::task_criteria::Content;
use super::task_names::Names;
use super::work::Source;
use crate::plan::document::{LabelKind, Lines, SectionKind, Words, whole, words};
use std::collections::BTreeSet;

/// Phrases that are followed by the prerequisite in any form.
const STRONG: Words = words!(
    "depends on, depend on, depends upon, dependent on, blocked by, builds on, build on, \
     relies on, waits for, wait for, prerequisite is, hängt ab von, abhängig von, setzt voraus, \
     baut auf, dépend de, depende de, зависит от, comes after, follows",
);

/// Phrases that are followed by the prerequisite only as an id, a number or a title in quotes.
const WEAK: Words =
    words!("after, requires, require, needs, once, following, nach, después de, après, uses");

/// Phrases that are preceded by the prerequisite.
const REVERSED: Words =
    words!("before, blocks, vor, antes de, avant, is a prerequisite for, unblocks");

/// Phrases between a task and its prerequisite after a negation: `must not start before`.
const NEGATED: Words = words!("before, until, vor, bis, antes de, avant");

/// Negations that reverse the order of a sentence.
const NEGATIONS: Words = words!("not, cannot, can't, mustn't, never, nicht, no, ne");

/// Adds the stated edges.
pub(super) fn add(
    source: &Source<'_>,
    candidates: &[TaskCandidate],
    contents: &[Content],
    names: &Names,
    links: &mut Links,
) {
    sub_ids(candidates, source, names, links);
    let of_others = tables(source, candidates, names, links);
    for (place, content) in contents.iter().enumerate() {
        let near = candidates[place]
            .node
            .and_then(|node| source.tree.nodes[node].parent);
        for tag in content
            .tags
            .iter()
            .filter(|tag| tag.kind == LabelKind::DependsOn)
            .filter(|tag| !of_others.contains(&tag.line.lines))
        {
            label(candidates, names, links, place, tag, near);
        }
    }
    // Each line counts once, for the innermost task around it.
    let mut owner: Vec<Option<usize>> = vec![None; source.tree.nodes.len()];
    for (place, candidate) in candidates.iter().enumerate() {
        for node in candidate.nodes() {
            owner[node] = Some(place);
        }
    }
    for line in &source.tree.prose {
        sentences(candidates, names, links, None, line, None, false);
    }
    for node in 0..source.tree.nodes.len() {
        let this = &source.tree.nodes[node];
        if owner[node].is_none() {
            owner[node] = this.parent.and_then(|parent| owner[parent]);
        }
        if owner[node].is_none() {
            // An entry elsewhere that discusses a requirement by its id.
            owner[node] = this.id.as_ref().and_then(|id| names.ids.get(id).copied());
        }
        if this.role == Some(LabelKind::DependsOn) {
            continue;
        }
        let text = Line {
            text: this.text.clone(),
            lines: super::task_criteria::own_lines(source, node),
        };
        let ordering = this.kind == SectionKind::Dependency;
        if owner[node].is_some() || !source.tree.is_section(node) {
            sentences(
                candidates,
                names,
                links,
                owner[node],
                &text,
                this.parent,
                ordering,
            );
        }
        for line in this.prose.iter().chain(
            this.tags
                .iter()
                .filter(|tag| tag.kind != LabelKind::DependsOn)
                .map(|tag| &tag.line),
        ) {
            sentences(
                candidates,
                names,
                links,
                owner[node],
                line,
                Some(node),
                ordering,
            );
            arrows(candidates, names, links, line);
        }
        arrows(candidates, names, links, &text);
    }
}

/// Reads the rows of tables of dependencies, which are about tasks elsewhere. Returns the lines
/// read.
fn tables(
    source: &Source<'_>,
    candidates: &[TaskCandidate],
    names: &Names,
    links: &mut Links,
) -> BTreeSet<Lines> {
    let mut read = BTreeSet::new();
    let own: BTreeSet<usize> = candidates.iter().flat_map(TaskCandidate::nodes).collect();
    for (node, this) in source.tree.nodes.iter().enumerate() {
        if this.origin != Origin::Row || own.contains(&node) {
            continue;
        }
        let by_id = this.id.as_ref().and_then(|id| names.ids.get(id).copied());
        let Some(task) = by_id.or_else(|| names.titled(&this.text)) else {
            continue;
        };
        let needs = this
            .tags
            .iter()
            .filter(|tag| tag.kind == LabelKind::DependsOn);
        for tag in needs {
            label(candidates, names, links, task, tag, this.parent);
            read.insert(tag.line.lines);
        }
    }
    read
}

fn sub_ids(candidates: &[TaskCandidate], source: &Source<'_>, names: &Names, links: &mut Links) {
    for (place, candidate) in candidates.iter().enumerate() {
        let id = candidate
            .node
            .and_then(|node| source.tree.nodes[node].id.as_deref());
        let Some((id, parent)) = id.and_then(|id| Some((id, id_mentions::parent(id)?))) else {
            continue;
        };
        if let Some(on) = names.ids.get(parent) {
            let reason = format!("{id} is part of {parent}");
            links.add(
                candidates,
                Link::hard(place, *on, "sub-id", candidate.lines.start, reason),
            );
        }
    }
}

fn label(
    candidates: &[TaskCandidate],
    names: &Names,
    links: &mut Links,
    task: usize,
    tag: &Tag,
    near: Option<usize>,
) {
    let mut found = names.marked(&tag.line.text, near);
    if found.is_empty() {
        for part in tag
            .line
            .text
            .split([',', ';', '+', '&'])
            .flat_map(|part| part.split(" and "))
        {
            found.extend(names.titled(part));
        }
    }
    if found.is_empty() && tag.line.text.len() < 60 {
        found.extend(numbered(names, near, &tag.line.text));
    }
    for on in found {
        let reason = format!("the document says so: {}", short(&tag.line.text));
        links.add(
            candidates,
            Link::hard(task, on, "explicit", tag.line.lines.start, reason),
        );
    }
}

/// The tasks that a list of bare numbers names: among the siblings, or among all.
fn numbered(names: &Names, near: Option<usize>, text: &str) -> Vec<usize> {
    let words = text
        .split([',', ' ', '#', '(', ')', '.'])
        .filter(|word| !word.is_empty());
    let numbers = words.filter(|word| !matches!(*word, "and" | "und" | "&" | "+"));
    let numbers = numbers.map_while(|word| word.parse::<u64>().ok());
    let named = numbers.filter_map(|number| {
        let beside = near.and_then(|near| names.numbers.get(&(near, number)));
        beside.or_else(|| names.tasks.get(&number)).copied()
    });
    named.collect()
}

/// Reads the dependencies in prose. In a section of dependencies (`ordering`), each phrase may be
/// followed by a prerequisite in any form.
fn sentences(
    candidates: &[TaskCandidate],
    names: &Names,
    links: &mut Links,
    owner: Option<usize>,
    line: &Line,
    near: Option<usize>,
    ordering: bool,
) {
    for sentence in split(&line.text) {
        let lower = sentence.to_lowercase();
        if lower.len() != sentence.len() {
            continue;
        }
        first_and_last(candidates, names, links, owner, &lower, line, near);
        let strong = STRONG
            .iter()
            .find_map(|phrase| whole(&lower, phrase).map(|at| (at, phrase.len(), true)));
        let negated = NEGATED.iter().find_map(|phrase| {
            let at = whole(&lower, phrase)?;
            is_negated(&lower[..at]).then_some((at, phrase.len(), true))
        });
        let strong = strong.or(negated);
        let weak = || {
            WEAK.iter()
                .find_map(|phrase| whole(&lower, phrase).map(|at| (at, phrase.len(), ordering)))
        };
        let reversed = || {
            REVERSED
                .iter()
                .find_map(|phrase| whole(&lower, phrase).map(|at| (at, phrase.len())))
        };
        let denied = words!(
            "not depend, n't depend, not require, not block, independent of, no dependenc, \
             nicht ab von, not need",
        )
        .iter()
        .any(|phrase| lower.contains(phrase));
        if denied {
            continue;
        }
        let reason = format!("the document says so: {}", short(sentence));
        if let Some((at, length, strong)) = strong.or_else(weak) {
            let (before, after) = (&sentence[..at], &sentence[at + length..]);
            let mut on = names.marked(after, near);
            if on.is_empty() && strong {
                on.extend(numbered(names, near, after));
            }
            if on.is_empty() && strong {
                on.extend(
                    after
                        .split([',', ';'])
                        .flat_map(|part| part.split(" and "))
                        .filter_map(|part| names.titled(part))
                        .take(4),
                );
            }
            if on.is_empty() {
                on.extend(names.opening(after));
            }
            if on.is_empty() {
                on.extend(quoted(after).filter_map(|title| names.titled(title)));
            }
            let mut who = names.marked(before, near);
            if who.is_empty() && owner.is_none() && strong {
                who.extend(names.titled(before));
            }
            if who.is_empty() {
                who.extend(owner);
            }
            each(links, candidates, &who, &on, line.lines.start, &reason);
        } else if let Some((at, length)) = reversed() {
            let first = names.marked(&sentence[..at], near);
            let second = names.marked(&sentence[at + length..], near);
            let first = if first.is_empty() {
                owner.into_iter().collect()
            } else {
                first
            };
            each(
                links,
                candidates,
                &second,
                &first,
                line.lines.start,
                &reason,
            );
        }
    }
}

/// True if a text in a section of dependencies states the order of tasks.
pub(super) fn states_order(text: &str, kind: SectionKind) -> bool {
    let lower = text.to_lowercase();
    let mut phrases = [STRONG, WEAK, REVERSED, NEGATED]
        .into_iter()
        .flat_map(Words::iter);
    kind == SectionKind::Dependency && phrases.any(|phrase| whole(&lower, phrase).is_some())
}

/// True if one of the last words before a phrase is a negation: `must not be started`.
fn is_negated(before: &str) -> bool {
    let words = before.rsplit(|c: char| !(c.is_alphanumeric() || c == '\''));
    let mut last = words.filter(|word| !word.is_empty()).take(4);
    last.any(|word| NEGATIONS.contains(word))
}

/// Adds the edges of `Step 1 goes first` or `US-6 comes last`: before or after all its siblings.
fn first_and_last(
    candidates: &[TaskCandidate],
    names: &Names,
    links: &mut Links,
    owner: Option<usize>,
    lower: &str,
    line: &Line,
    near: Option<usize>,
) {
    let first = ["goes first", "comes first", "must be first", "kommt zuerst"]
        .iter()
        .any(|phrase| whole(lower, phrase).is_some());
    let last = ["goes last", "comes last", "must be last", "kommt zuletzt"]
        .iter()
        .any(|phrase| whole(lower, phrase).is_some());
    if first == last {
        return;
    }
    let marked = names.marked(&lower.to_uppercase(), near);
    let Some(this) = marked.first().copied().or(owner) else {
        return;
    };
    let Some(parent) = names.parents.get(this).copied().flatten() else {
        return;
    };
    let beside: Vec<usize> = (0..candidates.len())
        .filter(|place| *place != this && names.parents[*place] == Some(parent))
        .collect();
    if beside.len() > 16 {
        return;
    }
    for other in beside {
        let (task, on) = if first { (other, this) } else { (this, other) };
        let reason = format!("the document says so: {}", short(&line.text));
        links.add(
            candidates,
            Link::hard(task, on, "explicit", line.lines.start, reason),
        );
    }
}

/// Adds the edges of `A → B → C`: each waits for the previous one, if each names exactly one task.
fn arrows(candidates: &[TaskCandidate], names: &Names, links: &mut Links, line: &Line) {
    if line.text.len() > 2_000
        || !["→", "->", "=>", "⟶", "➜", "â†’"]
            .iter()
            .any(|arrow| line.text.contains(arrow))
    {
        return;
    }
    let text = line
        .text
        .replace("->", "→")
        .replace("=>", "→")
        .replace(['⟶', '➜'], "→")
        .replace("â†’", "→");
    for sentence in text.split(['.', ';']).filter(|sentence| {
        sentence.matches('→').count() >= 2 || !id_mentions::all(sentence).is_empty()
    }) {
        let parts: Vec<&str> = sentence.split('→').collect();
        let named: Vec<Option<usize>> = parts
            .iter()
            .enumerate()
            .map(|(place, part)| {
                // Text before and after the chain is not part of its ends.
                let part = if place == 0 {
                    part.rsplit([':', '(']).next().unwrap_or(part)
                } else {
                    part.split(['(', ')', ',']).next().unwrap_or(part)
                };
                names
                    .marked(part, None)
                    .first()
                    .copied()
                    .or_else(|| names.titled(part))
            })
            .collect();
        if named.iter().flatten().count() * 2 < parts.len() {
            continue;
        }
        for (on, task) in named
            .iter()
            .zip(named.iter().skip(1))
            .filter_map(|(on, task)| Some(((*on)?, (*task)?)))
        {
            let reason = format!("the document shows the chain {}", short(sentence));
            links.add(
                candidates,
                Link::hard(task, on, "arrow", line.lines.start, reason),
            );
        }
    }
}

/// Adds hard edges from each of `tasks` to each of `others`.
fn each(
    links: &mut Links,
    candidates: &[TaskCandidate],
    who: &[usize],
    on: &[usize],
    line: u32,
    reason: &str,
) {
    for task in who {
        for on in on {
            links.add(
                candidates,
                Link::hard(*task, *on, "explicit", line, reason.to_string()),
            );
        }
    }
}
