//! The words of texts as searches compare them: in lower case, without accents, and English ones
//! as stems.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A text of which only its words matter, for [`words`].
pub(crate) fn folded(text: &str) -> String {
    match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text
            .to_lowercase()
            .nfd()
            .filter(|c| !is_combining_mark(*c))
            .collect(),
    }
}

/// The words of a folded text.
pub(crate) fn words(folded: &str) -> impl Iterator<Item = &str> {
    let each = folded.split(|c: char| !c.is_alphanumeric());
    each.filter(|word| !word.is_empty())
}

/// The endings of the steps 2 to 4 of the algorithm, with what replaces them.
const ENDINGS: [&[(&str, &str)]; 3] = [
    &[
        ("ational", "ate"),
        ("tional", "tion"),
        ("enci", "ence"),
        ("anci", "ance"),
        ("izer", "ize"),
        ("logi", "log"),
        ("bli", "ble"),
        ("alli", "al"),
        ("entli", "ent"),
        ("eli", "e"),
        ("ousli", "ous"),
        ("ization", "ize"),
        ("ation", "ate"),
        ("ator", "ate"),
        ("alism", "al"),
        ("iveness", "ive"),
        ("fulness", "ful"),
        ("ousness", "ous"),
        ("aliti", "al"),
        ("iviti", "ive"),
        ("biliti", "ble"),
    ],
    &[
        ("icate", "ic"),
        ("ative", ""),
        ("alize", "al"),
        ("iciti", "ic"),
        ("ical", "ic"),
        ("ful", ""),
        ("ness", ""),
    ],
    &[
        ("al", ""),
        ("ance", ""),
        ("ence", ""),
        ("er", ""),
        ("ic", ""),
        ("able", ""),
        ("ible", ""),
        ("ant", ""),
        ("ement", ""),
        ("ment", ""),
        ("ent", ""),
        ("ion", ""),
        ("ou", ""),
        ("ism", ""),
        ("ate", ""),
        ("iti", ""),
        ("ous", ""),
        ("ive", ""),
        ("ize", ""),
    ],
];

/// The stem of a folded word, by the algorithm of Porter ("An algorithm for suffix stripping",
/// 1980): `crashes`, `crashed` and `crashing` become `crash`.
pub(crate) fn stemmed(word: &str) -> String {
    let mut w = word.to_string();
    if w.len() < 3 || !w.bytes().all(|b| b.is_ascii_lowercase()) {
        return w;
    }
    for (ending, other) in [("sses", "ss"), ("ies", "i"), ("ss", "ss"), ("s", "")] {
        if replace(&mut w, ending, other, |_| true) {
            break;
        }
    }
    if w.ends_with("eed") {
        replace(&mut w, "eed", "ee", |stem| measure(stem) > 0);
    } else if replace(&mut w, "ed", "", has_vowel) || replace(&mut w, "ing", "", has_vowel) {
        let b = w.as_bytes();
        let double = b.len() > 1 && b[b.len() - 1] == b[b.len() - 2];
        if ["at", "bl", "iz"].iter().any(|end| w.ends_with(end)) {
            w.push('e');
        } else if double && is_consonant(b, b.len() - 1) && !w.ends_with(['l', 's', 'z']) {
            w.pop();
        } else if measure(&w) == 1 && is_short(&w) {
            w.push('e');
        }
    }
    replace(&mut w, "y", "i", has_vowel);
    for (endings, least) in ENDINGS.iter().zip([0, 0, 1]) {
        // The longest one that fits decides.
        let fits = endings.iter().filter(|(ending, _)| w.ends_with(ending));
        if let Some((ending, other)) = fits.max_by_key(|(ending, _)| ending.len()) {
            replace(&mut w, ending, other, |stem| {
                measure(stem) > least && (*ending != "ion" || stem.ends_with(['s', 't']))
            });
        }
    }
    if w.ends_with('e') {
        replace(&mut w, "e", "", |stem| {
            measure(stem) > 1 || measure(stem) == 1 && !is_short(stem)
        });
    }
    if w.ends_with("ll") && measure(&w) > 1 {
        w.pop();
    }
    w
}

/// Replaces an ending if the rest meets a condition. True if the word has the ending and it does.
fn replace(word: &mut String, ending: &str, other: &str, condition: impl Fn(&str) -> bool) -> bool {
    let Some(stem) = word.strip_suffix(ending) else {
        return false;
    };
    let fits = condition(stem);
    if fits {
        word.truncate(stem.len());
        word.push_str(other);
    }
    fits
}

fn is_consonant(word: &[u8], at: usize) -> bool {
    match word[at] {
        b'a' | b'e' | b'i' | b'o' | b'u' => false,
        b'y' => at == 0 || !is_consonant(word, at - 1),
        _ => true,
    }
}

fn has_vowel(stem: &str) -> bool {
    (0..stem.len()).any(|at| !is_consonant(stem.as_bytes(), at))
}

/// The number of times that a consonant follows a vowel.
fn measure(stem: &str) -> usize {
    let is = |at| is_consonant(stem.as_bytes(), at);
    (1..stem.len()).filter(|at| is(*at) && !is(at - 1)).count()
}

/// True if a word ends with consonant, vowel, consonant, and the last one is not w, x or y.
fn is_short(word: &str) -> bool {
    let n = word.len();
    let is = |back| is_consonant(word.as_bytes(), n - back);
    n > 2 && is(3) && !is(2) && is(1) && !word.ends_with(['w', 'x', 'y'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_are_those_of_the_algorithm() {
        let pairs = "caresses caress ponies poni cats cat feed feed agreed agre plastered plaster \
            bled bled motoring motor sing sing conflated conflat troubled troubl sized size \
            hopping hop tanned tan falling fall hissing hiss fizzed fizz failing fail filing file \
            happy happi sky sky relational relat conditional condit digitizer digit \
            operator oper sensibiliti sensibl triplicate triplic hopeful hope goodness good \
            revival reviv allowance allow inference infer airliner airlin adjustable adjust \
            replacement replac adoption adopt communism commun effective effect probate probat \
            rate rate cease ceas controll control roll roll ion ion as as";
        let pairs: Vec<&str> = pairs.split_whitespace().collect();
        for pair in pairs.chunks(2) {
            assert_eq!(stemmed(pair[0]), pair[1], "{}", pair[0]);
        }
        assert_eq!(stemmed("utf8s"), "utf8s");
    }

    #[test]
    fn words_have_neither_case_nor_accents() {
        let text = folded("Café-MENÜ, e\u{301}t\u{e9} 42!");
        let all: Vec<&str> = words(&text).collect();
        assert_eq!(all, ["cafe", "menu", "ete", "42"]);
    }
}
