//! Which texts are secrets or personal data, and how they are redacted.

use super::*;

/// A token that is composed at run time, so that scanners of this repository do not report it.
fn token(begin: &str, length: usize) -> String {
    let letters = b"q7Zk2Vx9Lm4Tn8Rb3Wc6Yd5Hf1Gj0Ps";
    let body: String = (0..length)
        .map(|n| char::from(letters[(n * 7 + n / 31) % letters.len()]))
        .collect();
    format!("{begin}{body}")
}

fn hexes(begin: &str, length: usize) -> String {
    let letters = b"0f3a9c7e1b5d2846";
    let body: String = (0..length)
        .map(|n| char::from(letters[(n * 5 + n / 16) % letters.len()]))
        .collect();
    format!("{begin}{body}")
}

fn names(text: &str) -> Vec<&'static str> {
    scan(text).into_iter().map(|hit| hit.rule).collect()
}

#[test]
fn every_rule_with_a_prefix_finds_its_form() {
    for rule in token_rules::RULES.iter() {
        let token_rules::Shape::Token {
            begins, kind, min, ..
        } = rule.shape
        else {
            continue;
        };
        for begin in begins.split(' ') {
            let long: String = token("", 2_000)
                .bytes()
                .chain(hexes("", 500).bytes())
                .filter(|b| kind(*b))
                .take(min)
                .map(char::from)
                .collect();
            let text = format!("see {begin}{long} there");
            let found = scan(&text);
            assert!(
                found
                    .iter()
                    .any(|hit| text[hit.start..hit.end].contains(&long)),
                "{}: `{text}` was not found: {found:?}",
                rule.id
            );
        }
    }
}

#[test]
fn forms_without_a_prefix_are_found_too() {
    let key = token("", 120);
    let pem =
        format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{key}\n-----END OPENSSH PRIVATE KEY-----");
    assert_eq!(names(&pem), ["private-key"]);
    let jwt = format!(
        "{}.{}.{}",
        token("eyJ", 30),
        token("eyJ", 60),
        token("", 43)
    );
    assert_eq!(names(&jwt), ["jwt"]);
    let url = format!("postgres://app:{}@db.internal:5432/x", token("", 12));
    assert_eq!(names(&url), ["connection-string"]);
    let header = format!("curl -H 'Authorization: Basic {}'", token("", 28));
    assert_eq!(names(&header), ["authorization-header"]);
    let bot = format!("123456789:AA{}", token("", 33));
    assert_eq!(names(&bot), ["telegram-bot-token"]);
    let cloud = format!("{}.atlasv1.{}", token("", 14), token("", 67));
    assert_eq!(names(&cloud), ["terraform-token"]);
    for line in [
        format!("DB_PASSWORD={}", token("", 20)),
        format!("\"client_secret\": \"{}\",", token("", 24)),
        format!("aws_secret_access_key = {}", token("", 40)),
        format!("  api-key: {}", hexes("", 32)),
    ] {
        assert_eq!(names(&line), ["assigned-secret"], "{line}");
    }
}

#[test]
fn ordinary_texts_contain_no_secrets() {
    for text in [
        "Fix the password reset: the token expires after 3600 seconds",
        "password = os.environ['DB_PASSWORD']",
        "token: ${{ secrets.GITHUB_TOKEN }}",
        "export API_KEY=your-api-key-here",
        "AKIAIOSFODNN7EXAMPLE and ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "see https://example.com/a:b@c and mailto:ana@example.org",
        "git clone https://github.com/git/git.git; ssh://git@host:22/x",
        "postgres://user:password@localhost/db and redis://:pass@localhost",
        "a203e39af5a4bfed7b76690d269bb2e88ab3cf6e is the first commit",
        "sha256: 18a4c3119ea73a459961206f40f1c3065c3ba59f66099c1a567656ed364c9e28",
        "uid: \"01jd4qz0r0000000000000k3f9\"",
        "token = parse_token(input, 10)?; secret: Secret::new(&key1)",
        "the task key- and the monkey-wrench, SKU, asked, Riskhf_",
        "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
        "A line with -----BEGIN RSA PRIVATE KEY----- in a sentence about keys.",
        "token: src/auth/token_parser_v2.rs",
        "password: correct-horse-battery-staple",
        "key-0123456789 T-0001-01jd4qz0r0000000000000k3f9",
        "secret santa: 2026-12-24T18:00:00Z",
    ] {
        assert_eq!(names(text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn only_the_secret_is_redacted() {
    let secret = token("ghp_", 36);
    let (text, hits) = redacted(&format!("use {secret} — é\n"));
    assert_eq!(text, "use [redacted: github-token] — é\n");
    assert_eq!(hits.len(), 1);
    assert!(!format!("{hits:?}").contains(&secret));
    assert_eq!(redacted(&text).0, text, "a second time finds nothing");
}

#[test]
fn the_table_is_consistent() {
    let mut ids: Vec<&str> = all_rules().map(|rule| rule.id).collect();
    let all = ids.len();
    let written = token_rules::TOKENS.lines().count() + token_rules::SPECIAL.len();
    assert_eq!(all, written + 1, "a line is not read");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "two rules have one name");
    for rule in all_rules() {
        assert!(
            !rule.source.is_empty() && !rule.title.is_empty(),
            "{}",
            rule.id
        );
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(rule.id.chars().all(kebab), "{}", rule.id);
    }
}

/// `doctor` scans texts that a remote sent: a rule must not read the rest of the text at each
/// prefix.
#[test]
fn a_text_of_prefixes_is_scanned_in_linear_time() {
    let begins = |rule: &token_rules::Rule| match rule.shape {
        token_rules::Shape::Token { begins, .. } => begins.split(' ').collect(),
        token_rules::Shape::Special { anchor, .. } => vec![anchor],
        token_rules::Shape::Elsewhere => Vec::new(),
    };
    let mut units: Vec<&str> = token_rules::RULES.iter().flat_map(begins).collect();
    units.extend([
        "=",
        ":",
        "token=",
        "token: ",
        "https://a:",
        "uthorization: basic ",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nexample ",
    ]);
    for unit in units {
        let text = unit.repeat(100_000 / unit.len());
        let started = std::time::Instant::now();
        scan(&text);
        let took = started.elapsed();
        assert!(took.as_secs() < 5, "100 KB of `{unit}` takes {took:?}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_scanner_fail(text in "\\PC{0,200}") {
        for hit in scan(&text) {
            proptest::prop_assert!(text.get(hit.start..hit.end).is_some());
        }
        let noisy = format!("eyJ{text}://a:{text}@b -----BEGIN {text}PRIVATE KEY-----{text}:AA{text} token={text}");
        redacted(&noisy);
    }
}
