//! The reader compared with a YAML library: what it accepts, other programs read alike.

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
            (11..14, _) if is_register("task", name) => doc.put(name, &**text),
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

/// True if a YAML library has the same value, apart from scalars that it takes for numbers of other
/// forms (`0x10`, `.5`), which are texts here.
fn is_alike(ours: &Json, theirs: &serde_yaml::Value) -> bool {
    use serde_yaml::Value as Yaml;
    match (ours, theirs) {
        (Json::Null, Yaml::Null) | (Json::String(_), Yaml::Number(_)) => true,
        (Json::Bool(a), Yaml::Bool(b)) => a == b,
        (Json::Number(a), Yaml::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::String(a), Yaml::String(b)) => a == b,
        (Json::Array(a), Yaml::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_alike(a, b))
        }
        (Json::Object(a), Yaml::Mapping(b)) => {
            a.len() == b.len()
                && b.iter().all(|(key, b)| match key {
                    Yaml::String(key) => a.get(key).is_some_and(|a| is_alike(a, b)),
                    key => key.is_number(),
                })
        }
        _ => false,
    }
}

/// A document that is read is read alike by a YAML library, and has one written form.
fn probe(bytes: &[u8]) -> Result<(), TestCaseError> {
    let Ok(doc) = decode(bytes) else {
        return Ok(());
    };
    let text = encode(&doc);
    prop_assert_eq!(&decode(text.as_bytes()).unwrap(), &doc);
    let text = std::str::from_utf8(bytes).unwrap();
    let end = text.find("\n---\n").unwrap();
    let front = &text[4..=end];
    let fields = front_matter::read(front).unwrap().into_iter();
    let ours = Json::Object(fields.map(|(k, v)| (k.into_owned(), v.into())).collect());
    // Other readers take keys of at most 1024 characters without a question mark.
    let is_long = front.lines().any(|line| line.len() > 1000);
    match serde_yaml::from_str(front) {
        Ok(theirs) => prop_assert!(is_alike(&ours, &theirs), "{front}\n{ours}\n{theirs:?}"),
        Err(error) => prop_assert!(is_long, "{error}: {front}"),
    }
    Ok(())
}

#[test]
fn written_documents_are_read_back_and_alike_by_a_yaml_library() {
    runner(2000)
        .run(&document(), |doc| {
            let text = encode(&doc);
            prop_assert_eq!(encode(&decode(text.as_bytes()).unwrap()), text.clone());
            probe(text.as_bytes())
        })
        .unwrap();
}

fn fields(front: &str) -> Result<Json, String> {
    let fields = front_matter::read(front).map_err(|e| e.to_string())?;
    Ok(Json::Object(
        fields
            .into_iter()
            .map(|(k, v)| (k.into_owned(), v.into()))
            .collect(),
    ))
}

#[test]
fn the_subset_for_hand_edits_is_read() {
    let text = "\
# A comment.
a: two words, and a colon:here   # not
";
    assert!(fields(text).is_err(), "a comment behind a value");
    let text = "\
# A comment.

a:   one: no
";
    assert!(fields(text).is_err(), "a colon and a space in a plain text");
    let text = "\
# A comment.
plain: don't, 2025-11-20T08:00:00Z (x) [y]   
  # Another one.
none:
nil: ~
single: 'it''s \"so\"'
double: \"a\\u00e9\\/\\n\"
numbers: [0, -1, 1.5, 1e3, 18446744073709551615]
texts: [ a b,'c' , \"d\",07, 0x10 ]
json: {\"a\":[{\"b\":null}], ? \"c\": true, d: e:f}
list:
- x
-   - u
-
  z: 1
  w:
  - 2
- k: v
  l:
      m: {}
? explicit
: 1
7: s
";
    assert!(fields(text).is_err(), "a list in a list on one line");
    let text = text.replace("-   - u\n", "- [u]\n");
    let found = fields(&text).unwrap();
    let expected = json!({
        "plain": "don't, 2025-11-20T08:00:00Z (x) [y]",
        "none": null, "nil": null,
        "single": "it's \"so\"",
        "double": "a\u{e9}/\n",
        "numbers": [0, -1, 1.5, 1000.0, u64::MAX],
        "texts": ["a b", "c", "d", "07", "0x10"],
        "json": {"a": [{"b": null}], "c": true, "d": "e:f"},
        "list": ["x", ["u"], {"z": 1, "w": [2]}, {"k": "v", "l": {"m": {}}}],
        "explicit": 1,
        "7": "s",
    });
    assert_eq!(found, expected);
}

#[test]
fn everything_else_is_damage_with_its_line() {
    for (front, part) in [
        ("", "no fields"),
        ("# only\n", "no fields"),
        (" a: 1\n", "line 1: the indentation"),
        ("a: 1\n b: 2\n", "line 2: the indentation"),
        ("a:\n  b: 1\n c: 2\n", "line 3: the indentation"),
        ("a: 1\na: 2\n", "twice"),
        ("a: {x: 1, \"x\": 2}\n", "twice"),
        ("a:\n  7: x\n  \"7\": z\n", "twice"),
        ("a:b\n", "a key and a colon"),
        ("a\n", "a key and a colon"),
        ("\"a\":b\n", "a space is missing"),
        ("a: {b:1}\n", "a key and a colon"),
        ("a: {b}\n", "a key and a colon"),
        ("a: {b:}\n", "colon at its end"),
        ("a: [b:]\n", "colon at its end"),
        ("a: [b: c]\n", "a comma"),
        ("a: [b,]\n", "missing"),
        ("a: [,b]\n", "missing"),
        ("a: [b,\n  c]\n", "missing"),
        ("a: [b\n", "a comma"),
        ("a: [-]\n", "missing"),
        ("a: [b?]\n", "`?`"),
        ("a: b: c\n", "a value ends"),
        ("a: \"b\" c\n", "a value ends"),
        ("a: \"b\" # c\n", "a value ends"),
        ("a: b # c\n", "` #`"),
        ("a: \"b\nc\"\n", "not closed"),
        ("a: 'b\nc'\n", "not closed"),
        ("a: b\n  c\n", "line 2"),
        ("a:\n  b\n", "a key and a colon"),
        ("a: |\n  b\n", "several lines"),
        ("a: >-\n  b\n", "several lines"),
        ("a: &x b\n", "line 1: anchors, aliases and tags"),
        ("a: *x\n", "anchors"),
        ("a: !!str b\n", "anchors"),
        ("&a b: c\n", "anchors"),
        ("a:\n- *x\n", "line 2: anchors"),
        ("<<: {a: 1}\n", "must be quoted"),
        ("%YAML 1.2\n", "must be quoted"),
        ("--- a: b\n", "must be quoted"),
        ("...\na: b\n", "must be quoted"),
        ("a: @b\n", "must be quoted"),
        ("a: yes\n", "`yes`"),
        ("a: True\n", "`yes`"),
        ("a: [NULL]\n", "`yes`"),
        ("true: a\n", "a key is not text"),
        ("~: a\n", "a key is not text"),
        ("[a]: b\n", "must be quoted"),
        ("? a\n", "a key and a colon"),
        ("? [a]\n: b\n", "must be quoted"),
        ("a: 18446744073709551616\n", "64 bits"),
        ("a: \"\\x41\"\n", "escape"),
        ("a: \"\\ud800\"\n", "half a character"),
        ("a: \"\\u+041\"\n", "escape"),
        ("a: b\n\tc: d\n", "line 2: a control character"),
        ("a: b\rc: d\n", "a control character"),
        ("a: \"b\u{85}\"\n", "a control character"),
        ("a: b\u{2028}c\n", "a control character"),
        ("\u{feff}a: b\n", "a control character"),
    ] {
        let found = fields(front).expect_err(front);
        assert!(found.contains(part), "{front:?}: {found}");
    }
}

// The comment hid what followed from the scanner that stood before the library.
#[test]
fn anchors_and_aliases_behind_comments_are_damage() {
    for front in [
        "x: [#\n&a z,#\n*a]\n",
        "x: {#\n!!int \"7\": 1}\n",
        "x: [[a]#]\n, &b c, *b]\n",
        "\"a\"#b: \"\ny: &a [z]\nz: *a\nw: \"q\"\n",
        "[a]#b: \"\ny: &a [z]\nz: *a\nw: \"q\"\n",
        "- [a]#b: \"\ny: &a [z]\nz: *a\nw: \"q\"\n",
        "x: {a: b,#\n &c d: *c}\n",
        "x: 'a'#\n  &b\n",
        "x: |#\n *a\n",
    ] {
        assert!(fields(front).is_err(), "{front}");
    }
}

#[test]
fn depth_and_values_are_bounded() {
    let deep = |n: usize| format!("a: {}{}\n", "[".repeat(n), "]".repeat(n));
    assert!(fields(&deep(32)).is_ok());
    assert!(fields(&deep(33)).unwrap_err().contains("too deeply"));
    assert!(fields(&deep(1_000_000)).unwrap_err().contains("too deeply"));
    let block = |n: usize| -> String {
        (0..n)
            .map(|level| format!("{}a:\n", " ".repeat(level)))
            .collect()
    };
    assert!(fields(&block(32)).is_ok());
    assert!(fields(&block(33)).unwrap_err().contains("too deeply"));
    let many = |n: usize| format!("a: [{}0]\n", "0,".repeat(n));
    assert!(fields(&many(200_000)).is_ok());
    assert!(fields(&many(1 << 18)).unwrap_err().contains("too many"));
    assert!(fields(&"- ".repeat(1_000_000)).is_err());
    assert!(fields(&"? ".repeat(1_000_000)).is_err());
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
fn mutated_documents_are_read_alike_by_a_yaml_library_or_refused() {
    let mutations = prop::collection::vec(any::<Mutation>(), 1..4);
    runner(4000)
        .run(&(document(), mutations), |(doc, mutations)| {
            probe(&mutate(&encode(&doc), &mutations))
        })
        .unwrap();
}

#[test]
fn mutated_documents_of_the_format_are_read_alike_by_a_yaml_library_or_refused() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/format");
    let vectors: Vec<String> = ["", "canonical", "damaged", "join"]
        .iter()
        .flat_map(|sub| std::fs::read_dir(format!("{folder}/{sub}")).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .collect();
    for vector in &vectors {
        probe(vector.as_bytes()).unwrap();
    }
    let mutations = prop::collection::vec(any::<Mutation>(), 1..4);
    runner(4000)
        .run(
            &(prop::sample::select(vectors), mutations),
            |(text, mutations)| probe(&mutate(&text, &mutations)),
        )
        .unwrap();
}
