//! The size of the state: commits, documents by family, bytes, loose objects. Runs git twice.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Result;
use crate::maintain::doctor::DoctorReport;
use crate::model::text::bytes;
use crate::pm::Pm;
use crate::store::layout::MAIN;
use crate::store::layout::REPOSITORY;
use crate::store::tree_diff;

/// The size of the state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StateSize {
    /// Number of reachable commits.
    pub commits: usize,
    /// Number of reachable objects.
    pub objects: usize,
    /// Number of those that are loose.
    pub loose: usize,
    /// Number of documents at the tip, by folder.
    pub documents: std::collections::BTreeMap<String, usize>,
    /// Size of all files at the tip, in bytes.
    pub bytes: u64,
    /// The largest documents, largest first.
    pub largest: Vec<LargeDocument>,
}

/// A large document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LargeDocument {
    /// Its path in the state.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// The number of loose objects above which packing is worthwhile.
const LOOSE_MANY: usize = 10_000;

/// The size in bytes above which a document is reported.
const LARGE: u64 = 256 * 1024;

/// The number of largest documents that are named.
const LARGEST: usize = 3;

pub(super) fn check_size(pm: &Pm, report: &mut DoctorReport) -> Result<()> {
    let Some(size) = state_size(pm)? else {
        return Ok(());
    };
    let families: Vec<String> = size
        .documents
        .iter()
        .map(|(family, n)| format!("{n} {family}"))
        .collect();
    let message = format!(
        "commits: {}, objects: {} ({} loose), {} at the tip{}{}",
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
        let message = format!("{} is {} in size", large.path, bytes(large.bytes));
        let fix = "move large texts to a file in the repository and refer to its path";
        report.note("size", message, Some(fix));
    }
    report.size = Some(size);
    Ok(())
}

fn state_size(pm: &Pm) -> Result<Option<StateSize>> {
    let Ok(Some(tip)) = pm.store.tip() else {
        return Ok(None);
    };
    let repo = pm.store.repo();
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
    let loose = loose_objects(pm);
    size.loose = objects.iter().filter(|id| loose.contains(*id)).count();
    Ok(Some(size))
}

/// The names of all loose objects of the repository.
fn loose_objects(pm: &Pm) -> HashSet<String> {
    let objects = pm.store.repo().common_dir().join("objects");
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
