//! OB-15: the costs of frequent commands, as counts that are the same on every machine: processes,
//! objects and bytes read and written, work of the index. A command fails here if it costs a fifth
//! more than `costs.txt` allows, or a fifth more with four times the items.
//!
//! `GIT_PM_BLESS=1 cargo test --all-features --test e2e costs::` writes the table again; a commit
//! that raises a number gives the reason.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::support::{Repo, Scene};

/// The number of items of the smaller and of the larger store. Both end with a folder of one file,
/// so that adding an item changes equal trees.
const SIZES: [usize; 2] = [300, 1_200];

/// By how many percent a command may exceed the table, or its cost in the smaller store.
const SLACK: u64 = 20;

/// The counted quantities, in the order of the table.
const COUNTS: [&str; 7] = [
    "processes",
    "objects read",
    "bytes read",
    "index steps",
    "index rows written",
    "objects written",
    "bytes written",
];

/// Commands that must not start any program.
const READS: [&str; 11] = [
    "show", "ready", "next", "status", "list", "epics", "types", "why", "search", "log", "inbox",
];

type Counts = [u64; COUNTS.len()];

/// A store of so many items, with a hub and a second clone.
struct Store {
    _scene: Scene,
    /// The clone in which commands are counted.
    repo: Repo,
    other: Repo,
    size: usize,
    /// The log of the `git` wrapper.
    started: PathBuf,
    /// The costs that git pm recorded.
    costs: PathBuf,
}

/// The lines of a batch: ten items depend on an eleventh, some are closed, five contain a rare
/// word.
fn batch(size: usize) -> String {
    let mut lines = String::new();
    for n in 1..=size {
        let rare = if n * 5 % size == 0 {
            "zanzibar"
        } else {
            "cache"
        };
        let text = "Requests that arrive while it is cold take the slow path twice. ".repeat(8);
        let mut line = serde_json::json!({
            "op": "task.create", "title": format!("Part {n:04} of the work"),
            "body": format!("The {rare}. {text}"), "priority": n % 5, "label": ["backend", "perf"],
        });
        if n % 10 > 1 {
            line["depends-on"] = format!("T-{:04}", n - n % 10 + 1).into();
        }
        writeln!(lines, "{line}").unwrap();
    }
    for n in (5..=size).step_by(10) {
        writeln!(lines, r#"{{"op":"task.cancel","id":"T-{n:04}"}}"#).unwrap();
    }
    lines
}

impl Store {
    fn new(size: usize) -> Store {
        let scene = Scene::new();
        scene.bare("hub.git");
        let (started, costs) = (
            scene.dir.path().join("started"),
            scene.dir.path().join("costs"),
        );
        let repo = scene.repo("a").when("2026-01-31T12:00:00Z");
        for n in 0..50 {
            repo.write(&format!("lib/f{n:02}.rs"), "fn f() {}\n");
        }
        repo.commit_all("Files");
        repo.pm(&["init"]).ok();
        repo.feed(crate::support::binary(), &["batch"], &batch(size))
            .ok();
        let globs: Vec<String> = (0..100).map(|n| format!("area{n:02}/**")).collect();
        let mut reserve = vec!["--as", "peer", "reserve", "add", "--ttl", "20h"];
        reserve.extend(globs.iter().map(String::as_str));
        repo.pm(&reserve).ok();
        repo.pm(&["reserve", "add", "mine/**"]).ok();
        // The first search builds the text index.
        repo.pm(&["search", "zanzibar"]).ok();
        let script = "echo \"$*\" >>\"$GIT_PM_TEST_STARTED\"; exec \"$REAL\" \"$@\"";
        let counted = repo
            .wrapping_git("counting", script)
            .with("GIT_PM_TEST_STARTED", started.to_str().unwrap())
            .with("GIT_PM_COSTS", costs.to_str().unwrap());
        Store {
            other: scene.at("b").when("2026-01-31T12:00:00Z"),
            _scene: scene,
            repo: counted,
            size,
            started,
            costs,
        }
    }

    /// An item of a full folder, alike in every store: the first of its ten is number 1.
    fn item(&self, n: usize) -> String {
        format!("T-{:04}", self.size - 100 + n)
    }

    /// The costs of a command, with the hooks that git runs for it.
    #[track_caller]
    fn cost(&self, args: &[&str]) -> Counts {
        for file in [&self.started, &self.costs] {
            std::fs::write(file, "").unwrap();
        }
        let before = loose(&self.repo.path);
        self.repo.pm(args).ok();
        let written: BTreeMap<_, _> = loose(&self.repo.path)
            .into_iter()
            .filter(|(path, _)| !before.contains_key(path))
            .collect();
        let lines = std::fs::read_to_string(&self.costs).unwrap();
        let lines: Vec<serde_json::Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert!(!lines.is_empty(), "`{args:?}` did not say what it cost");
        let sum = |key: &str| lines.iter().map(|line| line[key].as_u64().unwrap()).sum();
        let started = std::fs::read_to_string(&self.started).unwrap();
        let started = started.lines().count() as u64;
        let counted: u64 = sum("programs");
        assert!(
            started <= counted,
            "`{args:?}` started {started} git processes and counted {counted} programs"
        );
        [
            counted,
            sum("objects_read"),
            sum("bytes_read"),
            sum("index_steps"),
            sum("index_rows_written"),
            written.len() as u64,
            written.values().sum(),
        ]
    }

    /// Every command, one after the other.
    fn costs(&self) -> Vec<(&'static str, Counts)> {
        let mut all = Vec::new();
        let mut run = |name, args: &[&str]| all.push((name, self.cost(args)));
        run("show", &["show", &self.item(11), "--json"]);
        run("ready", &["ready", "--limit", "20", "--json"]);
        run("next", &["next", "--json"]);
        run("status", &["status", "--json"]);
        run("list", &["task", "list", "--limit", "50", "--json"]);
        run("epics", &["list", "is:epic", "--json"]);
        run("types", &["list", "type:docs", "--json"]);
        run("why", &["why", &self.item(13), "--json"]);
        run("search", &["search", "zanzibar", "--limit", "20", "--json"]);
        run("log", &["log", "--limit", "5", "--json"]);
        run(
            "create",
            &["task", "create", "One more", "--body", "As the others."],
        );
        run(
            "edit",
            &["task", "edit", &self.item(22), "--title", "Another title"],
        );
        run("cancel", &["task", "cancel", &self.item(33)]);
        run("reserve", &["reserve", "add", "docs/**"]);
        for n in 0..50 {
            self.repo
                .write(&format!("lib/f{n:02}.rs"), "fn f() { todo() }\n");
        }
        self.repo.git(&["add", "-A"]).ok();
        run("pre-commit", &["hook", "run", "pre-commit"]);
        self.repo.git(&["reset", "-q", "--hard"]).ok();
        run("start", &["start", &self.item(41), "--no-worktree"]);
        self.sync_both();
        run("sync", &["sync"]);
        self.settle_requests();
        all.push(("inbox", self.cost(&["msg", "inbox", "--json"])));
        all
    }

    /// Sends requests that are cancelled and seen.
    fn settle_requests(&self) {
        let mut cancelled = String::new();
        for n in 0..20 {
            let id = format!("T-{:04}", self.size - 250 + 10 * n);
            self.repo
                .pm(&["--offline", "msg", "delegate", &id, "--to", "peer"])
                .ok();
            writeln!(cancelled, r#"{{"op":"task.cancel","id":"{id}"}}"#).unwrap();
        }
        self.repo
            .feed(
                crate::support::binary(),
                &["--offline", "batch"],
                &cancelled,
            )
            .ok();
        self.repo.pm(&["msg", "read", "--limit", "0"]).ok();
    }

    /// Makes one change on each side of the hub.
    fn sync_both(&self) {
        self.repo
            .git(&["remote", "add", "origin", "../hub.git"])
            .ok();
        self.repo.git(&["push", "-q", "origin", "HEAD:main"]).ok();
        self.repo.pm(&["sync"]).ok();
        let at = self.repo.other("..");
        at.git(&["clone", "-q", "-b", "main", "hub.git", "b"]).ok();
        self.other.pm(&["init"]).ok();
        // The size of the first fetched state is computed as a whole, later ones by the difference.
        self.other
            .pm(&["task", "edit", &self.item(74), "--title", "First"])
            .ok();
        self.other.pm(&["sync"]).ok();
        self.repo.pm(&["sync"]).ok();
        // A fresh index, for when the text index merges its segments depends on the writes before.
        let index = self.repo.path.join(".git/pm/index.sqlite");
        std::fs::remove_file(index).expect("an index");
        self.repo.pm(&["list"]).ok();
        self.other
            .pm(&["task", "edit", &self.item(52), "--title", "From the other"])
            .ok();
        self.other.pm(&["sync"]).ok();
        self.repo
            .pm(&[
                "--offline",
                "task",
                "edit",
                &self.item(63),
                "--title",
                "From here",
            ])
            .ok();
    }
}

/// The loose objects of a repository, with their sizes.
fn loose(repo: &Path) -> BTreeMap<PathBuf, u64> {
    let mut found = BTreeMap::new();
    for folder in std::fs::read_dir(repo.join(".git/objects"))
        .unwrap()
        .flatten()
    {
        if folder.file_name().len() == 2 {
            for file in std::fs::read_dir(folder.path()).unwrap().flatten() {
                found.insert(file.path(), file.metadata().unwrap().len());
            }
        }
    }
    found
}

/// The highest allowed value where the table has `n`.
fn allowed(n: u64) -> u64 {
    n + n * SLACK / 100
}

/// What the larger store may cost more for its folders: their parent tree has an entry for each,
/// and is read and written with every change.
fn folders(what: &str) -> u64 {
    let [small, large] = SIZES;
    match what {
        "bytes written" => (large - small) as u64 / 100 * 30,
        _ => 0,
    }
}

/// Rounded for the table: the number of compressed bytes differs slightly from run to run.
fn rounded(rows: &[(&'static str, Counts)]) -> Vec<(&'static str, Counts)> {
    let round = |(name, mut counts): (_, Counts)| {
        for (count, what) in counts.iter_mut().zip(COUNTS) {
            if what.starts_with("bytes") {
                *count = count.next_multiple_of(100);
            }
        }
        (name, counts)
    };
    rows.iter().copied().map(round).collect()
}

fn table(rows: &[(&str, Counts)]) -> String {
    let mut text = format!("{:<12}", "command");
    for name in COUNTS {
        write!(text, " | {name}").unwrap();
    }
    for (name, counts) in rows {
        write!(text, "\n{name:<12}").unwrap();
        for (count, name) in counts.iter().zip(COUNTS) {
            write!(text, " | {count:>width$}", width = name.len()).unwrap();
        }
    }
    text + "\n"
}

fn read_table(text: &str) -> BTreeMap<String, Vec<u64>> {
    let rows = text.lines().skip(1).map(|line| {
        let mut cells = line.split('|').map(str::trim);
        let name = cells.next().unwrap_or_default().to_string();
        (name, cells.map(|cell| cell.parse().unwrap()).collect())
    });
    rows.collect()
}

#[test]
fn frequent_commands_cost_no_more_than_recorded_and_no_more_with_more_items() {
    let [small, large] = std::thread::scope(|scope| {
        let counting = SIZES.map(|size| scope.spawn(move || Store::new(size).costs()));
        counting.map(|counts| counts.join().unwrap())
    });
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/costs.txt");
    if std::env::var_os("GIT_PM_BLESS").is_some() {
        std::fs::write(&file, table(&rounded(&large))).unwrap();
    }
    let noted = read_table(&std::fs::read_to_string(&file).unwrap_or_default());
    let mut wrong = Vec::new();
    for ((name, few), (_, many)) in small.iter().zip(&large) {
        if READS.contains(name) && many[0] > 0 {
            wrong.push(format!(
                "`{name}` starts {} programs and should start none",
                many[0]
            ));
        }
        for (n, what) in COUNTS.iter().enumerate() {
            if many[n] > allowed(few[n]) + folders(what) {
                let (few, many) = (few[n], many[n]);
                let [small, large] = SIZES;
                wrong.push(format!(
                    "`{name}`: {what} grow from {few} at {small} items to {many} at {large}"
                ));
            }
            match noted.get(*name).and_then(|row| row.get(n)) {
                Some(before) if many[n] <= allowed(*before) => {}
                Some(before) => wrong.push(format!(
                    "`{name}`: {what} are {} and were {before}",
                    many[n]
                )),
                None => wrong.push(format!("`{name}`: {what} are not in {}", file.display())),
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "commands became slower:\n{}\n\nat {} items:\n{}\nat {} items:\n{}",
        wrong.join("\n"),
        SIZES[0],
        table(&small),
        SIZES[1],
        table(&large)
    );
}
