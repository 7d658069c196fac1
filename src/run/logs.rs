//! The logs of a run: one file of JSON Lines for each attempt at a task, redacted and bounded. While
//! the run goes on they are files of this clone; afterwards they are in `refs/pm-local/runs/`, which
//! is never exchanged and which `git pm gc` prunes.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::record::{self, Run};
use crate::error::{Error, Kind, Result};
use crate::model::stamp::rfc3339;
use crate::model::text::{escape_controls, shorten};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Runs;
use crate::secret;
use crate::work::task::integrate::without_hooks;

/// The size at which a log file is renamed and another one begun, in bytes.
const FILE_MAX: u64 = 10 << 20;

/// The number of files of one attempt; older ones are removed.
const FILES: usize = 5;

/// The longest line that is kept, in characters.
const LINE_MAX: usize = 8_000;

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogLine {
    /// RFC 3339.
    pub at: String,
    /// The run's id.
    pub run: String,
    /// The item's id when it was written.
    pub task: String,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// The agent, as `agent-1`.
    pub agent: String,
    /// `out`, `err`, or `run` for what the run itself did.
    pub stream: String,
    /// The text, secrets replaced and control characters escaped.
    pub text: String,
}

/// The log of one attempt that is being written.
pub(super) struct LogWriter {
    path: PathBuf,
    file: File,
    size: u64,
    line: LogLine,
    /// Between the lines at which a private key begins and ends.
    in_key: bool,
    now: Box<dyn Fn() -> u64 + Send>,
}

impl LogWriter {
    /// Begins, or continues, the log of an attempt.
    pub(super) fn open(
        folder: &Path,
        item: &Uid,
        line: LogLine,
        now: Box<dyn Fn() -> u64 + Send>,
    ) -> Result<LogWriter> {
        let path = folder.join(format!("{item}.{}.jsonl", line.attempt));
        let fail = |error| Error::unwritten(format!("cannot write {}", path.display()), error);
        std::fs::create_dir_all(folder).map_err(fail)?;
        let file = append(&path).map_err(fail)?;
        let size = file.metadata().map_err(fail)?.len();
        Ok(LogWriter {
            path,
            file,
            size,
            line,
            in_key: false,
            now,
        })
    }

    /// Writes a line. A disk that is full loses the line, not the run.
    pub(super) fn write(&mut self, stream: &str, text: &str) {
        self.write_redacted(stream, &secret::redacted(text).0);
    }

    /// As [`LogWriter::write`], of a text from which secrets were taken out already.
    pub(super) fn write_redacted(&mut self, stream: &str, text: &str) {
        let of_key = text.contains("PRIVATE KEY-----");
        let begins = of_key && text.contains("-----BEGIN ");
        let text = match self.in_key || begins {
            true => "[redacted: private-key]".to_string(),
            false => shorten(text, LINE_MAX),
        };
        self.in_key = begins || (self.in_key && !of_key);
        self.line.at = rfc3339((self.now)());
        self.line.stream = stream.to_string();
        self.line.text = escape_controls(&text);
        let Ok(mut bytes) = serde_json::to_vec(&self.line) else {
            return;
        };
        bytes.push(b'\n');
        if self.size + bytes.len() as u64 > FILE_MAX {
            self.rotate();
        }
        if self.file.write_all(&bytes).is_ok() {
            self.size += bytes.len() as u64;
        }
    }

    fn rotate(&mut self) {
        let older = |n: usize| self.path.with_extension(format!("jsonl.{n}"));
        for n in (1..FILES - 1).rev() {
            let _ = std::fs::rename(older(n), older(n + 1));
        }
        let _ = std::fs::rename(&self.path, older(1));
        if let Ok(file) = append(&self.path) {
            (self.file, self.size) = (file, 0);
        }
    }
}

fn append(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

/// The choice of log lines.
#[derive(Clone, Debug, Default)]
pub struct LogOptions {
    /// A run, or an item of the newest run that has it; the newest run if none.
    pub of: Option<String>,
    /// Only the last lines; all if none.
    pub last: Option<usize>,
}

impl Runs<'_> {
    /// Reads logs of this clone, oldest first, and passes each line on. With `follow`, continues
    /// until the run's process has ended or `follow` returns false.
    ///
    /// # Errors
    /// When there is no such run, or none has worked on the item.
    pub fn logs(
        &self,
        options: &LogOptions,
        each: &mut dyn FnMut(LogLine),
        follow: Option<&mut dyn FnMut() -> bool>,
    ) -> Result<()> {
        let (run, task) = self.pm.log_subject(options.of.as_deref())?;
        let of_task = |line: &LogLine| task.as_ref().is_none_or(|task| line.task == *task);
        let folder = self.pm.run_folder(&run.uid);
        let mut read = Offsets::default();
        let mut lines = self.pm.kept_lines(&run.uid)?;
        lines.extend(new_lines(&folder, &mut read));
        lines.retain(of_task);
        // Those of one attempt are in order already.
        lines.sort_by(|a, b| a.at.cmp(&b.at));
        if let Some(last) = options.last {
            lines.drain(..lines.len().saturating_sub(last));
        }
        lines.into_iter().for_each(&mut *each);
        let Some(go_on) = follow else { return Ok(()) };
        self.pm.store.release_index();
        while go_on() {
            let alive = self.pm.is_alive(&run.uid)?;
            let new = new_lines(&folder, &mut read).into_iter();
            new.filter(of_task).for_each(&mut *each);
            if !alive {
                break;
            }
        }
        Ok(())
    }
}

/// The bytes of each log file that were read.
type Offsets = BTreeMap<String, u64>;

/// The lines that the log files of a folder have gained.
fn new_lines(folder: &Path, read: &mut Offsets) -> Vec<LogLine> {
    let mut lines = Vec::new();
    // Older parts of an attempt were read under their earlier name.
    for name in file_names(folder)
        .into_iter()
        .filter(|name| name.ends_with(".jsonl"))
    {
        let known = read.entry(name.clone()).or_default();
        let Ok(mut file) = File::open(folder.join(&name)) else {
            continue;
        };
        let size = file.metadata().map_or(0, |meta| meta.len());
        // Another file has the name since.
        *known = if size < *known { 0 } else { *known };
        let mut text = String::new();
        let from = file.seek(SeekFrom::Start(*known));
        if from.is_err() || file.read_to_string(&mut text).is_err() {
            continue;
        }
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        *known += whole as u64;
        let found = text[..whole].lines();
        lines.extend(found.filter_map(|line| serde_json::from_str::<LogLine>(line).ok()));
    }
    lines
}

impl Pm {
    /// The run whose log is meant, and the item if one is named.
    fn log_subject(&self, of: Option<&str>) -> Result<(Run, Option<String>)> {
        let found = self.find_run(of);
        let Some(of) = of else {
            return Ok((found?, None));
        };
        match found {
            Ok(run) => return Ok((run, None)),
            Err(error) if error.kind() != Kind::NotFound => return Err(error),
            Err(_) => {}
        }
        let state = self.store.state()?;
        let item = state.find(of)?;
        let runs = state.runs().into_iter().rev();
        let has = |uid: &Uid| {
            record::jobs(&state, uid)
                .iter()
                .any(|job| job.item == item.uid)
        };
        let uid = runs.into_iter().find(has);
        let run = uid.and_then(|uid| record::run(&state, &uid));
        let id = state.shown_id(item);
        match run {
            Some(run) => Ok((run, Some(id))),
            None => Err(Error::not_found(format!("no run has worked on {id}"))
                .because("run.no_log")
                .about(&id)),
        }
    }

    /// The lines of a run's logs that its ref has.
    fn kept_lines(&self, run: &Uid) -> Result<Vec<LogLine>> {
        let git = self.store.repo().git();
        let kept = log_ref(run);
        let mut lines = Vec::new();
        let listed = git.run(&["ls-tree", "-z", "--name-only", &kept])?;
        if listed.ok() {
            for name in listed.names::<Vec<String>>() {
                let blob = git.require(&["cat-file", "blob", &format!("{kept}:{name}")])?;
                let text = String::from_utf8_lossy(&blob.stdout).into_owned();
                lines.extend(
                    text.lines()
                        .filter_map(|line| serde_json::from_str(line).ok()),
                );
            }
        }
        Ok(lines)
    }

    /// Moves the log files of a run into its ref.
    pub(super) fn keep_logs(&self, run: &Uid) -> Result<()> {
        let folder = self.run_folder(run);
        let names = file_names(&folder);
        if names.is_empty() {
            return Ok(());
        }
        // An agent may have put hooks there.
        let git = without_hooks(self.store.repo().git())?;
        let kept = log_ref(run);
        let mut tree = String::new();
        let parent = git.run(&["rev-parse", "--verify", "--quiet", &kept])?;
        if parent.ok() {
            tree.push_str(&git.require(&["ls-tree", &kept])?.text());
            tree.push('\n');
        }
        let at = self.now_ms();
        for name in &names {
            let path = folder.join(name).display().to_string();
            let oid = git.require(&["hash-object", "-w", "--no-filters", "--", &path])?;
            // A run may be continued several times.
            tree.push_str(&format!("100644 blob {}\t{at}-{name}\n", oid.text()));
        }
        let made = git.run_with(&["mktree"], Some(tree.as_bytes()), None)?;
        let tree = made.text().to_string();
        let message = format!("logs of run {run}");
        let mut args = vec!["commit-tree", "-m", &message, &tree];
        let parent = parent.text().to_string();
        if !parent.is_empty() {
            args.extend(["-p", &parent]);
        }
        let commit = git.require(&args)?;
        git.require(&["update-ref", &kept, &commit.text()])?;
        for name in &names {
            let _ = std::fs::remove_file(folder.join(name));
        }
        Ok(())
    }
}

/// The ref that keeps the logs of a run.
fn log_ref(run: &Uid) -> String {
    format!("refs/pm-local/runs/{run}")
}

/// The names of the log files in a folder, the oldest part of each attempt first.
fn file_names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name.contains(".jsonl")).collect();
    names.sort();
    names
}
