//! Turns statements of requirements into imperatives.

/// Words for the system that is to be built.
const SYSTEMS: &[&str] = &[
    "api",
    "app",
    "application",
    "backend",
    "cli",
    "client",
    "code",
    "engine",
    "frontend",
    "implementation",
    "it",
    "library",
    "module",
    "platform",
    "product",
    "program",
    "script",
    "server",
    "service",
    "site",
    "software",
    "solution",
    "system",
    "team",
    "tool",
    "we",
    "website",
];

/// Words for its users.
const PEOPLE: &[&str] = &[
    "admin",
    "administrator",
    "agent",
    "author",
    "buyer",
    "client",
    "customer",
    "developer",
    "editor",
    "guest",
    "manager",
    "member",
    "operator",
    "owner",
    "participant",
    "patient",
    "person",
    "player",
    "reader",
    "reviewer",
    "seller",
    "student",
    "teacher",
    "user",
    "visitor",
];

/// Modal verbs.
const MODALS: &[&str] = &["must", "shall", "should", "will", "can", "may"];

/// `As a buyer, I want to pay so that …` as `Let a buyer pay`.
pub(super) fn story(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let start = ["as a ", "as an ", "as the ", "as "]
        .iter()
        .find(|start| lower.starts_with(**start))?;
    let want = [
        ", i want",
        " i want",
        ", i need",
        " i need",
        ", i would like",
        " i would like",
        ", i'd like",
        ", i can",
        ", i should",
        ", i must",
        ", i expect",
        ", we want",
        ", we need",
    ]
    .iter()
    .filter_map(|want| lower.find(want).map(|at| (at, want.len())))
    .min()?;
    let role = text.get(start.len()..want.0)?.trim().trim_end_matches(',');
    let role = role.split([',', '(']).next().unwrap_or(role).trim();
    let wish = text.get(want.0 + want.1..)?.trim_start();
    for word in ["to be able to ", "be able to ", "to "] {
        if let Some(rest) = strip_word(wish, word) {
            return Some(format!(
                "Let {} {}",
                article(start, role),
                before_reason(rest)
            ));
        }
    }
    let modal = text[want.0..want.0 + want.1].to_ascii_lowercase();
    let wish = before_reason(wish);
    if wish.is_empty() || role.is_empty() {
        return None;
    }
    let verb = if modal.ends_with("can") || modal.ends_with("should") || modal.ends_with("must") {
        "Let"
    } else {
        "Give"
    };
    Some(format!("{verb} {} {wish}", article(start, role)))
}

/// A role with its article.
fn article(start: &str, role: &str) -> String {
    let article = start.trim_start_matches("as").trim();
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

/// A wish without its reason, in the third person.
fn before_reason(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let end = [" so that ", ", so ", " so i ", " in order to ", " because "]
        .iter()
        .filter_map(|reason| lower.find(reason))
        .min()
        .unwrap_or(text.len());
    let wish = text[..end].trim().trim_end_matches([',', '.', ';']);
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
    let system = SYSTEMS.contains(&noun.as_str()) && subject.len() <= 3;
    let people = PEOPLE.contains(&singular) && subject.len() <= 4;
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

/// `Ability to pay` as `Pay`, `Support for X` as `Support X`.
pub(super) fn ability(text: &str) -> Option<String> {
    for (noun, verb) in [
        ("ability to ", ""),
        ("the ability to ", ""),
        ("support for ", "Support "),
        ("implementation of ", "Implement "),
        ("creation of ", "Create "),
        ("integration with ", "Integrate with "),
        ("development of ", "Develop "),
        ("we need to ", ""),
        ("need to ", ""),
    ] {
        if let Some(rest) = strip_word(text, noun) {
            return Some(format!("{verb}{rest}"));
        }
    }
    None
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
