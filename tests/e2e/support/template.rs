//! Repositories that many tests begin with. The first test that needs one makes it with git and git pm;
//! the others write a copy, which starts no process but one.

use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::Value;

use super::{Dice, Repo, Scene, random};

/// The owner of the clone in [`HUB`].
const OWNER: &str = "Template";

/// A folder in memory: what is in it, by path.
#[derive(PartialEq)]
struct Folder(Vec<(PathBuf, Entry)>);

#[derive(PartialEq)]
enum Entry {
    Folder,
    File { bytes: Vec<u8>, mode: u32 },
}

impl Folder {
    /// What is in a folder now, without the examples of hooks that git puts there.
    fn read(folder: &Path) -> Folder {
        let entries = walkdir::WalkDir::new(folder)
            .min_depth(1)
            .sort_by_file_name();
        let entries = entries.into_iter().map(Result::unwrap);
        let is_example = |path: &Path| path.extension().is_some_and(|end| end == "sample");
        let entries = entries
            .filter(|entry| !is_example(entry.path()))
            .map(|entry| {
                let path = entry.path().strip_prefix(folder).unwrap().to_path_buf();
                let content = match entry.file_type().is_dir() {
                    true => Entry::Folder,
                    false => Entry::File {
                        bytes: std::fs::read(entry.path()).unwrap(),
                        mode: entry.metadata().unwrap().permissions().mode() & 0o777,
                    },
                };
                (path, content)
            });
        Folder(entries.collect())
    }

    fn write(&self, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for (path, entry) in &self.0 {
            let path = to.join(path);
            match entry {
                Entry::Folder => std::fs::create_dir(path).unwrap(),
                Entry::File { bytes, mode } => {
                    let mut options = std::fs::OpenOptions::new();
                    let options = options.write(true).create_new(true).mode(*mode);
                    options.open(path).unwrap().write_all(bytes).unwrap();
                }
            }
        }
    }
}

/// A repository with one commit.
static PLAIN: LazyLock<Folder> = LazyLock::new(|| {
    let scene = Scene::new();
    scene.make_repo("a");
    Folder::read(&scene.at("a").path)
});

/// As [`PLAIN`], with `git pm init`.
static SET_UP: LazyLock<Folder> = LazyLock::new(|| {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
    Folder::read(&repo.path)
});

struct Hub {
    /// The bare `hub.git`.
    hub: Folder,
    /// The repository that pushed its first commit there and ran `init`.
    first: Folder,
    /// A clone of the hub.
    clone: Folder,
    /// The path of the hub when the clone was made.
    path: String,
}

static HUB: LazyLock<Hub> = LazyLock::new(|| {
    let scene = Scene::new();
    let (hub, a) = scene.make_hub();
    let first = Folder::read(&a.path);
    let before = Folder::read(&hub.path);
    let clone = scene.make_clone(&hub, "b", OWNER);
    let hub_after = Folder::read(&hub.path);
    assert!(before == hub_after, "`init` in a clone changes the hub");
    Hub {
        hub: hub_after,
        first,
        clone: Folder::read(&clone.path),
        path: hub.path.to_str().unwrap().to_string(),
    }
});

pub fn plain(repo: &Repo) {
    PLAIN.write(&repo.path);
    refresh(repo);
}

pub fn set_up(repo: &Repo) {
    SET_UP.write(&repo.path);
    refresh(repo);
}

pub fn hub(hub: &Repo, first: &Repo) {
    HUB.hub.write(&hub.path);
    HUB.first.write(&first.path);
    refresh(first);
}

/// Writes the clone of a hub, if the hub is still what [`hub`] wrote; false if it is not.
pub fn clone(hub: &Repo, clone: &Repo, who: &str) -> bool {
    let is_plain = |who: &str| who.bytes().all(|b| b.is_ascii_alphabetic());
    if !is_plain(who) || Folder::read(&hub.path) != HUB.hub {
        return false;
    }
    HUB.clone.write(&clone.path);
    let config = clone.read(".git/config");
    let own = config.replace(&HUB.path, hub.path.to_str().unwrap());
    clone.write(".git/config", &own.replace(OWNER, who));
    refresh(clone);
    true
}

/// Makes a copied repository one that was always there: for git, whose index has the times of files,
/// and for git pm, which takes a copy for one.
fn refresh(repo: &Repo) {
    repo.git(&["update-index", "-q", "--refresh"]).ok();
    let git_dir = repo.path.join(".git");
    adopt(&git_dir, Some(&replica()));
    let index = git_dir.join("pm/index.sqlite");
    if let Ok(file) = std::fs::metadata(&index) {
        let time = file.modified().unwrap();
        let time = time.duration_since(std::time::UNIX_EPOCH).unwrap();
        let seen = format!("{} {} {}", file.len(), time.as_nanos(), file.ino());
        std::fs::write(index.with_extension("lock"), seen).unwrap();
    }
}

/// A new id of a clone.
fn replica() -> String {
    let mut dice = Dice::new(random());
    let letters = b"abcdefghijklmnopqrstuvwxyz234567";
    let letter = |_| char::from(letters[dice.below(letters.len())]);
    (0..10).map(letter).collect()
}

/// Makes a copied clone continue as the one it was copied from, or as a clone of its own with this id.
pub fn adopt(git_dir: &Path, id: Option<&str>) {
    let file = git_dir.join("pm/replica.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        return;
    };
    let mut record: Value = serde_json::from_str(&text).unwrap();
    let place = record["place"].as_str().unwrap();
    let machine = place.rsplit_once('/').unwrap().0;
    let meta = std::fs::metadata(git_dir).unwrap();
    record["place"] = format!("{machine}/{}:{}", meta.dev(), meta.ino()).into();
    if let Some(id) = id {
        record["replica"] = id.into();
    }
    std::fs::write(file, record.to_string()).unwrap();
}
