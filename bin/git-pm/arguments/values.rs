//! Types and parsers of argument values.

use git_pm::verbs::cost::Usd;
pub use git_pm::verbs::{Millis, Words};

/// Parses an amount of US dollars, `5` or `2.50usd`, into millionths of a dollar.
pub fn micro_usd(text: &str) -> std::result::Result<u64, String> {
    text.parse::<Usd>().map(|amount| amount.0)
}

/// The patterns of a text with commas. A comma is part of a pattern in the name of a file that exists,
/// in braces or brackets, and behind `\`.
pub fn patterns(text: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    if !text.contains(',') || exists(text) {
        return vec![text.to_string()];
    }
    let (mut all, mut pattern, mut depth) = (Vec::new(), String::new(), 0_usize);
    for c in text.chars() {
        match c {
            ',' if pattern.ends_with('\\') => {
                pattern.pop();
            }
            ',' if depth == 0 => {
                all.push(std::mem::take(&mut pattern));
                continue;
            }
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        pattern.push(c);
    }
    all.push(pattern);
    let all = all.iter().map(|one| one.trim().to_string());
    all.filter(|one| !one.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::patterns;

    #[test]
    fn commas_separate_patterns_unless_they_belong_to_one() {
        let exists = |text: &str| text == "a,b.txt";
        for (text, wanted) in [
            ("src/**", &["src/**"][..]),
            ("src/**, docs/*", &["src/**", "docs/*"]),
            ("a,b.txt", &["a,b.txt"]),
            ("c,b.txt", &["c", "b.txt"]),
            ("c\\,b.txt,d", &["c,b.txt", "d"]),
            ("src/{a,b}/*,[x,y]", &["src/{a,b}/*", "[x,y]"]),
            ("", &[""]),
        ] {
            assert_eq!(patterns(text, exists), wanted, "{text}");
        }
    }
}
