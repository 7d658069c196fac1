//! `gc`: which expired data, and on request what history, leaves this clone, and what a dry run says of it.

use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::merged_branches;
use crate::coordinate::sync::cleanup;
use crate::error::{Error, Hint, Reason, Result};
use crate::maintain::cut;
use crate::model::doc::{Doc, EXTERNAL};
use crate::model::settings::{self, Definition};
use crate::model::stamp::{DAY_MS, rfc3339};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::StateHandle;
use crate::pm::who_acts::{require_human, require_name};
use crate::store::ephemeral::EPHEMERAL;
use crate::store::fsck::local;
use crate::store::generation::cut::Raise;
use crate::store::generation::history_search::Found;
use crate::store::git::objects;
use crate::store::handle::Store;
use crate::store::history;
use crate::store::index;
use crate::store::state::State;

/// The result of `gc`, or of its dry run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GcReport {
    /// Nothing was removed.
    pub dry_run: bool,
    /// Expired refs of run logs, backups and saved work.
    pub refs: Vec<String>,
    /// Branches of merged work, with the places where they were.
    pub branches: Vec<String>,
    /// Expired log files of runs that were killed and not continued.
    pub logs: Vec<String>,
    /// Expired files with withheld texts.
    pub drafts: Vec<String>,
    /// Temporary files of killed processes.
    pub temporary: Vec<String>,
    /// Ids of deleted items, and kinds of other deleted documents, whose content was removed.
    pub tombstones: Vec<String>,
    /// Ids of ephemeral items that were removed.
    pub ephemeral: Vec<String>,
    /// Number of commits of the history that were removed; none without `--new-generation`.
    pub history: Option<usize>,
    /// The time of the first of these commits, RFC 3339.
    pub history_since: Option<String>,
    /// The first commit of the new generation.
    pub commit: Option<String>,
    /// Number of objects of an old history that were removed from this clone.
    pub objects: usize,
    /// Number of loose objects that were packed.
    pub packed: usize,
    /// Size of the object store before, in bytes.
    pub size_before: u64,
    /// Size of the object store after, in bytes.
    pub size_after: u64,
    /// Data that could not be removed, with the reasons.
    pub left: Vec<String>,
    /// The remote that has the old history until the next sync, after a cut.
    pub remote: Option<String>,
}

/// The options of `gc`.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct GcOptions {
    /// Show what would be removed.
    #[arg(long)]
    pub dry_run: bool,
    /// Remove the history here and in every clone that syncs afterwards.
    #[arg(long)]
    pub new_generation: bool,
}

/// Refs that expire: prefix and setting.
const REFS: &[(&str, Definition)] = &[
    ("refs/pm-local/runs/", settings::GC_RUNS),
    ("refs/pm-local/backup/", settings::GC_BACKUPS),
    ("refs/pm-local/saved/", settings::GC_BACKUPS),
];

impl StateHandle<'_> {
    /// Removes branches of merged work, expired run logs, backups and withheld texts, temporary files of
    /// killed processes, old ephemeral items and old generations, reduces old tombstones to their
    /// identity, and packs the state. With `new_generation`, the history is removed, here and in every clone that
    /// syncs afterwards.
    ///
    /// # Errors
    /// When an agent tries to cut the history off, a retention time is not a number of days, or a
    /// file cannot be written.
    pub fn gc(&self, options: &GcOptions) -> Result<GcReport> {
        let repo = self.pm.store.repo();
        self.pm.store.require_tip()?;
        if !options.dry_run {
            repo.require_writable()?;
        }
        if options.new_generation && !options.dry_run {
            require_name(&self.pm.actor)?;
            require_human(
                &self.pm.actor,
                "removing the history of the state",
                "ask a human to run this command; an agent can run `git pm gc` without \
                 `--new-generation`",
            )?;
        }
        let mut report = GcReport {
            dry_run: options.dry_run,
            size_before: objects::size(repo),
            ..GcReport::default()
        };
        report.branches = merged_branches::delete_all(self.pm, options.dry_run)?;
        expire_refs(self.pm, &mut report)?;
        expire_logs(self.pm, &mut report)?;
        expire_drafts(self.pm, &mut report)?;
        expire_temporary(self.pm, &mut report)?;
        expire_tombstones(self.pm, &mut report)?;
        expire_ephemeral(self.pm, &mut report)?;
        if options.new_generation {
            count_history(self.pm, &mut report)?;
        }
        if !options.dry_run {
            if options.new_generation {
                let raise = Raise {
                    op: "gc".into(),
                    text: "removed the history".into(),
                    ..Raise::default()
                };
                let writer = self.pm.writer("gc");
                let raised = cut::cut(self.pm, &writer, &raise, |_| Ok(Found::default()))?;
                report.commit = Some(raised.to_string());
                report.remote = self.pm.main_remote().map(|remote| remote.shown());
            }
            match self.pm.store.sweep() {
                Ok(swept) => {
                    report.objects = swept.objects;
                    report.left = swept.left;
                }
                Err(error) => report.left.push(error.message().to_string()),
            }
            report.packed = self.pm.store.pack()?;
        }
        report.size_after = objects::size(repo);
        Ok(report)
    }
}

/// Counts the commits that a new generation leaves behind, as far as they can be read.
fn count_history(pm: &Pm, report: &mut GcReport) -> Result<()> {
    let (mut count, mut since): (usize, Option<u64>) = (0, None);
    let _ = history::walk(pm.store.repo(), pm.store.require_tip()?, |commit| {
        count += 1;
        // The first commit of every state has no time of its own.
        let ms = Some(commit.ms()).filter(|ms| *ms > 0);
        since = since.into_iter().chain(ms).min();
        Ok(true)
    });
    report.history = Some(count);
    report.history_since = since.map(rfc3339);
    Ok(())
}

/// A retention time in days; `None` for no limit.
pub(crate) fn retention(pm: &Pm, setting: &Definition) -> Result<Option<u64>> {
    let Definition { key, default, .. } = setting;
    match pm.store.repo().config(key).as_deref() {
        None => Ok(Some(setting.number(None))),
        Some("never") => Ok(None),
        Some(days) => days.parse().map(Some).map_err(|_| {
            let shown = crate::model::text::one_line(days);
            Error::usage(format!(
                "{key} is `{shown}`, which is neither a number of days nor `never`"
            ))
            .because(Reason::ConfigInvalidValue)
            .about(*key)
            .hint(Hint::run(["config", key, default], "sets the default"))
        }),
    }
}

/// The time before which data of this kind is expired.
fn before(pm: &Pm, setting: &Definition) -> Result<Option<u64>> {
    let days = retention(pm, setting)?;
    Ok(days.map(|days| pm.now_ms().saturating_sub(days.saturating_mul(DAY_MS))))
}

fn expire_refs(pm: &Pm, report: &mut GcReport) -> Result<()> {
    let repo = pm.store.repo();
    for (prefix, setting) in REFS {
        let Some(before) = before(pm, setting)? else {
            continue;
        };
        for (name, id) in repo.refs_under(prefix)? {
            let Ok(commit) = repo.commit(id) else {
                continue;
            };
            // The name of a backup says when it was made, its commit when the work was.
            let is_backup = *prefix == "refs/pm-local/backup/";
            let last = name.rsplit('/').next().filter(|_| is_backup);
            let named = last.and_then(|last| last.parse().ok());
            let made = named.unwrap_or(u64::try_from(commit.author.seconds).unwrap_or(0));
            let made = made.saturating_mul(1000);
            if made >= before {
                continue;
            }
            if !report.dry_run {
                let mut lock = pm.store.lock()?;
                pm.store.delete_any(&mut lock, &name, id)?;
            }
            report.refs.push(name);
        }
    }
    Ok(())
}

/// Removes a file if it was last written before a time; true if it was.
fn expire(file: &Path, before: u64, dry_run: bool) -> Result<bool> {
    let written = std::fs::metadata(file).and_then(|meta| meta.modified());
    let limit = UNIX_EPOCH + Duration::from_millis(before);
    let is_over = written.is_ok_and(|written| written < limit);
    if is_over && !dry_run {
        std::fs::remove_file(file)
            .map_err(|e| Error::io(format!("cannot remove {}", file.display()), e))?;
    }
    Ok(is_over)
}

/// Removes log files of runs whose process was killed: no other run moves them into their ref.
fn expire_logs(pm: &Pm, report: &mut GcReport) -> Result<()> {
    let Some(before) = before(pm, &settings::GC_RUNS)? else {
        return Ok(());
    };
    let folder = pm.store.folder().join("runs");
    // A process that works on a run holds it, and may be writing.
    let Ok(lock) = std::fs::File::open(folder.join("lock")) else {
        return Ok(());
    };
    if lock.try_lock_shared().is_err() {
        return Ok(());
    }
    for file in run_logs(&folder) {
        if expire(&file, before, report.dry_run)? {
            let name = file.strip_prefix(&folder).unwrap_or(&file);
            report.logs.push(name.display().to_string());
        }
    }
    Ok(())
}

fn expire_drafts(pm: &Pm, report: &mut GcReport) -> Result<()> {
    let Some(before) = before(pm, &settings::GC_DRAFTS)? else {
        return Ok(());
    };
    for draft in cleanup::drafts(pm) {
        if expire(Path::new(&draft), before, report.dry_run)? {
            report.drafts.push(draft);
        }
    }
    Ok(())
}

/// Removes temporary files of killed processes.
fn expire_temporary(pm: &Pm, report: &mut GcReport) -> Result<()> {
    let folder = pm.store.folder();
    let mut gone = local::left_over(&folder, pm.now_ms());
    if report.dry_run {
        gone.extend(index::left_over(&folder));
    } else {
        for file in &gone {
            let removed = if file.is_dir() {
                std::fs::remove_dir_all(file)
            } else {
                std::fs::remove_file(file)
            };
            removed.map_err(|e| Error::io(format!("cannot remove {}", file.display()), e))?;
        }
        match index::sweep(&folder) {
            Ok(swept) => gone.extend(swept),
            Err(fault) => report.left.push(fault.to_string()),
        }
    }
    let name = |file: &PathBuf| Some(file.strip_prefix(&folder).ok()?.display().to_string());
    report.temporary = gone.iter().filter_map(name).collect();
    Ok(())
}

/// Removes ephemeral items that have not changed for the retention time.
fn expire_ephemeral(pm: &Pm, report: &mut GcReport) -> Result<()> {
    let Some(before) = before(pm, &settings::GC_EPHEMERAL)? else {
        return Ok(());
    };
    if pm.store.repo().ref_target(EPHEMERAL)?.is_none() {
        return Ok(());
    }
    let store = Store::open_ephemeral(pm.store.env().clone())?;
    report.ephemeral = store.forget(before, report.dry_run)?;
    Ok(())
}

fn expire_tombstones(pm: &Pm, report: &mut GcReport) -> Result<()> {
    let Some(before) = before(pm, &settings::GC_TOMBSTONES)? else {
        return Ok(());
    };
    let state = pm.store.state()?;
    let found = tombstones(&state, before);
    report.tombstones = found.iter().map(|(_, name)| name.clone()).collect();
    if report.dry_run || found.is_empty() {
        return Ok(());
    }
    require_name(&pm.actor)?;
    pm.store.write(&pm.writer("gc"), |tx| {
        let found = tombstones(&tx.state, before);
        let names: Vec<&str> = found.iter().map(|(_, name)| name.as_str()).collect();
        tx.describe(
            "gc",
            &names,
            &format!("removed the content of deleted items: {}", found.len()),
        );
        for (uid, _) in &found {
            tx.edit(uid, |doc, _| {
                doc.purge();
                true
            })?;
        }
        Ok(())
    })?;
    Ok(())
}

/// The log files in the folders of runs.
fn run_logs(folder: &Path) -> Vec<PathBuf> {
    let inside = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path())
    };
    let runs = inside(folder).filter(|path| path.is_dir());
    let files = runs.flat_map(|run| inside(&run));
    let is_log = |file: &PathBuf| file.extension().is_some_and(|end| end == "jsonl");
    let mut logs: Vec<PathBuf> = files.filter(is_log).collect();
    logs.sort();
    logs
}

/// Documents that were deleted before a time and still have their content. Imported ones are
/// excluded, since an export writes their records unchanged.
fn tombstones(state: &State<'_>, before: u64) -> Vec<(Uid, String)> {
    let is_old = |doc: &Doc| {
        let deleted = doc.regs.get("deleted");
        !doc.purged
            && doc.value(EXTERNAL).is_null()
            && deleted.is_some_and(|reg| reg.value.is_true() && reg.stamp.ms < before)
    };
    let items = state.item_docs().values().map(|loaded| &loaded.doc);
    let comments = state.comment_docs().values().map(|loaded| &loaded.doc);
    items
        .chain(comments)
        .filter(|doc| is_old(doc))
        .map(|doc| {
            let name = doc.text("id").unwrap_or(doc.kind.as_str()).to_string();
            (doc.uid.clone(), name)
        })
        .collect()
}
