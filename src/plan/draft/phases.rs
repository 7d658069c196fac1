//! Milestones: phases with their deliverables, success criteria and gates.

use super::draft_types::{Criterion, Milestone};
use super::key::key;
use super::similarity::{first_sentence, normalize};
use super::strategy::Choice;
use super::task_criteria::{criterion, own_lines};
use super::task_names::Names;
use super::title;
use super::units;
use super::work::Source;
use crate::plan::document::{LabelKind, SectionKind};
use std::collections::BTreeMap;

/// Assigns tasks to the phase that names them, by id, marker or title.
pub(super) fn assign(source: &Source<'_>, choice: &mut Choice, names: &Names) {
    if choice.units.is_empty()
        || choice
            .candidates
            .iter()
            .all(|candidate| candidate.unit.is_some())
    {
        return;
    }
    let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
    for (place, unit) in choice.units.iter().enumerate() {
        if let Some(name) = &unit.name {
            by_name.entry(name.clone()).or_insert(place);
        }
    }
    let mut wanted: Vec<(usize, usize)> = Vec::new();
    for (place, unit) in choice.units.iter().enumerate() {
        for node in unit.nodes.iter().flat_map(|node| source.tree.within(*node)) {
            let this = &source.tree.nodes[node];
            for text in std::iter::once(&this.text)
                .chain(this.prose.iter().map(|line| &line.text))
                .chain(this.tags.iter().map(|tag| &tag.line.text))
            {
                wanted.extend(
                    names
                        .identified(text)
                        .into_iter()
                        .map(|candidate| (candidate, place)),
                );
            }
            if !source.tree.is_section(node) && !unit.nodes.contains(&node) {
                wanted.extend(names.titled(&this.text).map(|candidate| (candidate, place)));
            }
        }
    }
    for (candidate, place) in wanted {
        let candidate = &mut choice.candidates[candidate];
        if candidate.unit.is_none() {
            candidate.unit = Some(place);
        }
    }
    for candidate in choice
        .candidates
        .iter_mut()
        .filter(|candidate| candidate.unit.is_none())
    {
        let Some(node) = candidate.node else { continue };
        let text = &source.tree.nodes[node].text;
        let marker = text
            .strip_prefix(['(', '['])
            .or_else(|| text.rsplit_once(['(', '[']).map(|(_, inside)| inside));
        let named = marker
            .and_then(|marker| units::name(marker.split([')', ']']).next().unwrap_or(marker)));
        candidate.unit = named.and_then(|name| by_name.get(&name).copied());
    }
}

/// The milestones in order. The caller adds their tasks.
pub(super) fn milestones(source: &Source<'_>, choice: &Choice) -> Vec<Milestone> {
    let tree = &source.tree;
    let mut taken = vec![false; tree.nodes.len()];
    for node in choice
        .candidates
        .iter()
        .flat_map(|candidate| candidate.node)
    {
        taken[node] = true;
    }
    let mut keys: BTreeMap<String, usize> = BTreeMap::new();
    let mut all: Vec<Milestone> = Vec::new();
    let mut parallel: Vec<bool> = Vec::new();
    for unit in &choice.units {
        let heading = unit.nodes.iter().find(|node| tree.is_section(**node));
        let Some(first) = heading.or(unit.nodes.first()).copied() else {
            continue;
        };
        let node = &tree.nodes[first];
        let mut name = title::finish(&node.text.replace(['`', '*'], ""));
        if name.is_empty() {
            name = format!("Milestone {}", all.len() + 1);
        }
        let base = key(&["milestone", unit.name.as_deref().unwrap_or(&node.text)]);
        let seen = keys.entry(base.clone()).or_default();
        *seen += 1;
        let key = if *seen > 1 {
            key(&["milestone", &node.text, &seen.to_string()])
        } else {
            base
        };
        let mut milestone = Milestone {
            key,
            title: name,
            lines: node.lines,
            deliverables: Vec::new(),
            success: Vec::new(),
            goal: None,
            tasks: Vec::new(),
            after: None,
        };
        let mut beside = false;
        for top in &unit.nodes {
            beside |= fill(source, *top, &taken, &mut milestone);
        }
        parallel.push(beside);
        all.push(milestone);
    }
    marked(source, choice, &mut all);
    for place in 1..all.len() {
        // A phase that runs in parallel with the previous one waits for the same gate.
        if parallel[place] {
            all[place].after = all[place - 1].after.clone();
        } else {
            all[place].after = Some(all[place - 1].key.clone());
        }
    }
    all
}

/// Adds criteria with the mark of a phase (`(M2) it survives a power failure`), wherever they
/// occur.
fn marked(source: &Source<'_>, choice: &Choice, all: &mut [Milestone]) {
    let tree = &source.tree;
    let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, unit) in choice.units.iter().enumerate() {
        if let Some(name) = &unit.name {
            by_name.entry(name).or_insert(place);
        }
    }
    let mut inside = super::extra::covered(source, &choice.candidates);
    for node in choice.units.iter().flat_map(|unit| &unit.nodes) {
        inside[*node] = true;
    }
    for node in 0..tree.nodes.len() {
        let this = &tree.nodes[node];
        inside[node] |= this.parent.is_some_and(|parent| inside[parent]);
        let closed = matches!(
            this.kind,
            SectionKind::NonGoal | SectionKind::Future | SectionKind::Question
        );
        if inside[node] || closed || tree.is_section(node) || by_name.is_empty() {
            continue;
        }
        let marker = match this.text.strip_prefix(['(', '[']) {
            Some(rest) => rest.split_once([')', ']']),
            None => this
                .text
                .split_once(':')
                .filter(|(head, _)| head.len() <= 16),
        };
        let Some((marker, rest)) = marker else {
            continue;
        };
        if let Some(place) =
            units::name(marker).and_then(|name| by_name.get(name.as_str()).copied())
        {
            let text = rest.trim_start_matches([':', ' ', '-', '–']);
            all[place]
                .success
                .push(criterion(text, own_lines(source, node), this.id.clone()));
        }
    }
}

/// Reads the properties of a phase; returns true if it runs in parallel with the previous one.
fn fill(source: &Source<'_>, top: usize, taken: &[bool], milestone: &mut Milestone) -> bool {
    let tree = &source.tree;
    let marked = tree.nodes[top]
        .text
        .strip_prefix(['(', '['])
        .and_then(|text| text.split_once([')', ']']));
    if let Some((_, rest)) = marked.filter(|_| !tree.is_section(top)) {
        let text = rest.trim_start_matches([':', ' ', '-', '–']);
        milestone
            .success
            .push(criterion(text, own_lines(source, top), None));
        return false;
    }
    let mut beside = false;
    let mut waiting = vec![(top, false, false)];
    while let Some((node, success, delivered)) = waiting.pop() {
        let this = &tree.nodes[node];
        if node != top && taken[node] {
            continue;
        }
        let success = success
            || this.role == Some(LabelKind::Acceptance)
            || (tree.is_section(node)
                && matches!(
                    this.kind,
                    SectionKind::Acceptance | SectionKind::Metric | SectionKind::Done
                ));
        let delivered = delivered
            || this.role == Some(LabelKind::Deliverables)
            || (tree.is_section(node) && this.kind == SectionKind::Deliverable);
        let goal = this.role == Some(LabelKind::Goal)
            || this.tags.iter().any(|tag| tag.kind == LabelKind::Goal);
        if milestone.goal.is_none() {
            let strategy = this
                .tags
                .iter()
                .find(|tag| tag.kind == LabelKind::Goal || normalize(&tag.name) == "strategy");
            milestone.goal = match strategy {
                Some(tag) => Some(tag.line.text.clone()),
                None if goal => Some(this.text.clone()),
                None if node == top => this
                    .prose
                    .first()
                    .map(|line| first_sentence(&line.text).to_owned()),
                None => None,
            };
        }
        for text in this
            .prose
            .iter()
            .map(|line| &line.text)
            .chain(this.tags.iter().map(|tag| &tag.line.text))
        {
            beside |= normalize(text).contains("parallel with");
        }
        if !tree.is_section(node)
            && node != top
            && (this.children.is_empty() || !source.grouping(node))
        {
            let requirement = this.id.clone();
            let plain = this.role.is_none()
                || matches!(this.role, Some(LabelKind::Scope | LabelKind::Tasks));
            let entry: Criterion = criterion(&this.text, own_lines(source, node), requirement);
            if success {
                milestone.success.push(entry);
            } else if delivered || (plain && this.checked != Some(true)) {
                milestone.deliverables.push(entry);
            }
        }
        for child in this.children.iter().rev() {
            waiting.push((*child, success, delivered));
        }
    }
    beside
}
