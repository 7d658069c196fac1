//! How large the state is: commits, documents by family, bytes, what is loose. Two runs of git.

use std::collections::HashSet;

use serde::Serialize;

use crate::error::Result;
use crate::maintain::doctor::DoctorReport;
use crate::model::text::bytes;
use crate::pm::Pm;
use crate::store::layout::MAIN;
use crate::store::layout::REPOSITORY;
use crate::store::tree_diff;

/// How large the state is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StateSize {
    /// Commits that can be reached.
    pub commits: usize,
    /// Objects that can be reached.
    pub objects: usize,
    /// Those of them that are loose.
    pub loose: usize,
    /// Documents at the tip, by folder.
    pub documents: std::collections::BTreeMap<String, usize>,
    /// Bytes of all files at the tip.
    pub bytes: u64,
    /// The largest documents, largest first.
    pub largest: Vec<LargeDocument>,
}

/// A large document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LargeDocument {
    /// Its path in the state.
    pub path: String,
    /// Its size.
    pub bytes: u64,
}

/// From so many loose objects on, packing is worth it.
const LOOSE_MANY: usize = 10_000;

/// From this size on a document is told, in bytes.
const LARGE: u64 = 256 * 1024;

/// How many of the largest documents are named.
const LARGEST: usize = 3;

impl Pm {
    pub(super) fn check_size(&self, report: &mut DoctorReport) -> Result<()> {
        let Some(size) = self.state_size()? else {
            return Ok(());
        };
        let families: Vec<String> = size
            .documents
            .iter()
            .map(|(family, n)| format!("{n} {family}"))
            .collect();
        let message = format!(
            "{} commits, {} objects ({} loose), {} at the tip{}{}",
            size.commits,
            size.objects,
            size.loose,
            bytes(size.bytes),
            if families.is_empty() { "" } else { ": " },
            families.join(", ")
        );
        if size.loose > LOOSE_MANY {
            report.note("size", message, Some("git gc"));
        } else {
            report.ok("size", message);
        }
        for large in size.largest.iter().filter(|l| l.bytes > LARGE) {
            let message = format!("{} has {}", large.path, bytes(large.bytes));
            let fix = "keep large texts in a file of the repository and name its path";
            report.note("size", message, Some(fix));
        }
        report.size = Some(size);
        Ok(())
    }

    fn state_size(&self) -> Result<Option<StateSize>> {
        let Ok(Some(tip)) = self.store.tip() else {
            return Ok(None);
        };
        let repo = self.store.repo();
        let mut size = StateSize::default();
        let mut all = Vec::new();
        let tree = repo.commit(tip)?.tree;
        let mut add = |oid, path: &str| {
            let bytes = repo.size_of(oid).unwrap_or(0);
            size.bytes += bytes;
            let path = crate::model::text::one_line(path);
            all.push(LargeDocument { path, bytes });
        };
        if let Some(oid) = repo.file_at(tree, REPOSITORY)? {
            add(oid, REPOSITORY);
        }
        for file in tree_diff::files(repo, tree)?.files {
            add(file.oid, &file.path);
            let folder = file.family.folder().to_string();
            *size.documents.entry(folder).or_default() += 1;
        }
        let tip = tip.to_string();
        let git = repo.git();
        all.sort_by(|a, b| (b.bytes, &a.path).cmp(&(a.bytes, &b.path)));
        all.truncate(LARGEST);
        size.largest = all;
        let args = ["rev-list", "--count", tip.as_str()];
        size.commits = git.run(&args)?.text().parse().unwrap_or(0);
        let args = ["rev-list", "--objects", "--no-object-names", MAIN];
        let objects = git.run(&args)?.lines();
        size.objects = objects.len();
        let loose = self.loose_objects();
        size.loose = objects.iter().filter(|id| loose.contains(*id)).count();
        Ok(Some(size))
    }

    /// The names of all loose objects of the repository.
    fn loose_objects(&self) -> HashSet<String> {
        let objects = self.store.repo().common_dir().join("objects");
        let mut out = HashSet::new();
        let folders = std::fs::read_dir(&objects).into_iter().flatten().flatten();
        for folder in folders {
            let head = folder.file_name().to_string_lossy().into_owned();
            if head.len() != 2 {
                continue;
            }
            let files = std::fs::read_dir(folder.path()).into_iter().flatten();
            for file in files.flatten() {
                out.insert(format!("{head}{}", file.file_name().to_string_lossy()));
            }
        }
        out
    }
}
