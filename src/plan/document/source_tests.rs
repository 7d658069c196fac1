//! Which files are refused as a document.

use super::*;

fn refusal(bytes: &[u8]) -> Option<Refused> {
    read(bytes).err()
}

#[test]
fn an_empty_or_blank_file_is_refused() {
    for bytes in [
        &b""[..],
        b" \n\t\r\n",
        b"\xEF\xBB\xBF\n",
        b"---\ntitle: x\n---\n \n",
    ] {
        assert_eq!(refusal(bytes), Some(Refused::Empty));
    }
}

#[test]
fn a_binary_file_is_refused_with_its_line() {
    assert_eq!(refusal(b"a\nb\n\x00"), Some(Refused::Binary { line: 3 }));
    assert_eq!(
        refusal(b"\x89PNG\r\n\x1a\n\x01\x02"),
        Some(Refused::Binary { line: 1 })
    );
}

#[test]
fn a_text_in_an_old_code_page_is_refused_with_line_and_byte() {
    let refused = refusal(b"# Plan\r\nDie Anforderungen f\xFCr alle").unwrap();
    assert_eq!(
        refused,
        Refused::NotUtf8 {
            line: 2,
            column: 20,
            byte: 0xFC
        }
    );
    assert!(
        refused.to_string().starts_with("line 2, byte 20: 0xFC"),
        "{refused}"
    );
    assert_eq!(refusal(b"\xFF\xFEa\x00"), Some(Refused::Utf16));
}

#[test]
fn a_page_in_html_and_a_file_too_large_are_refused() {
    assert_eq!(
        refusal(b"\n<!DOCTYPE html>\n<p>x"),
        Some(Refused::Html { line: 2 })
    );
    let bytes = MAX_BYTES + 1;
    assert_eq!(
        refusal(&vec![b'a'; bytes]),
        Some(Refused::TooLarge { bytes })
    );
    assert!(read(b"<div>\n\n# A\n").is_ok());
}

#[test]
fn front_matter_is_removed_and_line_numbers_stay() {
    let source = read(b"---\ntitle: \"A: b\"\ntags:\n  - x\nkind: prd\n---\n# A\n").unwrap();
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(source.front, [pair("title", "A: b"), pair("kind", "prd")]);
    assert_eq!(source.text, "\n\n\n\n\n\n# A\n");
}

#[test]
fn a_rule_at_the_top_is_not_front_matter() {
    for text in ["---\n# A\n\nSome words here\n\n---\n", "---\nkey: value\n"] {
        assert_eq!(read(text.as_bytes()).unwrap().text, text);
    }
}
