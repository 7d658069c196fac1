//! The fingerprint of a finding: the same after its lines have moved, and in every implementation.

use crate::found::Found;
use crate::model::uid::sha256_hex;

/// The fingerprint of a finding, which does not depend on line numbers, severity or reviewer: 64
/// hexadecimal digits in lower case, the SHA-256 of these UTF-8 texts, each followed by a zero byte:
///
/// 1. `git-pm finding 1`.
/// 2. `rule`, or `claim` if there is no rule.
/// 3. The rule as it is; without one, the category, a space, and the words of the claim joined by
///    spaces. A word is a longest sequence of ASCII letters, ASCII digits, `_` and characters beyond
///    ASCII; A to Z become a to z; words of ASCII digits alone (lines, counts) are left out.
/// 4. The path; empty without a place.
/// 5. The quote, with each sequence of tabs, line feeds, form feeds, carriage returns and spaces as one
///    space, and none at its ends; empty without a quote.
/// 6. `nth` in decimal: how many findings with the same texts 2 to 5 come before it in the file.
///
/// Zero bytes in the texts 3 to 5 are left out.
pub fn fingerprint(found: &Found, nth: usize) -> String {
    let (kind, subject) = match &found.rule {
        Some(rule) => ("rule", rule.clone()),
        None => (
            "claim",
            format!("{} {}", found.category, words(&found.claim)),
        ),
    };
    let path = found.place.as_ref().map_or("", |place| &place.path);
    let quote: Vec<&str> = found
        .quote
        .iter()
        .flat_map(|quote| quote.split_ascii_whitespace())
        .collect();
    let mut text = String::from("git-pm finding 1\0");
    for part in [kind, &subject, path, &quote.join(" "), &nth.to_string()] {
        text.extend(part.chars().filter(|c| *c != '\0'));
        text.push('\0');
    }
    sha256_hex(text.as_bytes())
}

/// The words of a claim that tell it from others.
fn words(claim: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
    let is_number = |word: &&str| word.bytes().all(|b| b.is_ascii_digit());
    let words = claim.split(|c| !is_part(c)).filter(|word| !is_number(word));
    words.collect::<Vec<_>>().join(" ").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::found::Place;
    use crate::model::finding::Severity;

    fn found(rule: Option<&str>, claim: &str, path: &str, quote: Option<&str>) -> Found {
        Found {
            reviewer: "eve".into(),
            rule: rule.map(str::to_string),
            severity: Severity::P1,
            category: "security".into(),
            claim: claim.into(),
            place: (!path.is_empty()).then(|| Place {
                path: path.into(),
                line: Some(7),
                ..Place::default()
            }),
            quote: quote.map(str::to_string),
            outcome: None,
            suggestion: None,
        }
    }

    /// Vectors for other implementations: made with Python's `hashlib`.
    #[test]
    fn fingerprints_are_the_same_in_every_implementation() {
        for (rule, claim, path, quote, nth, expected) in [
            (
                Some("B602"),
                "ignored",
                "src/a b.py",
                Some("    subprocess.call(x,\tshell=True)\r\n"),
                0,
                "e631efdcec130107b403434d460f4485d3aef9390b463c8f3b6b4eff0217cf90",
            ),
            (
                Some("B602"),
                "ignored",
                "src/a b.py",
                Some("subprocess.call(x, shell=True)"),
                1,
                "ec9ae4e8d30b9f59c49f25c53ec133af80d93ae00757c16f2bac141e27cf4a46",
            ),
            (
                None,
                "Line 42: the Token `api_key` is LOGGED, größer!",
                "src/é.rs",
                Some("log(api_key)"),
                0,
                "033cd7c53dbb5e41d893fce43150d9a4d0ad9429b88e00c96f82b1e4f8d1abf4",
            ),
            (
                None,
                "no place",
                "",
                None,
                0,
                "d0cb966995d5a6d8da426c676cc68629a3ddeee4670d90ef9c774b46e7f1f262",
            ),
        ] {
            assert_eq!(fingerprint(&found(rule, claim, path, quote), nth), expected);
        }
    }

    #[test]
    fn only_what_the_finding_is_about_counts() {
        let one = found(Some("r"), "c", "a.rs", Some("  let x = 1;\n"));
        let mut moved = one.clone();
        moved.place.as_mut().unwrap().line = Some(900);
        moved.quote = Some("\tlet  x = 1;".into());
        moved.claim = "another".into();
        moved.severity = Severity::P3;
        moved.reviewer = "bob".into();
        assert_eq!(fingerprint(&one, 0), fingerprint(&moved, 0));
        let others = [
            found(Some("r"), "c", "a.rs", Some("let x = 2;")),
            found(Some("r"), "c", "b.rs", Some("let x = 1;")),
            found(Some("s"), "c", "a.rs", Some("let x = 1;")),
            found(None, "c", "a.rs", Some("let x = 1;")),
            found(None, "d", "a.rs", Some("let x = 1;")),
            found(Some("r"), "c", "a.rs", None),
            found(Some("r"), "c", "", Some("a.rs let x = 1;")),
        ];
        let mut all: Vec<String> = others.iter().map(|found| fingerprint(found, 0)).collect();
        all.extend([fingerprint(&one, 0), fingerprint(&one, 1)]);
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
        let nul = found(Some("r\0"), "c", "a\0.rs", Some("let x\0 = 1;"));
        assert_eq!(fingerprint(&nul, 0), fingerprint(&one, 0));
        let counted = |claim| fingerprint(&found(None, claim, "a.rs", None), 0);
        assert_eq!(
            counted("3 unused imports, line 5"),
            counted("4 unused imports; line 17")
        );
    }
}
