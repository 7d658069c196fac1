//! Files in the shapes that beads' files have, from a fixed seed. They are written as text from the
//! description of the format alone and share no code with the reader.

use std::fmt::Write;

/// The program that wrote a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// bd from 2025: content hashes, local offsets, numbered comments, mostly tombstones, unsorted.
    Sqlite,
    /// bd of 2026: a header, wrapped records with counts, UTC, memories behind.
    Dolt,
    /// The writer in Rust: plain escaping, levels everywhere.
    Rust,
    /// A town of agents: gates, molecules, wisps, slots, mistyped types.
    Town,
}

pub const SHAPES: [Shape; 4] = [Shape::Sqlite, Shape::Dolt, Shape::Rust, Shape::Town];

/// A generator of numbers (xorshift), so that a file is the same everywhere.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn roll(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }

    /// Once in `n`.
    fn hit(&mut self, n: usize) -> bool {
        self.roll(n) == 0
    }
}

/// A text as the shape's writer escapes it.
fn text(shape: Shape, text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out += "\\\"",
            '\\' => out += "\\\\",
            '\n' => out += "\\n",
            '\t' => out += "\\t",
            '\r' => out += "\\r",
            '<' | '>' | '&' | '\u{2028}' if shape != Shape::Rust => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c if (c as u32) < 32 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out + "\""
}

/// A time in the shape's form; the greater `n`, the later.
fn time(shape: Shape, n: usize) -> String {
    let (day, second) = (n / 86_400, n % 86_400);
    let date = format!("2025-{:02}-{:02}", 1 + day / 28 % 12, 1 + day % 28);
    let clock = format!(
        "{:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    );
    let rest = match shape {
        Shape::Dolt => "Z".to_string(),
        Shape::Rust => format!(".{:09}Z", n * 7919 % 1_000_000_000),
        _ => format!(
            ".{:06}{}",
            n * 7919 % 1_000_000,
            ["-08:00", "-07:00", "+11:00"][n % 3]
        ),
    };
    format!("\"{date}T{clock}{rest}\"")
}

const WORDS: [&str; 24] = [
    "daemon",
    "sync",
    "\"quoted\"",
    "lease",
    "<T>",
    "a && b",
    "café",
    "登录",
    "retry",
    "\u{2028}",
    "tab\there",
    "C:\\path",
    "race",
    "merge",
    "hook",
    "prefix",
    "🦀",
    "json",
    "window",
    "stale",
    "lock",
    "---",
    "cache",
    "`code`",
];

fn words(dice: &mut Dice, n: usize) -> String {
    let all: Vec<&str> = (0..n).map(|_| dice.one(&WORDS)).collect();
    all.join(" ")
}

fn prefix(shape: Shape) -> &'static str {
    match shape {
        Shape::Sqlite => "bd",
        Shape::Dolt => "dl",
        Shape::Rust => "br",
        Shape::Town => "gt",
    }
}

fn id(shape: Shape, n: usize) -> String {
    let mut code = String::new();
    let mut rest = n * 7_919 + 1_234;
    for _ in 0..4 {
        code.insert(
            0,
            char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[rest % 36]),
        );
        rest /= 36;
    }
    match (shape, n % 11) {
        (Shape::Town, 3) => format!("gt-mol-{code}"),
        (Shape::Town, 5) => format!("gt-wisp-{code}"),
        (Shape::Town, _) => format!("gt-{code}"),
        (_, 7) => format!("{}-{code}.{}", prefix(shape), n % 3 + 1),
        _ => format!("{}-{code}", prefix(shape)),
    }
}

/// Keys and values of one record, in order.
struct Record(Vec<(&'static str, String)>);

impl Record {
    fn put(&mut self, key: &'static str, value: impl Into<String>) {
        self.0.push((key, value.into()));
    }

    fn line(&self) -> String {
        let all: Vec<String> = self.0.iter().map(|(k, v)| format!("\"{k}\":{v}")).collect();
        format!("{{{}}}", all.join(","))
    }
}

/// One record.
fn record(dice: &mut Dice, shape: Shape, n: usize, total: usize) -> String {
    let mut r = Record(Vec::new());
    let s = |t: &str| text(shape, t);
    let name = id(shape, n);
    if shape == Shape::Dolt {
        r.put("_type", "\"issue\"");
    }
    r.put("id", s(&name));
    if shape == Shape::Sqlite {
        r.put("content_hash", format!("\"{:064x}\"", n * 31));
    }
    let title = words(dice, 5);
    r.put("title", s(&title));
    if !dice.hit(4) {
        let body = format!(
            "## {}\n\n{}\n\r\n- {}\n",
            words(dice, 2),
            words(dice, 40),
            words(dice, 9)
        );
        r.put("description", s(&body));
    }
    for key in ["design", "acceptance_criteria", "notes"] {
        if dice.hit(5) {
            let value = words(dice, 12);
            r.put(key, s(&value));
        }
    }
    // Tombstones dominate the files of the first year.
    let dead = matches!(shape, Shape::Sqlite | Shape::Town) && dice.roll(100) < 55;
    let status = if dead {
        "tombstone"
    } else {
        match shape {
            Shape::Town => dice.one(&[
                "open",
                "closed",
                "closed",
                "hooked",
                "pinned",
                "in_progress",
                "in_flight",
            ]),
            _ => dice.one(&[
                "open",
                "closed",
                "closed",
                "in_progress",
                "blocked",
                "deferred",
            ]),
        }
    };
    r.put("status", s(status));
    r.put("priority", dice.roll(5).to_string());
    let kind = match shape {
        Shape::Town => dice.one(&[
            "agent",
            "gate",
            "molecule",
            "merge-request",
            "convoy",
            "role",
            "rig",
            "slot",
            "message",
            "not_a_real_type",
        ]),
        _ => dice.one(&["bug", "feature", "task", "epic", "chore", "decision"]),
    };
    r.put("issue_type", s(kind));
    if dice.hit(3) {
        r.put(
            "assignee",
            s(dice.one(&["emma", "beads/crew/emma", "ana@example.org"])),
        );
    }
    if dice.hit(6) {
        r.put("owner", "\"ana@example.org\"");
    }
    if dice.hit(9) {
        r.put("estimated_minutes", (dice.roll(20) * 15).to_string());
    }
    let born = n * 613;
    r.put("created_at", time(shape, born));
    if dice.hit(2) {
        r.put("created_by", s(dice.one(&["emma", "mayor"])));
    }
    let updated = born + dice.roll(90_000);
    r.put("updated_at", time(shape, updated));
    if status == "closed" {
        r.put("closed_at", time(shape, updated));
        r.put(
            "close_reason",
            s(dice.one(&["Closed", "done & merged", "wontfix <for now>"])),
        );
    }
    if status == "deferred" {
        r.put("defer_until", time(shape, updated + 9_000_000));
    }
    if shape == Shape::Sqlite {
        r.put("source_repo", "\".\"");
    }
    if dice.hit(7) {
        r.put("external_ref", s(&format!("gh-{n}")));
    }
    if dice.hit(8) {
        r.put(
            "metadata",
            format!("{{\"n\":{n},\"z\":[1.50,true,null],\"a\":{{\"k\":\"v\"}}}}"),
        );
    }
    if shape == Shape::Rust {
        r.put("compaction_level", "0");
        r.put("original_size", "0");
    }
    if dice.hit(3) {
        r.put(
            "labels",
            format!(
                "[{}]",
                ["\"zeta\"", "\"alpha\"", "\"team:auth\""][..1 + dice.roll(3)].join(",")
            ),
        );
    }
    let mut edges = Vec::new();
    for _ in 0..dice.roll(3) {
        let to = match dice.roll(20) {
            0 => format!("bd-gone{}", dice.roll(9)),
            1 => "external:other:bd-1".to_string(),
            _ => id(shape, dice.roll(total)),
        };
        let kind = match shape {
            Shape::Town => dice.one(&[
                "blocks",
                "parent-child",
                "waits-for",
                "tracks",
                "parent_child",
                "blocked-by",
                "conditional-blocks",
            ]),
            _ => dice.one(&[
                "blocks",
                "blocks",
                "parent-child",
                "related",
                "discovered-from",
                "relates-to",
            ]),
        };
        let more = match (shape, kind) {
            (Shape::Rust, _) => ",\"metadata\":\"{}\",\"thread_id\":\"\"",
            (_, "waits-for") => ",\"metadata\":\"{\\\"gate\\\":\\\"any-children\\\"}\"",
            _ => "",
        };
        edges.push(format!(
            "{{\"issue_id\":{},\"depends_on_id\":{},\"type\":\"{kind}\",\"created_at\":{},\"created_by\":\"emma\"{more}}}",
            s(&name), s(&to), time(shape, born + 5)
        ));
    }
    let count = edges.len();
    if count > 0 {
        r.put("dependencies", format!("[{}]", edges.join(",")));
    }
    let notes = if dice.hit(6) { 1 + dice.roll(3) } else { 0 };
    if notes > 0 {
        let all: Vec<String> = (0..notes)
            .map(|k| {
                let number = n * 4 + k;
                let id = match shape {
                    Shape::Dolt | Shape::Town => format!("\"019b{number:04x}-0000-7000-8000-{number:012x}\""),
                    _ => number.to_string(),
                };
                format!(
                    "{{\"id\":{id},\"issue_id\":{},\"author\":\"emma\",\"text\":{},\"created_at\":{}}}",
                    s(&name), s(&words(dice, 12)), time(shape, born + 60 + k)
                )
            })
            .collect();
        r.put("comments", format!("[{}]", all.join(",")));
    }
    if status == "tombstone" {
        r.put("deleted_at", time(shape, updated));
        r.put("deleted_by", "\"daemon\"");
        r.put("delete_reason", "\"delete\"");
        r.put("original_type", s(kind));
    }
    if shape == Shape::Town {
        town(dice, &mut r, kind, n);
    }
    if shape == Shape::Dolt {
        r.put("dependency_count", count.to_string());
        r.put("dependent_count", dice.roll(4).to_string());
        r.put("comment_count", notes.to_string());
    }
    r.line()
}

/// Keys that only a town of agents uses.
fn town(dice: &mut Dice, r: &mut Record, kind: &str, n: usize) {
    if dice.hit(5) {
        r.put("sender", "\"mayor/\"");
    }
    if dice.hit(6) {
        r.put("ephemeral", "true");
        r.put("wisp_type", "\"patrol\"");
    }
    if dice.hit(9) {
        r.put("pinned", "true");
    }
    if kind == "molecule" {
        r.put("is_template", "true");
        r.put(
            "bonded_from",
            format!(
                "[{{\"source_id\":\"gt-{n}\",\"bond_type\":\"parallel\",\"bond_point\":\"\"}}]"
            ),
        );
    }
    if kind == "gate" {
        r.put("await_type", "\"gh:run\"");
        r.put("await_id", "\"release.yml\"");
        r.put("timeout", "1800000000000");
        r.put("waiters", "[\"gt/crew/a\",\"gt/crew/b\"]");
    }
    if kind == "agent" {
        r.put("agent_state", "\"idle\"");
        r.put("hook_bead", "\"\"");
        r.put("role_type", "\"polecat\"");
        r.put("rig", "\"gastown\"");
        r.put("last_activity", "\"2026-01-17T04:18:04Z\"");
        r.put("payload", "\"{\\\"k\\\":1}\"");
    }
}

/// A file of `n` records.
pub fn file(shape: Shape, n: usize, seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let mut lines: Vec<(String, String)> = (0..n)
        .map(|k| (id(shape, k), record(&mut dice, shape, k, n)))
        .collect();
    // Ids that occur twice, with different content.
    for k in 0..n / 40 {
        let twin = dice.roll(n);
        if shape != Shape::Dolt && k % 2 == 0 {
            lines.push((id(shape, twin), record(&mut dice, shape, twin, n)));
        }
    }
    match shape {
        // In the order of the database.
        Shape::Sqlite => lines.reverse(),
        _ => lines.sort_by(|a, b| a.0.cmp(&b.0)),
    }
    let mut out = String::new();
    if shape == Shape::Dolt {
        out +=
            "{\"_schema\":\"beads-jsonl/1\",\"_dolt_branch\":\"main\",\"_sort\":\"stable-v1\"}\n";
    }
    for (_, line) in lines {
        out += &line;
        out.push('\n');
    }
    if shape == Shape::Dolt {
        for k in 0..3 {
            let _ = writeln!(
                out,
                "{{\"_type\":\"memory\",\"key\":\"aard{k}\",\"value\":\"<kept> as {k}\"}}"
            );
        }
    }
    out
}
