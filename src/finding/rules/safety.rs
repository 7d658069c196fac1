//! What must never be committed: secrets and the markers of conflicts.

use git_pm_secret::{Hit, scan};

use super::files::{Role, is_sample, listed, mentions};
use super::language::Lang;
use super::report::{At, Report, quoted};
use super::view::{Changed, View};

/// The most secrets that are reported of a file.
const SECRETS_MAX: usize = 50;

/// Secrets in added lines. Runs first, since no other quote may show a line that has one.
pub(super) fn secrets(views: &[View<'_>], report: &mut Report) {
    for view in views.iter().filter(|view| !view.file.is_submodule()) {
        let mut found = 0;
        for lines in view.added.chunk_by(|a, b| a.hunk == b.hunk) {
            let mut text = String::new();
            let mut starts = Vec::with_capacity(lines.len());
            for changed in lines {
                starts.push(text.len());
                text.push_str(&changed.line.text);
                text.push('\n');
            }
            for hit in scan(&text) {
                let first = starts.partition_point(|start| *start <= hit.start) - 1;
                let last = starts.partition_point(|start| *start < hit.end) - 1;
                for changed in &lines[first..=last] {
                    report.hide(view.path(), changed.line.number);
                }
                let changed = lines[first];
                found += 1;
                if found > SECRETS_MAX || !counts(view, changed, &hit) {
                    continue;
                }
                let line = &changed.line.text;
                let start = hit.start - starts[first];
                let after = line.get(hit.end - starts[first]..).unwrap_or_default();
                let quote = quoted(&format!(
                    "{}[redacted: {}]{after}",
                    &line[..start],
                    hit.rule
                ));
                let claim = format!("`{}` contains {}.", view.path(), hit.title);
                report.add_quoting(
                    "secret",
                    claim,
                    At::added(view.path(), changed.line),
                    Some(quote),
                );
            }
        }
    }
}

/// True unless the base has the line already, or the secret is one of those that tests and documents
/// make up: only a token in the form of its issuer counts there.
fn counts(view: &View<'_>, changed: Changed<'_>, hit: &Hit) -> bool {
    const MADE_UP: &str = "assigned-secret connection-string jwt authorization-header private-key";
    const LOCAL: &str = "localhost 127.0.0.1 @db @postgres @mysql @redis @mongo @rabbit";
    let sample = view.role_of(changed.line) == Role::Test || is_sample(view.path());
    let here = hit.rule == "connection-string" && mentions(LOCAL, &changed.line.text);
    let checksum = hit.rule == "assigned-secret" && view.role == Role::Foreign;
    !(changed.moved || here || checksum || sample && listed(MADE_UP, hit.rule))
}

/// The markers that git writes into files with conflicts. A line of `=` alone is none: it underlines
/// titles. Neither is what a string, a test or a block of an explanation quotes.
pub(super) fn conflicts(views: &[View<'_>], report: &mut Report) {
    for view in views {
        let is_marker = |changed: &&Changed<'_>| {
            let text = changed.line.text.as_str();
            let marked = ["<<<<<<< ", ">>>>>>> ", "||||||| "]
                .iter()
                .any(|mark| text.starts_with(mark));
            let plain = view.lang == Lang::Other
                || view.role == Role::Foreign
                || view.new.get(changed.line.number).is_some_and(|parts| {
                    let first = |part: &str| part.as_bytes().first() == text.as_bytes().first();
                    first(&parts.code) || first(&parts.comment)
                });
            marked && plain && !changed.moved
        };
        let mut markers = view.added.iter().filter(is_marker);
        let Some(first) = markers.next() else {
            continue;
        };
        // Half of a conflict in a test or a document is more likely an example.
        let further = markers.count();
        let lone = further == 0;
        if lone && (view.role == Role::Test || matches!(view.lang, Lang::Markdown | Lang::Other)) {
            continue;
        }
        // With their number, so that a dismissal of some does not cover others.
        let count = match lone {
            true => "a marker".into(),
            false => format!("{} markers", further + 1),
        };
        let claim = format!(
            "`{}` contains {count} of an unresolved conflict.",
            view.path()
        );
        let at = At::file_at(view.path(), Some(first.line));
        report.add("conflict-marker", claim, at);
    }
}
