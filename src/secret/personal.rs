//! Personal data in texts: e-mail addresses, telephone numbers, payment cards.
//!
//! As with secrets, precision is more important than recall: what is found here is removed from texts
//! for language models, which need the rest unchanged.

use super::Hit;

/// The longest e-mail address, telephone number and the like, in bytes.
const VALUE_MAX: usize = 254;

/// Domains and names that do not identify a person.
const NOBODY: &[&str] = &[
    "example.com",
    "example.org",
    "example.net",
    ".example",
    ".test",
    ".invalid",
    ".local",
    "noreply.github.com",
];

/// Endings that look like a domain but belong to files, units or packages.
const NO_DOMAINS: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "svg", "webp", "js", "ts", "tsx", "jsx", "rs", "py", "go", "css",
    "json", "md", "html", "service", "socket", "timer", "target", "mount", "git",
];

/// Card numbers in documentation and tests.
const TEST_CARDS: &[&str] = &[
    "4242424242424242",
    "4111111111111111",
    "5555555555554444",
    "4012888888881881",
    "378282246310005",
    "6011111111111117",
];

/// All parts of a text that look like personal data, in the order of the text, without overlaps.
pub fn scan(text: &str) -> Vec<Hit> {
    let bytes = text.as_bytes();
    let mut hits: Vec<Hit> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let found = match bytes[at] {
            b'@' => email(bytes, at, hits.last().map_or(0, |hit| hit.end)),
            b'+' | b'(' => phone(bytes, at),
            b'0'..=b'9' => card(bytes, at),
            _ => None,
        };
        match found {
            Some(hit) => {
                at = hit.end;
                hits.push(hit);
            }
            None => at += 1,
        }
    }
    hits
}

fn hit(rule: &'static str, title: &'static str, start: usize, end: usize) -> Option<Hit> {
    Some(Hit {
        rule,
        title,
        start,
        end,
    })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// True if no word continues at this position.
fn is_bound(bytes: &[u8], at: Option<usize>) -> bool {
    at.and_then(|at| bytes.get(at))
        .is_none_or(|byte| !is_word(*byte) && byte.is_ascii())
}

/// The address around an `@`; `from` is the end of what was found before.
fn email(bytes: &[u8], mark: usize, from: usize) -> Option<Hit> {
    let is_local = |b: &u8| is_word(*b) || matches!(b, b'.' | b'+' | b'-' | b'%');
    let least = from.max(mark.saturating_sub(64));
    let local = bytes[least..mark]
        .iter()
        .rev()
        .take_while(|b| is_local(b))
        .count();
    let start = mark - local;
    let is_domain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
    let rest = &bytes[mark + 1..bytes.len().min(mark + VALUE_MAX)];
    let length = rest.iter().take_while(|b| is_domain(b)).count();
    let domain = std::str::from_utf8(&rest[..length]).ok()?;
    let domain = domain.trim_end_matches(['.', '-']);
    let end = mark + 1 + domain.len();
    let name = std::str::from_utf8(&bytes[start..mark]).ok()?;
    let lower = domain.to_ascii_lowercase();
    let (host, top) = lower.rsplit_once('.')?;
    let is_nobody = NOBODY.iter().any(|nobody| lower.ends_with(nobody))
        || ["git", "noreply", "no-reply"].contains(&name)
        || name.is_empty();
    let is_address = !host.is_empty()
        && top.len() >= 2
        && top.bytes().all(|b| b.is_ascii_alphabetic())
        && !NO_DOMAINS.contains(&top)
        && is_bound(bytes, Some(end));
    // In `user@host:path` the host is a server.
    let is_path = bytes.get(end) == Some(&b':')
        && bytes
            .get(end + 1)
            .is_some_and(|b| is_word(*b) || *b == b'/');
    match is_address && !is_nobody && !is_path {
        true => hit("email", "an e-mail address", start, end),
        false => None,
    }
}

/// `+49 30 1234567` or `(555) 123-4567`.
fn phone(bytes: &[u8], at: usize) -> Option<Hit> {
    // At the beginning of a line, a `+` is more likely to be part of a diff.
    let before = at.checked_sub(1).map(|before| bytes[before]);
    if !before
        .is_some_and(|before| matches!(before, b' ' | b'\t' | b'"' | b'\'' | b':' | b'<' | b'>'))
    {
        return None;
    }
    let rest = &bytes[at + 1..bytes.len().min(at + 24)];
    let is_part = |b: &u8| b.is_ascii_digit() || matches!(b, b' ' | b'-' | b'.' | b'(' | b')');
    let mut length = rest.iter().take_while(|b| is_part(b)).count();
    while length > 0 && !rest[length - 1].is_ascii_digit() {
        length -= 1;
    }
    let number = &rest[..length];
    let digits = number.iter().filter(|b| b.is_ascii_digit()).count();
    let is_number = match bytes[at] {
        b'+' => {
            rest.first().is_some_and(|b| (b'1'..=b'9').contains(b))
                && (9..=15).contains(&digits)
                && digits < length
        }
        _ => {
            digits == 10
                && number.get(3) == Some(&b')')
                && number[..3].iter().all(u8::is_ascii_digit)
                && matches!(number[number.len() - 5], b'-' | b'.' | b' ')
        }
    };
    match is_number && is_bound(bytes, Some(at + 1 + length)) {
        true => hit("phone", "a telephone number", at, at + 1 + length),
        false => None,
    }
}

/// A number of 15 or 16 digits with the beginning and the check digit of a payment card.
fn card(bytes: &[u8], at: usize) -> Option<Hit> {
    if !is_bound(bytes, at.checked_sub(1)) || at > 0 && matches!(bytes[at - 1], b'.' | b'-' | b'/')
    {
        return None;
    }
    let mut digits = String::new();
    let mut end = at;
    let mut is_gap = false;
    for (n, byte) in bytes[at..bytes.len().min(at + 24)].iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                digits.push(char::from(*byte));
                end = at + n + 1;
                is_gap = false;
            }
            b' ' | b'-' if !is_gap => is_gap = true,
            _ => break,
        }
    }
    let first = |count: usize| digits.get(..count)?.parse::<u32>().ok();
    let is_kind = match digits.len() {
        15 => matches!(first(2), Some(34 | 37)),
        16 => {
            matches!(first(1), Some(4))
                || matches!(first(2), Some(51..=55 | 65))
                || matches!(first(4), Some(2221..=2720 | 6011))
        }
        _ => false,
    };
    let is_card = is_kind
        && is_bound(bytes, Some(end))
        && is_luhn(&digits)
        && !TEST_CARDS.contains(&digits.as_str());
    match is_card {
        true => hit("payment-card", "a payment card number", at, end),
        false => None,
    }
}

/// True if the last digit is the check digit of the others (ISO/IEC 7812).
fn is_luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(n, byte)| {
            let digit = u32::from(byte - b'0');
            match n % 2 {
                0 => digit,
                _ if digit > 4 => digit * 2 - 9,
                _ => digit * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&'static str> {
        let hits = scan(text);
        assert!(
            hits.windows(2).all(|two| two[0].end <= two[1].start),
            "{text}"
        );
        for hit in &hits {
            assert!(text.is_char_boundary(hit.start) && text.is_char_boundary(hit.end));
        }
        hits.iter().map(|hit| hit.rule).collect()
    }

    /// SE-06: personal data is found.
    #[test]
    fn se_06_personal_data_are_found() {
        for (text, rules) in [
            ("write to jane.doe@acme-corp.de, please", vec!["email"]),
            (
                "<a.b+c@mail.acme.co.uk> and x@acme.io.",
                vec!["email", "email"],
            ),
            (
                "call: +49 30 901820-10 or (212) 555-0187",
                vec!["phone", "phone"],
            ),
            ("paid with 4539 1488 0343 6467 today", vec!["payment-card"]),
            ("card=5425233430109903;", vec!["payment-card"]),
            ("schön: jane@müller.acme.de jane@acme.de", vec!["email"]),
        ] {
            assert_eq!(found(text), rules, "{text}");
        }
    }

    /// Code and documentation stay as they are.
    #[test]
    fn code_has_no_personal_data() {
        for text in [
            "git clone git@github.com:acme/app.git",
            "scp file deploy@web.acme.io:/srv/app",
            "icon@2x.png, getty@tty1.service, serde@1.0.200, @types/node@20.1.0",
            "ada@example.org, a@b.test, 49699333+dependabot[bot]@users.noreply.github.com",
            "+12345678901\n+ 100 200 300 400\n-let x = 1;\n+10 20 30 40 50",
            "a + 1234567890 * (100) 200-300",
            "4242 4242 4242 4242, 1700000000000000, 4539148803436468",
            "0x4539148803436467 and v1.4539148803436467",
            "sha256:89f3704004405320130000ff and AKIAIOSFODNN7EXAMPLE",
            "#[derive(Debug)] @media (max-width: 600px) { } @Override",
            "2026-11-22T10:00:00+01:00",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn the_scan_is_linear() {
        for piece in ["@", "a@", "a.a@a.", "+1 ", "4 ", "A1", "(1", "é@"] {
            let text = piece.repeat(300_000);
            let start = std::time::Instant::now();
            found(&text);
            assert!(
                start.elapsed() < std::time::Duration::from_secs(5),
                "{piece}"
            );
        }
    }
}
