//! The place of each document in the state's tree.
//!
//! A path depends on the document's identity and the levels of the format alone, so a fetched tree
//! cannot make us read or write anywhere else. Pure.

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

/// The levels of folders between the folder of a kind and its items: with two, what one change
/// rewrites stays small up to a million items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Levels {
    /// Those of format 2.
    One,
    /// Those of format 3.
    Two,
}

impl Levels {
    /// Both, the newer first.
    pub const ALL: [Levels; 2] = [Levels::Two, Levels::One];

    /// The levels of a format, given as (major, minor).
    pub fn of((major, _): (u32, u32)) -> Levels {
        if major < 3 { Levels::One } else { Levels::Two }
    }

    /// The levels that a path has, whatever its format.
    fn in_path(path: &str) -> Levels {
        match path.split('/').count() {
            0..=3 => Levels::One,
            _ => Levels::Two,
        }
    }
}

/// The path of an item whose file name shows `suffix` characters of its uid.
pub fn item_path(levels: Levels, kind: ItemKind, born: &str, uid: &Uid, suffix: usize) -> String {
    let stem = item_stem(levels, kind, born);
    format!("{stem}-{}.md", uid.suffix(suffix))
}

/// The path of an item without its suffix. Items of one stem share the suffixes, even if their birth
/// ids differ, as a forged one may.
pub fn item_stem(levels: Levels, kind: ItemKind, born: &str) -> String {
    let (folder, stem) = (Family::Item(kind).folder(), file_stem(born));
    match levels {
        Levels::One => format!("{folder}/{}/{stem}", one_folder(kind, born)),
        Levels::Two => format!("{folder}/{}/{stem}", two_folders(kind, &stem).join("/")),
    }
}

/// The number by which items of a kind with sequential ids are grouped.
fn sequential(kind: ItemKind, id: &str) -> Option<u32> {
    let (of, number) = parse_sequential(id)?;
    (of == kind).then_some(number)
}

/// The hash by which other items are grouped; children are beside their parent.
fn root_hash(id: &str) -> String {
    sha256_hex(id.split('.').next().unwrap_or(id).as_bytes())
}

/// The folder in format 2: one for each hundred of sequential ids, 256 for others.
fn one_folder(kind: ItemKind, born: &str) -> String {
    match sequential(kind, born) {
        Some(number) => format!("{:02}", number / 100),
        None => root_hash(born)[..2].to_string(),
    }
}

/// The folders in format 3: one for each ten thousand and one for each hundred of sequential ids,
/// 16 times 256 for others. They follow from the file's name alone.
fn two_folders(kind: ItemKind, stem: &str) -> [String; 2] {
    match sequential(kind, stem) {
        Some(number) => [
            format!("{:02}", number / 10_000),
            format!("{:02}", number / 100 % 100),
        ],
        None => {
            let hash = root_hash(stem);
            [hash[..1].to_string(), hash[1..3].to_string()]
        }
    }
}

/// True for the name of one of the 256 folders of [`one_folder`].
fn is_hash_folder(name: &str) -> bool {
    name.len() == 2 && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The folders in format 3 of a file, or what has the name of one, that is where format 2 has an
/// item of its name; `None` if none could be there.
pub(crate) fn moved_to(kind: ItemKind, folder: &str, name: &str) -> Option<[String; 2]> {
    let (stem, suffix) = name.strip_suffix(".md")?.rsplit_once('-')?;
    // Of an id that is no file name, only the item knows the folder.
    let of_hash = stem
        .strip_prefix("id-")
        .is_some_and(|hash| hash.len() == 24);
    let fits = match sequential(kind, stem) {
        None if of_hash => is_hash_folder(folder),
        _ => folder == one_folder(kind, stem),
    };
    (fits && suffix.len() >= SUFFIX_LENGTHS[0]).then(|| two_folders(kind, stem))
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
pub fn path_of(levels: Levels, doc: &Doc) -> Option<String> {
    if let Some(kind) = ItemKind::parse(&doc.kind) {
        let path = item_path(levels, kind, &doc.born, &doc.uid, SUFFIX_LENGTHS[0]);
        return Some(path);
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

/// Checks that a document is where its identity says; an item may be where either format has it.
///
/// # Errors
/// [`Damage::Misplaced`] with the path where it belongs.
pub fn check_place(doc: &Doc, path: &str) -> Result<(), Damage> {
    let levels = Levels::in_path(path);
    let belongs = path_of(levels, doc);
    let fits = match ItemKind::parse(&doc.kind) {
        Some(kind) => SUFFIX_LENGTHS
            .iter()
            .any(|n| item_path(levels, kind, &doc.born, &doc.uid, *n) == path),
        None => belongs.as_deref() == Some(path),
    };
    if fits {
        return Ok(());
    }
    let unknown = || "no path: the kind is unknown".to_string();
    Err(Damage::Misplaced(belongs.unwrap_or_else(unknown)))
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
        let path_of = |doc: &Doc| path_of(Levels::Two, doc);
        let path = path_of(&task).unwrap();
        assert!(path.starts_with("tasks/00/01/T-0123-"), "{path}");
        assert!(check_place(&task, &path).is_ok());
        assert!(check_place(&task, "tasks/00/01/T-0124-xxxx.md").is_err());
        let old = super::path_of(Levels::One, &task).unwrap();
        assert!(old.starts_with("tasks/01/T-0123-"), "{old}");
        assert!(check_place(&task, &old).is_ok());
        let evil = path_of(&doc("issue", "../../etc/passwd")).unwrap();
        assert!(
            evil.starts_with("issues/") && !evil.contains(".."),
            "{evil}"
        );
        let child = path_of(&doc("issue", "pm-a3f8.1")).unwrap();
        let parent = path_of(&doc("issue", "pm-a3f8")).unwrap();
        assert_eq!(child[..12], parent[..12]);
        assert!(
            path_of(&doc("message", ""))
                .unwrap()
                .starts_with("messages/2025/11/20/")
        );
    }

    #[test]
    fn a_file_moves_from_where_format_2_has_it() {
        let ids = [
            "T-0007",
            "T-1234567",
            "pm-a3f8.1",
            "p q",
            "E-0001",
            "id-x",
            "",
        ];
        for (kind, born) in ids
            .iter()
            .flat_map(|born| [("task", born), ("issue", born)])
        {
            let doc = doc(kind, born);
            let [old, new] = [Levels::One, Levels::Two].map(|l| super::path_of(l, &doc).unwrap());
            let [_, folder, name] = old.split('/').collect::<Vec<_>>()[..] else {
                panic!("{old}");
            };
            let moved = moved_to(ItemKind::parse(kind).unwrap(), folder, name).unwrap();
            assert!(
                new.contains(&format!("/{}/{name}", moved.join("/"))),
                "{old}, {new}"
            );
        }
        assert!(moved_to(ItemKind::Task, "77", "T-0007-k3f9.md").is_none());
        assert!(moved_to(ItemKind::Task, "00", "readme.md").is_none());
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
