//! Order from what a task makes and uses: the schema before the query, the parser before the report.
//! A task waits for one that makes something lower and whose subject its own text names.

use super::candidate::{Cause, TaskCandidate};
use super::edge_set::{Link, Links};
use super::similarity::words;
use super::task_criteria::Content;
use super::terms::terms;
use std::collections::{BTreeMap, BTreeSet};

/// What a title says a task makes, from the ground up. A word counts from its first letters.
const LAYERS: &[&[&str]] = &[
    &[
        "skeleton",
        "scaffold",
        "bootstrap",
        "architect",
        "foundation",
        "workspace",
        "repository",
        "setup",
        "프로젝트",
        "脚手架",
    ],
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
    &[
        "client", "adapter", "loader", "load", "import", "ingest", "captur", "collect", "parser",
        "pars", "reader", "connect", "auth", "signal", "fetch", "upload", "session", "source",
        "integrat", "provider", "로더", "수집", "파싱", "녹화", "解析", "采集", "取得", "収集",
    ],
    &[
        "engine", "comput", "calculat", "detect", "validat", "valid", "index", "process", "analy",
        "score", "scoring", "match", "classif", "metric", "evaluat", "rule", "rules", "schedul",
        "queue", "sync", "실행", "감지", "분석", "計算", "检测", "处理",
    ],
    &[
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
    ],
    &[
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
    &[
        "report",
        "summar",
        "timeline",
        "highlight",
        "리포트",
        "보고서",
        "报告",
        "レポート",
    ],
    &[
        "docker",
        "package",
        "packag",
        "deploy",
        "deployment",
        "release",
        "documentation",
        "docs",
        "readme",
        "test",
        "tests",
        "testing",
        "demo",
        "benchmark",
        "rollout",
        "hardening",
        "테스트",
        "测试",
        "テスト",
        "문서",
        "文档",
    ],
];

/// The layer of a task whose title names none: it may wait for others, and none waits for it.
const MIDDLE: usize = 4;

/// Tasks farther apart than this are not compared.
const FAR: usize = 100;

/// Tasks whose texts are less alike have nothing to do with one another (cosine of the weighted terms).
const ALIKE: f64 = 0.05;

/// The layer of a title: its last word that names one. A title of what a user can do names none: no
/// other task is built on such a task.
fn layer(title: &str) -> Option<usize> {
    if title.starts_with("Let ") {
        return None;
    }
    let head = title.split(['(', '（']).next().unwrap_or(title);
    words(head).iter().rev().find_map(|word| {
        LAYERS.iter().position(|layer| {
            layer.iter().any(|known| {
                let dense = !known.is_ascii();
                word == known
                    || (known.len() >= 5 || dense) && word.starts_with(known)
                    || dense && word.contains(known)
            })
        })
    })
}

/// The layer of a task.
pub(super) fn layer_of(candidate: &TaskCandidate) -> usize {
    layer(&candidate.title).unwrap_or(MIDDLE)
}

/// The terms of a text, each cut to the beginning that its forms share.
fn roots(text: &str) -> BTreeSet<String> {
    terms(text)
        .into_iter()
        .map(|term| term.chars().take(6).collect())
        .collect()
}

/// Adds the edges: each task waits for the one before it, on a lower layer, that it shares most with.
pub(super) fn add(candidates: &[TaskCandidate], contents: &[Content], links: &mut Links) {
    let layers: Vec<Option<usize>> = candidates.iter().map(|one| layer(&one.title)).collect();
    let texts: Vec<BTreeSet<String>> = candidates
        .iter()
        .zip(contents)
        .map(|(one, content)| roots(&text(one, content)))
        .collect();
    let mut spread: BTreeMap<&str, usize> = BTreeMap::new();
    for term in texts.iter().flatten() {
        *spread.entry(term).or_default() += 1;
    }
    let count = candidates.len() as f64;
    let worth = |term: &String| {
        let of = spread.get(term.as_str()).copied().unwrap_or(1) as f64;
        ((1.0 + count / of).ln() - std::f64::consts::LN_2)
            .max(0.0)
            .powi(2)
    };
    let lengths: Vec<f64> = texts
        .iter()
        .map(|text| text.iter().map(worth).sum::<f64>().sqrt())
        .collect();
    for (task, this) in candidates.iter().enumerate() {
        if this.cause == Cause::Verify {
            continue;
        }
        let mut best: Option<(f64, usize)> = None;
        for on in task.saturating_sub(FAR)..task {
            let below = layers[on].is_some_and(|on| on < layers[task].unwrap_or(MIDDLE));
            let length = lengths[on] * lengths[task];
            if !below || length <= 0.0 || candidates[on].cause == Cause::Verify {
                continue;
            }
            let shared = texts[task].intersection(&texts[on]).map(worth).sum::<f64>();
            let alike = shared / length;
            if alike >= ALIKE && best.is_none_or(|(most, _)| alike > most) {
                best = Some((alike, on));
            }
        }
        let Some((_, on)) = best else { continue };
        let reason = format!("it uses what “{}” makes", candidates[on].title);
        links.add(
            candidates,
            Link::soft(task, on, "uses", this.lines.start, reason),
        );
    }
}

fn text(candidate: &TaskCandidate, content: &Content) -> String {
    let mut text = candidate.title.clone();
    let criteria = content.acceptance.iter().map(|criterion| &criterion.text);
    for line in criteria.chain(content.remarks.iter().map(|line| &line.text)) {
        text.push(' ');
        text.push_str(line);
    }
    text
}
