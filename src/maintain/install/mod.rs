//! `install`: the entry points for agents, and which files it writes for each.
//!
//! Instructions in AGENTS.md, hooks and slash commands of agents' command lines, and a program called
//! bd. Every change is first shown as a difference of files.

mod command_files;
mod hook_settings;
mod json_text;
mod marked_section;
mod planner;

use std::fs;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use self::planner::Planner;
use crate::coordinate::harmless_place;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::line_diff;
use crate::pm::handles::Integrations;
use crate::pm::who_acts::require_human;
use crate::store::whole_file;

/// The instructions for agents, with their marks.
const SECTION: &str = include_str!("../../../templates/agents-section.md");

/// What the instructions cannot set: the environment of an agent.
const NAMES: &str = "give each agent a worktree and a name of its own (`GIT_PM_ACTOR=agent-1`); a tool that git pm \
     does not know is marked as an agent by `AGENT_NAME=agent-1` instead, or by `git config --add pm.agent agent-1`";

/// The largest file that is changed, in bytes.
const FILE_MAX: u64 = 4 << 20;

/// The part to install.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum InstallTarget {
    /// Instructions in AGENTS.md and CLAUDE.md.
    Agents,
    /// Hooks of agents' command lines: at the start of a session, and before a file is edited.
    Hooks,
    /// Slash commands of agents' command lines.
    Slash,
    /// A program called bd.
    Bd,
}

/// The command line of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Tool {
    /// Claude Code
    Claude,
    /// Gemini CLI
    Gemini,
    /// Codex
    Codex,
    /// opencode
    Opencode,
}

impl Tool {
    /// All of them.
    pub const ALL: [Tool; 4] = [Tool::Claude, Tool::Gemini, Tool::Codex, Tool::Opencode];

    /// The folder of its settings in a worktree.
    fn folder(self) -> &'static str {
        match self {
            Tool::Claude => ".claude",
            Tool::Gemini => ".gemini",
            Tool::Codex => ".codex",
            Tool::Opencode => ".opencode",
        }
    }
}

/// The request to install or remove something.
#[derive(Clone, Debug)]
pub struct InstallRequest {
    /// The part to install or remove.
    pub door: InstallTarget,
    /// For these tools; if empty, for those that have a folder in the worktree, else for Claude
    /// Code.
    pub tools: Vec<Tool>,
    /// Remove it.
    pub remove: bool,
    /// Replace files that git pm did not write.
    pub force: bool,
    /// The path of this program; bd is put beside it by default.
    pub binary: PathBuf,
    /// The folder for bd.
    pub folder: Option<PathBuf>,
}

/// The changes of files that install or remove something.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct InstallReport {
    /// The part to install or remove.
    pub door: InstallTarget,
    /// Set for a removal.
    pub remove: bool,
    /// The files, also those that need no change.
    pub files: Vec<FileChange>,
    /// Notes and remaining steps for the user.
    pub notes: Vec<String>,
    /// Set once the changes are written.
    pub written: bool,
}

/// The change of one file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FileChange {
    /// From the root of the worktree, or absolute.
    pub path: String,
    /// `create`, `change`, `remove` or `none`.
    pub change: &'static str,
    /// The change as a unified diff.
    pub diff: String,
    #[serde(skip)]
    place: PathBuf,
    #[serde(skip)]
    before: Option<Vec<u8>>,
    #[serde(skip)]
    after: Option<Vec<u8>>,
    /// The folder of a program or of the user's home that stays when the file is removed.
    #[serde(skip)]
    stays: Option<PathBuf>,
    /// A program: of any size, and written in place of a link.
    #[serde(skip)]
    executable: bool,
}

impl InstallReport {
    /// True if a file has to change.
    pub fn is_needed(&self) -> bool {
        self.files.iter().any(|file| file.change != "none")
    }
}

impl Integrations<'_> {
    /// The changes that install or remove something; nothing is written.
    ///
    /// # Errors
    /// When a file cannot be changed without losing its content, there is no worktree, or an agent
    /// asks to remove or replace something: it may be what guards agents.
    pub fn plan(&self, request: &InstallRequest) -> Result<InstallReport> {
        if request.remove || request.force {
            let what = "removing or replacing what is installed";
            require_human(&self.pm.actor, what, "ask a human to run this command")?;
        }
        if let Some(folder) = &request.folder {
            harmless_place::require_harmless(self.pm, folder, true)?;
        }
        let mut planner = Planner {
            pm: self.pm,
            request,
            files: Vec::new(),
            notes: Vec::new(),
        };
        match request.door {
            InstallTarget::Agents => {
                planner.agents()?;
                planner
                    .notes
                    .extend((!request.remove).then(|| NAMES.to_string()));
            }
            InstallTarget::Hooks => planner.hooks()?,
            InstallTarget::Slash => planner.slash()?,
            InstallTarget::Bd => planner.bd()?,
        }
        Ok(InstallReport {
            door: request.door,
            remove: request.remove,
            files: planner.files,
            notes: planner.notes,
            written: false,
        })
    }

    /// Writes planned changes.
    ///
    /// # Errors
    /// When a file has changed since, or cannot be written.
    pub fn apply(&self, mut report: InstallReport) -> Result<InstallReport> {
        for file in report.files.iter().filter(|file| file.change != "none") {
            if file.read()? != file.before {
                return Err(Error::conflict(format!(
                    "{} was changed in the meantime; nothing was written",
                    file.path
                ))
                .because(Reason::InstallChanged)
                .hint("run the command again")
                .about(&file.path));
            }
        }
        for file in report.files.iter().filter(|file| file.change != "none") {
            file.write()?;
        }
        report.written = true;
        Ok(report)
    }

    /// The instructions for agents.
    pub fn instructions(&self) -> &'static str {
        SECTION
    }
}

impl FileChange {
    fn new(
        path: String,
        place: PathBuf,
        before: Option<Vec<u8>>,
        after: Option<Vec<u8>>,
    ) -> FileChange {
        let change = match (&before, &after) {
            (None, Some(_)) => "create",
            (Some(_), None) => "remove",
            (Some(a), Some(b)) if a != b => "change",
            _ => "none",
        };
        let text = |bytes: &Option<Vec<u8>>| {
            let text = String::from_utf8(bytes.clone().unwrap_or_default());
            text.ok().filter(|text| !text.contains('\0'))
        };
        let diff = match (text(&before), text(&after)) {
            (Some(old), Some(new)) => line_diff::unified(&old, &new),
            _ => "Binary files differ\n".into(),
        };
        FileChange {
            path,
            change,
            diff,
            place,
            before,
            after,
            stays: None,
            executable: false,
        }
    }

    /// Its present content.
    fn read(&self) -> Result<Option<Vec<u8>>> {
        let most = if self.executable { u64::MAX } else { FILE_MAX };
        read(&self.place, most)
    }

    /// Replaces the file in one step.
    fn write(&self) -> Result<()> {
        let failed = |e| Error::unwritten(format!("cannot write {}", self.path), e);
        let Some(after) = &self.after else {
            fs::remove_file(&self.place).map_err(failed)?;
            // Folders that were made for it go with it.
            let folders = self.place.ancestors().skip(1).take(2);
            let mut made = folders.take_while(|folder| self.stays.as_deref() != Some(*folder));
            while made
                .next()
                .is_some_and(|folder| fs::remove_dir(folder).is_ok())
            {}
            return Ok(());
        };
        if let Some(folder) = self.place.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        whole_file::replace(&self.place, self.mode(), |out| {
            out.write_all(after).map_err(failed)
        })
    }

    /// The mode of the old file, or of a program.
    fn mode(&self) -> Option<fs::Permissions> {
        if self.executable {
            return Some(std::os::unix::fs::PermissionsExt::from_mode(0o755));
        }
        Some(fs::metadata(&self.place).ok()?.permissions())
    }
}

/// The content of a file of at most some bytes; `None` if there is none.
fn read(place: &Path, most: u64) -> Result<Option<Vec<u8>>> {
    let shown = place.display();
    match fs::metadata(place) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io(format!("cannot read {shown}"), error)),
        Ok(meta) if !meta.is_file() => {
            return Err(
                Error::refused(format!("{shown} is not a file, so it is left unchanged"))
                    .because(Reason::InstallNotAFile),
            );
        }
        Ok(meta) if meta.len() > most => {
            return Err(
                Error::refused(format!("{shown} is too large, so it is left unchanged")).hint(
                    Hint::run(
                        ["install", "agents", "--print"],
                        "prints the text to insert by hand",
                    ),
                ),
            );
        }
        Ok(_) => {}
    }
    let text = fs::read(place).map_err(|error| Error::io(format!("cannot read {shown}"), error))?;
    Ok(Some(text))
}
