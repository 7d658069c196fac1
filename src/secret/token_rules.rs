//! Which keys and tokens are recognized: the table of rules.
//!
//! Most rules consist of the prefix of a secret, and the number and kind of the characters after it.
//! A few have a function instead.
//!
//! One pass finds the prefixes of all rules. Texts are untrusted, so the part checked around a
//! prefix is bounded, or ends at the next prefix of the rule: a scan takes linear time.

use std::ops::Range;
use std::sync::LazyLock;

use super::Hit;
use super::entropy::bits_per_char;
use super::placeholders::is_placeholder;
use crate::model::uid::is_hex as hex;

/// The form of one kind of secret.
#[derive(Clone, Copy)]
pub struct Rule {
    /// The stable name, kebab-case.
    pub id: &'static str,
    /// The kind of secret, for users.
    pub title: &'static str,
    /// The source that describes its form.
    #[allow(dead_code, reason = "for readers of the table and its test")]
    pub source: &'static str,
    pub(super) shape: Shape,
}

/// The start and end of a secret from the position of its anchor.
type Find = fn(&str, usize) -> Option<(usize, usize)>;

/// The form by which a secret is recognized.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// One of these prefixes, then a number of characters of a kind.
    Token {
        begins: &'static str,
        kind: fn(u8) -> bool,
        min: usize,
        max: usize,
    },
    /// A function that returns the start and end of a secret from the position of an anchor.
    Special { anchor: &'static str, find: Find },
    /// Found by another module.
    Elsewhere,
}

fn alnum(b: u8) -> bool {
    b.is_ascii_alphanumeric()
}
fn word(b: u8) -> bool {
    alnum(b) || b == b'_'
}
fn url_safe(b: u8) -> bool {
    word(b) || b == b'-'
}
fn dotted(b: u8) -> bool {
    url_safe(b) || b == b'.'
}
fn path(b: u8) -> bool {
    url_safe(b) || b == b'/'
}
fn base64(b: u8) -> bool {
    alnum(b) || matches!(b, b'+' | b'/' | b'=')
}
fn upper(b: u8) -> bool {
    b.is_ascii_uppercase() || b.is_ascii_digit()
}

/// The rules for tokens, a line each: id, title, the kind of the characters after a prefix and how many there
/// may be, the prefixes, and the source.
pub(super) const TOKENS: &str = include_str!("token_rules.txt");

/// The rules with a function: id, title, source, anchor.
#[rustfmt::skip]
pub(super) const SPECIAL: &[(&str, &str, &str, &str, Find)] = &[
    ("openai-legacy-key", "an OpenAI API key", "https://platform.openai.com/docs/api-reference/authentication", "T3BlbkFJ", openai_legacy),
    ("telegram-bot-token", "a Telegram bot token", "https://core.telegram.org/bots/api#authorizing-your-bot", ":AA", telegram),
    ("terraform-token", "a Terraform Cloud token", "https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens", ".atlasv1.", terraform),
    ("private-key", "a private key", "RFC 7468; openssh PROTOCOL.key; RFC 9580 section 6.2", "-----BEGIN ", private_key),
    ("jwt", "a JSON Web Token", "RFC 7519", "eyJ", jwt),
    ("connection-string", "a URL with a password", "RFC 3986 section 3.2.1", "://", connection_string),
    ("authorization-header", "an authorization header", "RFC 9110 section 11.6.2", "uthorization:", authorization),
];

/// The rules for secrets with a recognizable form.
pub static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let special = SPECIAL.iter().map(|&(id, title, source, anchor, find)| {
        let shape = Shape::Special { anchor, find };
        Rule {
            id,
            title,
            source,
            shape,
        }
    });
    TOKENS.lines().filter_map(token).chain(special).collect()
});

fn token(line: &'static str) -> Option<Rule> {
    let parts: Vec<&str> = line.split(" | ").collect();
    let [id, title, form, begins, source] = parts[..] else {
        return None;
    };
    let form: Vec<&str> = form.split(' ').collect();
    let [kind, min, max] = form[..] else {
        return None;
    };
    let kind: fn(u8) -> bool = match kind {
        "alnum" => alnum,
        "word" => word,
        "word=" => |b| word(b) || b == b'=',
        "url" => url_safe,
        "dotted" => dotted,
        "dotted=" => |b| dotted(b) || b == b'=',
        "path" => path,
        "base64" => base64,
        "upper" => upper,
        "hex" => hex,
        "HEX" => |b| hex(b) || b.is_ascii_uppercase(),
        _ => return None,
    };
    let shape = Shape::Token {
        begins,
        kind,
        min: min.parse().ok()?,
        max: max.parse().ok()?,
    };
    Some(Rule {
        id,
        title,
        source,
        shape,
    })
}

/// A prefix or anchor, and its rule.
type Begin = (&'static str, &'static Rule);

/// The prefixes of all rules by their first bytes, and a table of their first two bytes. An
/// automaton would be as fast, but most writes have one short text, and building it would take
/// longer than the rest of the write.
static BEGINS: LazyLock<(Vec<Vec<Begin>>, Vec<bool>)> = LazyLock::new(|| {
    let mut begins = vec![Vec::new(); 256];
    let mut pairs = vec![false; 256 * 256];
    for rule in RULES.iter() {
        let words: Vec<&str> = match rule.shape {
            Shape::Token { begins, .. } => begins.split(' ').collect(),
            Shape::Special { anchor, .. } => vec![anchor],
            Shape::Elsewhere => Vec::new(),
        };
        for word in words {
            let bytes = word.as_bytes();
            begins[usize::from(bytes[0])].push((word, rule));
            pairs[pair(bytes[0], bytes[1])] = true;
        }
    }
    (begins, pairs)
});

fn pair(first: u8, second: u8) -> usize {
    usize::from(first) * 256 + usize::from(second)
}

/// Adds the secrets that the rules find.
pub(super) fn find(text: &str, hits: &mut Vec<Hit>) {
    let (begins, pairs) = &*BEGINS;
    for (at, two) in text.as_bytes().windows(2).enumerate() {
        if !pairs[pair(two[0], two[1])] {
            continue;
        }
        for (word, rule) in &begins[usize::from(two[0])] {
            if !text.as_bytes()[at..].starts_with(word.as_bytes()) {
                continue;
            }
            let place = match rule.shape {
                Shape::Token { kind, min, max, .. } => {
                    let begin = at..at + word.len();
                    token_end(text, &begin, kind, min, max).map(|end| (at, end))
                }
                Shape::Special { find, .. } => find(text, at),
                Shape::Elsewhere => None,
            };
            hits.extend(place.map(|(start, end)| Hit {
                rule: rule.id,
                title: rule.title,
                start,
                end,
            }));
        }
    }
}

/// The end of a token with this prefix, if it is a separate word, long enough and looks random.
fn token_end(
    text: &str,
    begin: &Range<usize>,
    kind: fn(u8) -> bool,
    min: usize,
    max: usize,
) -> Option<usize> {
    let bytes = text.as_bytes();
    let Range { start, end: body } = *begin;
    // A longer word that happens to contain the prefix does not count. A host name in a URL may
    // follow any character.
    if start > 0 && word(bytes[start - 1]) && !text[begin.clone()].contains('/') {
        return None;
    }
    let length = run(&bytes[..bytes.len().min(body + max + 1)], body, kind);
    let value = text.get(body..body + length)?;
    let random = length >= min && length <= max && bits_per_char(value) >= 2.5;
    (random && !is_placeholder(value)).then_some(body + length)
}

/// The number of consecutive bytes of a kind from `at` on.
fn run(bytes: &[u8], at: usize, kind: fn(u8) -> bool) -> usize {
    bytes[at..].iter().take_while(|b| kind(**b)).count()
}

/// The number of consecutive bytes of a kind before `at`.
fn run_before(bytes: &[u8], at: usize, kind: fn(u8) -> bool) -> usize {
    bytes[..at].iter().rev().take_while(|b| kind(**b)).count()
}

fn openai_legacy(text: &str, at: usize) -> Option<(usize, usize)> {
    const MAX: usize = 300;
    let bytes = text.as_bytes();
    let from = at.saturating_sub(MAX);
    let start = at - run_before(&bytes[from..], at - from, url_safe);
    let end = at + run(&bytes[..bytes.len().min(at + MAX)], at, url_safe);
    let whole = text.get(start..end)?;
    (whole.starts_with("sk-") && whole.len() >= 40).then_some((start, end))
}

fn telegram(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let digits = run_before(bytes, at, |b| b.is_ascii_digit());
    let after = run(bytes, at + 1, url_safe);
    let fits = (8..=10).contains(&digits) && after == 35;
    let value = text.get(at + 1..at + 1 + after)?;
    (fits && !is_placeholder(value)).then_some((at - digits, at + 1 + after))
}

fn terraform(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let before = run_before(bytes, at, alnum);
    let from = at + ".atlasv1.".len();
    let after = run(bytes, from, url_safe);
    (before == 14 && after >= 60).then_some((at - before, from + after))
}

fn private_key(text: &str, at: usize) -> Option<(usize, usize)> {
    let label = &text[at + "-----BEGIN ".len()..];
    let head = label.find("-----")?;
    let name = label.get(..head)?;
    if name.len() > 40 || !(name.ends_with("PRIVATE KEY") || name.ends_with("PRIVATE KEY BLOCK")) {
        return None;
    }
    let rest = &label[head + 5..];
    let closing = format!("-----END {name}-----");
    let body = &rest[..rest.find("-----").unwrap_or(rest.len())];
    let closed = rest[body.len()..].starts_with(&closing);
    let length = body.len() + if closed { closing.len() } else { 0 };
    // A text about keys, or an elided key, is not a key.
    let letters = body.bytes().filter(|b| base64(*b)).count();
    let start = at;
    let end = at + "-----BEGIN ".len() + head + 5 + length;
    (letters >= 64 && !is_placeholder(body)).then_some((start, end))
}

fn jwt(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    if at > 0 && dotted(bytes[at - 1]) {
        return None;
    }
    let end = at + run(bytes, at, dotted);
    let whole = text.get(at..end)?.trim_end_matches('.');
    let parts: Vec<&str> = whole.split('.').collect();
    let [head, body, signature] = parts[..] else {
        return None;
    };
    let fits = head.len() >= 16 && body.starts_with("eyJ") && signature.len() >= 20;
    (fits && bits_per_char(signature) >= 3.0).then_some((at, at + whole.len()))
}

/// Finds the password in `scheme://user:password@host`.
fn connection_string(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let scheme = run_before(bytes, at, |b| alnum(b) || matches!(b, b'+' | b'-' | b'.'));
    if scheme == 0 {
        return None;
    }
    let rest = &text[at + 3..];
    let end = rest
        .find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '`' | '>' | '<' | '?'))
        .unwrap_or(rest.len());
    let authority = &rest[..end];
    let (userinfo, host) = authority.rsplit_once('@')?;
    let (_, password) = userinfo.split_once(':')?;
    let empty_host =
        host.is_empty() || !host.starts_with(|c: char| c.is_alphanumeric() || c == '[');
    let generic = ["password", "pass", "pwd", "secret", "user", "token"];
    let is_generic = generic.contains(&password.to_ascii_lowercase().as_str());
    if empty_host || password.len() < 4 || is_generic || is_placeholder(password) {
        return None;
    }
    let start = at + 3 + (userinfo.len() - password.len());
    Some((start, start + password.len()))
}

/// Finds the credential in `Authorization: Bearer …` and `Basic …`.
fn authorization(text: &str, at: usize) -> Option<(usize, usize)> {
    let blank = |c: char| matches!(c, ' ' | '\t');
    let after = text[at + "uthorization:".len()..].trim_start_matches(blank);
    let known = |scheme: &&str| {
        let word = after.get(..scheme.len());
        word.is_some_and(|word| word.eq_ignore_ascii_case(scheme))
    };
    let scheme = ["bearer", "basic", "token"].into_iter().find(known)?;
    let rest = &after[scheme.len()..];
    let value = rest.trim_start_matches(blank);
    let start = text.len() - value.len();
    let end = value.find(char::is_whitespace).unwrap_or(value.len());
    let value = value[..end].trim_end_matches(['"', '\'', '`', ',']);
    let fits = value.len() >= 16 && bits_per_char(value) >= 3.0 && !is_placeholder(value);
    (rest.starts_with(blank) && fits).then_some((start, start + value.len()))
}
