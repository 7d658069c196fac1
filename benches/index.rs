//! The cost of the index and the join: a complete build, catching up by one change, common queries,
//! and the join of two trees with 100 edits on each side.
//!
//!     cargo bench --bench index

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

use git_pm::internals::store::index::{At, Index};
use git_pm::internals::store::join::tree::join_trees;
use git_pm::items::{BatchOptions, ListFilter};
use git_pm::state::InitOptions;
use git_pm::{Env, Options, Pm};

const SIZES: [usize; 2] = [1_000, 10_000];

/// A repository with `size` items.
struct Fixture {
    pm: Pm,
    dir: tempfile::TempDir,
}

fn git(dir: &Path, args: &[&str]) {
    let done = Command::new("git").args(args).current_dir(dir).status();
    assert!(done.is_ok_and(|status| status.success()), "git {args:?}");
}

impl Fixture {
    fn new(size: usize) -> Fixture {
        let dir = tempfile::tempdir().expect("a temporary folder");
        git(dir.path(), &["init", "-q"]);
        let vars = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v)));
        let mut vars: BTreeMap<_, _> = vars.collect();
        vars.insert("GIT_AUTHOR_NAME".into(), "Ana".into());
        let pm = Pm::open(Env::new(dir.path(), vars), Options::default()).expect("a repository");
        pm.state().init(&InitOptions::default()).expect("the state");
        let fixture = Fixture { pm, dir };
        let text =
            "Requests that arrive while the cache is cold take the slow path twice. ".repeat(7);
        fixture.batch(1..=size, |n| {
            let rare = if n % 100 == 0 { "zanzibar" } else { "" };
            let mut line = serde_json::json!({
                "op": "task.create", "title": format!("Part {n} of the work"),
                "body": format!("{text}{rare}"), "priority": n % 5, "label": ["backend"],
            });
            if n % 10 > 1 {
                line["depends-on"] = format!("T-{:04}", n - n % 10 + 1).into();
            }
            line
        });
        fixture
    }

    /// Applies a line for each number as one commit; returns the new state.
    fn batch(
        &self,
        numbers: impl Iterator<Item = usize>,
        line: impl Fn(usize) -> serde_json::Value,
    ) -> At {
        let mut lines = String::new();
        for n in numbers {
            writeln!(lines, "{}", line(n)).expect("a line");
        }
        let done = self
            .pm
            .items()
            .batch(&mut lines.as_bytes(), &BatchOptions::default());
        done.expect("a batch");
        self.at()
    }

    fn at(&self) -> At {
        let store = self.pm.store();
        let commit = store.tip().expect("the state").expect("a tip");
        let tree = store.repo().commit(commit).expect("its commit").tree;
        At { commit, tree }
    }

    /// Edits the titles of 100 items of the present state.
    fn edited(&self, side: &str, first: usize) -> At {
        self.batch((0..100).map(|n| first + n * 7), |n| {
            let title = format!("Edited on side {side}");
            serde_json::json!({"op": "task.edit", "id": format!("T-{n:04}"), "title": title})
        })
    }

    fn index(&self, folder: &Path, at: At) -> Index {
        Index::open(self.pm.store().repo(), folder, at.commit, || Ok(at)).expect("an index")
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

fn measure(c: &mut Criterion) {
    for size in SIZES {
        let at = |name: &str| BenchmarkId::new(name, size);
        let fixture = Fixture::new(size);
        let repo = fixture.pm.store().repo();
        let mut group = c.benchmark_group("index");
        group.sample_size(10);

        let begun = fixture.at();
        let folder = fixture.folder("fresh");
        group.bench_function(at("from nothing"), |b| {
            b.iter_with_setup(
                || drop(std::fs::remove_dir_all(&folder)),
                |()| fixture.index(&folder, begun),
            );
        });
        group.bench_function(at("opened"), |b| b.iter(|| fixture.index(&folder, begun)));

        let ready = || fixture.pm.tasks().ready(Some(50)).expect("what is ready");
        group.bench_function(at("ready"), |b| b.iter(|| black_box(ready())));
        let filter = ListFilter {
            limit: Some(50),
            ..ListFilter::default()
        };
        let list = || fixture.pm.items().list(&filter).expect("a list");
        group.bench_function(at("list"), |b| b.iter(|| black_box(list())));
        let search = || {
            fixture
                .pm
                .items()
                .search("zanzibar", &git_pm::items::SearchOptions::default())
                .expect("hits")
        };
        assert_eq!(search().len(), (size / 100).min(20));
        group.bench_function(at("search"), |b| b.iter(|| black_box(search())));

        // Alternates between two trees that differ in one item.
        let changed = fixture.batch(2..=2, |n| {
            serde_json::json!({"op": "task.edit", "id": format!("T-{n:04}"), "title": "Changed"})
        });
        let index = fixture.index(&fixture.folder("moving"), begun);
        group.bench_function(at("one change"), |b| {
            let mut ends = [changed, begun].into_iter().cycle();
            b.iter(|| {
                let to = ends.next().unwrap_or(begun);
                index.catch_up_to(repo, to).expect("caught up");
            });
        });
        group.finish();

        let base = fixture.at().commit;
        let left = fixture.edited("left", 100);
        git(
            fixture.dir.path(),
            &["update-ref", "refs/pm/main", &base.to_string()],
        );
        let right = fixture.edited("right", 102);
        let mut group = c.benchmark_group("join");
        group.bench_function(at("100 edits a side"), |b| {
            b.iter(|| {
                join_trees(&repo.pending(), left.tree, right.tree)
                    .expect("a join")
                    .tree
            });
        });
        group.finish();
    }
}

criterion_group!(benches, measure);
criterion_main!(benches);
