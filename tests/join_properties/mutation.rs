//! Generated input: mutated documents and trees, and texts that are costly for a YAML reader.
//! Accepted input has one canonical form; nothing panics or takes long.

use std::time::{Duration, Instant};

use git_pm::internals::model::codec::{decode, encode};
use git_pm::internals::store::git::repo::{Entry, EntryType};
use proptest::prelude::*;

use crate::repo::{Fixture, paths};
use crate::runner;
use crate::state::{State, check_round_trip};
use crate::trees::algebra;

const LIMIT: Duration = Duration::from_millis(100);

fn vectors() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/format");
    let mut all: Vec<_> = ["", "join", "canonical"]
        .iter()
        .flat_map(|sub| std::fs::read_dir(format!("{folder}/{sub}")).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .collect();
    all.sort();
    all.iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// Requires that decoding takes little time and that accepted input has one canonical form.
fn probe(bytes: &[u8]) {
    let timed = || {
        let begun = Instant::now();
        (decode(bytes), begun.elapsed())
    };
    let (result, mut took) = timed();
    // A busy machine is not a slow decoder.
    for _ in 0..4 {
        took = if took < LIMIT { took } else { timed().1 };
    }
    assert!(took < LIMIT, "{took:?} for {} bytes", bytes.len());
    if let Ok(doc) = result {
        check_round_trip(&doc);
        encode(&doc);
    }
}

/// One mutation: what, where, with what.
type Mutation = (u8, u16, u8);

const SPLICES: [&[u8]; 24] = [
    b"\n",
    b": ",
    b"- ",
    b"  ",
    b"---\n",
    b"\n---\n",
    b"&a ",
    b"*a",
    b"!!str ",
    b"\"",
    b"'",
    b"[",
    b"{",
    b"|\n",
    b">\n",
    b"# ",
    b"\r\n",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\0",
    b"99999999999999999999",
    b"? ",
    b"-1.0.a",
    b"~",
];

fn mutate(bytes: &[u8], mutations: &[Mutation]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for (what, at, with) in mutations {
        let at = usize::from(*at) % (out.len() + 1);
        let end = (at + usize::from(*with)).min(out.len());
        match what % 6 {
            0 => {
                let splice = SPLICES[usize::from(*with) % SPLICES.len()];
                out.splice(at..at, splice.iter().copied());
            }
            1 if at < out.len() => out[at] = *with,
            2 => {
                out.drain(at..end);
            }
            3 => {
                // A line duplicated: keys and elements occur twice.
                let from = out[..at]
                    .iter()
                    .rposition(|b| *b == b'\n')
                    .map_or(0, |i| i + 1);
                let to = out[at..]
                    .iter()
                    .position(|b| *b == b'\n')
                    .map_or(out.len(), |i| at + i + 1);
                let line = out[from..to].to_vec();
                out.splice(from..from, line);
            }
            4 => {
                let piece = out[at..end].to_vec();
                let to = usize::from(*with) * 7 % (out.len() + 1);
                out.splice(to..to, piece);
            }
            _ => out.truncate(out.len() - (out.len() - at).min(40)),
        }
    }
    out
}

fn mutations() -> impl Strategy<Value = (u16, Vec<Mutation>)> {
    (
        any::<u16>(),
        proptest::collection::vec(any::<Mutation>(), 1..6),
    )
}

#[test]
fn mutated_documents_are_read_or_refused() {
    let vectors = vectors();
    runner(40_000)
        .run(&mutations(), |(n, mutations)| {
            probe(&mutate(
                &vectors[usize::from(n) % vectors.len()],
                &mutations,
            ));
            Ok(())
        })
        .unwrap();
}

#[test]
fn costly_yaml_is_refused_quickly() {
    let front = |yaml: &str| format!("---\nuid: x\n{yaml}\n---\n").into_bytes();
    let bomb: String = (1..30)
        .map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}, *a{0}, *a{0}]\n", n - 1))
        .collect();
    let deep = 10_000;
    for yaml in [
        format!("a0: &a0 x\n{bomb}"),
        // After characters that look like quotes.
        format!("t: foo\n  \"bar\na0: &a0 x\n{bomb}"),
        format!("a: {}", "[".repeat(deep)),
        format!("a: {}{}", "[".repeat(deep), "]".repeat(deep)),
        format!("a: {}", "{a: ".repeat(deep)),
        format!("a: {}1{}", "{? ".repeat(deep), "}".repeat(deep)),
        "- ".repeat(deep),
        "? ".repeat(deep),
        "a:\n".repeat(deep),
        (0..200).map(|n| format!("{}a:\n", " ".repeat(n))).collect(),
        (0..200).map(|n| format!("{}-\n", " ".repeat(n))).collect(),
        format!("a: {}", "9".repeat(100_000)),
        format!("a: 1.{}e{}", "9".repeat(10_000), "9".repeat(1000)),
        format!("a: 0x{}", "f".repeat(10_000)),
        format!("{}: b", "a".repeat(100_000)),
        format!("\"{}\": b", "\\u0041".repeat(10_000)),
        format!("a: \"{}", "\\".repeat(100_001)),
        format!("a: |\n{}", "  x\n".repeat(10_000)),
        format!("a: {}", "x\n  ".repeat(10_000)),
        "a: b\n".repeat(1000),
        "#\n".repeat(10_000),
        "\t".repeat(10_000),
        format!("a: [{}]", "x, ".repeat(2000)),
    ] {
        probe(&front(&yaml));
    }
    for bytes in [
        &b""[..],
        b"---",
        b"---\n",
        b"---\n---",
        b"---\n---\n",
        b"---\r\nuid: x\r\n---\r\n",
        b"\xef\xbb\xbf---\nuid: x\n---\n",
        b"---\n\xef\xbb\xbfuid: x\n---\n",
    ] {
        probe(bytes);
        assert!(decode(bytes).is_err());
    }
}

#[test]
fn mutated_files_in_trees_join_equally_in_every_order() {
    let fixture = Fixture::new();
    let vectors = vectors();
    let mut state = State::default();
    for bytes in &vectors {
        if let Ok(doc) = decode(bytes)
            && doc.kind != "repository"
        {
            state.docs.entry(doc.uid.clone()).or_insert(doc);
        }
    }
    let strategy = proptest::collection::vec(mutations(), 3);
    runner(1_000)
        .run(&strategy, |three| {
            let repo = fixture.repo.pending();
            let trees: Vec<_> = three
                .iter()
                .map(|(n, mutations)| {
                    // Three versions of the same few files.
                    let paths = paths(&state);
                    let (path, doc) = &paths[usize::from(n / 8) % paths.len().min(3)];
                    let bytes = mutate(encode(doc).as_bytes(), mutations);
                    let mut tree = repo.write_blob(&bytes).unwrap();
                    let mut kind = EntryType::Blob;
                    for name in path.split('/').rev() {
                        let name = name.as_bytes().to_vec();
                        let oid = tree;
                        tree = repo.write_tree(vec![Entry { name, kind, oid }]).unwrap();
                        kind = EntryType::Tree;
                    }
                    tree
                })
                .collect();
            algebra(&repo, trees[0], trees[1], trees[2]);
            Ok(())
        })
        .unwrap();
}
