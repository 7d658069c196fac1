//! References to tasks in a text: by id, number or title.

use super::candidate::TaskCandidate;
use super::id_mentions;
use super::similarity::{normalize, stems, words};
use super::task_criteria::Content;
use super::work::Source;
use std::collections::{BTreeMap, BTreeSet};

/// The names of the tasks of a plan.
pub(super) struct Names {
    pub ids: BTreeMap<String, usize>,
    by_stem: BTreeMap<String, Vec<usize>>,
    pub numbers: BTreeMap<(usize, u64), usize>,
    stories: BTreeMap<u64, usize>,
    pub tasks: BTreeMap<u64, usize>,
    stems: Vec<BTreeSet<String>>,
    titles: BTreeMap<String, Vec<(String, usize)>>,
    pub parents: Vec<Option<usize>>,
}

impl Names {
    /// Collects the names of the tasks.
    pub fn of(source: &Source<'_>, candidates: &[TaskCandidate], contents: &[Content]) -> Names {
        let mut names = Names {
            ids: BTreeMap::new(),
            by_stem: BTreeMap::new(),
            numbers: BTreeMap::new(),
            stories: BTreeMap::new(),
            tasks: BTreeMap::new(),
            stems: Vec::new(),
            titles: BTreeMap::new(),
            parents: candidates
                .iter()
                .map(|candidate| {
                    candidate
                        .node
                        .and_then(|node| source.tree.nodes[node].parent)
                })
                .collect(),
        };
        for (place, candidate) in candidates.iter().enumerate() {
            for node in candidate.nodes() {
                let this = &source.tree.nodes[node];
                if let Some(id) = &this.id {
                    names.ids.entry(id.clone()).or_insert(place);
                }
                if let (Some(parent), Some(number)) = (this.parent, this.number) {
                    names.numbers.entry((parent, number)).or_insert(place);
                }
                let numbered = super::parts::task_number(&this.text).or(this.number);
                if let Some(number) = numbered.filter(|_| source.tree.is_section(node)) {
                    names.tasks.entry(number).or_insert(place);
                }
                if source.story[node] {
                    let head = words(&this.text).into_iter().take(3);
                    let number = head.filter_map(|word| word.parse().ok()).next();
                    if let Some(number) = number {
                        names.stories.entry(number).or_insert(place);
                    }
                }
            }
            for id in &contents[place].covers {
                names.ids.entry(id.clone()).or_insert(place);
            }
            for stem in &candidate.stems {
                names.by_stem.entry(stem.clone()).or_default().push(place);
            }
            // Also without what is in brackets.
            let bare = candidate.title.split('(').next().unwrap_or_default();
            for title in BTreeSet::from([normalize(&candidate.title), normalize(bare)]) {
                let first = title.split(' ').next().unwrap_or_default().to_owned();
                if title.len() > 3 {
                    names.titles.entry(first).or_default().push((title, place));
                }
            }
            names.stems.push(candidate.stems.clone());
        }
        names
    }

    /// The tasks named by id, or as `Requirement 3`.
    pub fn identified(&self, text: &str) -> Vec<usize> {
        let mut found: Vec<usize> = id_mentions::all(text)
            .iter()
            .filter_map(|id| self.ids.get(id).copied())
            .collect();
        let words = words(text);
        for pair in words
            .windows(2)
            .filter(|pair| pair[0] == "requirement" || pair[0] == "requirements")
        {
            found.extend(
                self.ids
                    .get(&format!("REQ-{}", pair[1].trim_start_matches('0'))),
            );
        }
        found
    }

    /// The task whose whole title a text begins with.
    pub fn opening(&self, text: &str) -> Option<usize> {
        let text = normalize(text.get(..text.len().min(160)).unwrap_or(text));
        let article = [
            "the ", "a ", "an ", "die ", "der ", "das ", "dem ", "den ", "la ", "le ", "el ",
        ];
        let text = article
            .iter()
            .find_map(|word| text.strip_prefix(word))
            .unwrap_or(&text);
        let first = text.split(' ').next()?;
        let titles = self.titles.get(first)?;
        titles
            .iter()
            .take(64)
            .find(|(title, _)| {
                text.strip_prefix(title.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            })
            .map(|(_, place)| *place)
    }

    /// The tasks named by id or number; numbers count among the siblings of `near`.
    pub fn marked(&self, text: &str, near: Option<usize>) -> Vec<usize> {
        let mut found = self.identified(text);
        let words = words(text);
        let mut open: Option<bool> = None;
        for word in &words {
            let singular = word.trim_end_matches('s');
            match singular {
                "story" | "storie" => open = Some(true),
                "step" | "task" | "item" | "point" | "schritt" | "aufgabe" => open = Some(false),
                "and" | "to" | "or" | "und" => {}
                _ => match (open, word.parse::<u64>()) {
                    (Some(true), Ok(number)) => found.extend(self.stories.get(&number)),
                    (Some(false), Ok(number)) => {
                        let beside = near.and_then(|near| self.numbers.get(&(near, number)));
                        found.extend(beside.or_else(|| self.tasks.get(&number)));
                    }
                    _ => open = None,
                },
            }
        }
        found
    }

    /// The only task whose title contains all the words, or is contained in them.
    pub fn titled(&self, text: &str) -> Option<usize> {
        let wanted = stems(text);
        if wanted.is_empty() || wanted.len() > 12 {
            return None;
        }
        let mut hits: BTreeMap<usize, usize> = BTreeMap::new();
        for stem in &wanted {
            for place in self.by_stem.get(stem).into_iter().flatten().take(64) {
                *hits.entry(*place).or_default() += 1;
            }
        }
        let score = |place: usize, shared: usize| {
            let (title, whole) = (self.stems[place].len(), wanted.len());
            (shared == whole || shared == title || (shared >= 2 && shared * 3 >= whole * 2))
                .then(|| shared as f64 / (title + whole - shared) as f64)
        };
        let mut best: Option<(usize, f64)> = None;
        let mut tied = false;
        for (place, shared) in hits {
            let Some(score) = score(place, shared) else {
                continue;
            };
            match best {
                Some((_, known)) if score < known => {}
                Some((_, known)) if score == known => tied = true,
                _ => {
                    best = Some((place, score));
                    tied = false;
                }
            }
        }
        best.filter(|_| !tied).map(|(place, _)| place)
    }
}
