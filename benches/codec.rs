//! The cost of reading, writing and joining a document, and of the check of a reservation's patterns
//! by every commit.
//!
//!     cargo bench --bench codec

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use git_pm::internals::coordinate::reserve::pattern::Pattern;
use git_pm::internals::coordinate::reserve::pattern::overlap::Case;
use git_pm::internals::model::codec::{decode, encode};
use git_pm::internals::model::doc::Doc;
use git_pm::internals::model::item::Item;
use git_pm::internals::model::prose::{Version, VersionId};
use git_pm::internals::model::stamp::{Clock, ReplicaId, Tick};
use git_pm::internals::store::join::doc::join;
use git_pm::values::Uid;

const BORN: u64 = 1_763_625_600_000;

fn clock(replica: &str, later: u64) -> Clock {
    let replica = ReplicaId::new(replica).expect("a replica id");
    Clock::new(replica, BORN + later, Tick::default())
}

/// A typical task: a dozen fields, two labels, two dependencies, a page of text, unchanged.
fn typical() -> Doc {
    let birth = clock("k3f9a1", 0).stamp(None);
    let uid = Uid::from_parts(BORN, [7; 10]);
    let mut doc = Doc::new(uid, "task", "T-0042", birth.clone());
    for (name, text) in [
        ("title", "Fix the login, at last"),
        ("type", "bug"),
        ("status", "queued"),
        ("assignee", "claude-2"),
        ("estimate", "M"),
        ("risk", "high"),
        ("validation", "test-first"),
        ("stream", "auth"),
        ("epic", "E-0001-01jd4qz0r0000000000000e1e1"),
        ("created_at", "2025-11-20T08:00:00Z"),
        ("created_by", "ana"),
    ] {
        doc.put(name, text);
    }
    doc.put("priority", 1);
    for label in ["backend", "frontend"] {
        doc.put_element("labels", label);
    }
    for end in ["t3", "t4"] {
        doc.put_element(
            "depends_on",
            &format!("T-0003-01jd4qz0r0000000000000t3{end}"),
        );
    }
    let text = "It fails on **every** second try, and nobody knows why it does so.\n".repeat(11);
    let id = VersionId::of(birth, &text);
    let version = Version {
        text: Some(text),
        ..Version::default()
    };
    doc.body.versions.insert(id, version);
    doc
}

/// The same after weeks of work: claims, ticked criteria, edits by two clones.
fn lived_in() -> Doc {
    let mut doc = typical();
    for n in 0..4 {
        let at = clock("k3f9a1", 10 + n).stamp(None);
        let fields = [("text", "Nobody fails twice".into()), ("order", 1.into())];
        doc.add_entry("acceptance", &format!("{n}kq2m9xa"), at.clone(), &fields);
        let fields = [
            ("actor", "claude-2".into()),
            ("lease", 1_763_714_400_000.into()),
        ];
        doc.add_entry("claims", &format!("01jd4r{n:02}"), at, &fields);
        doc.set_entry(
            "acceptance",
            &format!("{n}kq2m9xa"),
            "done",
            true,
            &clock("bob7", 30),
        );
    }
    for (name, text) in [
        ("status", "in_review"),
        ("branch", "task/T-0042"),
        ("risk", "low"),
    ] {
        doc.set(name, text, &clock("bob7", 20));
    }
    doc.body.write("It fails no more.\n", &clock("bob7", 40));
    doc
}

fn documents(c: &mut Criterion) {
    for (name, doc) in [("typical", typical()), ("lived-in", lived_in())] {
        let text = encode(&doc);
        let bytes = text.as_bytes();
        let mut group = c.benchmark_group(name);
        group.bench_function("decode", |b| b.iter(|| decode(black_box(bytes))));
        group.bench_function("decode and type", |b| {
            b.iter(|| decode(black_box(bytes)).map(|doc| Item::from_doc(&doc)));
        });
        group.bench_function("encode", |b| b.iter(|| encode(black_box(&doc))));
        let mut other = doc.clone();
        other.set("title", "Fix the login", &clock("cid3", 50));
        other.set_element("labels", "urgent", true, &clock("cid3", 50));
        other.body.write("It fails still.\n", &clock("cid3", 50));
        group.bench_function("join", |b| {
            b.iter(|| join(black_box(&doc), black_box(&other)))
        });
        group.finish();
    }
}

fn patterns(c: &mut Criterion) {
    let parse = |text: &str| Pattern::parse(text, "").expect("a pattern");
    let mut group = c.benchmark_group("overlap");
    for (name, left, right) in [
        ("apart", "src/auth/**/*.rs", "docs/**/*.md"),
        ("alike", "src/**/a*b*c*.rs", "**/auth/a*c*d.{rs,md}"),
        (
            "hostile",
            &"a*".repeat(200),
            &format!("{}x", "*a".repeat(200)),
        ),
    ] {
        let (left, right) = (parse(left), parse(right));
        group.bench_function(name, |b| {
            b.iter(|| black_box(&left).overlaps(black_box(&right), Case::Sensitive));
        });
    }
    let (pattern, path) = (
        parse("src/{auth,login}/**/*.rs"),
        "src/login/a/deep/one/mod.rs",
    );
    group.bench_function("a path", |b| {
        b.iter(|| black_box(&pattern).matches(black_box(path), Case::Sensitive));
    });
    group.finish();
}

criterion_group!(benches, documents, patterns);
criterion_main!(benches);
