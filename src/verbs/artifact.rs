//! The verbs on artifacts: files that items publish for others.

use std::io;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::declare::{List, verb};
use super::keys::misused;
use super::limits::LIST_DEFAULT;
use super::{Effect, Limit, ShellInput, Verb};
use crate::coordinate::artifact::{ArtifactContent, NewArtifact, is_folder};
use crate::coordinate::harmless_place;
use crate::coordinate::message::send;
use crate::coordinate::worktree_file;
use crate::error::{Error, Reason, Result};
use crate::model::text::excerpt;
use crate::pm::artifact_view::ArtifactView;
use crate::pm::{Caller, Pm};

/// Put a file, or a new version of it
///
/// Pushed to the remote at once, as a comment is. Everyone who fetches the state gets the file.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm artifact put T-0001 api.json
  cargo run --bin schema | git pm artifact put T-0001 - --name schema.json")]
pub struct PutArtifact {
    /// Item ID.
    pub item: String,
    /// File; `-` reads standard input. A program names a file in a worktree.
    #[arg(required_unless_present = "text")]
    pub file: Option<String>,
    /// The content, instead of a file.
    #[arg(long, conflicts_with = "file", requires = "name")]
    pub text: Option<String>,
    /// Name of the artifact; by default that of the file.
    #[arg(long, required_if_eq("file", "-"))]
    pub name: Option<String>,
    /// Put the file even if it seems to contain a secret; only a human can ask for this.
    #[arg(long)]
    #[serde(default)]
    pub allow_secret: bool,
}

impl PutArtifact {
    /// The name of the artifact: its own, or that of the file.
    ///
    /// # Errors
    /// When there is neither.
    pub fn name(&self) -> Result<String> {
        if let Some(name) = &self.name {
            return Ok(name.clone());
        }
        let Some(file) = &self.file else {
            return Err(misused("`text` needs `name`".into()).about("name"));
        };
        let name = Path::new(file).file_name().and_then(|name| name.to_str());
        name.map(str::to_string).ok_or_else(|| {
            Error::usage(format!(
                "{file} has no file name to use as the artifact's name"
            ))
            .hint("`--name NAME` sets one")
        })
    }

    /// Puts content that was read.
    ///
    /// # Errors
    /// As [`crate::artifacts::Artifacts::put`].
    pub fn put(&self, pm: &Pm, content: Vec<u8>) -> Result<ArtifactView> {
        if self.allow_secret {
            send::require_may_allow_secret(pm)?;
        }
        pm.artifacts().put(&NewArtifact {
            item: self.item.clone(),
            name: self.name()?,
            content,
            allow_secret: self.allow_secret,
        })
    }
}

verb!(PutArtifact: ArtifactView, Writes {
    run |self, pm| {
        if pm.options.caller != Caller::Here {
            filled("item", &self.item)?;
            self.name.as_deref().map(|name| filled("name", name)).transpose()?;
        }
        let content = match (&self.file, &self.text) {
            (Some(file), None) => {
                let path = file_of(pm, filled("file", file)?)?;
                pm.artifacts().read_file(&self.name().unwrap_or_default(), &path)?
            }
            (None, Some(text)) => text.clone().into_bytes(),
            _ => return Err(misused("artifact put takes either `file` or `text`".into())),
        };
        self.put(pm, content)
    },
    shell |request| ShellInput::text(request.text.as_mut()),
});

/// Print an artifact, or write it to a file
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm artifact get T-0001 api.json | jq .
  git pm artifact get T-0001 api.json -o           writes ./api.json
  git pm artifact get T-0001 api.json --version A-k3f9a2 -o old.json")]
pub struct GetArtifact {
    /// Item ID.
    pub item: String,
    /// Name of the artifact.
    pub name: String,
    /// Write to FILE; if FILE is omitted, to a new file in the current directory with the
    /// artifact's name. A program names a new file in a worktree.
    #[arg(short, long, value_name = "FILE", num_args = 0..=1, default_missing_value = "")]
    pub output: Option<String>,
    /// Replace FILE if it exists.
    #[arg(long, requires = "output")]
    #[serde(skip)]
    pub force: bool,
    /// ID of a version, as shown by `git pm artifact list --all`.
    #[arg(long = "version", value_name = "ID")]
    pub version: Option<String>,
}

/// A version with its content.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ArtifactText {
    /// The version.
    #[serde(flatten)]
    pub artifact: ArtifactView,
    /// The content, if it is not written to a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The file that was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

impl GetArtifact {
    /// The version that is asked for.
    ///
    /// # Errors
    /// As [`crate::artifacts::Artifacts::get`].
    pub fn content(&self, pm: &Pm) -> Result<ArtifactContent> {
        let version = self.version.as_deref();
        pm.artifacts().get(&self.item, &self.name, version)
    }

    /// Writes the version to the file that is asked for.
    fn written(&self, pm: &Pm, found: &ArtifactContent, file: &str) -> Result<PathBuf> {
        let file = match file {
            "" => found.file_name()?,
            file => file,
        };
        let path = file_of(pm, file)?;
        if file.ends_with(['/', std::path::MAIN_SEPARATOR]) {
            return Err(is_folder(&path));
        }
        if pm.options.caller == Caller::Client {
            harmless_place::require_harmless(pm, &path, false)?;
            create_folders(&path).map_err(|error| {
                let shown = excerpt(file, 80);
                Error::unwritten(format!("cannot create the folder of `{shown}`"), error)
            })?;
        }
        let written = pm.artifacts().write_file(found, &path, self.force);
        written.map_err(|error| match error.reason() {
            Reason::ArtifactFileExists if pm.options.caller != Caller::Here => {
                error.hint("use the path of a new file")
            }
            Reason::ArtifactFileExists if !self.force => error.hint("`--force` replaces it"),
            _ => error,
        })?;
        Ok(path)
    }
}

verb!(GetArtifact: ArtifactText, Reaches {
    run |self, pm| {
        let output = self.output.as_ref().filter(|_| pm.options.caller != Caller::Here);
        for (key, value) in [
            ("item", Some(&self.item)),
            ("name", Some(&self.name)),
            ("version", self.version.as_ref()),
            ("output", output),
        ] {
            value.map(|value| filled(key, value)).transpose()?;
        }
        let found = self.content(pm)?;
        if let Some(file) = &self.output {
            let path = self.written(pm, &found, file)?;
            return Ok(ArtifactText {
                artifact: found.artifact,
                text: None,
                file: Some(path.display().to_string()),
            });
        }
        let Ok(text) = String::from_utf8(found.content) else {
            return Err(Error::refused("the content is not text")
                .because(Reason::ArtifactNotText)
                .about(&self.name)
                .hint("`output` writes it to a file"));
        };
        Ok(ArtifactText { artifact: found.artifact, text: Some(text), file: None })
    },
    only typed ["force"],
    sends false,
});

/// List artifacts
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ListArtifacts {
    /// Filter by item.
    pub item: Option<String>,
    /// Include earlier versions.
    #[arg(long)]
    #[serde(default)]
    pub all: bool,
    /// Maximum number of artifacts; 0 for all.
    #[arg(long, value_name = "N", default_value_t)]
    #[serde(default)]
    pub limit: Limit<LIST_DEFAULT>,
}

verb!(ListArtifacts: List<ArtifactView>, Reads {
    run |self, pm| {
        List::limited(self.limit.0, |_| pm.artifacts().list(self.item.as_deref(), self.all))
    },
});

/// Remove an artifact, or one version, from all clones
///
/// The history keeps the content: `git pm undo` brings it back, and `git pm redact` removes
/// text from the history, too.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct RemoveArtifact {
    /// Item ID.
    pub item: String,
    /// Name of the artifact.
    pub name: String,
    /// ID of the version to remove; by default all versions.
    #[arg(long = "version", value_name = "ID")]
    pub version: Option<String>,
}

verb!(RemoveArtifact: List<ArtifactView>, Removes {
    run |self, pm| {
        let version = self.version.as_deref();
        Ok(pm.artifacts().remove(&self.item, &self.name, version)?.into())
    },
});

/// A value that is not blank: some clients fill in every key.
fn filled<'v>(key: &str, value: &'v str) -> Result<&'v str> {
    match value.trim().is_empty() {
        true => Err(misused(format!("`{key}` is empty")).about(key)),
        false => Ok(value),
    }
}

/// The path of a file to publish or write, as far as the caller may name files.
pub(super) fn file_of(pm: &Pm, file: &str) -> Result<PathBuf> {
    let outside = |why: &str| {
        let shown = excerpt(file, 80);
        Error::refused(format!("`{shown}` {why}"))
            .because(Reason::ArtifactOutside)
            .about(shown)
    };
    match pm.options.caller {
        Caller::Here => Ok(pm.store.env().cwd.join(file)),
        Caller::Client => worktree_file::worktree_file(pm, file).ok_or_else(|| {
            outside("is not in a worktree of this repository")
                .hint("use a path below the worktree that `start` returned")
        }),
        Caller::Away => Err(outside("cannot be used: there are no files over HTTP")
            .hint("send the content as `text`")),
    }
}

/// Creates the missing folders of a path that `worktree_file::worktree_file` returned.
///
/// # Errors
/// If one cannot be created, or is a link by now, which may lead out of the worktree.
fn create_folders(path: &Path) -> io::Result<()> {
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    let missing = folder.ancestors();
    let missing: Vec<&Path> = missing
        .take_while(|one| one.symlink_metadata().is_err())
        .collect();
    for one in missing.iter().rev() {
        match std::fs::create_dir(one) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        // The next one would be created in the folder that a link names.
        if !one.symlink_metadata()?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
    }
    match folder.canonicalize()? == folder {
        true => Ok(()),
        false => Err(io::Error::other("a folder was replaced by a link")),
    }
}
