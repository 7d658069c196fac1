//! Overlap and coverage: the cases as tables, and properties against brute force over small alphabets.

use proptest::prelude::*;

use super::super::{MAX_ALTERNATIVES, MAX_BYTES, Pattern, PatternError, looks_like_path};
use super::*;

fn pattern(text: &str) -> Pattern {
    Pattern::parse(text, "").unwrap_or_else(|error| panic!("{error}"))
}

/// Both directions, which have to agree.
fn overlaps(a: &str, b: &str, case: Case) -> bool {
    let (a, b) = (pattern(a), pattern(b));
    let there = a.overlaps(&b, case);
    assert_eq!(
        there,
        b.overlaps(&a, case),
        "`{a}` and `{b}` disagree about each other"
    );
    there
}

#[test]
fn patterns_overlap_if_some_path_matches_both() {
    let table = [
        ("src/**", "**/*.rs"),
        ("src/a*.rs", "src/*b.rs"),
        ("src/auth.rs", "src/**"),
        ("src/auth.rs", "src/auth.rs"),
        ("./src/auth.rs", "/src//auth.rs"),
        ("src\\auth.rs", "src/auth.rs"),
        ("src/auth", "src/auth/x.rs"),
        ("src/auth/", "src/auth/x.rs"),
        ("src/a*", "src/auth/x.rs"),
        ("src", "src/auth/**/x.rs"),
        ("app/[id]/page.tsx", "app/[id]/page.tsx"),
        ("app/[id]/page.tsx", "app/\\[id\\]/page.tsx"),
        ("app/[id]/page.tsx", "app/i/page.tsx"),
        ("app/[id]/**", "app/\\[id]/page.tsx"),
        ("app/[user-id]/page.tsx", "app/\\[user-id]/*"),
        ("app/[[...slug]]/page.tsx", "app/\\[\\[...slug]]/page.tsx"),
        (
            "{{cookiecutter.slug}}/a.py",
            "{{cookiecutter.slug}}/*.{py,toml}",
        ),
        ("src/{a,b}.rs", "src/b.rs"),
        ("src/{a,b}.rs", "src/\\{a,b\\}.rs"),
        ("src/{a,{b,c/d}}/x", "src/c/d/x"),
        ("src/{,a/}x", "src/x"),
        ("**", ".github/workflows"),
        (".", "a"),
        ("/", "a"),
        ("*", ".env"),
        ("**/a/**/b", "a/**/c/b"),
        ("a**b", "a*c*b"),
        ("[a-m]x", "[k-z]x"),
        ("[!a]x", "[!b]x"),
        ("[[:digit:]]x", "7x"),
        ("[[=a=]]x", "bx"),
        // A pattern knows no tree: `auth.rs` could be a folder.
        ("src/auth.rs", "**/*.md"),
    ];
    for (a, b) in table {
        assert!(
            overlaps(a, b, Case::Sensitive),
            "`{a}` and `{b}` have a path in common"
        );
    }
}

#[test]
fn patterns_do_not_overlap_if_no_path_matches_both() {
    let table = [
        ("README.md", "docs/README.md"),
        ("src/auth.rs", "src/auth2.rs"),
        ("src/*", "src2/x"),
        ("src/*.rs", "docs/**"),
        ("*/a", "b/c/a"),
        ("src/a?.rs", "src/a.rs"),
        ("src/a*.rs", "src/b*.rs"),
        ("src/{a,b}.rs", "src/c.rs"),
        ("[a-c]x", "[d-f]x"),
        ("[!a]x", "ax"),
        ("[^a]x", "ax"),
        ("[[:digit:]]x", "ax"),
        ("src/[/-0]", "src/x"),
        // A range that runs backwards has no members, not even for a star.
        ("[b-a][c]", "*c"),
        ("README.md", "readme.md"),
        ("a\\*b", "axb"),
    ];
    for (a, b) in table {
        assert!(
            !overlaps(a, b, Case::Sensitive),
            "`{a}` and `{b}` have no path in common"
        );
    }
}

#[test]
fn names_that_differ_in_case_are_equal_where_case_is_ignored() {
    for (a, b) in [
        ("README.md", "readme.MD"),
        ("[A-C]x", "bX"),
        ("[Ä-Ü]", "ö"),
        ("[[:upper:]]", "q"),
        ("Straße", "STRAßE"),
        ("[\u{212A}]", "K"),
        ("[!a-y]", "Z"),
    ] {
        assert!(
            overlaps(a, b, Case::Folded),
            "`{a}` and `{b}` differ only by case"
        );
        // Composed, the Kelvin sign is a K.
        let alike = ["[!a-y]", "[\u{212A}]"].contains(&a);
        assert!(!overlaps(a, b, Case::Sensitive) || alike, "`{a}` and `{b}`");
    }
    for (a, b) in [
        ("[!a]x", "Ax"),
        ("[!a-z]x", "[A-Z]x"),
        ("[!Ä]", "ä"),
        ("İ", "i"),
    ] {
        assert!(
            !overlaps(a, b, Case::Folded),
            "`{a}` and `{b}` differ, whatever the case"
        );
    }
    // Listed is all but the capitals; folded, these are listed, too.
    let all_but_capitals = "[!\u{A0}-\u{10FFFF} -@[-~]*";
    let controls = "[!\u{A0}-\u{10FFFF} -~]*";
    assert!(overlaps(all_but_capitals, "[A-Z]*", Case::Sensitive));
    assert!(!overlaps(all_but_capitals, "[A-Z]?", Case::Folded));
    assert!(!overlaps(controls, "[ -~]?", Case::Folded));
}

#[test]
fn a_path_is_covered_by_patterns_that_match_it_or_a_parent_folder() {
    let table = [
        ("src/auth", "src/auth", true),
        ("src/auth", "src/auth/x.rs", true),
        ("src/auth/", "src/auth/deep/x.rs", true),
        ("src/auth", "src/auth.rs", false),
        ("src/a*", "src/auth/x.rs", true),
        ("src/*.rs", "src/deep/x.rs", false),
        ("src/**/*.rs", "src/x.rs", true),
        ("src/**/*.rs", "src/a/b/x.rs", true),
        ("**/x", "a/b/x/y", true),
        ("*", ".gitignore", true),
        ("README.md", "docs/README.md", false),
        ("app/[id]/page.tsx", "app/[id]/page.tsx", true),
        ("app/[id]/page.tsx", "app/i/page.tsx", true),
        ("app/[id]/page.tsx", "app/id/page.tsx", false),
        ("app/[id]/*", "app/[id]/page.tsx", true),
        ("a{b,c}", "a{b,c}", true),
        ("a{b,c/d}", "a{b,c/d}", true),
        ("a{b", "a{b", true),
        ("a[b", "a[b", true),
        ("a[]b", "a[]b", true),
        ("[]a]", "]", true),
        ("\\!a", "!a", true),
        ("a\\\\b", "a\\b", true),
        ("[\\]a]x", "]x", true),
        ("[a\\-c]x", "bx", false),
        ("**", "", false),
        ("a", "", false),
    ];
    for (text, path, covered) in table {
        assert_eq!(
            pattern(text).matches(path, Case::Sensitive),
            covered,
            "`{text}` and {path}"
        );
    }
}

#[test]
fn a_known_file_has_no_paths_below_it() {
    let file = pattern("src/auth.rs").files_only();
    assert!(file.matches("src/auth.rs", Case::Sensitive));
    assert!(!file.matches("src/auth.rs/x.md", Case::Sensitive));
    assert!(!file.overlaps(&pattern("**/*.md"), Case::Sensitive));
    assert!(file.overlaps(&pattern("src"), Case::Sensitive));
    assert_eq!(file.literal_path().as_deref(), Some("src/auth.rs"));
    let below = pattern("src/**").files_only().files_only();
    assert!(below.matches("src/a/b", Case::Sensitive));
}

#[test]
fn patterns_are_kept_as_written_from_the_root() {
    let table = [
        ("src/auth.rs", "docs", "src/auth.rs"),
        ("./auth.rs", "src", "src/auth.rs"),
        ("./auth.rs", "src/", "src/auth.rs"),
        (".\\auth.rs", "src", "src/auth.rs"),
        ("../lib/*.rs", "src/deep", "src/lib/*.rs"),
        ("..", "src/deep", "src"),
        (".", "src", "src"),
        (".", "", "**"),
        ("/", "src", "**"),
        ("/src//a/", "docs", "src/a"),
        ("src/./a/../b", "", "src/b"),
        ("src\\a\\*.rs", "", "src/a\\*.rs"),
        ("src/**/**/a", "", "src/**/a"),
        ("./*.tsx", "app/[id]", "app/\\[id]/*.tsx"),
        ("./!x", "", "\\!x"),
        ("/!x", "", "\\!x"),
        ("x!", "", "x!"),
        (".github", "src", ".github"),
        ("{a/./b,c}/d", "", "{a/./b,c}/d"),
    ];
    for (text, prefix, normal) in table {
        let parsed = Pattern::parse(text, prefix).unwrap();
        assert_eq!(parsed.text(), normal, "`{text}` in `{prefix}`");
        assert_eq!(parsed.to_string(), normal);
        assert_eq!(pattern(normal), parsed, "`{normal}` reads as itself");
    }
}

#[test]
fn a_literal_names_one_path() {
    for (text, path) in [
        ("src/auth", Some("src/auth")),
        ("app/\\[id\\]", Some("app/[id]")),
        ("{{x}}/a", Some("{{x}}/a")),
        ("a[b", Some("a[b")),
        ("app/[id]", None),
        ("a*", None),
        ("{a,b}", None),
        ("src/**", None),
        (".", None),
    ] {
        assert_eq!(pattern(text).literal_path().as_deref(), path, "`{text}`");
    }
}

#[test]
fn invalid_patterns_are_refused_with_the_reason() {
    use PatternError as E;
    let braces = "{a,b}".repeat(9);
    let long = format!("{braces}{}", "x".repeat(200));
    type Kind = fn(String) -> E;
    let table: [(&str, &str, Kind); 16] = [
        ("", "", E::Empty),
        ("  ", "", E::Empty),
        ("/ ", "", E::Empty),
        ("{,a}", "", E::Empty),
        ("!src", "src", E::Negated),
        ("..", "", E::OutsideRepository),
        ("../../x", "src", E::OutsideRepository),
        ("/../x", "src", E::OutsideRepository),
        ("src/../../x", "", E::OutsideRepository),
        ("{../x,b}", "src", E::OutsideRepository),
        ("src/**/../x", "", E::ParentOfWildcard),
        ("[ab]/../x", "", E::ParentOfWildcard),
        ("a\0b", "", E::ControlCharacter),
        ("a\nb", "", E::ControlCharacter),
        (&braces, "", E::TooManyAlternatives),
        (&long, "", E::TooManyAlternatives),
    ];
    for (text, prefix, kind) in table {
        let error = Pattern::parse(text, prefix).expect_err(text);
        let of_kind = std::mem::discriminant(&kind(String::new()));
        assert_eq!(std::mem::discriminant(&error), of_kind, "{text:?}: {error}");
        assert!(!error.to_string().contains(char::is_control), "{error:?}");
    }
    let longest = "x".repeat(MAX_BYTES);
    assert!(Pattern::parse(&longest, "").is_ok());
    assert!(matches!(
        Pattern::parse(&format!("{longest}x"), ""),
        Err(E::TooLong(_))
    ));
    assert!(matches!(
        Pattern::parse("./x", &longest),
        Err(E::TooLong(_))
    ));
    let error = Pattern::parse("!src/a", "").unwrap_err().to_string();
    assert!(
        error.contains("`!src/a`") && error.contains("negated"),
        "{error}"
    );
    assert!(
        Pattern::parse(&"{a,b}".repeat(8), "").is_ok(),
        "{MAX_ALTERNATIVES} are allowed"
    );
}

/// The time for which this thread has run, where the system tells it: other load does not count.
fn run_time() -> Option<std::time::Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split(' ').next()?.parse().ok()?;
    Some(std::time::Duration::from_nanos(nanoseconds))
}

#[test]
fn hostile_patterns_are_answered_in_time() {
    let (started, before) = (std::time::Instant::now(), run_time());
    let stars = |end: &str| format!("{}{end}", "a*".repeat(1000));
    let depths = |end: &str| format!("{}{end}", "**/a/".repeat(600));
    let classes = |end: &str| format!("{}{end}", "[!b-\u{10FFFF}]*".repeat(250));
    let braces = |end: &str| format!("{}{}{end}", "{a,*}".repeat(8), "*b".repeat(55));
    for make in [
        &stars as &dyn Fn(&str) -> String,
        &depths,
        &classes,
        &braces,
    ] {
        for case in [Case::Sensitive, Case::Folded] {
            let (x, y) = (pattern(&make("x")), pattern(&make("y")));
            // Whatever the answer, it has to come, and must never be a wrong no.
            x.overlaps(&y, case);
            assert!(x.overlaps(&x, case));
            x.matches(&"a".repeat(4000), case);
            x.matches(&"a/".repeat(2000), case);
        }
    }
    for nested in [
        "{".repeat(4096),
        "{a,".repeat(1365),
        "[".repeat(4096),
        "[[:".repeat(1365),
    ] {
        assert!(pattern(&nested).literal_path().is_some());
    }
    let deep = format!("{}{}", "{a,".repeat(1000), "}".repeat(1000));
    assert!(Pattern::parse(&deep, "").is_err());
    let deep = format!("{}{}", "{".repeat(2000), "}".repeat(2000));
    assert!(pattern(&deep).literal_path().is_some());
    let ran = run_time().zip(before).map(|(now, before)| now - before);
    let taken = ran.unwrap_or_else(|| started.elapsed());
    assert!(taken.as_secs() < 30, "it took {taken:?}");
}

#[test]
fn case_folding_relies_on_these_facts_about_unicode() {
    for ch in '\0'..=char::MAX {
        let folded = Case::Folded.fold(ch);
        assert!(
            Case::Folded.represents(folded),
            "{ch:?} folds to what folds further"
        );
        assert!(
            folded == ch || ch as u32 <= LAST_CASED,
            "{ch:?} has case, but is not looked at"
        );
    }
}

#[test]
fn words_with_a_slash_are_not_always_paths() {
    for path in [
        "src/",
        "src\\",
        "src/auth.rs",
        "Cargo.toml",
        "src/**",
        "*.rs",
        ".github/workflows",
        "./x",
        "../x",
        "config/.env",
        "a/archive.tar.gz",
        "app/[id]",
        "src\\auth.rs",
    ] {
        assert!(looks_like_path(path), "{path} is a path");
    }
    for words in [
        "",
        "13714/2m",
        "planning/execution",
        "XS/S/M/L/XL",
        "Pro/Max",
        "and/or",
        "v1.2",
        "1/2.5",
        "e.g.",
        "src",
        "Makefile",
        "well... maybe",
    ] {
        assert!(!looks_like_path(words), "{words} is taken for a path");
    }
}

/// A second, independent reading of the language, by plain recursion. Knows
/// what the generated patterns use: no escapes, no nested groups.
mod naive {
    use super::Case;

    fn fold(text: &str, case: Case) -> Vec<char> {
        match case {
            Case::Sensitive => text.chars().collect(),
            Case::Folded => text.to_lowercase().chars().collect(),
        }
    }

    /// The texts that the first group stands for, expanded further.
    fn alternatives(text: &str) -> Vec<String> {
        let Some(open) = text.find('{') else {
            return vec![text.to_owned()];
        };
        let close = open + text[open..].find('}').unwrap();
        let inner = text[open + 1..close].split(',');
        let each = inner.map(|one| format!("{}{one}{}", &text[..open], &text[close + 1..]));
        each.flat_map(|one| alternatives(&one)).collect()
    }

    fn path(pattern: &[&str], names: &[&str], case: Case) -> bool {
        match (pattern.split_first(), names.split_first()) {
            (None, _) => true,
            (Some((first, rest)), _) if first.len() > 1 && first.chars().all(|ch| ch == '*') => {
                path(rest, names, case) || (!names.is_empty() && path(pattern, &names[1..], case))
            }
            (Some(_), None) => false,
            (Some((first, rest)), Some((one, others))) => {
                let one: Vec<char> = fold(one, case);
                let first = fold(first, case);
                (name(&first, &one, true) || name(&first, &one, false)) && path(rest, others, case)
            }
        }
    }

    fn name(pattern: &[char], text: &[char], classes: bool) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (None, _) => false,
            (Some('*'), _) => {
                name(&pattern[1..], text, classes)
                    || (!text.is_empty() && name(pattern, &text[1..], classes))
            }
            (_, None) => false,
            (Some('?'), _) => name(&pattern[1..], &text[1..], classes),
            (Some('['), Some(ch)) if classes => {
                let end = pattern.iter().position(|ch| *ch == ']').unwrap();
                let (negated, listed) = match &pattern[1..end] {
                    ['!' | '^', listed @ ..] => (true, listed),
                    listed => (false, listed),
                };
                let member = match listed {
                    [low, '-', high] => (low..=high).contains(&ch),
                    listed => listed.contains(ch),
                };
                member != negated && name(&pattern[end + 1..], &text[1..], classes)
            }
            (Some(own), Some(ch)) => own == ch && name(&pattern[1..], &text[1..], classes),
        }
    }

    pub(super) fn matches(text: &str, wanted: &str, case: Case) -> bool {
        let names: Vec<&str> = wanted.split('/').collect();
        let verbatim: Vec<char> = fold(text, case);
        fold(wanted, case) == verbatim
            || wanted_is_below(&names, &verbatim, case)
            || alternatives(text).iter().any(|one| {
                let pattern: Vec<&str> = one.split('/').filter(|name| !name.is_empty()).collect();
                path(&pattern, &names, case)
            })
    }

    /// Below the folder of the same name as the pattern.
    fn wanted_is_below(names: &[&str], verbatim: &[char], case: Case) -> bool {
        (1..names.len()).any(|end| fold(&names[..end].join("/"), case) == verbatim)
    }
}

const ATOMS: [&str; 13] = [
    "a", "b", "A", "a", "b", ".", "*", "*", "?", "[ab]", "[!a]", "[^A]", "[a-b]",
];

fn name(most: usize) -> impl Strategy<Value = String> {
    let atoms = prop::sample::select(ATOMS.as_slice());
    let usual = prop::collection::vec(atoms, 1..=most).prop_map(|atoms| atoms.concat());
    // Names that mean another folder are normalized away, and tested as a table.
    let usual = usual.prop_filter("dots", |name| name != "." && name != "..");
    prop_oneof![4 => usual, 1 => Just("**".to_owned())]
}

fn text(names: usize, atoms: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(name(atoms), 1..=names).prop_map(|names| names.join("/"))
}

/// Like [`text`], or with a group of braces that adds at most one name.
fn braced(names: usize, atoms: usize) -> impl Strategy<Value = String> {
    let grouped = |start: BoxedStrategy<String>, one: BoxedStrategy<String>, between| {
        (start, one, name(1), any::<bool>()).prop_map(move |(start, one, other, first)| {
            let group = format!("{{{one},{other}}}");
            let (a, b) = if first {
                (group, start)
            } else {
                (start, group)
            };
            format!("{a}{between}{b}")
        })
    };
    let fewer = (names - 1).max(1);
    prop_oneof![
        3 => text(names, atoms),
        1 => grouped(text(fewer, 1).boxed(), name(1).boxed(), "/"),
        1 => grouped(text(fewer, 1).boxed(), text(2, 1).boxed(), ""),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    prop_oneof![Just(Case::Sensitive), Just(Case::Folded)]
}

/// All names of one or two of these characters.
fn short_names() -> Vec<String> {
    let alphabet = ["a", "b", "A", "."];
    let two = alphabet
        .iter()
        .flat_map(|a| alphabet.iter().map(move |b| format!("{a}{b}")));
    alphabet
        .iter()
        .map(|a| (*a).to_owned())
        .chain(two)
        .collect()
}

/// Read verbatim, brackets and braces are names, too: these, with something
/// for their wildcards, and for their classes, which remain classes when only
/// the braces are verbatim.
fn verbatim_names(text: &str) -> Vec<String> {
    let classes = ["[ab]", "[!a]", "[^A]", "[a-b]"];
    let open = classes
        .iter()
        .fold(text.to_owned(), |text, class| text.replace(class, "?"));
    let names = text.split('/').chain(open.split('/'));
    let odd = names.filter(|name| name.contains(['[', ']', '{', '}', ',']));
    let filled = |name: &str| {
        ["a", "b", "A", "."]
            .map(|any| [any, ""].map(|star| name.replace('?', any).replace('*', star)))
    };
    odd.flat_map(filled).flatten().collect()
}

/// A path of up to `depth` of these names that both match, if there is one.
fn witness(p: &Pattern, q: &Pattern, names: &[String], depth: usize, case: Case) -> Option<String> {
    let mut paths: Vec<String> = names.to_vec();
    for left in (0..depth).rev() {
        if let Some(path) = paths
            .iter()
            .find(|path| p.matches(path, case) && q.matches(path, case))
        {
            return Some(path.clone());
        }
        if left > 0 {
            let below = |path: &String| {
                names
                    .iter()
                    .map(|n| format!("{path}/{n}"))
                    .collect::<Vec<_>>()
            };
            paths = paths.iter().flat_map(below).collect();
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn matching_agrees_with_plain_recursion(
        text in braced(4, 4),
        path in prop::collection::vec("[abA.]{1,4}", 1..5),
        case in case(),
    ) {
        let path = path.join("/");
        let expected = naive::matches(&text, &path, case);
        prop_assert_eq!(pattern(&text).matches(&path, case), expected, "`{}` and {}", text, path);
    }

    #[test]
    fn a_text_that_is_a_path_matches_that_path(text in braced(4, 4), case in case()) {
        let parsed = pattern(&text);
        prop_assert!(parsed.matches(&text, case), "`{}` protects the file of that name", text);
        let below = format!("{text}/a");
        prop_assert!(parsed.matches(&below, case), "`{}` protects what is in the folder of that name", text);
        prop_assert!(parsed.overlaps(&parsed, case));
        prop_assert_eq!(&pattern(parsed.text()), &parsed);
    }

    #[test]
    fn a_pattern_overlaps_with_the_paths_that_it_matches(
        text in braced(4, 4),
        path in prop::collection::vec("[abA]{1,4}", 1..5),
        case in case(),
    ) {
        let path = path.join("/");
        let (glob, literal) = (pattern(&text), pattern(&path).files_only());
        let covered = glob.matches(&path, case);
        prop_assert_eq!(glob.overlaps(&literal, case), covered, "`{}` and {}", &text, &path);
        prop_assert_eq!(literal.overlaps(&glob, case), covered, "{} and `{}`", &path, &text);
    }

    #[test]
    fn any_text_is_a_pattern_that_reads_back_or_is_refused(
        text in r"[ab./\\*?{},!\[\]:^-]{1,16}",
        prefix in r"[ab{\[]{0,2}",
    ) {
        if let Ok(parsed) = Pattern::parse(&text, &prefix) {
            prop_assert_eq!(&Pattern::parse(parsed.text(), "").unwrap(), &parsed, "`{}`", text);
            prop_assert!(parsed.overlaps(&parsed, Case::Sensitive));
            if let Some(path) = parsed.literal_path() {
                prop_assert!(parsed.matches(&path, Case::Sensitive), "`{}` and {}", text, path);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96, failure_persistence: None, ..ProptestConfig::default()
    })]

    /// Small enough for a witness, where there is one, to be in the universe:
    /// a shortest one needs no more characters and names than the two
    /// patterns together have items that are no stars.
    #[test]
    fn overlap_is_the_existence_of_a_path_that_both_match(
        p in braced(2, 2),
        q in braced(2, 2),
        case in case(),
    ) {
        let mut names = short_names();
        for text in [&p, &q] {
            names.extend(verbatim_names(text));
        }
        names.retain(|name| !name.is_empty());
        names.sort();
        names.dedup();
        let (p, q) = (pattern(&p), pattern(&q));
        let found = witness(&p, &q, &names, 3, case);
        let answer = p.overlaps(&q, case);
        prop_assert_eq!(answer, q.overlaps(&p, case), "`{}` and `{}` disagree", p, q);
        prop_assert_eq!(answer, found.is_some(), "`{}` and `{}`: {:?}", p, q, found);
    }

    /// Larger patterns: a witness that was found must never be denied.
    #[test]
    fn overlap_never_denies_a_witness(
        p in braced(4, 3),
        q in braced(4, 3),
        paths in prop::collection::vec(prop::collection::vec("[abA.]{1,4}", 1..6), 200),
        case in case(),
    ) {
        let (p, q) = (pattern(&p), pattern(&q));
        let answer = p.overlaps(&q, case);
        prop_assert_eq!(answer, q.overlaps(&p, case), "`{}` and `{}` disagree", &p, &q);
        for path in paths.iter().map(|names| names.join("/")) {
            let both = p.matches(&path, case) && q.matches(&path, case);
            prop_assert!(answer || !both, "`{}` and `{}` have {} in common", &p, &q, path);
        }
    }
}
