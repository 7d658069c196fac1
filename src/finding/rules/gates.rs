//! Whether a change weakens what decides about changes: checks of CI and hooks, thresholds, exceptions.
//!
//! Also lists of what is ignored. What one line says is among the patterns.

use std::collections::HashMap;

use ::regex::Regex;

use crate::diff::{Fate, Hunk, Line};
use crate::model::text::{first_of, head};

use super::files::{is_ci, mentions};
use super::lex::LINE_MAX;
use super::report::{At, Report};
use super::view::View;

/// The settings of checkers that have lists of what they ignore, or thresholds.
const SETTINGS: &str = "pyproject.toml setup.cfg tox.ini .flake8 ruff.toml .pylintrc .coveragerc codecov nyc c8rc jest vitest \
    package.json Makefile noxfile phpunit build.gradle simplecov .yml .yaml justfile clippy.toml eslint";

/// Adds what is wrong with gates.
pub(super) fn review(views: &[View<'_>], report: &mut Report) {
    for view in views {
        // Whether it still asks for a coverage.
        let asks = |text: &str| regex!("(?i)fail[_-]under").is_match(text);
        let kept = view.new_text.is_none_or(asks);
        for hunk in &view.file.hunks {
            if mentions(SETTINGS, view.path()) {
                numbers(view.path(), hunk, kept, report);
            }
        }
    }
    lost(views, report);
    let version = |line: &Line| {
        let line = line.text.trim();
        line.is_empty() || line.starts_with('#') || mentions("uses: rev: version", line)
    };
    let takes = |view: &&View<'_>| {
        is_ci(view.path()) && !view.generated && !view.file.removed().all(version)
    };
    let touched: Vec<&str> = views.iter().filter(takes).map(View::path).collect();
    if !touched.is_empty() {
        let claim = format!(
            "The change takes something out of CI or hooks: {}.",
            first_of(&touched, 3)
        );
        report.add("gate-changed", claim, At::default());
    }
}

fn text(line: &Line) -> &str {
    head(&line.text, LINE_MAX)
}

/// The kinds of checks, and what runs them: a check may be replaced by another one of its kind.
#[rustfmt::skip]
fn kinds() -> [(&'static str, &'static Regex); 4] {
    [
        ("tests", regex!(r"pytest|cargo (\S+ )?(test|nextest)|(npm|yarn|pnpm|bun)( run)? t(est)?\b|go test|rspec|(rake|rails) test|\bjest\b|\bvitest\b|phpunit|mvn\b.*\b(test|verify)|gradlew?\b.*\b(test|check)|dotnet test|make (test|check)|\btox\b|\bnox\b|swift test|ctest")),
        ("lints", regex!(r"clippy|eslint|ruff|flake8|pylint|rubocop|golangci-lint|go vet|staticcheck|(npm|yarn|pnpm|bun)( run)? lint|phpcs|ktlint|checkstyle|biome|oxlint|make lint|swiftlint|standardrb|shellcheck")),
        ("type checks", regex!(r"\bmypy\b|pyright|\btsc\b|(npm|yarn|pnpm|bun)( run)? type-?check|phpstan|psalm|vue-tsc")),
        ("audits", regex!(r"cargo (audit|deny)|npm audit|pip-audit|bandit|brakeman|govulncheck|codeql|trivy|gitleaks|semgrep|zizmor")),
    ]
}

/// A kind of check that no gate of the change runs any more, and a trigger that is gone.
fn lost(views: &[View<'_>], report: &mut Report) {
    let gates: Vec<&View<'_>> = views.iter().filter(|view| is_ci(view.path())).collect();
    for (kind, check) in kinds() {
        let runs = |line: &str| {
            check.is_match(line) && !line.trim_start().starts_with('#') && !line.contains("install")
        };
        let remains = gates.iter().any(|view| {
            let new = view.new_text.unwrap_or_default().lines();
            new.map(|line| head(line, LINE_MAX)).any(runs)
                || view.file.added().any(|line| runs(text(line)))
        });
        let gone = gates
            .iter()
            .find_map(|view| Some((view, view.file.removed().find(|line| runs(text(line)))?)));
        if let Some((view, line)) = gone.filter(|_| !remains) {
            let claim = format!("`{}` no longer runs {kind}.", view.path());
            report.add("gate-weakened", claim, At::removed(view.path(), line));
        }
    }
    for view in gates.iter().filter(|view| view.file.fate == Fate::Modified) {
        let new = view.new_text.unwrap_or("pull_request merge_group");
        let mut dropped = ["pull_request", "merge_group"].to_vec();
        dropped.retain(|event| !new.contains(event));
        let trigger = |line: &&Line| {
            let event = text(line)
                .trim()
                .trim_start_matches("- ")
                .trim_end_matches(':');
            dropped.contains(&event)
        };
        if let Some(line) = view.file.removed().find(trigger) {
            let claim = format!("`{}` no longer runs for pull requests.", view.path());
            report.add("gate-weakened", claim, At::removed(view.path(), line));
        }
    }
}

/// True for a file that has settings of checkers alone, or of checkers among others.
fn is_checker(path: &str) -> bool {
    let names = "clippy.toml eslint flake8 ruff.toml pylintrc rubocop golangci pyproject.toml setup.cfg tox.ini biome sonar detekt checkstyle";
    mentions(names, path)
}

/// Thresholds that are lower than before, limits that are higher, and lists of ignored checks that are
/// longer.
fn numbers(path: &str, hunk: &Hunk, kept: bool, report: &mut Report) {
    type Named = Option<(String, f64)>;
    let threshold = |line: &Line| -> Named {
        let found = regex!(r#"(?i)(fail[_-]under|minimum_coverage|min(?:imum)?[_-]?coverage|coverage[_-]?threshold|branches|functions|lines|statements|target|fail-under-lines|minimum)["']?\s*[:=\s]\s*["']?(\d+(?:\.\d+)?)"#).captures(text(line))?;
        let name = found[1].to_lowercase();
        let named = mentions("cov under", &name)
            || mentions("jest vitest codecov nyc c8rc package.json gradle", path);
        Some((name, found[2].parse().ok()?)).filter(|_| named)
    };
    // How complex or long code may be before a checker complains.
    let limit = |line: &Line| -> Named {
        let found = regex!(
            r#"(?i)^\s*["']?([\w-]*(?:complexity|max-|max_|too-many)[\w-]*)["']?\s*[:=]\D*(\d+)"#
        )
        .captures(text(line))?;
        Some((found[1].to_lowercase(), found[2].parse().ok()?)).filter(|_| is_checker(path))
    };
    let ignored = |line: &Line| -> Named {
        let found = regex!(r#"^\s*["']?((?:extend-|lint\.)*(?:ignore|disable|select_ignore|omit|ignore_errors))["']?\s*[:=]\s*(.*\w.*)$"#).captures(text(line))?;
        let all = found[2].split([',', ' ']).filter(|part| part.len() > 2);
        Some((found[1].to_owned(), all.count() as f64))
    };
    let mut compare = |read: &dyn Fn(&Line) -> Named, sign: f64, rule, does: &str| {
        let old: HashMap<String, f64> = hunk.removed.iter().filter_map(read).collect();
        for line in &hunk.added {
            if let Some((name, value)) = read(line)
                && let Some(before) = old.get(&name)
                && (value - before) * sign > 0.0
            {
                let claim = format!("`{path}` {does} `{name}` from {before} to {value}.");
                report.add(rule, claim, At::added(path, line));
            }
        }
    };
    compare(&threshold, -1.0, "coverage-lowered", "lowers");
    compare(&limit, 1.0, "check-loosened", "raises");
    compare(&ignored, 1.0, "check-loosened", "lengthens");
    let asked = |line: &&Line| threshold(line).is_some_and(|(name, _)| name.contains("under"));
    if let Some(line) = hunk.removed.iter().find(asked).filter(|_| !kept) {
        let claim = format!("`{path}` no longer asks for coverage.");
        report.add("coverage-lowered", claim, At::removed(path, line));
    }
}
