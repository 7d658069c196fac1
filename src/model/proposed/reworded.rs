//! Which criteria that were written by hand are other forms of those that they replace.
//!
//! Such a criterion is still about the lines of the document that the replaced one is about.

use std::collections::BTreeSet;

use super::super::line_diff::likeness_of_words;

/// So much alike are two forms of one criterion.
const ALIKE: f32 = 0.5;

/// A criterion that was replaced.
pub struct Replaced<'c> {
    /// Its place among the criteria before.
    pub place: usize,
    /// Its text.
    pub text: &'c str,
    /// The id of its requirement.
    pub requirement: Option<&'c str>,
}

/// The new texts that are another form of a replaced one, or name its requirement: the place of each
/// among the new ones, with that of the other.
#[must_use]
pub fn reworded_criteria(new: &[&str], replaced: &[Replaced<'_>]) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(f32, usize, usize)> = Vec::new();
    for (now, text) in new.iter().enumerate() {
        for one in replaced {
            let likeness = match is_named(text, one, replaced) {
                true => 1.0,
                false => likeness_of_words(text, one.text),
            };
            if likeness >= ALIKE {
                pairs.push((likeness, now, one.place));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut taken, mut left) = (BTreeSet::new(), BTreeSet::new());
    pairs.retain(|(_, now, before)| {
        let is_free = !taken.contains(now) && !left.contains(before);
        if is_free {
            taken.insert(*now);
            left.insert(*before);
        }
        is_free
    });
    let pairs = pairs.into_iter();
    pairs.map(|(_, now, before)| (now, before)).collect()
}

/// True if a text names the requirement of a replaced criterion and of no other one.
fn is_named(text: &str, one: &Replaced<'_>, replaced: &[Replaced<'_>]) -> bool {
    let Some(id) = one.requirement else {
        return false;
    };
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut words = text.split(|c| !is_part(c));
    let is_its = |other: &&Replaced<'_>| other.requirement == Some(id);
    words.any(|word| word.trim_end_matches('.').eq_ignore_ascii_case(id))
        && replaced.iter().filter(is_its).count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'c>(texts: &[(&'c str, Option<&'c str>)]) -> Vec<Replaced<'c>> {
        let all = texts.iter().enumerate();
        let all = all.map(|(place, (text, requirement))| Replaced {
            place,
            text,
            requirement: *requirement,
        });
        all.collect()
    }

    #[test]
    fn a_criterion_in_other_words_is_the_same_and_another_one_is_not() {
        let before = of(&[
            ("At least by price and colour.", None),
            ("A saved search has a name", None),
        ]);
        let new = [
            "A saved search has a name and a date",
            "At least by price, by colour and by size",
            "Two facets",
        ];
        let found = reworded_criteria(&new, &before);
        assert_eq!(found.len(), 2);
        assert!(found.contains(&(0, 1)) && found.contains(&(1, 0)));
        assert!(reworded_criteria(&["It opens"], &before).is_empty());
    }

    #[test]
    fn a_criterion_that_names_the_requirement_is_about_it() {
        let before = of(&[("At least by price and colour.", Some("REQ-2"))]);
        assert_eq!(
            reworded_criteria(&["Two facets (REQ-2)"], &before),
            [(0, 0)]
        );
        // It could be either of two.
        let both = of(&[("One", Some("REQ-2")), ("Other", Some("REQ-2"))]);
        assert!(reworded_criteria(&["Two facets (REQ-2)"], &both).is_empty());
    }
}
