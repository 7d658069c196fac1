//! `As a buyer, I want to pay, so that …`: the sentence in which a user story is stated, in the
//! languages that have a fixed form for it.

use super::tokens::whole;

/// The parts of such a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plan) struct StorySentence<'t> {
    /// The words before the user, such as `As a`.
    pub start: &'t str,
    /// The user.
    pub role: &'t str,
    /// The words between the user and the wish, such as `I want`.
    pub want: &'t str,
    /// The wish without its reason.
    pub wish: &'t str,
}

/// The words of one language: before the user, before the wish, and before the reason.
struct Form {
    starts: &'static [&'static str],
    wants: &'static [&'static str],
    reasons: &'static [&'static str],
}

const FORMS: &[Form] = &[
    Form {
        starts: &["as a ", "as an ", "as the ", "as "],
        wants: &[
            "i want",
            "i need",
            "i can",
            "i would like",
            "i'd like",
            "i should",
            "i must",
            "i expect",
            "we want",
            "we need",
        ],
        reasons: &[" so that ", ", so ", " so i ", " in order to ", " because "],
    },
    // German and Dutch.
    Form {
        starts: &["als "],
        wants: &[
            "möchte ich",
            "will ich",
            "kann ich",
            "brauche ich",
            "muss ich",
            "wil ik",
            "kan ik",
            "moet ik",
            "heb ik",
        ],
        reasons: &["damit ", ", um ", "sodass ", "so dass ", "zodat ", ", om "],
    },
    Form {
        starts: &["en tant que ", "en tant qu"],
        wants: &[
            "je veux",
            "je souhaite",
            "je voudrais",
            "je peux",
            "j'ai besoin",
        ],
        reasons: &[" afin ", " pour que ", ", pour "],
    },
    // Spanish, Portuguese, Italian.
    Form {
        starts: &["como ", "come "],
        wants: &[
            "quiero", "necesito", "puedo", "quisiera", "quero", "desejo", "preciso", "posso",
            "gostaria", "voglio", "vorrei",
        ],
        reasons: &[
            " para que ",
            ", para ",
            " a fin de ",
            " de modo ",
            " in modo ",
            " così ",
        ],
    },
    // Swedish, Danish, Norwegian.
    Form {
        starts: &["som "],
        wants: &[
            "vill jag",
            "vil jeg",
            "kan jag",
            "kan jeg",
            "behöver jag",
            "ønsker jeg",
        ],
        reasons: &["så att ", "så at ", "for at ", "slik at "],
    },
    // Polish and Czech.
    Form {
        starts: &["jako "],
        wants: &[
            "chcę",
            "mogę",
            "potrzebuję",
            "chciałbym",
            "chci",
            "potřebuji",
            "mohu",
        ],
        reasons: &[" aby ", " żeby ", " abych "],
    },
    Form {
        starts: &["как "],
        wants: &["хочу", "я могу", "мне нужно", "я должен"],
        reasons: &[" чтобы "],
    },
    Form {
        starts: &["sebagai "],
        wants: &[
            "saya ingin",
            "saya mau",
            "saya perlu",
            "saya dapat",
            "saya bisa",
        ],
        reasons: &[" agar ", " supaya ", " sehingga "],
    },
    Form {
        starts: &["作为", "身为", "作為", "身為"],
        wants: &["我想", "我希望", "我要", "我需要", "可以"],
        reasons: &["以便", "从而", "這樣", "这样", "，以"],
    },
];

/// The same where the words come after the user and after the wish: Japanese, Korean, Turkish.
const ENDINGS: &[(&[&str], &[&str])] = &[
    (&["として"], &["したい", "できる"]),
    (
        &["로서", "로써"],
        &["싶다", "싶습니다", "원한다", "원합니다"],
    ),
    (&[" olarak"], &["istiyorum", "isterim"]),
];

/// The user has to be named within this many bytes.
const FAR: usize = 160;

/// The parts of a text that is such a sentence.
pub(in crate::plan) fn story_sentence(text: &str) -> Option<StorySentence<'_>> {
    let text = text.trim_start_matches(['"', '“', '*', '_', '\'', '>', ' ']);
    let lower = text.to_lowercase();
    if lower.len() != text.len() {
        return None;
    }
    FORMS.iter().find_map(|form| {
        let start = form
            .starts
            .iter()
            .find(|start| lower.starts_with(**start))?;
        let (at, want) = (form.wants.iter())
            .filter_map(|want| Some((whole(&lower, want)?, *want)))
            .filter(|(at, _)| (start.len()..FAR).contains(at))
            .min_by_key(|(at, want)| (*at, std::cmp::Reverse(want.len())))?;
        let after = at + want.len();
        let end = (form.reasons.iter())
            .filter_map(|reason| lower[after..].find(reason))
            .min()
            .map_or(text.len(), |end| after + end);
        let part = |from: usize, to: usize| {
            let part = text[from..to].trim_matches([' ', ',', '，', '.', ';', '*', '_']);
            part.trim_end_matches(['—', '–', '-', ' ', ',', '*', '_'])
        };
        Some(StorySentence {
            start: start.trim_end(),
            role: part(start.len(), at),
            want: &text[at..after],
            wish: part(after, end),
        })
    })
}

/// True for a text that is such a sentence.
pub(in crate::plan) fn is_story_sentence(text: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let head = || text.chars().nth(200).is_none();
    let ended = |(roles, wishes): &(&[&str], &[&str])| has(roles) && has(wishes) && head();
    story_sentence(text).is_some() || ENDINGS.iter().any(ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_story_are_found_in_each_language() {
        for (text, role, wish) in [
            (
                "As an admin, I want to ban users so that spam ends",
                "admin",
                "to ban users",
            ),
            (
                "Als Operator möchte ich, dass die Pipeline losläuft — damit ich nichts zahle.",
                "Operator",
                "dass die Pipeline losläuft",
            ),
            (
                "Als gebruiker wil ik mijn profiel kunnen aanpassen, zodat anderen mij kennen",
                "gebruiker",
                "mijn profiel kunnen aanpassen",
            ),
            (
                "Como cliente, quiero pagar para que llegue",
                "cliente",
                "pagar",
            ),
            ("作为用户，我想搜索，以便找到", "用户", "搜索"),
        ] {
            let found = story_sentence(text).unwrap();
            assert_eq!((found.role, found.wish), (role, wish), "{text}");
        }
    }

    #[test]
    fn other_sentences_are_not_stories() {
        for text in [
            "As a rule, logs are kept",
            "Als PDF exportieren",
            "Como en la versión anterior",
            "As of now I wanted nothing",
        ] {
            assert!(!is_story_sentence(text), "{text}");
        }
        assert!(is_story_sentence("管理者として、ユーザーを削除したい"));
    }
}
