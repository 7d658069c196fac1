//! The message of a squash or merge commit: `pm.mergeMessage` chooses it.
//!
//! A project whose commits have the form of Conventional Commits
//! (<https://www.conventionalcommits.org/en/v1.0.0/>) gets that form.

use crate::model::item::Item;
use crate::model::item_type::ItemType;
use crate::model::settings;
use crate::model::text::{escape_controls, one_line, shorten};
use crate::pm::Pm;

/// The maximum length of a line, in characters: that of commitlint's usual rules.
const LINE_MAX: usize = 100;

/// The number of the target's newest commits that show its convention.
const LOOKED_AT: &str = "--max-count=20";

/// The number of a branch's commits that are read.
const COMMITS_MAX: &str = "--max-count=200";

/// The number of trailers that are kept.
const CREDITS_MAX: usize = 50;

/// The types of commits, those that weigh most for a release first.
const TYPES: [&str; 11] = [
    "feat", "fix", "perf", "revert", "refactor", "docs", "style", "test", "build", "ci", "chore",
];

/// The files with which projects configure commitlint, without their endings.
const COMMITLINT: [&str; 2] = ["commitlint.config.", ".commitlintrc"];

/// The message of the commit on the target, and its author if it is one commit: `worker`, who submitted the
/// work, if they made some of its commits, else the author of the newest.
pub(super) fn merge_message(
    pm: &Pm,
    id: &str,
    item: &Item,
    worker: Option<&str>,
    branch: &str,
    target: &str,
) -> (String, Option<(String, String)>) {
    let own = commits(pm, branch, target);
    let of_worker = own.iter().find(|one| Some(&*one.author) == worker);
    let author = of_worker.or(own.first()).map(Commit::who);
    let subject = merge_subject(pm, id, item, &own, target);
    let mut text = format!("{}\n\n", shorten(&subject, LINE_MAX));
    if subject.chars().count() > LINE_MAX {
        text.push_str(&format!("{}\n\n", wrapped(&subject, "")));
    }
    let ticked: Vec<_> = item.acceptance.iter().filter(|c| c.done).collect();
    for criterion in &ticked {
        text.push_str(&wrapped(
            &format!("- {}\n", one_line(&criterion.text)),
            "  ",
        ));
    }
    if !ticked.is_empty() {
        text.push('\n');
    }
    if let [only] = &own[..] {
        let body = paragraphs(&only.body).collect::<Vec<_>>().join("\n\n");
        if !body.is_empty() {
            text.push_str(&format!("{body}\n\n"));
        }
    }
    let plan = item.change_plan.as_deref();
    // One paragraph within others is no trailer, however it begins.
    if let Some(plan) = plan.filter(|plan| !is_breaking_note(&plan.rationale)) {
        text.push_str(&format!("{}\n\n", wrapped(&plan.rationale, "")));
    }
    for note in breaking(&own) {
        text.push_str(&format!("{note}\n\n"));
    }
    text.push_str(&format!("Task: {id}\n"));
    for trailer in credits(&own, author.as_ref()) {
        text.push_str(&format!("{trailer}\n"));
    }
    (text, author)
}

/// The trailers that name who made commits: their authors, except that of the commit itself,
/// and those whom the commits name themselves; and the issues that they close.
fn credits(own: &[Commit], of_all: Option<&(String, String)>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for commit in own {
        let is_other = of_all != Some(&commit.who());
        let author = format!("Co-authored-by: {} <{}>", commit.author, commit.address);
        let author = is_other.then_some(author);
        let named =
            trailers(&commit.body).filter(|line| !line.to_ascii_lowercase().starts_with("task:"));
        for line in author.into_iter().chain(named.map(one_line)) {
            if !found.iter().any(|known| known.eq_ignore_ascii_case(&line)) {
                found.push(line);
            }
        }
    }
    found.truncate(CREDITS_MAX);
    found
}

fn merge_subject(pm: &Pm, id: &str, item: &Item, own: &[Commit], target: &str) -> String {
    let title = one_line(&item.title);
    let chosen = pm.store.repo().text_of(&settings::MERGE_MESSAGE);
    let target = format!("refs/heads/{target}");
    let is_breaking = !breaking(own).is_empty();
    let own: Vec<String> = own.iter().map(|commit| commit.subject.clone()).collect();
    let is_breaking = is_breaking || own.iter().any(|one| marks_breaking(one));
    let is_conventional = match chosen.as_str() {
        "title" => false,
        "conventional" => true,
        "auto" => {
            let all = !own.is_empty() && own.iter().all(|one| kind_of(one).is_some());
            all || is_conventional(pm, &target)
        }
        template => {
            let kind = commit_type(&item.item_type, &own);
            let filled = template.replace("{id}", id).replace("{type}", kind);
            return filled.replace("{title}", &title);
        }
    };
    match &own[..] {
        _ if !is_conventional || kind_of(&title).is_some() => title,
        [only] if kind_of(only).is_some() => only.clone(),
        _ => {
            let mark = if is_breaking { "!" } else { "" };
            let kind = commit_type(&item.item_type, &own);
            format!(
                "{kind}{mark}: {}",
                as_phrase(&title, has_commitlint(pm, &target))
            )
        }
    }
}

/// The commits of a branch that its target lacks, the newest first; none where git does not
/// answer.
fn commits(pm: &Pm, branch: &str, target: &str) -> Vec<Commit> {
    let git = pm.store.repo().git().plain();
    let range = format!("refs/heads/{target}..refs/heads/{branch}");
    let log = git.run(&[
        "log",
        "-z",
        "--no-merges",
        "--no-show-signature",
        "--encoding=UTF-8",
        COMMITS_MAX,
        "--format=%an%x1f%ae%x1f%s%x1f%b",
        &range,
        "--",
    ]);
    let log = log.ok().filter(|log| log.ok());
    let lines = log
        .map(|log| log.names::<Vec<String>>())
        .unwrap_or_default();
    let commit = |line: &String| {
        let mut parts = line.splitn(4, '\u{1f}');
        Some(Commit {
            author: one_line(parts.next()?),
            address: one_line(parts.next()?),
            subject: one_line(parts.next()?),
            body: escape_controls(parts.next()?.trim()),
        })
    };
    lines.iter().filter_map(commit).collect()
}

/// True if a branch has a configuration of commitlint, or most of its newest commits have the
/// form.
fn is_conventional(pm: &Pm, target: &str) -> bool {
    if has_commitlint(pm, target) {
        return true;
    }
    let subjects = subjects(pm, &["--no-merges", LOOKED_AT, target]);
    let conventional = subjects.iter().filter(|one| kind_of(one).is_some());
    2 * conventional.count() > subjects.len()
}

/// True if a branch has a configuration of commitlint.
fn has_commitlint(pm: &Pm, target: &str) -> bool {
    let git = pm.store.repo().git().plain();
    let files = git.run(&["ls-tree", "-z", "--name-only", target]);
    let is_config = |name: &String| COMMITLINT.iter().any(|stem| name.starts_with(stem));
    files.is_ok_and(|files| files.ok() && files.names::<Vec<String>>().iter().any(is_config))
}

/// The first lines of the messages of commits; none where git does not answer.
fn subjects(pm: &Pm, which: &[&str]) -> Vec<String> {
    let git = pm.store.repo().git().plain();
    let log = [
        "log",
        "-z",
        "--no-show-signature",
        "--encoding=UTF-8",
        "--format=%s",
    ];
    let out = git.run(&[&log, which, &["--"]].concat());
    let names = out
        .ok()
        .filter(|out| out.ok())
        .map(|out| out.names::<Vec<String>>());
    let line = |subject: String| one_line(&subject);
    names.unwrap_or_default().into_iter().map(line).collect()
}

/// A commit of a branch.
struct Commit {
    author: String,
    address: String,
    subject: String,
    body: String,
}

impl Commit {
    fn who(&self) -> (String, String) {
        (self.author.clone(), self.address.clone())
    }
}

/// True for the last paragraph of a message if it consists of trailers.
fn is_trailers(paragraph: &str) -> bool {
    paragraph.lines().all(|line| {
        let name = line.split_once(": ").map(|(name, _)| name);
        name.is_some_and(|name| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        })
    })
}

/// The trailers of a message, without those that belong to one commit alone.
fn trailers(body: &str) -> impl Iterator<Item = &str> {
    let last = body.rsplit("\n\n").next().unwrap_or_default();
    let lines = last.lines().filter(|_| is_trailers(last));
    lines.filter(|line| !line.starts_with("Change-Id:"))
}

/// The paragraphs of a message without its trailers and notes of breaking changes.
fn paragraphs(body: &str) -> impl Iterator<Item = &str> {
    let all = body.split("\n\n").filter(|one| !one.trim().is_empty());
    all.filter(|one| !is_trailers(one) && !is_breaking_note(one))
}

fn is_breaking_note(paragraph: &str) -> bool {
    ["BREAKING CHANGE: ", "BREAKING-CHANGE: "]
        .iter()
        .any(|begin| paragraph.starts_with(begin))
}

/// The notes of breaking changes in commits.
fn breaking(own: &[Commit]) -> Vec<&str> {
    let bodies = own.iter().flat_map(|commit| commit.body.split("\n\n"));
    let mut notes: Vec<&str> = bodies.filter(|one| is_breaking_note(one)).collect();
    notes.dedup();
    notes
}

/// True for a subject such as `feat(api)!: drop it`.
fn marks_breaking(subject: &str) -> bool {
    kind_of(subject).is_some()
        && subject
            .split(": ")
            .next()
            .is_some_and(|head| head.ends_with('!'))
}

/// A text with lines of at most [`LINE_MAX`] characters where it has spaces; `indent` is before all
/// but the first.
fn wrapped(text: &str, indent: &str) -> String {
    let (mut out, mut length) = (String::new(), 0);
    for word in text.split_inclusive(' ') {
        let own = word.trim_end().chars().count();
        if length > 0 && length + own > LINE_MAX {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.push_str(indent);
            length = indent.len();
        }
        out.push_str(word);
        length += word.chars().count();
    }
    out
}

/// A title after a type: without a capital letter, unless the first word has more of them and
/// commitlint does not check it, and without a full stop.
fn as_phrase(title: &str, is_checked: bool) -> String {
    let title = title.strip_suffix('.').unwrap_or(title);
    let word = title.split(' ').next().unwrap_or_default();
    let is_name = word
        .chars()
        .skip(1)
        .any(|c| c.is_uppercase() || c.is_ascii_digit());
    match title.chars().next() {
        _ if is_checked => format!("{}{}", word.to_lowercase(), &title[word.len()..]),
        Some(first) if !is_name && word.chars().count() > 1 => {
            format!("{}{}", first.to_lowercase(), &title[first.len_utf8()..])
        }
        _ => title.to_string(),
    }
}

/// The type of a subject such as `feat(parser)!: add thing`.
fn kind_of(subject: &str) -> Option<&'static str> {
    let (head, rest) = subject.split_once(": ")?;
    let head = head.strip_suffix('!').unwrap_or(head);
    let kind = match head.split_once('(') {
        Some((kind, scope)) => scope.strip_suffix(')').map(|_| kind)?,
        None => head,
    };
    let known = TYPES.into_iter().find(|known| *known == kind)?;
    (!rest.trim().is_empty()).then_some(known)
}

/// The type that weighs most among a branch's commits, else that of the item.
fn commit_type(item_type: &str, own: &[String]) -> &'static str {
    let place = |kind: &&str| TYPES.iter().position(|known| known == kind);
    let of_commits = own.iter().filter_map(|one| kind_of(one)).min_by_key(place);
    of_commits.unwrap_or(match item_type.parse() {
        Ok(ItemType::Bug) => "fix",
        Ok(ItemType::Docs) => "docs",
        Ok(ItemType::Test) => "test",
        Ok(ItemType::Feature | ItemType::Story) => "feat",
        _ => "chore",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_of_a_subject() {
        for (subject, kind) in [
            ("feat: add thing", Some("feat")),
            ("fix(api)!: refuse", Some("fix")),
            ("feat:add", None),
            ("feat: ", None),
            ("feature: add", None),
            ("fix(api: refuse", None),
            ("Fix: refuse", None),
            ("Merge branch 'x': y", None),
        ] {
            assert_eq!(kind_of(subject), kind, "{subject}");
        }
    }

    #[test]
    fn a_title_after_a_type_is_a_phrase() {
        for (title, phrase) in [
            ("Customers can log in.", "customers can log in"),
            ("JSON output", "JSON output"),
            ("A part", "A part"),
            ("OAuth2 login", "OAuth2 login"),
        ] {
            assert_eq!(as_phrase(title, false), phrase);
        }
    }

    #[test]
    fn what_others_read_of_a_commit_is_kept() {
        let commit = |subject: &str, body: &str| Commit {
            author: "Ben".into(),
            address: "ben@example.org".into(),
            subject: subject.into(),
            body: body.into(),
        };
        let body = "Why.\n\nBREAKING CHANGE: no more\n\nCloses: #12\nChange-Id: I1";
        let own = [commit("feat(api)!: drop", body), commit("fix: it", "")];
        assert_eq!(breaking(&own), ["BREAKING CHANGE: no more"]);
        assert!(marks_breaking(&own[0].subject) && !marks_breaking(&own[1].subject));
        assert_eq!(trailers(body).collect::<Vec<_>>(), ["Closes: #12"]);
        assert_eq!(paragraphs(body).collect::<Vec<_>>(), ["Why."]);
    }

    #[test]
    fn the_type_of_a_branch() {
        let own = |all: &[&str]| all.iter().map(|one| (*one).to_string()).collect::<Vec<_>>();
        assert_eq!(
            commit_type("task", &own(&["docs: a", "fix: b", "c"])),
            "fix"
        );
        assert_eq!(commit_type("bug", &own(&["b"])), "fix");
        assert_eq!(commit_type("task", &[]), "chore");
    }

    #[test]
    fn what_commitlint_checks_begins_small_and_has_short_lines() {
        assert_eq!(as_phrase("API: support OAuth", true), "api: support OAuth");
        assert_eq!(as_phrase("README typo", true), "readme typo");
        let long = format!("- {} end\n", ["word"; 60].join(" "));
        let lines = wrapped(&long, "  ");
        assert!(
            lines.lines().all(|line| line.chars().count() <= LINE_MAX),
            "{lines}"
        );
        assert_eq!(lines.lines().count(), 4);
        assert!(
            lines.lines().skip(1).all(|line| line.starts_with("  word")),
            "{lines}"
        );
        assert_eq!(wrapped(&"x".repeat(300), ""), "x".repeat(300));
    }
}
