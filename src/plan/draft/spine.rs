//! The order of requirements in a document that describes a pipeline: intake, assessment, plan,
//! execution and what follows.

use super::candidate::{Cause, TaskCandidate};
use super::edge_set::{Link, Links};
use super::id_mentions;
use super::similarity::{stem, words};
use super::work::Source;

/// The pipeline step that a title names: the last match before a comma or `and`.
fn rank(title: &str) -> Option<u8> {
    const RANKS: &[(u8, &[&str])] = &[
        (
            0,
            &[
                "intake",
                "setup",
                "schema",
                "ingest",
                "import",
                "register",
                "onboard",
                "initi",
                "bootstrap",
                "captur",
                "collect",
                "upload",
            ],
        ),
        (
            1,
            &[
                "assess", "analys", "analyz", "classif", "detect", "evaluat", "scop", "triag",
                "pars",
            ],
        ),
        (
            2,
            &[
                "plan", "generat", "design", "decompos", "calculat", "comput",
            ],
        ),
        (
            3,
            &[
                "edit",
                "strategy",
                "guard",
                "guidanc",
                "config",
                "configur",
                "refin",
                "review",
                "threshold",
            ],
        ),
        (
            4,
            &["dispatch", "execut", "orchestr", "run", "process", "assign"],
        ),
        (
            5,
            &[
                "control", "progres", "monitor", "log", "logg", "track", "observ",
            ],
        ),
        (6, &["integr", "sync", "export", "notif", "publish"]),
        (
            7,
            &["verify", "verific", "test", "doc", "document", "report"],
        ),
    ];
    let head = title
        .split([',', ':', '(', '–', '—'])
        .next()
        .unwrap_or(title);
    let head = head
        .split(" and ")
        .next()
        .unwrap_or(head)
        .split(" & ")
        .next()
        .unwrap_or(head);
    words(head).iter().rev().find_map(|word| {
        let stem = stem(word);
        RANKS
            .iter()
            .find(|(_, stems)| stems.contains(&stem.as_str()))
            .map(|(rank, _)| *rank)
    })
}

/// In a document that describes a pipeline, each requirement waits for the step before it.
pub(super) fn spine(source: &Source<'_>, candidates: &[TaskCandidate], links: &mut Links) {
    let headed: Vec<usize> = (0..candidates.len())
        .filter(|place| candidates[*place].cause == Cause::Work)
        .filter(|place| {
            candidates[*place]
                .node
                .is_some_and(|node| source.tree.is_section(node) && source.requirement[node])
        })
        .collect();
    let ranks: Vec<(usize, u8)> = headed
        .iter()
        .filter_map(|place| Some((*place, rank(&candidates[*place].title)?)))
        .collect();
    let mut steps: Vec<u8> = ranks
        .iter()
        .map(|(_, rank)| *rank)
        .filter(|rank| matches!(rank, 0 | 1 | 2 | 4))
        .collect();
    steps.sort_unstable();
    steps.dedup();
    if steps.len() < 3 || ranks.len() * 2 < headed.len() {
        return;
    }
    let mut last: Vec<(usize, u8)> = Vec::new();
    for (task, rank) in ranks {
        let nested = candidates[task]
            .node
            .and_then(|node| source.tree.nodes[node].id.as_deref())
            .is_some_and(|id| id_mentions::parent(id).is_some());
        if nested {
            continue;
        }
        if let Some((on, _)) = last.iter().rev().find(|(_, known)| *known < rank) {
            let reason = format!("in this document it follows “{}”", candidates[*on].title);
            links.add(
                candidates,
                Link::hard(task, *on, "spine", candidates[task].lines.start, reason),
            );
        }
        if matches!(rank, 0 | 1 | 2 | 4) && last.last().is_none_or(|(_, known)| *known < rank) {
            last.push((task, rank));
        }
    }
}
