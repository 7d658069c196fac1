//! Plans the changes of files: which ones, with which content, and the parts that stay as they are.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::{
    FILE_MAX, FileChange, InstallRequest, SECTION, Tool, command_files, hook_settings,
    marked_section, read,
};
use crate::coordinate::harmless_place;
use crate::coordinate::worktree::path::resolved;
use crate::error::{Error, Reason, Result};
use crate::model::settings;
use crate::model::text::one_line;
use crate::pm::Pm;

/// The line of our program called bd that marks it.
const BD_MARK: &str = "# bd for git pm, written by git pm install bd";

/// Plans the changes of files for one request.
pub(super) struct Planner<'p> {
    pub(super) pm: &'p Pm,
    pub(super) request: &'p InstallRequest,
    pub(super) files: Vec<FileChange>,
    pub(super) notes: Vec<String>,
}

impl Planner<'_> {
    /// The root of the worktree, without links.
    fn root(&self) -> Result<PathBuf> {
        let root = self.pm.store.repo().workdir();
        let root = root.and_then(|root| root.canonicalize().ok());
        root.ok_or_else(|| Error::usage("there is no worktree here to install into"))
    }

    /// The tools that the request is for.
    fn tools(&self, root: &Path) -> Vec<Tool> {
        if !self.request.tools.is_empty() {
            return self.request.tools.clone();
        }
        let used = |tool: &Tool| root.join(tool.folder()).is_dir();
        let found: Vec<Tool> = Tool::ALL.into_iter().filter(used).collect();
        match (found.is_empty(), self.request.remove) {
            (true, false) => vec![Tool::Claude],
            _ => found,
        }
    }

    /// The place of a file of the worktree, following links that stay inside it.
    fn inside(&self, root: &Path, path: &str) -> Result<PathBuf> {
        let place = root.join(path);
        let outside = || {
            Error::refused(format!(
                "{path} leads out of the worktree, or to git's own files; it is left unchanged"
            ))
            .because(Reason::InstallOutside)
            .about(path)
        };
        if fs::symlink_metadata(&place).is_ok() && !place.exists() {
            return Err(Error::refused(format!(
                "{path} is a link to a file that does not exist; it is left unchanged"
            ))
            .because(Reason::InstallOutside)
            .about(path));
        }
        let real = resolved(&place);
        let Ok(below) = real.strip_prefix(root) else {
            return Err(outside());
        };
        let is_gits = below.iter().any(|part| part.eq_ignore_ascii_case(".git"));
        match is_gits || harmless_place::is_hook(self.pm, &real, root)? {
            true => Err(outside()),
            false => Ok(real),
        }
    }

    pub(super) fn agents(&mut self) -> Result<()> {
        let root = self.root()?;
        let names = ["AGENTS.md", "CLAUDE.md"];
        let exists = |name: &&str| fs::symlink_metadata(root.join(name)).is_ok();
        let mut found: Vec<&str> = names.into_iter().filter(exists).collect();
        if found.is_empty() && !self.request.remove {
            found.push(names[0]);
        }
        let mut places: Vec<PathBuf> = Vec::new();
        for name in found {
            let place = self.inside(&root, name)?;
            // A link to the other file.
            if places.contains(&place) {
                continue;
            }
            let before = read(&place, FILE_MAX)?;
            let text = String::from_utf8_lossy(before.as_deref().unwrap_or_default()).into_owned();
            let imports = text.lines().any(|line| line.trim() == "@AGENTS.md");
            let broken = |_| {
                Error::refused(format!(
                    "{name} has several git-pm sections or one without an end, so it is left \
                     unchanged"
                ))
                .because(Reason::InstallBrokenMarks)
                .about(name)
                .hint(
                    "leave one line `<!-- git-pm:begin …` with one line `<!-- git-pm:end -->` \
                     after it, or none",
                )
            };
            let after = if self.request.remove || (imports && !places.is_empty()) {
                let without = marked_section::take(before.as_deref().unwrap_or_default());
                without.map_err(broken)?.unwrap_or_else(|| before.clone())
            } else {
                Some(marked_section::put(before.as_deref(), SECTION).map_err(broken)?)
            };
            let shown = place
                .strip_prefix(&root)
                .unwrap_or(&place)
                .display()
                .to_string();
            self.files
                .push(FileChange::new(shown, place.clone(), before, after));
            places.push(place);
        }
        let place = settings::WORKTREE_PATH.key;
        if !self.request.remove && self.pm.store.repo().config(place).is_none() {
            self.notes.push(format!(
                "for agents that may not write outside of the repository: \
                 `git pm config {place} '{{repo}}/.worktrees/{{id}}-{{slug}}'`; then start codex with \
                 `--add-dir .git`, and write `!/.worktrees/` in .geminiignore"
            ));
        }
        Ok(())
    }

    pub(super) fn hooks(&mut self) -> Result<()> {
        let root = self.root()?;
        for tool in self.tools(&root) {
            let path = hook_settings::file(tool);
            let place = self.inside(&root, path)?;
            let before = read(&place, FILE_MAX)?;
            if tool == Tool::Opencode {
                let mark = hook_settings::PLUGIN.lines().next().unwrap_or_default();
                self.whole(path.to_string(), place, before, hook_settings::PLUGIN, mark)?;
                continue;
            }
            let not_json = || {
                Error::refused(format!(
                    "{path} is not JSON in the expected form, so it is left unchanged"
                ))
                .because(Reason::InstallUnreadable)
                .about(path)
                .hint("fix the file, then run the command again")
            };
            let text = before
                .clone()
                .map(String::from_utf8)
                .transpose()
                .map_err(|_| not_json())?;
            let after = match (&text, self.request.remove) {
                (None, true) => continue,
                (Some(text), true) => {
                    let left = hook_settings::take(text).ok_or_else(not_json)?;
                    let created = hook_settings::put(tool, None);
                    (Some(text) != created.as_ref()).then_some(left)
                }
                (text, false) => {
                    Some(hook_settings::put(tool, text.as_deref()).ok_or_else(not_json)?)
                }
            };
            let after = after.map(String::into_bytes);
            self.files
                .push(FileChange::new(path.to_string(), place, before, after));
            if tool == Tool::Codex && !self.request.remove {
                self.notes
                    .push("Codex runs new hooks only after you trust them with `/hooks`".into());
            }
        }
        Ok(())
    }

    /// A file that is ours as a whole.
    fn whole(
        &mut self,
        path: String,
        place: PathBuf,
        before: Option<Vec<u8>>,
        text: &str,
        mark: &str,
    ) -> Result<()> {
        let present = before.as_deref().map(String::from_utf8_lossy);
        let foreign = present.is_some_and(|text| !text.contains(mark));
        if foreign && self.request.remove {
            self.notes.push(format!(
                "{} was not written by git pm, so it was not removed",
                one_line(&path)
            ));
            return Ok(());
        }
        if foreign && !self.request.force {
            return Err(Error::refused(format!(
                "{} already exists and was not written by git pm, so it is left unchanged",
                one_line(&path)
            ))
            .because(Reason::InstallExists)
            .about(path)
            .hint("`--force` replaces it"));
        }
        let after = (!self.request.remove).then(|| text.as_bytes().to_vec());
        if before.is_some() || after.is_some() {
            self.files.push(FileChange::new(path, place, before, after));
        }
        Ok(())
    }

    pub(super) fn slash(&mut self) -> Result<()> {
        let root = self.root()?;
        for tool in self.tools(&root) {
            let folder = command_files::folder(tool);
            for (name, text) in command_files::COMMANDS {
                let (file, text) = command_files::file(tool, name, text);
                let path = format!("{folder}/{file}");
                let (path, place, stays) = match tool {
                    Tool::Codex => {
                        let home = self.codex_home()?;
                        let place = home.join(&path);
                        (place.display().to_string(), place, Some(home))
                    }
                    _ => {
                        let place = self.inside(&root, &path)?;
                        (path, place, None)
                    }
                };
                let before = read(&place, FILE_MAX)?;
                let present = before.as_deref().map(String::from_utf8_lossy);
                let edited = present.is_some_and(|text| command_files::is_edited(&text));
                if edited && !self.request.force {
                    self.notes.push(format!(
                        "{} was edited, so it is left unchanged; `--force` overrides this",
                        one_line(&path)
                    ));
                    continue;
                }
                self.whole(path, place, before, &text, command_files::MARK)?;
                if let Some(file) = self.files.last_mut() {
                    file.stays = stays;
                }
            }
            if tool == Tool::Codex && !self.request.remove {
                self.notes.push(
                    "Codex reads prompts only from your home folder; call them as in \
                     `/prompts:pm-next`"
                        .into(),
                );
            }
        }
        Ok(())
    }

    /// The folder of Codex, which has no commands in a worktree.
    fn codex_home(&self) -> Result<PathBuf> {
        let env = self.pm.store.env();
        let home = || Some(Path::new(env.var("HOME")?).join(".codex"));
        let folder = env.var("CODEX_HOME").map(PathBuf::from).or_else(home);
        folder.ok_or_else(|| {
            Error::usage("neither CODEX_HOME nor HOME is set, so the Codex folder is unknown")
        })
    }

    pub(super) fn bd(&mut self) -> Result<()> {
        let env = self.pm.store.env();
        let beside = self.request.binary.parent().map(Path::to_path_buf);
        let folder = self
            .request
            .folder
            .as_ref()
            .map(|folder| env.cwd.join(folder));
        let folder = folder
            .or(beside)
            .ok_or_else(|| Error::usage("the folder for `bd` is unknown: name one with `--dir`"))?;
        let place = folder.join("bd");
        let path = place.display().to_string();
        let text = format!("#!/bin/sh\n{BD_MARK}\nexec git pm bd \"$@\"\n");
        let before = read(&place, u64::MAX)?;
        self.whole(path, place.clone(), before, &text, BD_MARK)?;
        if let Some(file) = self.files.last_mut() {
            file.executable = true;
            file.stays = Some(folder.clone());
        }
        if self.request.remove {
            return Ok(());
        }
        let search = env.var("PATH").map(OsString::from).unwrap_or_default();
        let folders: Vec<PathBuf> = std::env::split_paths(&search).collect();
        let first = folders
            .iter()
            .map(|folder| folder.join("bd"))
            .find(|file| file.is_file());
        let shown = one_line(&folder.display().to_string());
        if !folders.contains(&folder) {
            self.notes.push(format!(
                "{shown} is not in PATH: add it, or choose another folder with --dir"
            ));
        } else if let Some(first) = first.filter(|first| {
            let ours = fs::read_to_string(first).is_ok_and(|text| text.contains(BD_MARK));
            !ours && *first != place
        }) {
            let first = one_line(&first.display().to_string());
            self.notes.push(format!(
                "{first} is another program called bd, which may be found first"
            ));
        }
        Ok(())
    }
}
