//! Writing the file of a definition, which a human edits and then trusts.

use std::io::Write as _;
use std::path::Path;

use rustix::fs::OFlags;
use schemars::JsonSchema;
use serde::Serialize;

use super::built_in::BUILT_IN;
use super::known::{self, Known};
use super::{AgentDefinition, AgentFault, AgentSource, require_name};
use crate::coordinate::gate::agent_files::{AgentFile, FILE_MAX, FOLDER, agent_files};
use crate::coordinate::gate::trust;
use crate::coordinate::harmless_place;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::yaml;
use crate::pm::handles::Agents;
use crate::store::{beneath, shared_files};

/// The prompt of a new definition.
const TEMPLATE: &str = "\
Say what to read first, and what it is for.

Look for: what this agent should notice, each with its sign.

Leave alone: what others look at. Say what a finding or result has to contain.";

/// The text with which an edit begins.
#[derive(Clone, Debug)]
pub struct AgentDraft {
    /// That of the file, of the built-in or imported definition of its name, or a template.
    pub text: String,
    /// True if the file exists.
    pub exists: bool,
    /// Where the text comes from; none for a template.
    pub source: Option<AgentSource>,
}

/// The file after an edit.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WrittenAgent {
    /// The file, from the root of the worktree.
    pub path: String,
    /// False if it has the content that it had.
    pub changed: bool,
    /// The definition that it was made from; null for a template.
    pub source: Option<AgentSource>,
    /// A human trusts its present content in this clone.
    pub trusted: bool,
    /// What is wrong with it.
    pub faults: Vec<AgentFault>,
}

impl Agents<'_> {
    /// The text with which an edit of the file of an agent begins.
    ///
    /// # Errors
    /// When the name is not valid, or there is something else than a plain file.
    pub fn draft(&self, name: &str) -> Result<AgentDraft> {
        require_name(name)?;
        let files = trust::agents(self.pm);
        let present = files.iter().find(|(file, _)| file.name == name);
        let (text, source) = match present {
            Some((file, _)) => match &file.text {
                Ok(text) => (text.clone(), Some(AgentSource::File)),
                Err(why) => return Err(irregular(file, why)),
            },
            None => self.beginning(name)?,
        };
        Ok(AgentDraft {
            text,
            exists: present.is_some(),
            source,
        })
    }

    fn beginning(&self, name: &str) -> Result<(String, Option<AgentSource>)> {
        if let Some((_, text)) = BUILT_IN.iter().find(|(own, _)| *own == name) {
            return Ok(((*text).into(), Some(AgentSource::BuiltIn)));
        }
        let all = known::all(self.pm)?;
        let mut all = all.iter();
        let of_state = all.find(|known| {
            known.view.source == AgentSource::State && known.view.definition.name == name
        });
        Ok(match of_state {
            Some(Known { view, body }) => {
                (text_of(&view.definition, body), Some(AgentSource::State))
            }
            None => {
                let duty = "Say in one line what it is for".into();
                let new = AgentDefinition {
                    duty,
                    ..AgentDefinition::named(name)
                };
                (text_of(&new, TEMPLATE), None)
            }
        })
    }

    /// Writes a new file for an agent: the built-in or imported definition of that name, or a
    /// template.
    ///
    /// # Errors
    /// When it exists or cannot be written, or for an agent's process.
    pub fn create(&self, name: &str) -> Result<WrittenAgent> {
        let draft = self.draft(name)?;
        if draft.exists {
            return Err(exists(name));
        }
        self.write(name, &draft, &draft.text)
    }

    /// Writes the text of an edit that began with a draft, valid or not, and checks it. Nothing is
    /// written if an existing file would stay the same.
    ///
    /// # Errors
    /// When the file was changed since, the text is too long, the file cannot be written, or for an
    /// agent's process.
    pub fn write(&self, name: &str, draft: &AgentDraft, text: &str) -> Result<WrittenAgent> {
        require_name(name)?;
        let top = self.writable(name)?;
        let path = format!("{FOLDER}/{name}.md");
        if text.len() as u64 > FILE_MAX {
            let message = format!("the definition is longer than {FILE_MAX} bytes");
            return Err(Error::usage(message).about(path).hint("shorten it"));
        }
        let changed = !draft.exists || text != draft.text;
        if changed {
            let how = match draft.exists {
                true if self.draft(name)?.text == draft.text => OFlags::TRUNC,
                true => return Err(changed_meanwhile(&path)),
                false => OFlags::CREATE | OFlags::EXCL,
            };
            let fail = |error: std::io::Error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => exists(name),
                _ => Error::unwritten(format!("cannot write {path}"), error),
            };
            shared_files::create_dir_all(&top.join(FOLDER)).map_err(fail)?;
            let file = beneath::folder(top, Path::new(FOLDER))
                .and_then(|at| beneath::open(at, format!("{name}.md"), how | OFlags::WRONLY));
            let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
            written.map_err(fail)?;
        }
        let files = trust::agents(self.pm);
        let present = files.iter().find(|(file, _)| file.name == name);
        let (faults, trusted) = match present {
            Some((file, trusted)) => (known::of_file(file, *trusted).view.faults, *trusted),
            None => (
                vec![AgentFault::of_file(&path, "is not there any more")],
                false,
            ),
        };
        Ok(WrittenAgent {
            path,
            changed,
            source: draft.source,
            trusted,
            faults,
        })
    }

    /// The root of the worktree, if this process may write the file of an agent there, and no link
    /// leads elsewhere.
    fn writable(&self, name: &str) -> Result<&Path> {
        let top = self.pm.store.repo().workdir().ok_or_else(|| {
            Error::refused("a bare repository has no files of agents").hint("run it in a worktree")
        })?;
        let place = top.join(FOLDER).join(format!("{name}.md"));
        harmless_place::require_harmless(self.pm, &place, true)?;
        let files = agent_files(self.pm);
        let folder = files.iter().find(|file| file.path == FOLDER);
        match folder.map(|folder| (folder, &folder.text)) {
            Some((folder, Err(why))) => Err(irregular(folder, why)),
            _ => Ok(top),
        }
    }
}

fn irregular(file: &AgentFile, why: &str) -> Error {
    Error::refused(format!("{} {why}", file.path))
        .because(Reason::DefinitionIrregularFile)
        .hint(format!("fix or remove {}", file.path))
        .about(&file.path)
}

/// The file of a definition.
fn text_of(definition: &AgentDefinition, body: &str) -> String {
    let mut text = String::from("---\n");
    for (key, value) in [
        ("name", definition.name.as_str()),
        ("duty", &definition.duty),
        ("category", definition.category.as_str()),
        (
            "model",
            match definition.model.as_str() {
                "" => "balanced",
                model => model,
            },
        ),
        ("permissions", definition.permissions.as_str()),
        ("output", definition.output.as_str()),
    ] {
        yaml::pair(&mut text, 0, key, value);
    }
    format!("{text}---\n{}\n", body.trim())
}

fn exists(name: &str) -> Error {
    let path = format!("{FOLDER}/{name}.md");
    Error::conflict(format!("{path} exists already"))
        .because(Reason::DefinitionExists)
        .about(path)
        .hint(Hint::run(["agent", "edit", name], "edits it"))
}

fn changed_meanwhile(path: &str) -> Error {
    Error::conflict(format!(
        "{path} was changed in the meantime; nothing was written"
    ))
    .because(Reason::DefinitionChanged)
    .about(path)
    .hint("edit it again")
}
