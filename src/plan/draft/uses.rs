//! Order from what a task makes: what brings data in comes before what works on it and what shows it.

use super::candidate::{Cause, TaskCandidate};
use super::edge_set::{Link, Links};
use super::similarity::words;

/// The part of a system that a task makes. A word counts from its first letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The shape of data, which is no part of its own.
    Shape,
    /// What brings data in.
    Source,
    /// What works on data or shows it.
    Use,
}

/// Words for the parts. The last of a title that is one decides: `Import settings` is about settings.
const WORDS: &[(Part, &[&str])] = &[
    (
        Part::Shape,
        &[
            "schema",
            "model",
            "models",
            "migrat",
            "entit",
            "table",
            "tables",
            "database",
            "storage",
            "config",
            "setting",
            "input",
            "format",
            "shape",
            "payload",
            "type",
            "types",
            "identity",
            "policy",
            "polic",
            "atomic",
            "concurrenc",
            "convention",
            "protocol",
            "template",
            "데이터",
            "스키마",
            "모델",
            "설정",
            "입력",
            "数据",
            "模型",
            "配置",
            "データ",
            "設定",
            "スキーマ",
        ],
    ),
    (
        Part::Source,
        &[
            "client", "adapter", "loader", "load", "import", "ingest", "captur", "collect",
            "parser", "pars", "reader", "connect", "auth", "signal", "fetch", "upload", "session",
            "source", "integrat", "provider", "로더", "수집", "파싱", "녹화", "解析", "采集",
            "取得", "収集",
        ],
    ),
    (
        Part::Use,
        &[
            "engine",
            "comput",
            "calculat",
            "detect",
            "validat",
            "valid",
            "index",
            "process",
            "analy",
            "score",
            "scoring",
            "match",
            "classif",
            "metric",
            "evaluat",
            "rule",
            "rules",
            "schedul",
            "queue",
            "sync",
            "실행",
            "감지",
            "분석",
            "計算",
            "检测",
            "处理",
            "create",
            "creation",
            "dispatch",
            "launch",
            "execut",
            "run",
            "runner",
            "api",
            "endpoint",
            "service",
            "tool",
            "tools",
            "command",
            "commands",
            "search",
            "list",
            "stats",
            "랭킹",
            "ranking",
            "rank",
            "suggest",
            "recommend",
            "notif",
            "alert",
            "delet",
            "cleanup",
            "삭제",
            "알림",
            "搜索",
            "検索",
            "display",
            "view",
            "screen",
            "page",
            "ui",
            "dashboard",
            "panel",
            "widget",
            "form",
            "menu",
            "output",
            "print",
            "graph",
            "chart",
            "json",
            "alias",
            "export",
            "flag",
            "show",
            "그래프",
            "화면",
            "界面",
            "画面",
        ],
    ),
];

/// Tasks farther apart than this are not compared.
const FAR: usize = 100;

/// The part that a title names. A title of what a user can do names none: no other task is built on
/// such a task.
fn part(title: &str) -> Option<Part> {
    if title.starts_with("Let ") {
        return None;
    }
    let head = title.split(['(', '（']).next().unwrap_or(title);
    let names = |known: &str, word: &str| {
        let dense = !known.is_ascii();
        word == known
            || (known.len() >= 5 || dense) && word.starts_with(known)
            || dense && word.contains(known)
    };
    words(head).iter().rev().find_map(|word| {
        let mut parts = WORDS.iter();
        let found = parts.find(|(_, known)| known.iter().any(|known| names(known, word)));
        found.map(|(part, _)| *part)
    })
}

/// Adds the edges: what works on data waits for the tasks before it that bring data in.
pub(super) fn add(candidates: &[TaskCandidate], links: &mut Links) {
    let counts = |task: &TaskCandidate| task.cause != Cause::Verify;
    let part = |task: &TaskCandidate| part(&task.title).filter(|_| counts(task));
    let parts: Vec<Option<Part>> = candidates.iter().map(part).collect();
    for (task, this) in candidates.iter().enumerate() {
        if parts[task] != Some(Part::Use) {
            continue;
        }
        for on in task.saturating_sub(FAR)..task {
            if parts[on] == Some(Part::Source) {
                let reason = format!("it uses what “{}” makes", candidates[on].title);
                let link = Link::soft(task, on, "uses", this.lines.start, reason);
                links.add(candidates, link);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_that_names_a_part_decides() {
        for (title, wanted) in [
            ("CSV loader", Some(Part::Source)),
            ("Import settings", Some(Part::Shape)),
            ("Search the imports", Some(Part::Source)),
            ("Match payments (bank adapter)", Some(Part::Use)),
            ("Let a member search", None),
            ("Garden", None),
        ] {
            assert_eq!(part(title), wanted, "{title}");
        }
    }
}
