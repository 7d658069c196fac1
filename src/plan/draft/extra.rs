//! Additional tasks: for what no task covers yet, and for markers of unfinished work.

use super::candidate::{Cause, TaskCandidate};
use super::draft_types::Strategy;
use super::id_mentions;
use super::node_tree::Origin;
use super::similarity::{common, containment, normalise, stems, words};
use super::strategy::{Choice, group};
use super::title;
use super::work::Source;
use crate::plan::document::{LabelKind, SectionKind};
use std::collections::{BTreeMap, BTreeSet};

/// Ensures that every requirement and story is covered: by the task around it or one that names it,
/// by the most similar task, or, up to the threshold, by a new task.
pub(super) fn cover(source: &Source<'_>, choice: &mut Choice) {
    let mut must: Vec<usize> = choice.demands().collect();
    must.sort_unstable();
    must.dedup();
    let covered = covered(source, &choice.candidates);
    let mut open: Vec<usize> = must.into_iter().filter(|node| !covered[*node]).collect();
    let accepted = accepted(source, &covered);
    if choice.strategy == Strategy::Requirements {
        open.extend(loose_work(source, choice, &covered));
        open.sort_unstable();
        open.dedup();
    }
    if choice.candidates.is_empty() {
        return;
    }
    let index = Index::of(source, choice);
    for node in accepted {
        // A criterion of the whole goes to the task with the same subject; one with an id must not
        // be lost.
        let marked = source.tree.nodes[node].id.is_some();
        let before = || {
            choice
                .candidates
                .iter()
                .rposition(|candidate| candidate.node.is_some_and(|at| at < node))
                .unwrap_or(0)
        };
        match index.best(source, node) {
            Some((candidate, _)) => choice.candidates[candidate].folded.push(node),
            None if marked => {
                let candidate = before();
                choice.candidates[candidate].folded.push(node);
            }
            None => {}
        }
    }
    let required: BTreeSet<usize> = choice.demands().collect();
    let mut gaps = Vec::new();
    for node in open {
        let this = &source.tree.nodes[node];
        let command = this.id.is_none()
            && this
                .codes
                .iter()
                .any(|code| code.len() + 2 >= this.text.trim().len());
        if command {
            continue;
        }
        match index.best(source, node) {
            Some((candidate, _)) if required.contains(&node) => {
                choice.candidates[candidate].folded.push(node)
            }
            Some(_) => {}
            None => gaps.push(node),
        }
    }
    // The choice of gaps must not depend on the order of the sections.
    gaps.sort_by_cached_key(|node| {
        (
            !required.contains(node),
            normalise(&source.tree.nodes[*node].text),
        )
    });
    let room = choice.threshold.saturating_sub(choice.candidates.len());
    let mut rest: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (place, node) in gaps.into_iter().enumerate() {
        if place < room {
            let mut candidate = TaskCandidate::of(source, node, Cause::Gap);
            candidate.group = group(source, choice, node);
            choice.candidates.push(candidate);
        } else if required.contains(&node) {
            let owner = source.tree.nodes[node].parent.unwrap_or(node);
            rest.entry(owner).or_default().push(node);
        }
    }
    let firsts = choice.candidates.len();
    for (_, nodes) in rest {
        // At the threshold and without a similar task, the nearest task before it takes it.
        let at = (0..firsts)
            .rev()
            .find(|candidate| {
                choice.candidates[*candidate]
                    .node
                    .is_some_and(|node| node < nodes[0])
            })
            .unwrap_or(0);
        choice.candidates[at].folded.extend(nodes);
    }
}

/// For each node, true if a task covers it.
pub(super) fn covered(source: &Source<'_>, candidates: &[TaskCandidate]) -> Vec<bool> {
    let mut covered = vec![false; source.tree.nodes.len()];
    for candidate in candidates {
        for node in candidate.nodes() {
            covered[node] = true;
            // A story that was split into its tasks is covered by them.
            for above in source
                .tree
                .above(node)
                .take_while(|_| candidate.node == Some(node))
            {
                if source.story[above] || source.requirement[above] {
                    covered[above] = true;
                }
            }
        }
    }
    for node in 0..covered.len() {
        covered[node] = covered[node]
            || source.tree.nodes[node]
                .parent
                .is_some_and(|parent| covered[parent]);
    }
    covered
}

/// The outermost acceptance criteria of the whole document.
fn accepted(source: &Source<'_>, covered: &[bool]) -> Vec<usize> {
    let tree = &source.tree;
    let mut found = Vec::new();
    for (node, this) in tree.nodes.iter().enumerate() {
        let marked = this
            .id
            .as_deref()
            .is_some_and(|id| id_mentions::prefix(id).starts_with("AC"));
        let listed = this.kind == SectionKind::Acceptance
            && this.parent.is_none_or(|parent| {
                tree.is_section(parent) || tree.nodes[parent].origin == Origin::Group
            });
        let closed = matches!(
            this.kind,
            SectionKind::NonGoal
                | SectionKind::Future
                | SectionKind::Appendix
                | SectionKind::Question
        );
        let leaf = matches!(this.origin, Origin::Entry | Origin::Row) || marked;
        let phased = this.text.starts_with(['(', '['])
            && super::units::name(this.text.trim_start_matches(['(', '['])).is_some();
        if !covered[node]
            && !phased
            && leaf
            && !closed
            && (marked || listed)
            && this.role != Some(LabelKind::DependsOn)
            && found.len() < 2_000
        {
            found.push(node);
        }
    }
    found
}

/// Work in phases and checklists in addition to the requirements.
fn loose_work(source: &Source<'_>, choice: &Choice, covered: &[bool]) -> Vec<usize> {
    let tree = &source.tree;
    let mut found = Vec::new();
    for (node, this) in tree.nodes.iter().enumerate() {
        let listed = this.checked == Some(false)
            || this.role == Some(LabelKind::Tasks)
            || this.kind == SectionKind::Checklist;
        let phase =
            this.kind == SectionKind::Milestone && super::work_kinds::begins_with_verb(&this.text);
        let leaf = this.children.is_empty() || this.checked == Some(false);
        let moved = tree.is_section(node)
            && this.kind == SectionKind::Unknown
            && this.children.len() >= 2
            && this
                .children
                .iter()
                .any(|child| tree.nodes[*child].number.is_some())
            && words(&this.text).first().is_some_and(|word| {
                matches!(
                    word.as_str(),
                    "migration" | "rollout" | "cutover" | "deployment"
                )
            });
        if moved && source.work[node] && !covered[node] {
            found.push(node);
        }
        if source.work[node]
            && !covered[node]
            && !tree.is_section(node)
            && leaf
            && (listed || phase)
            && !choice.candidates.is_empty()
        {
            let nested = this
                .parent
                .is_some_and(|parent| tree.nodes[parent].checked == Some(false));
            if !nested {
                found.push(node);
            }
        }
    }
    found
}

/// The stems of tasks, for finding the most similar one.
struct Index {
    /// Words of the document's title, which do not distinguish its tasks.
    common: BTreeSet<String>,
    by_stem: BTreeMap<String, Vec<usize>>,
    stems: Vec<BTreeSet<String>>,
    ids: BTreeMap<String, usize>,
    titles: BTreeMap<String, usize>,
}

impl Index {
    fn of(source: &Source<'_>, choice: &Choice) -> Index {
        let mut index = Index {
            common: stems(&source.document.title),
            by_stem: BTreeMap::new(),
            stems: Vec::new(),
            ids: BTreeMap::new(),
            titles: BTreeMap::new(),
        };
        for (place, candidate) in choice.candidates.iter().enumerate() {
            let mut all = candidate.stems.clone();
            for node in candidate.nodes() {
                for below in source.tree.within(node).into_iter().take(40) {
                    all.extend(stems(&source.tree.nodes[below].text));
                }
            }
            all.retain(|stem| !index.common.contains(stem));
            index
                .titles
                .entry(normalise(&candidate.title))
                .or_insert(place);
            for stem in &all {
                index.by_stem.entry(stem.clone()).or_default().push(place);
            }
            if let Some(id) = candidate
                .node
                .and_then(|node| source.tree.nodes[node].id.clone())
            {
                index.ids.entry(id).or_insert(place);
            }
            index.stems.push(all);
        }
        index
    }

    /// The task that a node names, or the one with most words in common.
    fn best(&self, source: &Source<'_>, node: usize) -> Option<(usize, f64)> {
        let this = &source.tree.nodes[node];
        for id in super::id_mentions::all(&this.text) {
            if let Some(candidate) = self.ids.get(&id) {
                return Some((*candidate, 1.0));
            }
        }
        let title = match super::candidate::story(source, node) {
            Some(sentence) if is_wish(&sentence) => title::title(&sentence),
            _ => this.text.clone(),
        };
        if let Some(candidate) = self.titles.get(&normalise(&title::title(&title))) {
            return Some((*candidate, 1.0));
        }
        let wanted: BTreeSet<String> = stems(&title)
            .into_iter()
            .filter(|stem| !self.common.contains(stem))
            .take(40)
            .collect();
        let common_limit = (self.stems.len() / 3).clamp(2, 24);
        let mut hits: BTreeMap<usize, f64> = BTreeMap::new();
        for stem in &wanted {
            let Some(candidates) = self
                .by_stem
                .get(stem)
                .filter(|candidates| candidates.len() <= common_limit)
            else {
                continue;
            };
            for candidate in candidates {
                *hits.entry(*candidate).or_default() += 1.0 / candidates.len() as f64;
            }
        }
        let (candidate, _) = hits.into_iter().max_by(|a, b| {
            a.1.total_cmp(&b.1)
                .then_with(|| self.stems[b.0].len().cmp(&self.stems[a.0].len()))
                .then_with(|| self.stems[b.0].cmp(&self.stems[a.0]))
        })?;
        let shared = common(&wanted, &self.stems[candidate]);
        let alike = containment(&wanted, &self.stems[candidate]);
        (shared >= 2 && alike >= 0.5 || shared >= 1 && wanted.len() == 1)
            .then_some((candidate, alike))
    }
}

fn is_wish(text: &str) -> bool {
    super::work::is_story_sentence(text)
}

/// A section with work that precedes everything else.
pub(super) fn first(source: &Source<'_>, choice: &mut Choice) {
    let tree = &source.tree;
    let covered = covered(source, &choice.candidates);
    let named = |node: &&usize| {
        let title = normalise(&tree.nodes[**node].text);
        [
            "first task",
            "initial task",
            "task zero",
            "task 0",
            "first step",
            "bootstrap task",
        ]
        .contains(&title.as_str())
    };
    let Some(node) = tree
        .sections
        .iter()
        .find(named)
        .copied()
        .filter(|node| source.work[*node] && !covered[*node])
    else {
        return;
    };
    let mut candidate = TaskCandidate::of(source, node, Cause::First);
    let text = tree.nodes[node].prose.first().map(|line| line.text.clone());
    let text = text.or_else(|| {
        tree.nodes[node]
            .children
            .first()
            .map(|child| tree.nodes[*child].text.clone())
    });
    let Some(text) = text else { return };
    let head = text
        .split(':')
        .next()
        .filter(|head| head.len() < text.len() && (4..=60).contains(&head.len()));
    candidate.title = title::title(head.unwrap_or(&text));
    candidate.stems = stems(&candidate.title);
    candidate.unit = if choice.units.is_empty() {
        None
    } else {
        Some(0)
    };
    choice.candidates.push(candidate);
}

/// Markers of unfinished work in prose.
pub(super) fn markers(source: &Source<'_>, choice: &mut Choice) {
    let tree = &source.tree;
    let covered = covered(source, &choice.candidates);
    let room = choice
        .threshold
        .saturating_sub(choice.candidates.len())
        .min(8);
    let mut found = Vec::new();
    for (node, this) in tree.nodes.iter().enumerate() {
        let marked = this.text.starts_with("TODO") || this.text.starts_with("FIXME");
        if marked
            && !tree.is_section(node)
            && !covered[node]
            && source.work[node]
            && this.text.len() > 8
        {
            found.push(node);
        }
    }
    found.sort_by_cached_key(|node| normalise(&tree.nodes[*node].text));
    for node in found.into_iter().take(room) {
        choice
            .candidates
            .push(TaskCandidate::of(source, node, Cause::Marker));
    }
}
