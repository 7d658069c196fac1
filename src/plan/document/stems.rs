//! Stems of words, for rules about shared rare words. English endings only: in other languages a
//! word is its own stem, which misses matches but adds no false ones.

use super::Words;

/// Words without meaning for the subject of a text.
const STOP: &str = "a|able|about|all|also|an|and|any|are|as|at|be|been|but|by|can|could|do|does|each|every|for|\
    from|has|have|how|if|in|into|is|it|its|may|more|most|must|need|needs|no|not|of|on|one|only|\
    or|other|our|out|shall|should|so|some|such|than|that|the|their|them|then|there|they|this|to|\
    up|use|used|user|users|using|via|want|was|we|what|when|where|which|who|will|with|would|you|\
    your|system|support|supports|provide|provides|allow|allows|new|add";

/// The stems of the meaningful words of `text`, in order, without duplicates.
pub(super) fn of(text: &str) -> Vec<String> {
    let mut stems: Vec<String> = Vec::new();
    for token in super::tokens::tokens(text) {
        if token.chars().count() < 3 || STOP.split('|').any(|word| word == token) {
            continue;
        }
        let stem = stem(&token);
        if !stems.contains(&stem) {
            stems.push(stem);
        }
    }
    stems
}

/// A word without common English endings.
fn stem(word: &str) -> String {
    const ENDINGS: Words = Words(
        "izations, ization, ations, ating, ates, ated, ate, ation, ments, ment, ings, ing, ions, \
         ion, ies, ers, er, ed, es, s, y, e",
    );
    let mut rest = word;
    for ending in ENDINGS.iter() {
        if let Some(short) = rest.strip_suffix(ending)
            && short.chars().count() >= 3
        {
            rest = short;
            break;
        }
    }
    rest.strip_suffix('e')
        .filter(|short| short.chars().count() >= 3)
        .unwrap_or(rest)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for (one, other) in [
            ("exports", "exporting"),
            ("migration", "migrate"),
            ("story", "stories"),
        ] {
            assert_eq!(stem(one), stem(other));
        }
    }
}
