//! The place of each document in the state's tree.
//!
//! A path depends on the document's identity alone, so a fetched tree cannot make us read or write
//! anywhere else, and a published path never changes. Pure.

use crate::model::codec::Damage;
use crate::model::doc::Doc;
use crate::model::finding;
use crate::model::id::{ItemKind, ItemRef, parse_sequential};
use crate::model::stamp::rfc3339;
use crate::model::uid::{Uid, is_sha256, sha256_hex};

/// The folder of torn objects that were set aside.
pub const TORN: &str = "torn";

/// The ref that holds the state.
pub const MAIN: &str = "refs/pm/main";

/// The ref that holds the join of all published tips.
pub const PUBLISHED: &str = "refs/pm-local/published";

/// The file with format version, generation and shared settings.
pub const REPOSITORY: &str = "pm.yaml";

/// The folder of the contents of artifacts, each named by its hash. They are opaque: no documents.
pub const BLOBS: &str = "blobs";

/// The top-level folders of documents, with their families.
pub const FOLDERS: &[(&str, Family)] = &[
    ("agents", Family::Agent),
    ("artifacts", Family::Artifact),
    ("comments", Family::Comment),
    ("context", Family::Context),
    ("epics", Family::Item(ItemKind::Epic)),
    ("findings", Family::Finding),
    ("issues", Family::Item(ItemKind::Issue)),
    ("keys", Family::Key),
    ("learnings", Family::Learning),
    ("messages", Family::Message),
    ("plans", Family::Plan),
    ("prds", Family::Item(ItemKind::Prd)),
    ("reservations", Family::Reservation),
    ("runs", Family::Run),
    ("tasks", Family::Item(ItemKind::Task)),
];

/// The kind of documents in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Items of one kind.
    Item(ItemKind),
    /// Comments on items.
    Comment,
    /// Reservations of paths.
    Reservation,
    /// Messages and notices.
    Message,
    /// The record of an idempotency key.
    Key,
    /// A learning: a pattern, a gotcha, a decision.
    Learning,
    /// A role that an agent can take: its prompt, tools and model.
    Agent,
    /// A proposed change to the graph of tasks.
    Plan,
    /// A section of the project context.
    Context,
    /// One version of a file that belongs to an item.
    Artifact,
    /// What a reviewer says is wrong with an item's work or plan.
    Finding,
    /// A run of agents over the graph of tasks, or what became of one task in it.
    Run,
}

impl Family {
    /// The family of a top-level folder.
    pub fn of_folder(name: &str) -> Option<Family> {
        let found = FOLDERS.iter().find(|(folder, _)| *folder == name);
        found.map(|(_, family)| *family)
    }

    /// The family of the folder at the beginning of a path.
    pub fn of_path(path: &str) -> Option<Family> {
        Family::of_folder(path.split('/').next().unwrap_or(path))
    }

    /// The top-level folder.
    pub fn folder(self) -> &'static str {
        let found = FOLDERS.iter().find(|(_, family)| *family == self);
        found.map_or("", |(folder, _)| *folder)
    }

    /// The word in a document's `kind` field.
    pub fn kind(self) -> &'static str {
        match self {
            Family::Item(kind) => kind.as_str(),
            Family::Comment => "comment",
            Family::Reservation => "reservation",
            Family::Message => "message",
            Family::Key => "key",
            Family::Learning => "learning",
            Family::Agent => "agent",
            Family::Plan => "plan",
            Family::Context => "context",
            Family::Artifact => "artifact",
            Family::Finding => finding::KIND,
            Family::Run => "run",
        }
    }

    /// True if the index has its documents. Others are few, or are found by their path.
    pub fn is_indexed(self) -> bool {
        !matches!(
            self,
            Family::Key
                | Family::Agent
                | Family::Plan
                | Family::Context
                | Family::Artifact
                | Family::Finding
                | Family::Run
        )
    }
}

/// The possible lengths of the uid's suffix in an item's file name: four characters, more only if
/// another item with the same birth id has the same ones.
pub const SUFFIX_LENGTHS: [usize; 7] = [4, 8, 12, 16, 20, 24, 26];

/// The path of an item whose file name shows `suffix` characters of its uid.
pub fn item_path(kind: ItemKind, born: &str, uid: &Uid, suffix: usize) -> String {
    format!("{}-{}.md", item_stem(kind, born), uid.suffix(suffix))
}

/// The path of an item without its suffix. Items of one stem share the suffixes, even if their birth
/// ids differ, as a forged one may.
pub fn item_stem(kind: ItemKind, born: &str) -> String {
    let folder = Family::Item(kind).folder();
    format!("{folder}/{}/{}", item_folder(kind, born), file_stem(born))
}

/// The folder that groups items: per hundred for sequential ids, per hash for hash ids, where
/// children are beside their parent.
fn item_folder(kind: ItemKind, born: &str) -> String {
    match parse_sequential(born) {
        Some((k, number)) if k == kind => format!("{:02}", number / 100),
        _ => {
            let root = born.split('.').next().unwrap_or(born);
            sha256_hex(root.as_bytes())[..2].to_string()
        }
    }
}

/// The id as a file name; foreign ids that are not valid names become a hash.
fn file_stem(born: &str) -> String {
    let safe = !born.is_empty()
        && born.len() <= 80
        && born.starts_with(|c: char| c.is_ascii_alphanumeric())
        && born
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if safe {
        born.to_string()
    } else {
        format!("id-{}", &sha256_hex(born.as_bytes())[..24])
    }
}

/// The path of a document; items get the shortest suffix.
pub fn path_of(doc: &Doc) -> Option<String> {
    if let Some(kind) = ItemKind::parse(&doc.kind) {
        return Some(item_path(kind, &doc.born, &doc.uid, SUFFIX_LENGTHS[0]));
    }
    let uid = &doc.uid;
    Some(match doc.kind.as_str() {
        "comment" | "artifact" | finding::KIND => {
            let mut families = FOLDERS.iter().map(|(_, family)| *family);
            let family = families.find(|family| family.kind() == doc.kind)?;
            let item = ItemRef::parse(doc.text("item")?).uid?;
            format!("{}/{uid}.md", folder_of_item(family, &item))
        }
        "reservation" => format!("reservations/{}/{uid}.md", date_folder(uid)),
        "message" => format!("messages/{}/{uid}.md", date_folder(uid)),
        "key" => by_end(Family::Key, uid),
        "learning" => by_end(Family::Learning, uid),
        "agent" => by_end(Family::Agent, uid),
        "plan" => by_end(Family::Plan, uid),
        "context" => by_end(Family::Context, uid),
        "run" => {
            let run = match doc.text("run") {
                Some(run) => Uid::new(run)?,
                None => uid.clone(),
            };
            format!("{}/{uid}.md", run_folder(&run))
        }
        _ => return None,
    })
}

/// The path of a name in a folder.
pub fn below(folder: &str, name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    match folder {
        "" => name.into_owned(),
        _ => format!("{folder}/{name}"),
    }
}

/// The folder of an item's comments, artifacts or findings.
pub fn folder_of_item(family: Family, item: &Uid) -> String {
    format!("{}/{}/{item}", family.folder(), item.suffix(2))
}

/// The folder of a run: its own document, and one for each of its tasks.
pub fn run_folder(run: &Uid) -> String {
    format!("runs/{}/{run}", run.suffix(2))
}

/// The path of an artifact's content; `None` if that is not the hash of one.
pub fn content_path(sha256: &str) -> Option<String> {
    is_sha256(sha256).then(|| format!("{BLOBS}/{}/{sha256}", &sha256[..2]))
}

/// The hash that names the content of an artifact, if this is the path of one.
pub fn content_of_path(path: &str) -> Option<&str> {
    let (folder, name) = path.rsplit_once('/')?;
    folder.starts_with(BLOBS).then_some(name)?;
    content_path(name)
        .is_some_and(|wanted| wanted == path)
        .then_some(name)
}

/// The path of a document in a folder named by the end of its uid.
pub fn by_end(family: Family, uid: &Uid) -> String {
    format!("{}/{}/{uid}.md", family.folder(), uid.suffix(2))
}

/// Checks that a document is where its identity says.
///
/// # Errors
/// [`Damage::Misplaced`] with the path where it belongs.
pub fn check_place(doc: &Doc, path: &str) -> Result<(), Damage> {
    let fits = match ItemKind::parse(&doc.kind) {
        Some(kind) => SUFFIX_LENGTHS
            .iter()
            .any(|n| item_path(kind, &doc.born, &doc.uid, *n) == path),
        None => path_of(doc).as_deref() == Some(path),
    };
    if fits {
        Ok(())
    } else {
        Err(Damage::Misplaced(path_of(doc).unwrap_or_else(|| {
            "no path: the kind is unknown".to_string()
        })))
    }
}

/// `YYYY/MM/DD` from the time in a uid.
fn date_folder(uid: &Uid) -> String {
    let ms = uid
        .as_str()
        .bytes()
        .take(10)
        .fold(0u64, |acc, b| acc * 32 + crockford(b));
    match rfc3339(ms).get(..10) {
        Some(date) if !date.starts_with("9999") => date.replace('-', "/"),
        _ => "9999/12/31".to_string(),
    }
}

fn crockford(b: u8) -> u64 {
    b"0123456789abcdefghjkmnpqrstvwxyz"
        .iter()
        .position(|c| *c == b)
        .unwrap_or(0) as u64
}

/// True if a name is allowed in the state's tree: names that git could not check out safely, or
/// with control characters, are never followed.
pub fn is_safe_name(name: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(name) else {
        return false;
    };
    let lower = text.to_ascii_lowercase();
    !text.is_empty()
        && text.len() <= 255
        && !matches!(lower.as_str(), "." | ".." | ".git" | "git~1")
        && !text
            .chars()
            .any(|c| c == '/' || c == '\\' || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stamp::Stamp;

    fn doc(kind: &str, born: &str) -> Doc {
        let stamp: Stamp = "1763625600000.0.a".parse().unwrap();
        Doc::new(
            Uid::from_parts(1_763_625_600_000, [9; 10]),
            kind,
            born,
            stamp,
        )
    }

    #[test]
    fn paths_follow_from_the_identity() {
        let task = doc("task", "T-0123");
        let path = path_of(&task).unwrap();
        assert!(path.starts_with("tasks/01/T-0123-"), "{path}");
        assert!(check_place(&task, &path).is_ok());
        assert!(check_place(&task, "tasks/01/T-0124-xxxx.md").is_err());
        let evil = path_of(&doc("issue", "../../etc/passwd")).unwrap();
        assert!(
            evil.starts_with("issues/") && !evil.contains(".."),
            "{evil}"
        );
        let child = path_of(&doc("issue", "pm-a3f8.1")).unwrap();
        let parent = path_of(&doc("issue", "pm-a3f8")).unwrap();
        assert_eq!(child[..10], parent[..10]);
        assert!(
            path_of(&doc("message", ""))
                .unwrap()
                .starts_with("messages/2025/11/20/")
        );
    }

    #[test]
    fn names_with_special_meaning_are_never_followed() {
        for bad in [
            &b".."[..],
            b".git",
            b".GIT",
            b"git~1",
            b"a/b",
            b"a\\b",
            b"\xff",
            b"a\x1bb",
            b"",
        ] {
            assert!(!is_safe_name(bad), "{bad:?}");
        }
        assert!(is_safe_name(b"T-0001-k3f9.md"));
    }
}
