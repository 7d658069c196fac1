//! Words that nobody can check (`fast`, `user-friendly`), found as whole words.

/// Single words; a hyphen belongs to the word, so that `fast-forward` is not `fast`.
const WORDS: &[&str] = &[
    "acceptable",
    "adequate",
    "adequately",
    "appealing",
    "appropriate",
    "appropriately",
    "beautiful",
    "clean",
    "comfortable",
    "convenient",
    "easier",
    "easily",
    "easy",
    "easy-to-use",
    "effective",
    "effectively",
    "efficient",
    "efficiently",
    "elegant",
    "etc",
    "fast",
    "faster",
    "flexible",
    "friendly",
    "gracefully",
    "high-quality",
    "intuitive",
    "intuitively",
    "lightweight",
    "maintainable",
    "minimal",
    "modern",
    "nice",
    "nicely",
    "optimal",
    "optimally",
    "optimized",
    "performant",
    "polished",
    "professional",
    "properly",
    "quick",
    "quickly",
    "rapid",
    "rapidly",
    "reasonable",
    "reasonably",
    "reliable",
    "reliably",
    "responsive",
    "robust",
    "scalable",
    "seamless",
    "seamlessly",
    "simple",
    "sleek",
    "slick",
    "smooth",
    "smoothly",
    "snappy",
    "sufficient",
    "sufficiently",
    "suitable",
    "timely",
    "user-friendly",
    "various",
    "well-designed",
    "amigable",
    "angemessen",
    "ansprechend",
    "benutzerfreundlich",
    "benutzerfreundliche",
    "convivial",
    "einfach",
    "einfache",
    "facile",
    "fácil",
    "intuitif",
    "intuitiv",
    "intuitive",
    "intuitivo",
    "performante",
    "rapide",
    "rápido",
    "schnell",
    "schnelle",
    "übersichtlich",
];

/// Phrases of several words.
const PHRASES: &[&str] = &[
    "and more",
    "and so on",
    "as applicable",
    "as appropriate",
    "as needed",
    "as required",
    "as soon as possible",
    "at a minimum",
    "best practices",
    "easy to use",
    "if appropriate",
    "if necessary",
    "if needed",
    "if possible",
    "not limited to",
    "state of the art",
    "user friendly",
    "when necessary",
    "where appropriate",
    "where possible",
];

/// Words about speed: a number beside them makes them checkable.
const SPEED: &[&str] = &[
    "fast",
    "faster",
    "quick",
    "quickly",
    "rapid",
    "rapidly",
    "responsive",
    "performant",
    "efficient",
    "efficiently",
    "snappy",
    "timely",
    "schnell",
    "schnelle",
    "rapide",
    "rápido",
    "minimal",
    "reasonable",
    "acceptable",
    "lightweight",
];

/// The vague words and phrases of a text in lower case, each once, in their order.
pub fn vague(text: &str) -> Vec<String> {
    let tokens: Vec<String> = text
        .split(|c: char| !(c.is_alphanumeric() || c == '-'))
        .map(|word| word.trim_matches('-').to_lowercase())
        .filter(|word| !word.is_empty())
        .collect();
    let measured = text.bytes().any(|b| b.is_ascii_digit());
    let mut found: Vec<String> = Vec::new();
    for at in 0..tokens.len() {
        let phrase = PHRASES.iter().find(|phrase| {
            let mut rest = tokens[at..].iter();
            phrase
                .split(' ')
                .all(|word| rest.next().is_some_and(|token| token == word))
        });
        let hit = match phrase {
            Some(phrase) => *phrase,
            None => match WORDS.iter().find(|word| tokens[at] == **word) {
                Some(word) if measured && SPEED.contains(word) => continue,
                Some(word) => *word,
                None => continue,
            },
        };
        if !found
            .iter()
            .any(|known| known == hit || known.contains(hit))
        {
            found.push(hit.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PL-28 vague acceptance is found with its words.
    #[test]
    fn vague_words_are_found_as_whole_words() {
        assert_eq!(vague("UI should be responsive"), ["responsive"]);
        assert_eq!(
            vague("User-friendly errors, logs etc."),
            ["user-friendly", "etc"]
        );
        assert_eq!(vague("Retry as needed."), ["as needed"]);
        assert!(vague("Breakfast is a fast-forward of robustness").is_empty());
    }

    #[test]
    fn a_number_makes_speed_checkable() {
        assert!(vague("Fast: answers within 200 ms").is_empty());
        assert_eq!(vague("Intuitive in 3 clicks"), ["intuitive"]);
    }
}
