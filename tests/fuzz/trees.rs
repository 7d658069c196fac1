//! Trees that no program writes, in a real repository, from a text that survives mutation:
//!
//! ```text
//! f tasks/00/x.md        a file; the lines that begin with `> ` are its content
//! f -                    the same at the place where its content belongs
//! e PATH                 an executable file
//! l PATH, s PATH         a link, a submodule
//! t PATH                 a file where its mode says folder
//! b PATH                 a folder where its mode says file
//! m PATH, M PATH         a file, a folder that is not there
//! o MODE PATH            a file with some mode
//! n COUNT PATH           a folder of many files
//! r DEPTH PATH           a folder in a folder in a folder
//! x WIDTH DEPTH PATH     folders that hold one and the same folder many times
//! u                      entries unsorted, and names as often as they are given
//! p                      no pm.yaml besides one that is given
//! ```

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use git_pm::env::Env;
use git_pm::internals::model::codec::{decode, encode};
use git_pm::internals::store::git::repo::{Oid, Repo};
use git_pm::internals::store::{first_commit, layout};
use gix::objs::{Kind, Write};

use crate::mutate::{Rng, mutate};

pub const TOKENS: &[&str] = &[
    "f ",
    "f -\n",
    "e ",
    "l ",
    "s ",
    "t ",
    "b ",
    "m ",
    "M ",
    "o 100664 ",
    "o 0 ",
    "o 40000 ",
    "o 170000 ",
    "n 300 ",
    "r 12 ",
    "x 3 3 ",
    "u\n",
    "p\n",
    "> ",
    "\n> ",
    "tasks/",
    "tasks/00/",
    "tasks/00/T-0007-k3f9.md",
    "epics/",
    "issues/",
    "prds/",
    "comments/",
    "messages/2024/11/20/",
    "reservations/",
    "keys/f9/",
    "pm.yaml",
    "..",
    ".",
    ".git",
    "GIT~1",
    "a\\b",
    "\x1b[31m",
    "\u{202e}",
    "\0",
    "/",
    "//",
    "-k3f9.md",
    "-0000k3f9.md",
    ".md",
    "T-0007",
    "T-0008",
    "01jd4qz0r0000000000000k3f9",
    "01jd4qz0r0000000000001k3f9",
    "> kind: issue\n",
    "> purged: true\n",
    "> uid: \"01jd4qz0r0000000000001k3f9\"\n",
    "> id: T-0099\n",
    "> deleted: true\n",
    "\n===\n",
    "> redacted_values: [\"4ddbb67bf993867e13253c146a339ed3b33ea5b895543569278e99d5b3c2b7d5\"]\n",
    "> format: \"3.0\"\n",
    "> format: \"4.0\"\n",
];

/// The documents of the format's vectors.
pub fn vectors() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/format");
    let mut paths: Vec<_> = ["", "join", "canonical", "damaged"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// A description of one tree: vectors at their paths, and hostile entries beside them.
pub fn make(rng: &mut Rng) -> Vec<u8> {
    let vectors = vectors();
    let mut out = Vec::new();
    for _ in 0..rng.below(6) {
        let vector = &vectors[rng.below(vectors.len())];
        out.extend_from_slice(b"f -\n");
        for line in vector.split_inclusive(|b| *b == b'\n') {
            out.extend_from_slice(b"> ");
            out.extend_from_slice(line);
        }
        out.push(b'\n');
    }
    for _ in 0..rng.below(4) {
        let what = rng.pick(&[
            "f ",
            "l ",
            "s ",
            "t ",
            "b ",
            "n 20 ",
            "r 9 ",
            "x 2 4 ",
            "o 100664 ",
            "u\n",
            "m ",
            "M ",
        ]);
        let at = rng.pick(&[
            "tasks/00/T-0007-k3f9.md",
            "tasks/00/x-y",
            "tasks",
            "epics/00",
            "a/b",
            "comments/f9",
            "pm.yaml",
        ]);
        out.extend_from_slice(format!("{what}{at}\n").as_bytes());
    }
    out
}

/// Three trees, of which the later ones are often edits of the first.
pub fn make_three(rng: &mut Rng) -> Vec<u8> {
    let first = make(rng);
    let mut out = first.clone();
    for _ in 0..2 {
        out.extend_from_slice(BETWEEN);
        match rng.one_in(3) {
            true => out.extend(make(rng)),
            false => out.extend(mutate(rng, &first, b"", TOKENS)),
        }
    }
    out
}

/// The separator of the descriptions of several trees.
const BETWEEN: &[u8] = b"\n===\n";

/// A repository to build in.
pub struct World {
    _folder: tempfile::TempDir,
    pub repo: Repo,
    writer: gix::Repository,
    written: HashMap<(Kind, Vec<u8>), Oid>,
}

enum Node {
    /// An object with this mode.
    Leaf(String, Oid),
    Folder(Vec<(Vec<u8>, Node)>),
}

/// Folders deeper than this are not built.
const MAX_PATH: usize = 40;

impl World {
    pub fn new() -> World {
        // Thousands of objects a second: in memory if possible.
        let folder = tempfile::tempdir_in("/dev/shm")
            .or_else(|_| tempfile::tempdir())
            .unwrap();
        let writer = gix::init_bare(folder.path()).unwrap();
        let repo = Repo::open(&Env::new(folder.path(), BTreeMap::new())).unwrap();
        let written = HashMap::new();
        World {
            _folder: folder,
            repo,
            writer,
            written,
        }
    }

    fn write(&mut self, kind: Kind, bytes: &[u8]) -> Oid {
        let key = (kind, bytes.to_vec());
        let write = || self.writer.objects.write_buf(kind, bytes).unwrap();
        *self.written.entry(key).or_insert_with(write)
    }

    fn blob(&mut self, bytes: &[u8]) -> Oid {
        self.write(Kind::Blob, bytes)
    }

    /// The world of a caller in the repository.
    pub fn env(&self) -> Env {
        Env::new(self.repo.common_dir(), BTreeMap::new())
    }

    /// Commits a tree as the state.
    pub fn commit(&mut self, tree: Oid) -> Oid {
        let who = "fuzz <fuzz@localhost> 1763625600 +0000";
        let text = format!(
            "tree {tree}\nauthor {who}\ncommitter {who}\n\nfuzz\n\nPM-Clock: 1763625600000.0\n"
        );
        let commit = self.write(Kind::Commit, text.as_bytes());
        let refs = self.repo.common_dir().join("refs/pm");
        std::fs::create_dir_all(&refs).unwrap();
        std::fs::write(refs.join("main"), format!("{commit}\n")).unwrap();
        commit
    }

    /// The trees of three descriptions.
    pub fn trees(&mut self, text: &[u8]) -> [Oid; 3] {
        let mut rest = text;
        [(); 3].map(|()| {
            let end = rest.windows(BETWEEN.len()).position(|part| part == BETWEEN);
            let tree = self.tree(&rest[..end.unwrap_or(rest.len())]);
            rest = end.map_or(b"", |end| &rest[end + BETWEEN.len()..]);
            tree
        })
    }

    /// The tree of a description.
    pub fn tree(&mut self, text: &[u8]) -> Oid {
        let mut root = Vec::new();
        let (mut sorted, mut own) = (true, true);
        let mut lines = text.split(|b| *b == b'\n').peekable();
        while let Some(line) = lines.next() {
            let mut content = Vec::new();
            while let Some(more) = lines.next_if(|next| next.starts_with(b"> ")) {
                content.extend_from_slice(&more[2..]);
                content.push(b'\n');
            }
            match line {
                b"u" => sorted = false,
                b"p" => own = false,
                _ => drop(self.entry(&mut root, line, &content)),
            }
        }
        if own && !root.iter().any(|(name, _)| name == b"pm.yaml") {
            let oid = self.blob(encode(&first_commit::initial_document()).as_bytes());
            root.push((b"pm.yaml".to_vec(), Node::Leaf("100644".into(), oid)));
        }
        self.folder(root, sorted)
    }

    /// One line of a description; `None` if it is invalid.
    fn entry(
        &mut self,
        root: &mut Vec<(Vec<u8>, Node)>,
        line: &[u8],
        content: &[u8],
    ) -> Option<()> {
        let mut words = line.splitn(2, |b| *b == b' ');
        let (what, mut path) = (words.next()?, words.next()?);
        let mut word = || {
            let mut words = path.splitn(2, |b| *b == b' ');
            let first = words.next().unwrap_or_default();
            path = words.next().unwrap_or_default();
            String::from_utf8_lossy(first).into_owned()
        };
        let mut number = |most: usize| word().parse::<usize>().unwrap_or(3).min(most);
        let leaf = |mode: &str, oid| Node::Leaf(mode.to_string(), oid);
        let node = match what {
            b"f" => leaf("100644", self.blob(content)),
            b"e" => leaf("100755", self.blob(content)),
            b"l" => leaf("120000", self.blob(b"../../etc/passwd")),
            b"s" => leaf("160000", self.blob(b"x")),
            b"t" => leaf("40000", self.blob(content)),
            b"b" => leaf("100644", self.write(Kind::Tree, b"")),
            b"m" => leaf("100644", missing(&self.repo)),
            b"M" => leaf("40000", missing(&self.repo)),
            b"o" => {
                let mode = word();
                leaf(mode.get(..7).unwrap_or(&mode), self.blob(content))
            }
            b"n" => {
                let oid = self.blob(content);
                let name = |n| (format!("{n}-k3f9.md").into_bytes(), leaf("100644", oid));
                Node::Folder((0..number(2000)).map(name).collect())
            }
            b"r" => {
                let mut tree = self.write(Kind::Tree, b"");
                for _ in 0..number(100) {
                    tree = self.folder(vec![(b"d".to_vec(), leaf("40000", tree))], true);
                }
                leaf("40000", tree)
            }
            b"x" => {
                let (width, depth) = (number(64), number(12));
                let oid = self.blob(content);
                let mut tree =
                    self.folder(vec![(b"x-k3f9.md".to_vec(), leaf("100644", oid))], true);
                for _ in 0..depth {
                    let name = |n| (format!("{n:02}").into_bytes(), leaf("40000", tree));
                    tree = self.folder((0..width).map(name).collect(), true);
                }
                leaf("40000", tree)
            }
            _ => return None,
        };
        if path == b"-" {
            let place = decode(content)
                .ok()
                .and_then(|doc| layout::path_of(layout::Levels::One, &doc));
            put(
                root,
                place.as_deref().unwrap_or("tasks/00/x-k3f9.md").as_bytes(),
                node,
            );
        } else {
            put(root, path, node);
        }
        Some(())
    }

    fn folder(&mut self, entries: Vec<(Vec<u8>, Node)>, sorted: bool) -> Oid {
        let mut lines: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        for (name, node) in entries {
            let (mode, oid) = match node {
                Node::Leaf(mode, oid) => (mode, oid),
                Node::Folder(entries) => ("40000".into(), self.folder(entries, sorted)),
            };
            let mut order = name.clone();
            if mode == "40000" {
                order.push(b'/');
            }
            let mut bytes = format!("{mode} ").into_bytes();
            bytes.extend_from_slice(&name);
            bytes.push(0);
            bytes.extend_from_slice(oid.as_slice());
            lines.push((order, bytes));
        }
        if sorted {
            lines.sort();
        }
        let bytes: Vec<u8> = lines.into_iter().flat_map(|(_, bytes)| bytes).collect();
        self.write(Kind::Tree, &bytes)
    }
}

fn missing(repo: &Repo) -> Oid {
    repo.parse_id("00000000000000000000000000000000deadbeef")
        .unwrap()
}

fn put(folder: &mut Vec<(Vec<u8>, Node)>, path: &[u8], node: Node) {
    let mut folder = folder;
    let mut names = path.split(|b| *b == b'/').take(MAX_PATH).peekable();
    while let Some(name) = names.next() {
        if names.peek().is_none() {
            folder.push((name.to_vec(), node));
            return;
        }
        let same = |(n, node): &(Vec<u8>, Node)| n == name && matches!(node, Node::Folder(_));
        let at = folder.iter().position(same).unwrap_or_else(|| {
            folder.push((name.to_vec(), Node::Folder(Vec::new())));
            folder.len() - 1
        });
        match &mut folder[at].1 {
            Node::Folder(below) => folder = below,
            Node::Leaf(..) => return,
        }
    }
}
