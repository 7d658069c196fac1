//! Turns statements of requirements into imperatives.

use crate::plan::document::{Words, story_sentence, words};

/// Words for the system that is to be built.
const SYSTEMS: Words = words!(
    "api, app, application, backend, cli, client, code, engine, frontend, implementation, it, \
     library, module, platform, product, program, script, server, service, site, software, \
     solution, system, team, tool, we, website",
);

/// Words for its users.
const PEOPLE: Words = words!(
    "admin, administrator, agent, author, buyer, client, customer, developer, editor, guest, \
     manager, member, operator, owner, participant, patient, person, player, reader, reviewer, \
     seller, student, teacher, user, visitor",
);

/// Modal verbs.
const MODALS: &[&str] = &["must", "shall", "should", "will", "can", "may"];

/// `As a buyer, I want to pay so that …` as `Let a buyer pay`; in other languages only the wish.
pub(super) fn story(text: &str) -> Option<String> {
    let found = story_sentence(text)?;
    let role = found.role.split([',', '(']).next().unwrap_or_default();
    let (role, wish) = (role.trim(), found.wish);
    if wish.is_empty() || role.is_empty() {
        return None;
    }
    let Some(article) = found.start.strip_prefix("as").map(str::trim_start) else {
        let wish = THAT.iter().find_map(|word| strip_word(wish, word));
        return Some(wish.unwrap_or(found.wish).to_owned());
    };
    let who = with_article(article, role);
    for word in ["to be able to ", "be able to ", "to "] {
        if let Some(rest) = strip_word(wish, word) {
            return Some(format!("Let {who} {}", of_others(rest)));
        }
    }
    let may = ["can", "should", "must"]
        .iter()
        .any(|modal| found.want.to_ascii_lowercase().ends_with(modal));
    let verb = if may { "Let" } else { "Give" };
    Some(format!("{verb} {who} {}", of_others(wish)))
}

/// `that` in front of a wish.
const THAT: &[&str] = &[
    "dass ",
    "dat ",
    "que ",
    "che ",
    "att ",
    "at ",
    "aby ",
    "чтобы ",
];

/// A role with its article.
fn with_article(article: &str, role: &str) -> String {
    let mut name = role.to_owned();
    let acronym = role.chars().nth(1).is_some_and(char::is_uppercase);
    if let Some(first) = role.chars().next().filter(|_| !acronym) {
        name = first.to_lowercase().collect::<String>() + &role[first.len_utf8()..];
    }
    if article.is_empty() {
        name
    } else {
        format!("{article} {name}")
    }
}

/// A wish in the third person.
fn of_others(wish: &str) -> String {
    wish.split(' ')
        .map(|word| match word {
            "my" => "their",
            "me" => "them",
            "myself" => "themselves",
            "mine" => "theirs",
            word => word,
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// `The system must show X` as `Show X`, `Users can pay` as `Let users pay`.
pub(super) fn demand(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().take(7).collect();
    let at = words.iter().take(5).position(|word| {
        let word = word.to_ascii_lowercase();
        MODALS.contains(&word.as_str())
            || word == "needs"
            || word == "has"
            || word == "allows"
            || word == "enables"
    })?;
    if at == 0 {
        return None;
    }
    let subject: Vec<String> = words[..at]
        .iter()
        .map(|word| word.to_ascii_lowercase())
        .collect();
    let noun = subject.last()?.trim_end_matches(',').to_owned();
    if words[..at]
        .iter()
        .any(|word| word.ends_with([':', ',', '.', ';']))
    {
        return None;
    }
    let singular = noun.trim_end_matches('s');
    let system = SYSTEMS.contains(&noun) && subject.len() <= 3;
    let people = PEOPLE.contains(singular) && subject.len() <= 4;
    if !(system || people) {
        return None;
    }
    let mut rest = after_words(text, at + 1)?;
    let modal = words[at].to_ascii_lowercase();
    if modal == "needs" || modal == "has" {
        rest = strip_word(rest, "to ")?;
    }
    if modal == "allows" || modal == "enables" {
        return system.then(|| {
            format!(
                "{} {rest}",
                if modal == "allows" { "Allow" } else { "Enable" }
            )
        });
    }
    if let Some(not) = strip_word(rest, "not ") {
        return system.then(|| match strip_word(not, "be ") {
            Some(_) => text.to_owned(),
            None => format!("Do not {not}"),
        });
    }
    let able = strip_word(rest, "be able to ");
    if able.is_none() && (strip_word(rest, "be ").is_some() || strip_word(rest, "have ").is_some())
    {
        return None;
    }
    let mut rest = able.unwrap_or(rest);
    for adverb in ["also ", "automatically ", "always "] {
        if system {
            rest = strip_word(rest, adverb).unwrap_or(rest);
        }
    }
    if system {
        return Some(rest.to_owned());
    }
    let who = words[..at].join(" ");
    let acronym = who.chars().nth(1).is_some_and(char::is_uppercase);
    let first = who.chars().next()?;
    let who = if acronym {
        who.clone()
    } else {
        first.to_lowercase().collect::<String>() + &who[first.len_utf8()..]
    };
    Some(format!("Let {who} {rest}"))
}

/// The text after a leading word, ignoring case.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let head = text.get(..word.len())?;
    head.eq_ignore_ascii_case(word)
        .then(|| text[word.len()..].trim_start())
}

/// The text after the first `count` words.
fn after_words(text: &str, count: usize) -> Option<&str> {
    let mut rest = text.trim_start();
    for _ in 0..count {
        let end = rest.find(char::is_whitespace)?;
        rest = rest[end..].trim_start();
    }
    (!rest.is_empty()).then_some(rest)
}
