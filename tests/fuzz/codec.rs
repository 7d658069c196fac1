//! Documents of arbitrary bytes.

use git_pm::internals::model::codec::{Damage, decode, decode_as_yaml, encode, is_quick};
use git_pm::internals::model::doc::Doc;
use git_pm::internals::model::item::Item;
use git_pm::internals::model::reservation::Reservation;
use git_pm::internals::store::join::doc::join;
use git_pm::internals::store::{layout, repository};

use crate::harness::{Target, run};
use crate::trees::vectors;

pub const TOKENS: &[&str] = &[
    "\n",
    ": ",
    ":",
    "- ",
    "  ",
    " ",
    "---\n",
    "\n---\n",
    "&a ",
    "*a",
    "!t ",
    "\"",
    "\\",
    "\\u0085",
    "'",
    "[",
    "]",
    "{",
    "}",
    "[]",
    "{}",
    ", ",
    ",",
    "|\n",
    ">\n",
    "# ",
    "\r\n",
    "\u{feff}",
    "\0",
    "\t",
    "?",
    "? ",
    "~",
    "null",
    "true",
    "no",
    "-0",
    "007",
    "0x1",
    "1.5",
    ".inf",
    "\"7\": ",
    "7: ",
    "at: ",
    "versions:\n",
    "versions: []\n",
    "stamps:\n",
    "stamps: {}\n",
    "  - id: ",
    "dropped: []\n",
    "\u{85}",
    "\u{2028}",
    "é",
    "\\x41",
    "\\ud800",
    "<<: ",
    "...\n",
    "%",
    "title: x\n",
    "purged: true\n",
    "born: ",
    "kind: task\n",
    "id: T-0001\n",
    "labels: [a, b]\n",
    "labels: []\n",
    "x: [a]\n",
    "x: {\"a\": 1}\n",
    "x:\n  y:\n    z: 1\n",
    "  labels/a: \"-1763625600000.0.a\"\n",
    "  title: \"1763625600000.0.a\"\n",
    "1763625600000.0.a",
    "birth: \"1763625600000.0.ana0\"\n",
    "    redacted: true\n",
    "    replaces: [",
    "    knows: [",
    "{\"redacted\": \"4ddbb67bf993867e13253c146a339ed3b33ea5b895543569278e99d5b3c2b7d5\"}",
    "01jd4qz0r0000000000000k3f9",
    "    at: \"1763626000000.0.ana0\"\n",
    "\u{202e}",
];

#[test]
fn documents_of_any_bytes_are_read_equally_or_refused() {
    let target = Target {
        name: "codec",
        tokens: TOKENS,
        seeds: vectors,
        make: None,
        rounds: 4000,
    };
    run(target, || (), |(), input| probe(input));
}

fn probe(input: &[u8]) -> String {
    let quick = is_quick(input);
    let doc = match (decode(input), decode_as_yaml(input)) {
        (Ok(doc), Ok(slow)) => {
            assert_eq!(doc, slow, "the two readers disagree");
            doc
        }
        (Err(error), Err(slow)) => {
            assert_eq!(
                error.to_string(),
                slow.to_string(),
                "the two readers disagree"
            );
            return kind(&error, quick);
        }
        (quick, slow) => panic!("the two readers disagree: {quick:?}, {slow:?}"),
    };
    let bytes = round_trip(&doc);
    assert_eq!(
        encode(&join(&doc, &doc)),
        bytes,
        "the join with itself changes something"
    );
    // Every query of a document has an answer.
    let item =
        Item::from_doc(&doc).map(|item| (item.alias(), item.reference(), item.owner().is_some()));
    let reservation = Reservation::from_doc(&doc).is_some();
    let path = layout::path_of(&doc);
    if let Some(path) = &path {
        let is_name = |part: &str| !matches!(part, "" | "." | "..");
        assert!(path.split('/').all(is_name), "{path}");
        layout::check_place(&doc, path).unwrap_or_else(|e| panic!("{path}: {e}"));
    }
    let repository = repository::decode(input).is_ok();
    format!(
        "{quick} {} {:?} {} {reservation} {} {repository} {} {} {} {:?}",
        doc.kind,
        item.map(|i| i.2).map_err(|e| kind(&e, quick)),
        path.is_some(),
        doc.purged,
        doc.regs.len(),
        doc.sets.values().map(|set| set.len()).sum::<usize>(),
        doc.records
            .values()
            .map(|record| record.len())
            .sum::<usize>(),
        (doc.body.versions.len(), doc.body.dropped.len()),
    )
}

/// A document that was read is written in one form, which reads as the same document.
fn round_trip(doc: &Doc) -> String {
    let bytes = encode(doc);
    let back = decode(bytes.as_bytes())
        .unwrap_or_else(|e| panic!("what was written is refused: {e}\n{bytes}"));
    assert_eq!(encode(&back), bytes, "there are two forms");
    assert_eq!(&back, doc, "something was lost:\n{bytes}");
    bytes
}

/// The text of an error without its quotations.
fn kind(error: &Damage, quick: bool) -> String {
    let text = error.to_string();
    let words = text
        .split(' ')
        .filter(|word| word.bytes().all(|b| b.is_ascii_lowercase()));
    format!("{quick} {}", words.collect::<Vec<_>>().join(" "))
}
