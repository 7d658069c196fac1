//! Untrusted lists of patterns that are compared many times: protected paths and planned paths.
//!
//! The total cost of the comparisons is limited.

use super::pattern::comparison_budget::{Answer, Effort};
use super::pattern::overlap::Case;
use super::pattern::{Path, Pattern, PatternError};
use super::prefix_filter::Prefixes;
use crate::model::text::{first_of, one_line};

/// The paths that agents may not commit, in every spelling: a clone whose files have no case has
/// `.GitHub/x` in `.github`. Beyond the budget of comparisons, every path counts as protected.
#[derive(Debug, Default)]
pub struct Protected {
    patterns: Vec<Pattern>,
    effort: Effort,
}

/// Paths that are protected, or count as protected.
#[derive(Debug)]
pub struct Hits<'p> {
    paths: Vec<&'p String>,
    /// Set if they are protected; else there was too much to compare.
    is_sure: bool,
}

impl Hits<'_> {
    /// The first of them, and the number of the others.
    pub fn named(&self) -> String {
        let names: Vec<String> = self.paths.iter().map(|path| one_line(path)).collect();
        first_of(&names, 1)
    }

    /// True if they are protected; else that could not be determined, and they count as protected.
    pub fn is_sure(&self) -> bool {
        self.is_sure
    }
}

impl Protected {
    /// The paths that some patterns protect; an invalid pattern protects nothing.
    pub fn new(texts: &[String]) -> Protected {
        let effort = Effort::default();
        Protected {
            patterns: Pattern::all_within(texts, &effort),
            effort,
        }
    }

    /// Those of some paths that are or count as protected, if there are any.
    pub fn among<'p>(&self, paths: &'p [String]) -> Option<Hits<'p>> {
        let (mut sure, mut open) = (Vec::new(), Vec::new());
        for path in paths {
            let composed = Path::new(path);
            let answers = self.patterns.iter();
            let mut answers = answers
                .map(|p| p.matches_within(&composed, Case::Folded, &self.effort))
                .filter(|answer| answer.may());
            match answers.next() {
                Some(Answer::Yes) => sure.push(path),
                Some(_) if !self.effort.is_spent() && answers.any(|one| one == Answer::Yes) => {
                    sure.push(path);
                }
                Some(_) => open.push(path),
                None => {}
            }
        }
        let is_sure = !sure.is_empty();
        let paths = if is_sure { sure } else { open };
        (!paths.is_empty()).then_some(Hits { paths, is_sure })
    }

    /// True if a pattern could match a protected path.
    pub fn meets(&self, text: &str) -> Result<bool, PatternError> {
        let pattern = Pattern::parse_within(text, &self.effort)?;
        let mut all = self.patterns.iter();
        Ok(all.any(|p| {
            p.overlaps_within(&pattern, Case::Folded, &self.effort)
                .may()
        }))
    }
}

/// Patterns to compare with the planned paths of many items. Beyond the budget of comparisons, the
/// rest is left out.
pub struct Wanted {
    patterns: Vec<Pattern>,
    prefixes: Prefixes,
    case: Case,
    read: Effort,
    compared: Effort,
}

impl Wanted {
    /// The given patterns, by prefix.
    pub fn of(patterns: Vec<Pattern>, case: Case) -> Wanted {
        let mut prefixes = Prefixes::default();
        for (n, pattern) in patterns.iter().enumerate() {
            prefixes.add(pattern.text(), case, n);
        }
        Wanted {
            patterns,
            prefixes,
            case,
            read: Effort::default(),
            compared: Effort::default(),
        }
    }

    /// Those of some planned patterns that certainly have a path in common with one of these.
    pub fn meeting<'t>(&'t self, planned: &'t [String]) -> impl Iterator<Item = String> + 't {
        let left = |_: &&String| !self.compared.is_spent();
        planned.iter().take_while(left).filter_map(|text| {
            // Most concern other folders, and need not be compiled.
            let mut near = Vec::new();
            self.prefixes.meeting(text, self.case, &mut near);
            self.compared.take(near.len());
            near.sort_unstable();
            near.dedup();
            if near.is_empty() {
                return None;
            }
            let theirs = Pattern::parse_within(text, &self.read).ok()?;
            let meets = |n: usize| {
                let answer = self.patterns[n].overlaps_within(&theirs, self.case, &self.compared);
                answer == Answer::Yes
            };
            near.into_iter()
                .any(meets)
                .then(|| theirs.text().to_string())
        })
    }
}
