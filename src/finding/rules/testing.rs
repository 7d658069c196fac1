//! Whether a change comes with tests, and whether it takes some away.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::diff::{Fate, Line};
use crate::model::text::first_of;

use super::change::Change;
use super::files::{Collected, Role, collected, is_migration, is_test_file, mentions, split};
use super::language::Lang;
use super::lex::{Lexed, Parted};
use super::renamed::{leaves_tests, left_by_rename};
use super::report::{At, Report};
use super::view::{Changed, View};

/// The most names in a claim.
const NAMED_MAX: usize = 3;

/// A change that removes this many times more lines than it adds is a removal, which needs no test.
const REMOVAL: usize = 4;

/// The most deleted tests that are looked for in the other files.
const SEARCHES_MAX: usize = 50;

/// What a test file gets with a table of cases: one test then stands for several.
const TABLES: &str = "parametrize .each #[case #[rstest test_case( []struct ParameterizedTest [Theory InlineData TestCase( \
    ataProvider subTest( MethodSource forEach proptest! for( range";

/// Adds what is wrong with the tests of a change.
pub(super) fn review(change: &Change<'_>, views: &[View<'_>], report: &mut Report) {
    let commits = &change.facts.commits;
    let says = |pattern: &::regex::Regex| {
        !commits.is_empty()
            && commits
                .iter()
                .all(|commit| pattern.is_match(&commit.subject))
    };
    let reverts = says(regex!(r"(?i)^(fix: |chore: )?revert\b"));
    // Who says that nothing new is done needs no new test.
    let same = says(regex!(
        r"(?i)^(refactor|style|chore|docs|perf|ci|build|test|types)\b(\([^)]*\))?!?[: ]|\btyping\b|\btype (hint|annotation)"
    ));
    if !same && !reverts {
        source_without_test(views, report);
    }
    if reverts {
        return;
    }
    let gone = removed_definitions(views);
    let left = left_by_rename(change);
    let left = View::all(&Change {
        diff: &left,
        old: change.old,
        new: change.new,
        facts: change.facts,
    });
    let stays = views.iter().filter(|view| !leaves_tests(view.file));
    let mut sides: Vec<Side<'_, '_>> = stays.filter_map(Side::of).collect();
    let left = left.iter().filter_map(Side::of);
    sides.extend(left.map(|side| Side { left: true, ..side }));
    let mut gained = Gained::default();
    for side in &sides {
        side.count_gained(&mut gained);
    }
    for view in views {
        let known = known(view);
        for changed in &view.added {
            let best = gained
                .lines
                .entry(changed.line.text.trim())
                .or_insert(known);
            *best = known.max(*best);
        }
    }
    let mut searches = 0;
    for side in &sides {
        let path = side.view.path();
        let (deleted, moved) = side.deleted(&mut gained);
        let mut elsewhere = |name: &str| {
            searches += 1;
            let needed = collected(side.view.file.path_before());
            let others = sides.iter().filter(|other| other.view.path() != path);
            let others = others.filter(|other| known(other.view) >= needed);
            let mut texts = others.filter_map(|other| other.view.new_text);
            name.len() > 7 && searches <= SEARCHES_MAX && texts.any(|text| text.contains(name))
        };
        let unexplained = deleted.iter().filter(|test| !side.tests(test, &gone));
        let named: Vec<&Test<'_>> = unexplained.filter(|test| !elsewhere(test.name)).collect();
        if let Some(first) = named.first().filter(|_| !side.tabled) {
            let names: Vec<&str> = named.iter().map(|test| test.name).collect();
            let claim = format!("`{path}` loses tests: {}.", first_of(&names, NAMED_MAX));
            report.add("test-deleted", claim, At::removed(path, first.line));
        }
        // What is no test there stands unchanged at its new path.
        if side.left {
            continue;
        }
        if let Some(line) = side.loosened() {
            let claim = format!("`{path}` asserts less exactly than before.");
            report.add("assertions-reduced", claim, At::removed(path, line));
            continue;
        }
        let (fewer, line) = side.assertions(&deleted, &moved, &mut gained, &gone);
        if let Some(line) = line.filter(|_| fewer > 0 && !side.tabled) {
            let claim = format!("`{path}` has {fewer} fewer assertions than before.");
            report.add("assertions-reduced", claim, At::removed(path, line));
        }
    }
}

/// How new tests of a file are known to those who run them.
fn known(view: &View<'_>) -> Collected {
    match view.lang.finds_tests_by_name() {
        _ if leaves_tests(view.file) || !view.lang.is_code() => Collected::Not,
        true => collected(view.path()),
        false => Collected::Whole,
    }
}

/// What the tests of a change gain.
#[derive(Default)]
struct Gained<'a> {
    /// The number of added tests of a name, by how those who run tests know their files.
    tests: HashMap<(&'a str, Collected), usize>,
    /// The new assertions of the added tests of a name.
    assertions: HashMap<&'a str, usize>,
    /// The added lines, without the spaces around them, and how tests in their files are known at best.
    lines: HashMap<&'a str, Collected>,
}

/// Takes one of what is left.
fn take(left: Option<&mut usize>) -> bool {
    let left = left.filter(|left| **left > 0);
    left.map(|left| *left -= 1).is_some()
}

fn source_without_test(views: &[View<'_>], report: &mut Report) {
    let tested = |view: &View<'_>| {
        view.role == Role::Test && view.file.fate != Fate::Deleted && !view.file.hunks.is_empty()
            || view
                .added
                .iter()
                .any(|changed| view.new.in_test(changed.line.number))
    };
    if views.iter().any(tested) {
        return;
    }
    let mut files: Vec<(usize, &str)> = Vec::new();
    let (mut added, mut removed) = (0, 0);
    for view in views
        .iter()
        .filter(|view| view.role == Role::Source && !is_migration(view.path()))
    {
        removed += statements(&view.removed, &view.old).len();
        let new = statements(&view.added, &view.new);
        if !new.is_empty() && !same_code(view) {
            added += new.len();
            files.push((new.len(), view.path()));
        }
    }
    files.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    if !files.is_empty() && removed < added * REMOVAL {
        let paths: Vec<&str> = files.iter().map(|(_, path)| *path).collect();
        let claim = format!("No test changes with {}.", first_of(&paths, NAMED_MAX));
        report.add("source-without-test", claim, At::default());
    }
}

/// The changed lines that do something: neither moved nor imports, declarations or parts of lists.
fn statements<'a>(lines: &[Changed<'a>], lexed: &Lexed) -> Vec<&'a Line> {
    let idle = regex!(
        r#"^(import|from|use|pub use|#include|package|require\w*|export [{*]|using|(pub )?mod|@|#\[)\b|^[\w.]+,$|^\w+$|^(\w+: )[\w.|\[\] "']+$|^[^\p{L}]*$"#
    );
    let acts = |changed: &&Changed<'a>| {
        let code = lexed
            .get(changed.line.number)
            .map_or("", |parts| parts.code.trim());
        let keyword = matches!(code, "return" | "break" | "continue");
        !changed.moved && (keyword || !idle.is_match(code))
    };
    lines
        .iter()
        .filter(acts)
        .map(|changed| changed.line)
        .collect()
}

/// True if a file says the same but for spaces, comments and the content of strings.
fn same_code(view: &View<'_>) -> bool {
    let code = |lines: &[Changed<'_>], lexed: &Lexed| -> String {
        let parts = lines
            .iter()
            .filter_map(|changed| lexed.get(changed.line.number));
        let chars = parts.flat_map(|parts| parts.code.chars());
        chars
            .filter(|c| !c.is_whitespace() && !",;'\"`()".contains(*c))
            .collect()
    };
    code(&view.removed, &view.old) == code(&view.added, &view.new)
}

/// The names that sources no longer define: what tests them has to go.
fn removed_definitions(views: &[View<'_>]) -> HashSet<String> {
    let defines = regex!(
        r"\b(?:def|fn|func|function|class|struct|enum|trait|interface|type|module|const|let|static|void|int|String)\s+(?:self\.)?([A-Za-z_]\w{2,})"
    );
    let programs = || {
        let of_product = |view: &&View<'_>| {
            matches!(view.role, Role::Source | Role::Aside) && !leaves_tests(view.file)
        };
        views.iter().filter(of_product)
    };
    let mut gone: HashSet<String> = HashSet::new();
    for view in programs() {
        for changed in view
            .removed
            .iter()
            .filter(|changed| !view.old.in_test(changed.line.number))
        {
            let code = view
                .old
                .get(changed.line.number)
                .map_or("", |parts| &parts.code);
            gone.extend(defines.captures_iter(code).map(|found| found[1].to_owned()));
        }
        if view.file.fate == Fate::Deleted {
            gone.extend(split(view.path()).1.split('.').next().map(str::to_owned));
        }
    }
    let kept = programs().flat_map(|view| view.file.added());
    for found in kept.flat_map(|line| defines.captures_iter(&line.text)) {
        gone.remove(&found[1]);
    }
    gone
}

/// A test that the change removes.
struct Test<'a> {
    name: &'a str,
    line: &'a Line,
    /// Its lines among the removed lines of the file.
    span: Range<usize>,
}

/// A changed file with tests.
struct Side<'v, 'a> {
    view: &'v View<'a>,
    /// The tests that removed and added lines begin, with the index of the line.
    removed: Vec<(&'a str, usize)>,
    added: Vec<(&'a str, usize)>,
    tabled: bool,
    /// Those who run tests no longer find the file, which has another path now.
    left: bool,
}

impl<'v, 'a> Side<'v, 'a> {
    fn of(view: &'v View<'a>) -> Option<Self> {
        let inner = view
            .removed
            .iter()
            .any(|changed| view.old.in_test(changed.line.number));
        let tabled =
            |changed: &Changed<'_>| mentions(TABLES, &changed.line.text.replace("for ", "for("));
        let is_test = view.role == Role::Test || collected(view.path()) != Collected::Not;
        let names = |lines: &[Changed<'a>], lexed: &Lexed, fate: Fate| {
            let path = view.path();
            let is_whole =
                view.lang.tests_by_file() && view.file.fate == fate && is_test_file(path);
            match is_whole && !lines.is_empty() {
                true => vec![(split(path).1, 0)],
                false => test_names(view.lang, lines, lexed),
            }
        };
        ((is_test || inner) && view.lang.is_code()).then(|| Self {
            removed: names(&view.removed, &view.old, Fate::Deleted),
            added: names(&view.added, &view.new, Fate::Added),
            tabled: view.added.iter().any(tabled),
            left: false,
            view,
        })
    }

    /// Adds the tests that the file gains.
    fn count_gained(&self, gained: &mut Gained<'a>) {
        let view = self.view;
        for (nth, (name, at)) in self.added.iter().enumerate() {
            let next = self.added.get(nth + 1);
            let next = next.map_or(view.added.len(), |(_, at)| *at);
            let hunk = view.added[*at].hunk;
            let fresh = view.added[*at..next].iter();
            let fresh = fresh.filter(|changed| !changed.moved && changed.hunk == hunk);
            let asserted =
                fresh.filter(|changed| view.new.get(changed.line.number).is_some_and(may_assert));
            *gained.tests.entry((*name, known(view))).or_default() += 1;
            *gained.assertions.entry(*name).or_default() += asserted.count();
        }
    }

    /// The tests that are neither elsewhere nor renamed: no new test stands in their place, and most of
    /// their lines are gone. Then those that are in another file now.
    fn deleted(&self, gained: &mut Gained<'a>) -> (Vec<Test<'a>>, Vec<Test<'a>>) {
        let lines = &self.view.removed;
        let own: HashSet<&str> = self.removed.iter().map(|(name, _)| *name).collect();
        let added: HashSet<&str> = self.added.iter().map(|(name, _)| *name).collect();
        let mut renamed: HashMap<usize, usize> = HashMap::new();
        for (_, at) in self.added.iter().filter(|(name, _)| !own.contains(name)) {
            *renamed.entry(self.view.added[*at].hunk).or_default() += 1;
        }
        // A file where fewer look for tests does not make up for this one.
        let needed = collected(self.view.file.path_before());
        let ranks = [Collected::Whole, Collected::ByFolder, Collected::Not];
        let ranks = ranks.map(|rank| (rank >= needed).then_some(rank));
        let (mut deleted, mut moved) = (Vec::new(), Vec::new());
        for (nth, (name, at)) in self.removed.iter().enumerate() {
            let hunk = lines[*at].hunk;
            let next = self.removed.get(nth + 1).map_or(lines.len(), |(_, at)| *at);
            let end = at + lines[*at..next].partition_point(|changed| changed.hunk == hunk);
            let test = Test {
                name,
                line: lines[*at].line,
                span: *at..end,
            };
            let mut places = ranks.into_iter().flatten();
            if places.any(|rank| take(gained.tests.get_mut(&(*name, rank)))) {
                if !added.contains(name) {
                    moved.push(test);
                }
                continue;
            }
            if take(renamed.get_mut(&hunk)) {
                continue;
            }
            let body = &lines[at + 1..end];
            let stays = body.iter().filter(|changed| {
                let text = changed.line.text.trim();
                let is_test = gained.lines.get(text).is_some_and(|there| *there >= needed);
                changed.moved && text.len() > 3 && is_test
            });
            if stays.count() * 2 <= body.len() {
                deleted.push(test);
            }
        }
        (deleted, moved)
    }

    /// True if a test uses what the change removes. A test file that goes as a whole imports it.
    fn tests(&self, test: &Test<'_>, gone: &HashSet<String>) -> bool {
        let imports = if self.view.file.fate == Fate::Deleted {
            40
        } else {
            0
        };
        let start = self.view.removed.iter().take(imports);
        let mut lines = self.view.removed[test.span.clone()].iter().chain(start);
        lines.any(|changed| uses(&changed.line.text, gone))
    }

    /// The first assertion of a hunk in which comparisons with values give way to assertions that hold for
    /// nearly every value.
    fn loosened(&self) -> Option<&'a Line> {
        let exact = regex!(
            r"assert_eq|assertEquals?\b|assert_equal|must_equal|\.to(?:Be|Equal|StrictEqual)\(|\bEqual\w*\(|==|\beq[ (]"
        );
        let loose = regex!(
            r"[^-<>=]>=?\s*0\b|is not None|NotNone|toBeTruthy|toBeDefined|not\.toBe(?:Null|Undefined)|be_truthy|not_to be_nil|NotNil|NotEmpty|is_some\(\)|is_ok\(\)"
        );
        let view = self.view;
        let added: Vec<(usize, bool)> = (view.added.iter())
            .filter(|changed| view.new.get(changed.line.number).is_some_and(asserts))
            .map(|changed| (changed.hunk, loose.is_match(&changed.line.text)))
            .collect();
        view.removed.iter().find_map(|changed| {
            let number = changed.line.number;
            let in_test = view.role == Role::Test || view.old.in_test(number);
            let is_exact = view.old.get(number).is_some_and(asserts)
                && exact.is_match(&changed.line.text)
                && !loose.is_match(&changed.line.text);
            let begin = added.partition_point(|(hunk, _)| *hunk < changed.hunk);
            let mut here = added[begin..]
                .iter()
                .take_while(|(hunk, _)| *hunk == changed.hunk);
            let is_loose = here.clone().next().is_some() && here.all(|(_, loose)| *loose);
            (in_test && is_exact && !changed.moved && is_loose).then_some(changed.line)
        })
    }

    /// How many fewer assertions there are, without those of deleted tests and those that tests that moved
    /// have at their new places, and the first one that no other stands for. What other tests gain does
    /// not make up for them.
    fn assertions(
        &self,
        deleted: &[Test<'_>],
        moved: &[Test<'_>],
        gained: &mut Gained<'_>,
        gone: &HashSet<String>,
    ) -> (i64, Option<&'a Line>) {
        let view = self.view;
        let of = |tests: &[Test<'_>], at: usize| {
            let nth = tests.partition_point(|test| test.span.end <= at);
            (tests.get(nth).is_some_and(|test| test.span.contains(&at))).then_some(nth)
        };
        let fresh = view.added.iter().filter(|changed| !changed.moved);
        let asserted =
            fresh.filter(|changed| view.new.get(changed.line.number).is_some_and(may_assert));
        let hunks: Vec<usize> = asserted.map(|changed| changed.hunk).collect();
        let (mut fewer, mut lost) = (-(hunks.len() as i64), None);
        for (at, changed) in view
            .removed
            .iter()
            .enumerate()
            .filter(|(_, changed)| !changed.moved)
        {
            let number = changed.line.number;
            let in_test = view.role == Role::Test || view.old.in_test(number);
            if in_test
                && of(deleted, at).is_none()
                && view.old.get(number).is_some_and(asserts)
                && !uses(&changed.line.text, gone)
            {
                let there = of(moved, at).map(|nth| moved[nth].name);
                if there.is_some_and(|name| take(gained.assertions.get_mut(name))) {
                    continue;
                }
                fewer += 1;
                if hunks.binary_search(&changed.hunk).is_err() {
                    lost = lost.or(Some(changed.line));
                }
            }
        }
        (fewer, lost)
    }
}

/// True if a text contains one of the names.
fn uses(text: &str, names: &HashSet<String>) -> bool {
    let mut words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    !names.is_empty() && words.any(|word| names.contains(word))
}

/// True for an assertion.
fn asserts(parts: &Parted) -> bool {
    regex!(r"(?:^|[^.\w])(?:assert\w*!?\s*[\(. ]|expect\s*[({]|refute\w*[ (]|verify\()|\bself\.assert|\b(?:Assert|Assertions|require)\.\w+\(|\$this->assert|\bt\.(?:Error|Errorf|Fatal|Fatalf)\(|\.should\b|\bXCTAssert\w*\(|\b(?:EXPECT|ASSERT)_\w+\(|\bpytest\.(?:raises|warns)\(").is_match(&parts.code)
        && !regex!(r"^\s*(import|use|from|const|var)\b").is_match(&parts.code)
}

/// True for an assertion and for calls that may be helpers for them.
fn may_assert(parts: &Parted) -> bool {
    asserts(parts)
        || regex!(r"(?i)\b(expect|verify|check|ensure|should|must|require|validate|compare|matches|raises)\w*[!(.{\s]|assert|snapshot|_(eq|ne|ok|err)\(").is_match(&parts.code)
}

/// The tests that changed lines begin, with the index of the line.
fn test_names<'a>(lang: Lang, lines: &[Changed<'a>], lexed: &Lexed) -> Vec<(&'a str, usize)> {
    let marks =
        regex!(r"^\s*(#\[|@|\[)(.*\b)?([tT]est|Fact|Theory|rstest|ParameterizedTest|TestMethod)");
    let name = |line: &'a Line| -> Option<&'a str> {
        lexed
            .get(line.number)
            .filter(|parts| !parts.code.trim().is_empty())?;
        let text = line.text.as_str();
        if matches!(lang, Lang::Rust | Lang::Java | Lang::Kotlin | Lang::CSharp) {
            let named = regex!(r"\b(?:fn|void|fun|Task)\s+(`[^`]+`|\w+)\s*[<(]").captures(text)?;
            let above = lexed
                .range(line.number.saturating_sub(4), line.number)
                .rev()
                .skip(1);
            let mut above =
                above.take_while(|parts| !parts.code.trim_end().ends_with(['}', '{', ';']));
            return (marks.is_match(text) || above.any(|parts| marks.is_match(&parts.code)))
                .then(|| named.get(1).map_or("", |name| name.as_str()));
        }
        if let Some(named) = regex!(r"^\s*(?:[a-z]+ )*(?:def|function|func)\s+(?:\([^)]*\)\s*)?((?:test|Test|Benchmark|Fuzz|Example)\w*)\s*\(|TEST(?:_F|_P)?\(\s*(\w+\s*,\s*\w+)").captures(text) {
            let name = named.get(1).or(named.get(2))?.as_str();
            return (lang != Lang::Go || name.starts_with(char::is_uppercase)).then_some(name);
        }
        let quoted = matches!(lang, Lang::Js | Lang::Ruby | Lang::Php | Lang::C);
        let end = quoted.then(|| regex!(r#"^\s*(?:\}?\)\(|(?:it|test|specify|scenario|TEST_CASE|bench|Deno\.test)(?:\.\w+(?:\([^)]*\))?)*\s*\(?)\s*["'`]"#).find(text))??.end();
        text[end..].split(text[..end].chars().next_back()?).next()
    };
    let named = lines.iter().enumerate();
    named
        .filter_map(|(at, changed)| Some((name(changed.line)?, at)))
        .collect()
}
