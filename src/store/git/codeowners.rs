//! CODEOWNERS: who owns which paths, in the syntax that GitHub documents.

use gix::glob::Pattern;
use gix::glob::pattern::Case;
use gix::glob::wildmatch::Mode;

/// The lines of a file that count.
pub struct Codeowners {
    rules: Vec<Rule>,
    /// The numbers, from 1, of the lines that are not valid and do not count.
    pub invalid: Vec<usize>,
}

struct Rule {
    pattern: Pattern,
    /// What is below a matching folder is owned, too.
    below: bool,
    owners: Vec<String>,
}

impl Codeowners {
    /// Reads the text of a file.
    pub fn parse(text: &str) -> Codeowners {
        let (mut rules, mut invalid) = (Vec::new(), Vec::new());
        // The owners of a section of GitLab: a line of it without owners has these.
        let mut section: Option<Vec<String>> = None;
        for (n, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let begins = line.trim_start_matches('^').starts_with('[');
            if let Some(end) = line.rfind(']').filter(|_| begins) {
                let owners = words(&line[end + 1..])
                    .into_iter()
                    .filter(|one| is_owner(one));
                section = Some(owners.map(str::to_string).collect());
                invalid.push(n + 1);
                continue;
            }
            let mut words = words(line).into_iter();
            let Some(pattern) = words.next() else {
                continue;
            };
            let mut owners: Vec<String> = words.map(str::to_string).collect();
            if let Some(of_section) = section.as_ref().filter(|_| owners.is_empty()) {
                if of_section.is_empty() {
                    continue;
                }
                owners.clone_from(of_section);
            }
            match read(pattern).filter(|_| owners.iter().all(|one| is_owner(one))) {
                Some(parsed) => rules.push(Rule {
                    pattern: parsed,
                    below: !pattern.ends_with("/*"),
                    owners,
                }),
                None => invalid.push(n + 1),
            }
        }
        Codeowners { rules, invalid }
    }

    /// The owners of a path, any of whom decides: those of the last line that matches it.
    pub fn of(&self, path: &str) -> &[String] {
        let last = |case| self.rules.iter().rfind(|rule| rule.matches(path, case));
        // Where files have no case, `Infra/x` lands in `infra`.
        let last = last(Case::Sensitive).or_else(|| last(Case::Fold));
        last.map_or(&[], |rule| &rule.owners)
    }

    /// All owners that the file names, in order.
    pub fn all(&self) -> Vec<String> {
        let all = self
            .rules
            .iter()
            .flat_map(|rule| rule.owners.iter().cloned());
        std::collections::BTreeSet::from_iter(all)
            .into_iter()
            .collect()
    }
}

impl Rule {
    fn matches(&self, path: &str, case: Case) -> bool {
        let folders = path.match_indices('/').map(|(at, _)| at);
        let ends = folders.filter(|_| self.below).chain([path.len()]);
        ends.into_iter().any(|end| {
            let part = &path[..end];
            self.pattern.matches_repo_relative_path(
                part.into(),
                part.rfind('/').map(|at| at + 1),
                Some(end < path.len()),
                case,
                Mode::NO_MATCH_SLASH_LITERAL,
            )
        })
    }
}

/// The words of a line before its comment; `\` keeps a space within a word.
fn words(line: &str) -> Vec<&str> {
    let (mut words, mut start, mut escaped) = (Vec::new(), 0, false);
    for (at, c) in line.char_indices().chain([(line.len(), ' ')]) {
        if c.is_whitespace() && (!escaped || at == line.len()) {
            match &line[start..at] {
                comment if comment.starts_with('#') => break,
                "" => {}
                word => words.push(word),
            }
            start = at + c.len_utf8();
        }
        escaped = c == '\\' && !escaped;
    }
    words
}

/// A pattern; none if it has what GitHub does not support.
fn read(text: &str) -> Option<Pattern> {
    let is_other = text.starts_with('!') || text.starts_with("\\#") || text.contains(['[', ']']);
    Pattern::from_bytes_without_negation(text.as_bytes()).filter(|_| !is_other)
}

/// True for `@user`, `@org/team`, and an e-mail address.
fn is_owner(text: &str) -> bool {
    let is_name = |name: &str| {
        let is_part = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        !name.is_empty() && name.chars().all(is_part)
    };
    match text.strip_prefix('@') {
        // GitLab has groups of groups.
        Some(name) => name.split('/').all(is_name),
        None => {
            let parts = text.split_once('@');
            parts.is_some_and(|(user, host)| {
                !user.is_empty() && user.chars().all(|c| c.is_ascii_graphic()) && is_name(host)
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Codeowners;

    #[track_caller]
    fn owned(text: &str, path: &str, by: &[&str]) {
        assert_eq!(Codeowners::parse(text).of(path), by, "{path} by:\n{text}");
    }

    /// The examples of GitHub's documentation, each alone.
    #[test]
    fn patterns_match_what_github_documents() {
        for (line, yes, no) in [
            ("*", "a.txt docs/a/b.c", ""),
            ("*.js", "a.js src/deep/a.js", "a.jsx js"),
            (
                "/build/logs/",
                "build/logs/a build/logs/x/y",
                "x/build/logs/a build/logs",
            ),
            (
                "docs/*",
                "docs/getting-started.md",
                "docs/build-app/troubleshooting.md x/docs/a.md",
            ),
            ("apps/", "apps/a x/apps/b/c", "apps x/apps"),
            ("/docs/", "docs/a docs/x/y", "x/docs/a"),
            (
                "**/logs",
                "build/logs/a scripts/logs/b deeply/nested/logs/c logs/d",
                "build/log/a",
            ),
            (
                "/apps/github",
                "apps/github apps/github/a",
                "apps/githubs x/apps/github",
            ),
            ("docs/**/*.md", "docs/a.md docs/x/y/b.md", "docs/a.txt"),
            ("/a\\ b/c?.md", "", "a/c1.md"),
        ] {
            let text = format!("{line} @o");
            yes.split_whitespace()
                .for_each(|path| owned(&text, path, &["@o"]));
            no.split_whitespace()
                .for_each(|path| owned(&text, path, &[]));
        }
        owned("/a\\ b/c?.md @o", "a b/c1.md", &["@o"]);
    }

    #[test]
    fn the_last_match_counts_and_a_line_without_owners_clears() {
        let text = "# All\n* @global-owner1 @global-owner2\n\n\
                    *.js    @js-owner #This is an inline comment.\n*.go docs@example.com\n\
                    *.txt @octo-org/octocats\n/apps/ @octocat\n/apps/github # nobody\r\n";
        owned(text, "a.c", &["@global-owner1", "@global-owner2"]);
        owned(text, "x/a.js", &["@js-owner"]);
        owned(text, "a.go", &["docs@example.com"]);
        owned(text, "a.txt", &["@octo-org/octocats"]);
        owned(text, "apps/a.js", &["@octocat"]);
        owned(text, "apps/github/a.js", &[]);
        assert!(Codeowners::parse(text).invalid.is_empty());
    }

    #[test]
    fn sections_of_gitlab_clear_nothing_and_names_without_case_have_owners() {
        let text = "\u{feff}* @all\n^[Data][2] @dba\nmodel/db/\n[Docs]\ndocs/\n";
        let read = Codeowners::parse(text);
        assert_eq!(read.of("a"), ["@all"]);
        assert_eq!(read.of("model/db/a"), ["@dba"]);
        assert_eq!(read.of("docs/a"), ["@all"]);
        assert_eq!(Codeowners::parse("/infra/ @o").of("Infra/a"), ["@o"]);
    }

    #[test]
    fn lines_that_github_does_not_read_are_skipped_and_numbered() {
        let text = "a @o\n!a @o\n[ab] @p\n\\#a @p\na nobody\na @\na @x/\na @a,b\n[Section] @p\n";
        let read = Codeowners::parse(text);
        assert_eq!(read.invalid, [2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(read.of("a"), ["@o"]);
    }
}
