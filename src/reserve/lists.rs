//! Lists of patterns that somebody else may have written, asked about many times: what is protected,
//! and what is planned. What all the questions together may cost is limited.

use super::effort::{Answer, Effort};
use super::near::Prefixes;
use super::overlap::Case;
use super::pattern::{Path, Pattern, PatternError};

/// The paths that agents may not commit. Where too much would have to be compared, a path counts as
/// one of them.
#[derive(Debug, Default)]
pub struct Protected {
    patterns: Vec<Pattern>,
    effort: Effort,
}

impl Protected {
    /// What some patterns protect; what is no pattern protects nothing.
    pub fn new(texts: &[String]) -> Protected {
        let effort = Effort::default();
        Protected {
            patterns: Pattern::all_within(texts, &effort),
            effort,
        }
    }

    /// Those of some paths that are protected.
    pub fn among<'p>(&self, paths: &'p [String], case: Case) -> Vec<&'p String> {
        let covered = |path: &&String| {
            let path = Path::new(path);
            let mut answers = self.patterns.iter();
            answers.any(|p| p.matches_within(&path, case, &self.effort).may())
        };
        paths.iter().filter(covered).collect()
    }

    /// Whether a pattern could name a protected path.
    ///
    /// # Errors
    /// When the text is no pattern.
    pub fn meets(&self, text: &str, case: Case) -> Result<bool, PatternError> {
        let pattern = Pattern::parse_within(text, &self.effort)?;
        let mut all = self.patterns.iter();
        Ok(all.any(|p| p.overlaps_within(&pattern, case, &self.effort).may()))
    }
}

/// Patterns, to be compared with what many items plan to touch. Where too much would have to be
/// compared, the rest is left out.
pub struct Wanted {
    patterns: Vec<Pattern>,
    prefixes: Prefixes,
    case: Case,
    read: Effort,
    compared: Effort,
}

impl Wanted {
    /// Those of some texts that are patterns.
    pub fn new(texts: &[String], case: Case) -> Wanted {
        let read = Effort::default();
        let patterns = Pattern::all_within(texts, &read);
        Wanted {
            read,
            ..Wanted::of(patterns, case)
        }
    }

    /// Some patterns.
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

    /// Those of some planned patterns that surely have a path in common with one of these.
    pub fn meeting<'t>(&'t self, planned: &'t [String]) -> impl Iterator<Item = String> + 't {
        let left = |_: &&String| !self.compared.is_spent();
        planned.iter().take_while(left).filter_map(|text| {
            // Most are about other folders, and are not read for that.
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
