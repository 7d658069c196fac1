//! Texts that only stand for a secret (`changeme`, `<token>`).

/// Placeholders for secrets in documentation, tests and templates.
const STAND_INS: &[&str] = &[
    "example",
    "changeme",
    "change_me",
    "change-me",
    "placeholder",
    "redacted",
    "dummy",
    "sample",
    "your-",
    "your_",
    "yourtoken",
    "yourkey",
    "insert",
    "replace",
    "secret-here",
    "foobar",
    "xxxx",
    "0000000",
    "1234567",
    "abcdefg",
    "deadbeef",
    "todo",
    "fake",
    "not-a-real",
    "notreal",
    "hunter2",
    "correcthorse",
];

/// True if a text is a placeholder for a secret: a template, an example, few different characters.
pub fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if STAND_INS.iter().any(|word| lower.contains(word)) {
        return true;
    }
    let template = ["${", "$(", "{{", "<", "%(", "…", "...", "***"];
    if template.iter().any(|mark| text.contains(mark)) {
        return true;
    }
    let mut distinct: Vec<u8> = text.bytes().collect();
    distinct.sort_unstable();
    distinct.dedup();
    distinct.len() < 5
}
