//! Runs of sequential ids on one line: `T-0001..T-10000`.
//!
//! So a commit about ten thousand items names them on one line.

use super::id::{self, ItemKind};

/// Ids in order, each once, with three or more consecutive ones as a run. An id in another form (an
/// alias, for example) is not part of a run.
pub fn shorten(ids: &[String]) -> Vec<String> {
    let mut runs: Vec<(ItemKind, u32, u32)> = Vec::new();
    let mut others = Vec::new();
    for id in ids {
        match id::parse_sequential(id).filter(|(kind, n)| id::sequential(*kind, *n) == *id) {
            Some((kind, n)) => runs.push((kind, n, n)),
            None => others.push(id.clone()),
        }
    }
    runs.sort_unstable();
    runs.dedup_by(|next, run| {
        let follows = next.0 == run.0 && next.1 <= run.2.saturating_add(1);
        if follows {
            run.2 = run.2.max(next.2);
        }
        follows
    });
    let mut out = Vec::new();
    for (kind, first, last) in runs {
        let id = |n| id::sequential(kind, n);
        match last - first {
            0 => out.push(id(first)),
            1 => out.extend([id(first), id(last)]),
            _ => out.push(format!("{}..{}", id(first), id(last))),
        }
    }
    out.extend(others);
    out
}

/// True if a text (an id or a run of ids) names the item with an id. A run is never expanded: a
/// fetched commit may name a billion items.
pub fn names(text: &str, id: &str) -> bool {
    let ends = text.split_once("..").and_then(|(first, last)| {
        let (first, last) = (id::parse_sequential(first)?, id::parse_sequential(last)?);
        (first.0 == last.0).then_some((first, last))
    });
    match (ends, id::parse_sequential(id)) {
        (Some((first, last)), Some(id)) => first <= id && id <= last,
        _ => id::normalized(text) == id::normalized(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consecutive_ids_are_shortened_to_ranges() {
        let ids = [
            "T-0003",
            "E-0001",
            "T-0001",
            "pm-a3f8.1",
            "T-0002",
            "T-0009",
            "T-0010",
            "T-9999",
            "T-10000",
            "T-10001",
            "T-0001-k3f9",
        ];
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let short = shorten(&ids);
        assert_eq!(
            short,
            [
                "E-0001",
                "T-0001..T-0003",
                "T-0009",
                "T-0010",
                "T-9999..T-10001",
                "pm-a3f8.1",
                "T-0001-k3f9"
            ]
        );
        for id in &ids {
            assert!(short.iter().any(|text| names(text, id)), "{id} is lost");
        }
    }

    #[test]
    fn a_range_of_ids_contains_its_items() {
        for id in ["T-0003", "T-3", "t-0005", "T-0007"] {
            assert!(names("T-0003..T-0007", id), "{id}");
        }
        for id in ["T-0002", "T-0008", "E-0004", "T-0004-k3f9", "pm-a3f8"] {
            assert!(!names("T-0003..T-0007", id), "{id}");
        }
        assert!(names("T-0004-k3f9", "T-0004-k3f9") && names("t-4", "T-0004"));
        for invalid in ["T-0003..E-0007", "T-0007..T-0003", "..", "T-0001.."] {
            assert!(!names(invalid, "T-0004"), "{invalid}");
        }
    }
}
