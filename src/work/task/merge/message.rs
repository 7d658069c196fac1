//! The message of a squash or merge commit: `pm.mergeMessage` chooses it. A project whose commits have
//! the form of Conventional Commits (<https://www.conventionalcommits.org/en/v1.0.0/>) gets that form.

use crate::model::item::Item;
use crate::model::item_type::ItemType;
use crate::model::settings;
use crate::model::text::{one_line, shorten};
use crate::pm::Pm;
use crate::work::task::create::SUBJECT_MAX;

/// The number of the target's newest commits that show its convention.
const LOOKED_AT: &str = "--max-count=20";

/// The types of commits, those that weigh most for a release first.
const TYPES: [&str; 11] = [
    "feat", "fix", "perf", "revert", "refactor", "docs", "style", "test", "build", "ci", "chore",
];

/// The files with which projects configure commitlint, without their endings.
const COMMITLINT: [&str; 2] = ["commitlint.config.", ".commitlintrc"];

impl Pm {
    /// The message of the commit on the target.
    pub(super) fn merge_message(
        &self,
        id: &str,
        item: &Item,
        branch: &str,
        target: &str,
    ) -> String {
        let subject = self.merge_subject(id, item, branch, target);
        let mut text = format!("{}\n\n", shorten(&subject, SUBJECT_MAX));
        if subject.chars().count() > SUBJECT_MAX {
            text.push_str(&format!("{subject}\n\n"));
        }
        let ticked: Vec<_> = item.acceptance.iter().filter(|c| c.done).collect();
        for criterion in &ticked {
            text.push_str(&format!("- {}\n", one_line(&criterion.text)));
        }
        if !ticked.is_empty() {
            text.push('\n');
        }
        text.push_str(&format!("Task: {id}\n"));
        text
    }

    fn merge_subject(&self, id: &str, item: &Item, branch: &str, target: &str) -> String {
        let title = one_line(&item.title);
        let chosen = self.store.repo().text_of(&settings::MERGE_MESSAGE);
        let (branch, target) = (
            format!("refs/heads/{branch}"),
            format!("refs/heads/{target}"),
        );
        let own = self.subjects(&[&format!("{target}..{branch}")]);
        let is_conventional = match chosen.as_str() {
            "title" => false,
            "conventional" => true,
            "auto" => {
                let all = !own.is_empty() && own.iter().all(|one| kind_of(one).is_some());
                all || self.is_conventional(&target)
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
            _ => format!("{}: {title}", commit_type(&item.item_type, &own)),
        }
    }

    /// True if a branch has a configuration of commitlint, or most of its newest commits have the
    /// form.
    fn is_conventional(&self, target: &str) -> bool {
        let git = self.store.repo().git().plain();
        let files = git.run(&["ls-tree", "-z", "--name-only", target]);
        let is_config = |name: &String| COMMITLINT.iter().any(|stem| name.starts_with(stem));
        if files.is_ok_and(|files| files.ok() && files.names::<Vec<String>>().iter().any(is_config))
        {
            return true;
        }
        let subjects = self.subjects(&["--no-merges", LOOKED_AT, target]);
        let conventional = subjects.iter().filter(|one| kind_of(one).is_some());
        2 * conventional.count() > subjects.len()
    }

    /// The first lines of the messages of commits; none where git does not answer.
    fn subjects(&self, which: &[&str]) -> Vec<String> {
        let git = self.store.repo().git().plain();
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
    fn the_type_of_a_branch() {
        let own = |all: &[&str]| all.iter().map(|one| (*one).to_string()).collect::<Vec<_>>();
        assert_eq!(
            commit_type("task", &own(&["docs: a", "fix: b", "c"])),
            "fix"
        );
        assert_eq!(commit_type("bug", &own(&["b"])), "fix");
        assert_eq!(commit_type("task", &[]), "chore");
    }
}
