//! Whether a text looks random, and whether it only stands for a secret (`changeme`, `<token>`).

/// The Shannon entropy of a text's bytes, in bits per byte: 0 for one repeated letter, about 3 for
/// words, above 3.5 for generated keys of at least 20 characters.
pub fn bits_per_char(text: &str) -> f64 {
    let mut counts = [0u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let total = text.len() as f64;
    counts
        .iter()
        .filter(|n| **n > 0)
        .map(|n| f64::from(*n) / total)
        .map(|p| -p * p.log2())
        .sum()
}

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
