//! Documents of arbitrary bytes.

use git_pm::internals::model::codec::{Damage, decode, encode};
use git_pm::internals::model::doc::Doc;
use git_pm::internals::model::item::Item;
use git_pm::internals::model::reservation::Reservation;
use git_pm::internals::store::join::doc::join;
use git_pm::internals::store::{layout, repository};

use crate::harness::{Target, run};
use crate::mutate::Rng;
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
fn documents_of_any_bytes_are_read_or_refused() {
    let target = Target {
        name: "codec",
        tokens: TOKENS,
        seeds: vectors,
        make: Some(make),
        rounds: 4000,
    };
    run(target, || (), |(), input| probe(input));
}

/// Front matter by a grammar of YAML that is wider than what is read: comments in odd places,
/// anchors, tags, several lines, depth.
fn make(rng: &mut Rng) -> Vec<u8> {
    let mut out = String::from(
        "---\nid: T-0001\nuid: \"01jd4qz0r0000000000000k3f9\"\nkind: task\nbirth: \"1.0.a\"\n",
    );
    for n in 0..1 + rng.below(5) {
        out += &format!("f{n}{}:", rng.pick(&["", "", "", "#c", "\"", " "]));
        node(rng, 1, 0, &mut out);
        out.push_str(rng.pick(&["\n", "\n", "\n", " # c\n", "#\n", "\n\n  # c\n"]));
    }
    out += "---\nbody\n";
    out.into_bytes()
}

fn node(rng: &mut Rng, column: usize, depth: usize, out: &mut String) {
    out.push_str(rng.pick(&[
        " ", " ", " ", " ", "", " &a ", " *a", " !!str ", " !x ", "\t",
    ]));
    if depth > 40 {
        return;
    }
    let pad = " ".repeat(column);
    match rng.below(10) {
        0 => {
            for n in 0..1 + rng.below(3) {
                *out += &format!("\n{pad}{}k{n}:", rng.pick(&["", "", "? ", "&b "]));
                let inner = column + 1 + rng.below(2);
                node(rng, inner, depth + 1, out);
            }
        }
        1 => {
            for _ in 0..1 + rng.below(3) {
                *out += &format!("\n{pad}-");
                let inner = column + 1 + rng.below(2);
                node(rng, inner, depth + 1, out);
            }
        }
        2 | 3 => flow(rng, depth, out),
        4 => {
            let deep = 1 + rng.below(60);
            *out += &"[".repeat(deep);
            flow(rng, 40, out);
            *out += &"]".repeat(deep);
        }
        _ => out.push_str(rng.pick(SCALARS)),
    }
}

fn flow(rng: &mut Rng, depth: usize, out: &mut String) {
    let gap = |rng: &mut Rng| rng.pick(&["", "", " ", " ", "#\n", " # c\n", "\n  "]);
    let is_list = rng.one_in(2);
    out.push(if is_list { '[' } else { '{' });
    for n in 0..rng.below(4) {
        if n > 0 {
            out.push_str(rng.pick(&[",", ", ", ", ", ",,"]));
        }
        out.push_str(gap(rng));
        if !is_list {
            out.push_str(rng.pick(&["\"k\":", "k: ", "'k' : ", "? k: ", "k:", "7: "]));
        }
        match depth < 40 && rng.one_in(3) {
            true => flow(rng, depth + 1, out),
            false => out.push_str(rng.pick(SCALARS)),
        }
        out.push_str(gap(rng));
    }
    out.push(if is_list { ']' } else { '}' });
}

const SCALARS: &[&str] = &[
    "a",
    "two words",
    "\"q\"",
    "'it''s'",
    "7",
    "-1.5e3",
    "true",
    "null",
    "~",
    "yes",
    "*a",
    "&a z",
    "!!int \"7\"",
    "|\n   t",
    ">-\n   t\n   u",
    "\"a\n  b\"",
    "\"\\u00e9\\n\"",
    "<<",
    "0x10",
    ".inf",
    "",
    "a:b",
    "a#b",
    "a #b",
    "-",
    "?",
    "? a",
    "\"\"",
    "1.0.a",
    "redacted:x",
];

fn probe(input: &[u8]) -> String {
    let doc = match decode(input) {
        Ok(doc) => doc,
        Err(error) => return kind(&error),
    };
    let bytes = round_trip(&doc);
    // Nothing refers to anything else, so what is read is not larger than what was written.
    assert!(
        bytes.len() <= 8 * input.len() + 4096,
        "{} bytes",
        bytes.len()
    );
    assert_eq!(
        encode(&join(&doc, &doc)),
        bytes,
        "the join with itself changes something"
    );
    // Every query of a document has an answer.
    let item =
        Item::from_doc(&doc).map(|item| (item.alias(), item.reference(), item.owner().is_some()));
    let reservation = Reservation::from_doc(&doc).is_some();
    let path = layout::path_of(layout::Levels::Two, &doc);
    if let Some(path) = &path {
        let is_name = |part: &str| !matches!(part, "" | "." | "..");
        assert!(path.split('/').all(is_name), "{path}");
        layout::check_place(&doc, path).unwrap_or_else(|e| panic!("{path}: {e}"));
    }
    let repository = repository::decode(input).is_ok();
    format!(
        "{} {:?} {} {reservation} {} {repository} {} {} {} {:?}",
        doc.kind,
        item.map(|i| i.2).map_err(|e| kind(&e)),
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
fn kind(error: &Damage) -> String {
    let text = error.to_string();
    let words = text
        .split(' ')
        .filter(|word| word.bytes().all(|b| b.is_ascii_lowercase()));
    words.collect::<Vec<_>>().join(" ")
}
