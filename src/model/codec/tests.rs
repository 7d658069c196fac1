//! The quick reader compared with the YAML library: both read every document in the same way, or
//! the quick reader leaves it to the library.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use super::*;
use crate::model::doc::Doc;
use crate::model::stamp::{Clock, ReplicaId, Tick};
use crate::model::uid::Uid;
use crate::model::value::Value;

const T0: u64 = 1_763_625_600_000;

fn runner(cases: u32) -> TestRunner {
    let all = std::env::var_os("GIT_PM_TEST_FULL").is_some_and(|v| v == "1");
    let config = Config {
        cases: if all { 10 * cases } else { cases },
        failure_persistence: None,
        max_shrink_iters: 5000,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// One step in the creation of a document: operation, field, text and number.
type Step = (u8, String, String, i64);

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z]{1,8}",
        3 => "[a-zA-Z0-9 _./@+()*',;=!?:#&%~|>\"\\\\{}\\[\\]-]{0,16}",
        2 => any::<String>(),
        2 => "[\u{1}-\u{1f}a\u{7f}-\u{a2}\u{2027}-\u{202a}\u{fefe}\u{feff}\u{fffd}-\u{ffff}]{0,6}",
        1 => prop::sample::select(vec![
            "yes", "Null", "~", "1e3", "0x2", "-", "---", "at", "redacted", "T-0001", "7", "2026-01-01",
            "1763625600000.0.a", "<<", "=", "a: b", "a #b", "- a", "? a", "true", "NaN",
        ])
        .prop_map(str::to_string),
        1 => (prop::sample::select(vec!["k", "é", "\"", "\u{7}"]), prop::sample::select(vec![
            160usize, 250, 490, 499, 500, 501, 990, 998, 999, 1000, 1001, 1100,
        ]))
        .prop_map(|(c, n)| c.repeat(n)),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => prop::sample::select(ORDER).prop_map(str::to_string),
        1 => prop::sample::select(vec!["to", "external_refs", "edge_attributes", "x", "y"])
            .prop_map(str::to_string),
        1 => text().prop_map(|text| {
            let text = text.replace('/', "");
            let end = text.char_indices().map(|(i, _)| i).take_while(|i| *i <= 190).last();
            let text = text[..end.unwrap_or(0)].to_string();
            if is_structure(&text) || text.is_empty() { "x".into() } else { text }
        }),
    ]
}

fn document() -> impl Strategy<Value = Doc> {
    let step = (any::<u8>(), name(), text(), any::<i64>());
    prop::collection::vec(step, 0..14).prop_map(|steps| make(&steps))
}

fn make(steps: &[Step]) -> Doc {
    let clock = |ms: u64| Clock::new(ReplicaId::new("k3f9").unwrap(), T0 + ms, Tick::default());
    let uid = Uid::from_parts(T0, [7; 10]);
    let mut doc = Doc::new(uid, "task", "T-0042", clock(0).stamp(None));
    for (n, (what, name, text, number)) in steps.iter().enumerate() {
        let late = clock(n as u64 % 4);
        let id = if number % 2 == 0 { "a" } else { text };
        let shape = (is_set(name), is_record(name));
        match (what % 16, shape) {
            (0, _) => drop(doc.body.write(text, &late)),
            (1, _) if !text.is_empty() => drop(doc.set("id", &**text, &late)),
            (2, _) if what / 16 == 0 => doc.purge(),
            (2..8, (true, _)) => doc.put_element(name, text),
            (_, (true, _)) => drop(doc.set_element(name, text, what % 2 == 0, &late)),
            (2..8, (_, true)) => {
                let fields = [("text", Value::from(&**text)), ("n", Value::Int(*number))];
                doc.add_entry(name, id, late.stamp(None), &fields);
            }
            (_, (_, true)) => drop(doc.set_entry(name, id, "done", what % 2 == 0, &late)),
            (3..5, _) => doc.put(name, &**text),
            (5, _) => doc.put(name, *number),
            (6, _) => drop(doc.set(name, &**text, &late)),
            (7, _) => drop(doc.set(name, Value::Null, &late)),
            (8, _) => doc.put(name, Value::from_json(json!([text, number, {}, null]))),
            (9, _) => doc.put(name, Value::from_json(json!({ text: [name, true] }))),
            (10, _) => doc.put(name, Value::Redacted(Value::from(&**text).hash())),
            (11..13, _) => drop(doc.set_element(name, text, true, &late)),
            (13, _) => doc.add_entry(name, id, doc.birth.clone(), &[]),
            (14, _) => doc.put(name, Value::from_json((*number as f64 / 8.0).into())),
            _ => doc.put(name, number % 2 == 0),
        }
    }
    doc.settle_shapes();
    if doc.purged {
        doc.purge();
    }
    doc
}

fn alike(bytes: &[u8]) -> Result<(), TestCaseError> {
    match (decode(bytes), decode_as_yaml(bytes)) {
        (Ok(quick), Ok(slow)) => {
            prop_assert_eq!(encode(&quick), encode(&slow));
            prop_assert_eq!(quick, slow);
        }
        (quick, slow) => {
            let shown = |result: Result<Doc, Damage>| result.map_err(|e| e.to_string());
            prop_assert_eq!(shown(quick), shown(slow));
        }
    }
    Ok(())
}

#[test]
fn written_documents_are_read_equally_by_both_readers() {
    let count = Cell::new((0, 0));
    runner(2000)
        .run(&document(), |doc| {
            let text = encode(&doc);
            alike(text.as_bytes())?;
            let (quick, all) = count.get();
            count.set((quick + u32::from(is_quick(text.as_bytes())), all + 1));
            prop_assert_eq!(encode(&decode(text.as_bytes()).unwrap()), text);
            Ok(())
        })
        .unwrap();
    let (quick, all) = count.get();
    // Only floating-point numbers and very long keys are left to the library.
    assert!(quick * 3 > all * 2, "{quick} of {all} were read quickly");
}

#[test]
fn documents_of_the_format_are_read_quickly() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/format");
    for name in [
        "task", "epic", "prd", "issue", "comment", "conflict", "redacted", "pm.yaml",
    ] {
        let bytes = std::fs::read(format!("{folder}/{name}.md")).unwrap();
        assert!(is_quick(&bytes), "{name}");
    }
}

const TOKENS: &[&str] = &[
    "\n", ": ", ":", "- ", "  ", " ", "---\n", "\n---\n", "&a ", "*a", "!t ", "\"", "\\",
    "\\u0085", "'", "[", "]", "{", "}", "[]", "{}", ", ", ",", "|\n", ">\n", "# ", "\r\n",
    "\u{feff}", "\0", "\t", "?", "? ", "-1.0.a", "~", "null", "true", "no", "7", "-0", "007",
    "0x1", "1.5", "\"7\": ", "at: ", "  - id: ", "\u{85}", "\u{2028}", "é", "\\/", "\\x41",
    "\\ud800", "<<: ", "...\n", "%",
];

const LONG_TOKENS: &[&str] = &[
    "stamps:\n",
    "title: x\n",
    "18446744073709551616",
    "versions:\n",
    "x: {\"a\": 1}\n",
    "x: [a, \"b\"]\n",
];

/// One mutation: operation, position and argument.
type Mutation = (u8, u16, u16);

fn mutate(text: &str, mutations: &[Mutation]) -> Vec<u8> {
    let mut out = text.as_bytes().to_vec();
    for (what, at, with) in mutations {
        // Only the front matter matters; the body is not mutated.
        let front = text.rfind("\n---\n").map_or(out.len(), |end| end + 5);
        let at = usize::from(*at) % (front.min(out.len()) + 1);
        let end = (at + usize::from(*with) % 24).min(out.len());
        let line = |out: &[u8], at: usize| {
            let from = out[..at]
                .iter()
                .rposition(|b| *b == b'\n')
                .map_or(0, |i| i + 1);
            let to = out[at..].iter().position(|b| *b == b'\n');
            (from, to.map_or(out.len(), |i| at + i + 1))
        };
        match what % 8 {
            0 | 1 => {
                let mut tokens = TOKENS.iter().chain(LONG_TOKENS).cycle();
                let token = tokens.nth(usize::from(*with)).unwrap_or(&"");
                out.splice(at..at, token.bytes());
            }
            2 if at < out.len() => out[at] ^= 1 << (with % 8),
            3 if at < out.len() => out[at] = b' ' + (with % 95) as u8,
            4 => drop(out.drain(at..end)),
            5 | 6 => {
                // A line moved or duplicated: keys out of order, twice, or in another block.
                let (from, to) = line(&out, at);
                let moved = out[from..to].to_vec();
                if what % 8 == 5 {
                    out.drain(from..to);
                }
                let (from, _) = line(&out, usize::from(*with) % (out.len() + 1));
                out.splice(from..from, moved);
            }
            _ => {
                let piece = out[at..end].to_vec();
                let to = usize::from(*with) * 7 % (out.len() + 1);
                out.splice(to..to, piece);
            }
        }
    }
    out
}

#[test]
fn mutated_documents_are_read_equally_by_both_readers() {
    let mutations = prop::collection::vec(any::<Mutation>(), 1..4);
    runner(4000)
        .run(&(document(), mutations), |(doc, mutations)| {
            alike(&mutate(&encode(&doc), &mutations))
        })
        .unwrap();
}

#[test]
fn mutated_documents_of_the_format_are_read_equally_by_both_readers() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/format");
    let vectors: Vec<String> = ["", "canonical", "damaged", "join"]
        .iter()
        .flat_map(|sub| std::fs::read_dir(format!("{folder}/{sub}")).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .collect();
    for vector in &vectors {
        alike(vector.as_bytes()).unwrap();
    }
    let mutations = prop::collection::vec(any::<Mutation>(), 1..4);
    runner(4000)
        .run(
            &(prop::sample::select(vectors), mutations),
            |(text, mutations)| alike(&mutate(&text, &mutations)),
        )
        .unwrap();
}
