//! Streams: groups of tasks that can be worked on in sequence, independently of the others.

use super::areas::area;
use super::candidate::TaskCandidate;
use super::draft_types::EdgeClass;
use super::edge_set::Link;
use super::stream_labels::{dominant, from_sections};
use super::stream_names::short_names;
use super::work::Source;
use std::collections::BTreeMap;

/// The largest number of streams.
pub(super) const MAX_STREAMS: usize = 8;

/// For each task, the index of its stream in the returned names.
pub(super) fn of(
    source: &Source<'_>,
    candidates: &[TaskCandidate],
    links: &[Link],
    paths: &[Vec<String>],
) -> (Vec<usize>, Vec<String>) {
    let grouped = candidates
        .iter()
        .filter(|candidate| candidate.group.is_some())
        .count();
    let mut groups: Vec<&str> = candidates
        .iter()
        .filter_map(|candidate| candidate.group.as_deref())
        .collect();
    groups.sort_unstable();
    groups.dedup();
    let by_group =
        groups.len() >= 2 && groups.len() <= MAX_STREAMS + 4 && grouped * 2 >= candidates.len();
    let labels: Vec<String> = candidates
        .iter()
        .map(|candidate| match &candidate.group {
            Some(group) if by_group => group.clone(),
            _ => area(candidate).to_owned(),
        })
        .collect();
    // Tasks with the same label or file share a stream, and so do tasks with hard edges, unless
    // these connect everything.
    let labels = if dominant(&labels).is_some() {
        from_sections(source, candidates)
            .unwrap_or_else(|| split_into_chains(candidates, links, labels))
    } else {
        labels
    };
    let strict = join(candidates.len(), &labels, paths, Some(links));
    let largest = |roots: &[usize]| {
        let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
        for root in roots {
            *sizes.entry(*root).or_default() += 1;
        }
        sizes.into_values().max().unwrap_or(0)
    };
    let uneven = candidates.len() >= 5 && largest(&strict) * 3 > candidates.len() * 2;
    let chosen = if uneven {
        join(candidates.len(), &labels, paths, None)
    } else {
        strict
    };
    name(chosen, &labels)
}

/// Separates tasks into chains if most of them have the same label: a task continues the chain of a
/// task that it waits for, unless another task already does.
fn split_into_chains(
    candidates: &[TaskCandidate],
    links: &[Link],
    mut labels: Vec<String>,
) -> Vec<String> {
    let Some(label) = dominant(&labels) else {
        return labels;
    };
    let mut before: BTreeMap<usize, usize> = BTreeMap::new();
    for link in links
        .iter()
        .filter(|link| link.class == EdgeClass::Hard && link.rule != "setup-first")
    {
        let inside = labels[link.task] == label && labels[link.on] == label;
        if inside && link.on < link.task {
            let known = before.entry(link.task).or_insert(link.on);
            *known = (*known).max(link.on);
        }
    }
    if before.is_empty() {
        // Without connections, each task is its own stream, up to the number of names that fit.
        for place in 0..candidates.len() {
            if labels[place] == label && candidates.len() <= MAX_STREAMS {
                labels[place] = candidates[place].title.clone();
            }
        }
        return labels;
    }
    let mut length = vec![1; candidates.len()];
    for task in (0..candidates.len()).rev() {
        if let Some(on) = before.get(&task) {
            length[*on] = length[*on].max(length[task] + 1);
        }
    }
    let mut successor: BTreeMap<usize, usize> = BTreeMap::new();
    for (task, on) in &before {
        let known = successor.entry(*on).or_insert(*task);
        if length[*task] > length[*known] {
            *known = *task;
        }
    }
    let part = |task: usize, on: usize| {
        links
            .iter()
            .any(|link| link.task == task && link.on == on && link.rule == "sub-id")
    };
    let mut head: Vec<usize> = (0..candidates.len()).collect();
    for (task, on) in &before {
        if successor.get(on) == Some(task) || part(*task, *on) {
            head[*task] = head[*on];
        }
    }
    for place in 0..candidates.len() {
        if labels[place] == label {
            labels[place] = candidates[head[place]].title.clone();
        }
    }
    labels
}

/// Groups connected tasks; a group is named by the index of its first task.
fn join(
    count: usize,
    labels: &[String],
    paths: &[Vec<String>],
    links: Option<&[Link]>,
) -> Vec<usize> {
    let mut parent: Vec<usize> = (0..count).collect();
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, label) in labels.iter().enumerate() {
        let with = *first.entry(label).or_insert(place);
        unite(&mut parent, place, with);
    }
    let mut files: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, paths) in paths.iter().enumerate() {
        for path in paths {
            let with = *files.entry(path.trim_end_matches('/')).or_insert(place);
            unite(&mut parent, place, with);
        }
    }
    for link in links.into_iter().flatten() {
        let gate = matches!(link.rule, "setup-first" | "cause-first");
        if link.class == EdgeClass::Hard && !gate {
            unite(&mut parent, link.task, link.on);
        }
    }
    (0..count).map(|place| find(&mut parent, place)).collect()
}

fn find(parent: &mut [usize], at: usize) -> usize {
    let mut root = at;
    while parent[root] != root {
        root = parent[root];
    }
    let mut at = at;
    while parent[at] != root {
        at = std::mem::replace(&mut parent[at], root);
    }
    root
}

fn unite(parent: &mut [usize], a: usize, b: usize) {
    let (a, b) = (find(parent, a), find(parent, b));
    parent[a.max(b)] = a.min(b);
}

/// Numbers the streams in the order of their first tasks and names them by the label of most of
/// their tasks; the smallest ones above the limit are merged.
fn name(roots: Vec<usize>, labels: &[String]) -> (Vec<usize>, Vec<String>) {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (place, root) in roots.iter().enumerate() {
        members.entry(*root).or_default().push(place);
    }
    let mut sizes: Vec<(usize, usize)> = members
        .iter()
        .map(|(root, places)| (places.len(), *root))
        .collect();
    sizes.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let other: Vec<usize> = sizes
        .iter()
        .skip(MAX_STREAMS - 1)
        .map(|(_, root)| *root)
        .filter(|_| sizes.len() > MAX_STREAMS)
        .collect();
    let short = short_names(labels);
    let mut stream_of = vec![0; roots.len()];
    let mut names: Vec<String> = Vec::new();
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    let mut rest: Option<usize> = None;
    for (place, root) in roots.iter().enumerate() {
        let known = if other.contains(root) {
            rest
        } else {
            places.get(root).copied()
        };
        stream_of[place] = known.unwrap_or_else(|| {
            let name = if other.contains(root) {
                "other".to_owned()
            } else {
                common(&members[root], labels, &short)
            };
            names.push(unique(&names, name));
            let stream = names.len() - 1;
            if other.contains(root) {
                rest = Some(stream);
            } else {
                places.insert(*root, stream);
            }
            stream
        });
    }
    (stream_of, names)
}

/// The name of the most frequent label of some tasks, the first if several are.
fn common(members: &[usize], labels: &[String], short: &BTreeMap<&str, String>) -> String {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (order, place) in members.iter().enumerate() {
        let entry = counts.entry(&labels[*place]).or_insert((0, order));
        entry.0 += 1;
    }
    counts
        .into_iter()
        .max_by(|a, b| a.1.0.cmp(&b.1.0).then(b.1.1.cmp(&a.1.1)))
        .and_then(|(label, _)| short.get(label).cloned())
        .unwrap_or_else(|| "core".to_owned())
}

fn unique(known: &[String], name: String) -> String {
    if !known.contains(&name) {
        return name;
    }
    (2..)
        .map(|number| format!("{name} {number}"))
        .find(|name| !known.contains(name))
        .unwrap_or(name)
}
