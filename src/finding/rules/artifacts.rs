//! Files that people did not write, and kinds of files that cannot be reviewed or lead elsewhere.

use crate::diff::Fate;
use crate::model::text::{bytes, head};

use super::change::Change;
use super::files::{
    Role, ends, is_aside, is_lock, is_migration, is_vendored, listed, locks_of, split,
};
use super::lex::Lexed;
use super::report::{At, Report};
use super::view::{Changed, View, generated_mark};

/// The most vendored or generated files that change when one is edited by hand; more are an update.
const BY_HAND_MAX: usize = 3;

/// The pictures, sounds and fonts that programs and documents show.
const MEDIA: &str = ".png .jpg .jpeg .gif .webp .avif .ico .icns .svg .bmp .woff .woff2 .ttf .otf .eot .mp3 .mp4 .webm .ogg .wav .pdf";

/// Extensions of what files are generated from.
const SOURCES: &str = ".proto .graphql .gql .thrift .sql .y .l .g4 .peg .pest .tmpl .tpl .j2 .jinja .erb .mako .in .fbs .avsc .xsd .wit .idl .prisma";

/// Words in paths of generators.
const GENERATORS: &str =
    "gen codegen generate generator schema template templates openapi swagger scripts tools build";

/// Adds what is wrong with files as such.
pub(super) fn review(change: &Change<'_>, views: &[View<'_>], report: &mut Report) {
    let vendored =
        |view: &&View<'_>| is_vendored(view.path()) || change.facts.vendored.contains(view.path());
    let update = views.iter().any(|view| {
        locks_of(view.path()).is_some()
            || is_lock(view.path())
            || view.path().ends_with("modules.txt")
            || vendored(&view) && view.file.fate != Fate::Modified
    }) || views.iter().filter(vendored).count() > BY_HAND_MAX;
    let generated = views.iter().filter(|view| view.generated).count();
    for view in views {
        let (file, path, fate) = (view.file, view.path(), view.file.fate);
        let first = view.added.first().or(view.removed.first());
        let line = view.added.first().map(|changed| changed.line);
        let at = At::file_at(path, line);
        if is_migration(path) && view.role != Role::Test {
            migration(view, report);
        }
        if vendored(&view) && !update && first.is_some() {
            report.add(
                "vendored-edited",
                format!("`{path}` belongs to a vendored dependency."),
                at,
            );
        } else if view.generated
            && fate == Fate::Modified
            && generated <= BY_HAND_MAX
            && first.is_some()
            && !is_lock(path)
            && !has_source(view, views)
        {
            let claim = format!("`{path}` is generated, but what it is made from does not change.");
            report.add("generated-edited", claim, at);
        }
        if file.is_submodule() {
            report.add(
                "submodule-changed",
                format!("The submodule `{path}` changes."),
                At::file(path),
            );
        } else if file.is_symlink() && first.is_some_and(|to| escapes(path, &to.line.text)) {
            let claim = format!("The link `{path}` leads out of the repository.");
            // Each place that it leads to is a finding of its own.
            let at = line.map_or(at, |line| At::added(path, line));
            report.add("symlink-escapes", claim, at);
        }
        size(change.facts.limits.file_bytes, view, report);
    }
}

fn size(limit: u64, view: &View<'_>, report: &mut Report) {
    let (file, path) = (view.file, view.path());
    let at = At::file(path);
    if file.fate != Fate::Deleted && file.bytes > limit && !is_lock(path) {
        report.add(
            "file-large",
            format!(
                "`{path}` has {}; the limit is {}.",
                bytes(file.bytes),
                bytes(limit)
            ),
            at,
        );
    } else if file.fate == Fate::Added
        && file.binary
        && view.role != Role::Test
        && !is_aside(path)
        && !ends(MEDIA, &path.to_ascii_lowercase())
    {
        report.add("binary-added", format!("`{path}` is binary."), at);
    }
}

fn migration(view: &View<'_>, report: &mut Report) {
    let path = view.path();
    let says = |lines: &[Changed<'_>], lexed: &Lexed| {
        lines.iter().any(|changed| {
            let code = lexed
                .get(changed.line.number)
                .map_or("", |parts| parts.code.trim());
            !changed.moved && !code.is_empty()
        })
    };
    if view.is_new() {
        report.add(
            "migration-added",
            format!("The migration `{path}` is new."),
            At::file(path),
        );
    } else if view.file.fate != Fate::Deleted
        && (says(&view.added, &view.new) || says(&view.removed, &view.old))
    {
        let at = view.added.iter().find(|changed| !changed.moved);
        let at = At::file_at(path, at.map(|changed| changed.line));
        report.add(
            "migration-edited",
            format!("The migration `{path}` is edited."),
            at,
        );
    }
}

/// True if something changes that a generated file may be made from, or its mark does: that names the
/// version of the generator.
fn has_source(view: &View<'_>, views: &[View<'_>]) -> bool {
    let text = view.new_text.unwrap_or_default();
    let mark = generated_mark(text).unwrap_or_default();
    let start = head(text, 2_000);
    let stem = |path: &str| {
        let name = split(path).1.split('.').next().unwrap_or_default();
        name.trim_end_matches("_pb2").to_owned()
    };
    let own = stem(view.path());
    let mut others = views.iter().filter(|other| !std::ptr::eq(*other, view));
    let makes = |other: &View<'_>| {
        let path = other.path();
        let mut words = path.split(|c: char| !c.is_alphanumeric());
        ends(SOURCES, path)
            || words.any(|part| listed(GENERATORS, part))
            || locks_of(path).is_some()
            || stem(path) == own && !other.generated
            || start.contains(split(path).1)
    };
    view.added.iter().any(|changed| changed.line.text == mark) || others.any(makes)
}

/// True if a link at a path leads out of the repository.
fn escapes(path: &str, target: &str) -> bool {
    let mut depth = path.matches('/').count() as i64;
    let mut part = |part: &str| {
        depth += match part {
            ".." => -1,
            "" | "." => 0,
            // What git keeps there is not the repository's.
            git if git.eq_ignore_ascii_case(".git") => i64::MIN / 2,
            _ => 1,
        };
        depth < 0
    };
    target.starts_with('/') || target.get(1..3) == Some(":\\") || target.split('/').any(&mut part)
}
