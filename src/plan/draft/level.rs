//! The level of detail: the deepest level without too many tasks, with more detail for the next
//! phases than for later ones.

use super::work::Source;

/// The number of levels below the coarsest that are tried.
const MAX_DEPTH: usize = 6;

/// A node that may be split.
#[derive(Clone, Copy, Debug)]
pub(super) struct Root {
    pub node: usize,
    /// Set if the author planned it in detail, whatever the others.
    pub detailed: bool,
    /// The position in time of a numbered phase.
    pub position: Option<u64>,
}

/// The nodes that become tasks, for each root: all on the deepest level with at most `budget`
/// tasks, and then the numbered phases, in order, one level deeper while the budget lasts.
pub(super) fn cut(source: &Source<'_>, roots: &[Root], budget: usize) -> Vec<Vec<usize>> {
    let mut levels: Vec<Vec<Vec<usize>>> = vec![roots.iter().map(|root| vec![root.node]).collect()];
    for _ in 0..MAX_DEPTH {
        let Some(last) = levels.last() else { break };
        let next: Vec<Vec<usize>> = last
            .iter()
            .map(|nodes| open(nodes, |node| source.parts(node)))
            .collect();
        if next == *last {
            break;
        }
        levels.push(next);
    }
    let counts: Vec<usize> = levels
        .iter()
        .map(|level| level.iter().map(Vec::len).sum())
        .collect();
    let mut chosen = counts
        .iter()
        .rposition(|count| *count <= budget)
        .unwrap_or(0);
    // Too many tasks are better than one or two, which are not a plan.
    while chosen + 1 < levels.len() && counts[chosen] < 3 {
        chosen += 1;
    }
    let mut result = levels[chosen].clone();
    if counts[chosen] < 3 {
        let bullets: Vec<Vec<usize>> = result
            .iter()
            .map(|nodes| open(nodes, |node| source.bullets(node)))
            .collect();
        if bullets.iter().map(Vec::len).sum::<usize>() >= 3 {
            return bullets;
        }
    }
    let mut total = 0;
    for (place, root) in roots.iter().enumerate() {
        if root.detailed {
            result[place] = levels[levels.len() - 1][place].clone();
        }
        total += result[place].len();
    }
    let mut turns: Vec<(u64, usize)> = roots
        .iter()
        .enumerate()
        .filter_map(|(place, root)| Some((root.position?, place)))
        .collect();
    turns.sort_unstable();
    for level in &levels[chosen + 1..] {
        for (_, place) in &turns {
            let (before, after) = (result[*place].len(), level[*place].len());
            if after <= before {
                continue;
            }
            if total - before + after > budget {
                break;
            }
            total = total - before + after;
            result[*place] = level[*place].clone();
        }
    }
    result
}

/// The nodes that become tasks, of roots without any order or detail.
pub(super) fn cut_flat(source: &Source<'_>, nodes: &[usize], budget: usize) -> Vec<usize> {
    let roots: Vec<Root> = nodes
        .iter()
        .map(|node| Root {
            node: *node,
            detailed: false,
            position: None,
        })
        .collect();
    cut(source, &roots, budget).concat()
}

/// Replaces each node by its parts, if it has any.
fn open(nodes: &[usize], parts: impl Fn(usize) -> Vec<usize>) -> Vec<usize> {
    nodes
        .iter()
        .flat_map(|node| {
            let parts = parts(*node);
            if parts.is_empty() { vec![*node] } else { parts }
        })
        .collect()
}
