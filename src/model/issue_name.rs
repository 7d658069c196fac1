//! How an issue at a forge is named, and what documents say about issues there. Pure.

/// The record of items and comments about what mirrors them; an entry for each repository.
pub const MIRRORS: &str = "mirrors";

/// The record of the repository's document about the forges that the project is linked to.
pub const LINKS: &str = "forge_links";

/// Its entry for GitHub.
pub const GITHUB: &str = "github";

/// The number of digits of a number of an issue, at most.
const DIGITS: usize = 18;

/// An issue, or what has a number like one, at GitHub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueName {
    /// `OWNER/NAME`, or `HOST/OWNER/NAME`; none for the linked repository.
    pub repository: Option<String>,
    /// Its number there.
    pub number: u64,
}

impl IssueName {
    /// Reads `gh:12`, `gh:OWNER/NAME#12` or the address of an issue or pull request; none for
    /// another text.
    pub fn parse(text: &str) -> Option<IssueName> {
        let text = text.trim();
        let (repository, number) = if let Some(short) = text.strip_prefix("gh:") {
            short.rsplit_once('#').unwrap_or(("", short))
        } else {
            let schemes = ["https://", "http://"].iter();
            let address = schemes.filter_map(|one| text.strip_prefix(one)).next()?;
            let ways = ["/issues/", "/pull/"].iter();
            let (place, rest) = ways.filter_map(|way| address.split_once(way)).next()?;
            // A comment on it, or one of its tabs.
            (
                place,
                rest.split(['#', '?', '/']).next().unwrap_or_default(),
            )
        };
        let is_number = number.len() <= DIGITS && number.bytes().all(|b| b.is_ascii_digit());
        let number = number.parse().ok().filter(|n| is_number && *n > 0)?;
        let repository = Some(repository.to_string()).filter(|name| !name.is_empty());
        Some(IssueName { repository, number })
    }

    /// Reads where an imported item came from: `github:OWNER/NAME#12` of `gh issue list`, or, in a sheet, the
    /// address at GitHub; none for another reference.
    fn of_import(reference: &str) -> Option<IssueName> {
        let (source, id) = reference.split_once(':')?;
        if source == GITHUB {
            return IssueName::parse(&format!("gh:{id}"));
        }
        let is_there = |place: &String| place.starts_with("github.");
        IssueName::parse(id).filter(|one| one.repository.as_ref().is_some_and(is_there))
    }

    /// True if a text names the issue that an item with an external reference came from, as `gh-12` or as
    /// [`IssueName::parse`] reads it. Both are in lower case.
    pub fn names_import(text: &str, reference: &str) -> bool {
        let short = is_numbered(text).then(|| text.replacen('-', ":", 1));
        let typed = IssueName::parse(short.as_deref().unwrap_or(text));
        let from = typed.and_then(|typed| Some((typed, IssueName::of_import(reference)?)));
        from.is_some_and(|(typed, from)| {
            typed.number == from.number
                && (typed.place().is_none() || typed.place() == from.place())
        })
    }

    /// The repository, with its host unless that is `github.com`.
    fn place(&self) -> Option<&str> {
        let named = self.repository.as_deref()?;
        Some(named.strip_prefix("github.com/").unwrap_or(named))
    }

    /// True if it can be of the repository `owner/name` at `host`.
    pub fn is_of(&self, host: &str, owner: &str, name: &str) -> bool {
        let short = format!("{owner}/{name}");
        let is_named = |named: &String| {
            named.eq_ignore_ascii_case(&short)
                || named.eq_ignore_ascii_case(&format!("{host}/{short}"))
        };
        self.repository.as_ref().is_none_or(is_named)
    }
}

/// True for `gh-12`, as the item of an issue is called.
pub fn is_numbered(id: &str) -> bool {
    let number = id.strip_prefix("gh-").unwrap_or_default();
    !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_issues() {
        let of = |text: &str| IssueName::parse(text).map(|one| (one.repository, one.number));
        let widget = |host: &str| Some((Some(format!("{host}acme/widget")), 12));
        assert_eq!(of("gh:12"), Some((None, 12)));
        assert_eq!(of(" gh:#12 "), Some((None, 12)));
        assert_eq!(of("gh:acme/widget#12"), widget(""));
        for end in [
            "issues/12",
            "issues/12#issuecomment-3",
            "pull/12/files",
            "issues/12?x=1",
        ] {
            let address = format!("https://github.com/acme/widget/{end}");
            assert_eq!(of(&address), widget("github.com/"), "{address}");
        }
        for other in [
            "gh-12",
            "gh:",
            "gh:0",
            "gh:+1",
            "gh:a#b",
            "T-0012",
            "#12",
            "https://x/issues/",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
        assert_eq!(of(&format!("gh:{}", "9".repeat(40))), None);
    }

    #[test]
    fn an_imported_item_has_the_names_of_its_issue() {
        let widget = "github:acme/widget#12";
        let sheet = "csv:https://github.com/acme/widget/issues/12";
        for name in [
            "gh-12",
            "gh:12",
            "gh:acme/widget#12",
            "https://github.com/acme/widget/issues/12",
        ] {
            assert!(IssueName::names_import(name, widget), "{name}");
            assert!(IssueName::names_import(name, sheet), "{name}");
        }
        for (name, reference) in [
            ("gh-1", widget),
            ("gh-", widget),
            ("gh:acme/other#12", widget),
            ("gh:github.example.com/acme/widget#12", widget),
            ("gh-12", "csv:12"),
            ("gh-12", "csv:https://gitlab.com/acme/widget/issues/12"),
            ("gh-12", "https://github.com/acme/widget/issues/12"),
        ] {
            assert!(
                !IssueName::names_import(name, reference),
                "{name} {reference}"
            );
        }
    }

    #[test]
    fn an_issue_is_of_one_repository() {
        let is_of = |text: &str| {
            IssueName::parse(text).is_some_and(|one| one.is_of("github.com", "acme", "widget"))
        };
        assert!(is_of("gh:1") && is_of("gh:Acme/Widget#1"));
        assert!(is_of("https://github.com/acme/widget/issues/1"));
        assert!(!is_of("gh:acme/other#1") && !is_of("https://example.com/acme/widget/issues/1"));
    }
}
