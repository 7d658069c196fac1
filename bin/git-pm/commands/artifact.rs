//! `git pm artifact`: files that items publish for others.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use git_pm::artifacts::{ArtifactContent, ArtifactView, NewArtifact};
use git_pm::text::steers;
use git_pm::{Error, Result};

use crate::arguments::stdin::Stdin;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::output::stdout;
use crate::render;

/// Publish an item's files, such as an interface, before the work is done
///
/// An artifact is a file that belongs to an item and is part of the state, so that it is synced with
/// it. Each put adds a version. If two clones put versions concurrently, both stay until a later put
/// in a clone that has both replaces them.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum ArtifactCommand {
    /// Put a file, or a new version of it
    ///
    /// Pushed to the remote at once, as a comment is. Everyone who fetches the state gets the file.
    #[command(after_help = "\
Examples:
  git pm artifact put T-0001 api.json
  cargo run --bin schema | git pm artifact put T-0001 - --name schema.json")]
    Put {
        /// Item ID.
        item: String,
        /// File; `-` reads standard input.
        file: PathBuf,
        /// Name of the artifact; by default that of the file.
        #[arg(long, required_if_eq("file", "-"))]
        name: Option<String>,
        /// Put the file even if it seems to contain a secret.
        #[arg(long)]
        allow_secret: bool,
    },
    /// Print an artifact, or write it to a file
    #[command(after_help = "\
Examples:
  git pm artifact get T-0001 api.json | jq .
  git pm artifact get T-0001 api.json -o           writes ./api.json
  git pm artifact get T-0001 api.json --version A-k3f9a2 -o old.json")]
    Get {
        /// Item ID.
        item: String,
        /// Name of the artifact.
        name: String,
        /// Write to FILE; if FILE is omitted, to a new file in the current directory with the
        /// artifact's name.
        #[arg(short, long, value_name = "FILE", num_args = 0..=1)]
        output: Option<Option<PathBuf>>,
        /// Replace FILE if it exists.
        #[arg(long, requires = "output")]
        force: bool,
        /// ID of a version, as shown by `git pm artifact list --all`.
        #[arg(long = "version", value_name = "ID")]
        version: Option<String>,
    },
    /// List artifacts
    #[command(visible_alias = "ls")]
    List {
        /// Filter by item.
        item: Option<String>,
        /// Include earlier versions.
        #[arg(long)]
        all: bool,
    },
    /// Remove an artifact, or one version, from all clones
    ///
    /// The history keeps the content: `git pm undo` brings it back, and `git pm redact` removes
    /// text from the history, too.
    #[command(visible_alias = "rm")]
    Remove {
        /// Item ID.
        item: String,
        /// Name of the artifact.
        name: String,
        /// ID of the version to remove; by default all versions.
        #[arg(long = "version", value_name = "ID")]
        version: Option<String>,
    },
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: ArtifactCommand) -> Outcome {
    let artifacts = context.pm()?.artifacts();
    match command {
        ArtifactCommand::Put {
            item,
            file,
            name,
            allow_secret,
        } => {
            let name = match name {
                Some(name) => name,
                None => own_name(&file)?,
            };
            let content = match file == Path::new("-") {
                true => {
                    let fail = |e| Error::usage(format!("cannot read standard input: {e}"));
                    artifacts.read_from(&name, Stdin, fail)?
                }
                false => artifacts.read_file(&name, &context.env.cwd.join(&file))?,
            };
            let view = artifacts.put(&NewArtifact {
                item,
                name,
                content,
                allow_secret,
            })?;
            context.answer(&view, render::artifact::put)
        }
        ArtifactCommand::Get {
            item,
            name,
            output,
            force,
            version,
        } => {
            let found = artifacts.get(&item, &name, version.as_deref())?;
            get(context, found, output, force)
        }
        ArtifactCommand::List { item, all } => {
            let found = artifacts.list(item.as_deref(), all)?;
            context.list(&found, |page, found| {
                render::artifact::list(page, found, item.is_none())
            })
        }
        ArtifactCommand::Remove {
            item,
            name,
            version,
        } => {
            let gone = artifacts.remove(&item, &name, version.as_deref())?;
            context.list(&gone, render::artifact::removed)
        }
    }
}

/// The name of a file.
fn own_name(file: &Path) -> Result<String> {
    let name = file.file_name().and_then(|name| name.to_str());
    name.map(str::to_string).ok_or_else(|| {
        Error::usage(format!(
            "{} has no file name to use as the artifact's name",
            file.display()
        ))
        .hint("`--name NAME` sets one")
    })
}

/// Prints the content, or writes it to a file.
fn get(
    context: &Context,
    found: ArtifactContent,
    output: Option<Option<PathBuf>>,
    force: bool,
) -> Outcome {
    let Some(output) = output else {
        if context.globals.json {
            return json(context, found);
        }
        if std::io::stdout().is_terminal() && !is_plain_text(&found.content) {
            return Err(
                Error::refused("the content is not plain text, so it was not printed")
                    .because("artifact.not_text")
                    .hint("`-o` writes it to a file")
                    .into(),
            );
        }
        stdout::write_raw(&found.content)?;
        return Ok(Exit::DONE);
    };
    let path = match output {
        Some(path) => path,
        None => PathBuf::from(found.file_name()?),
    };
    let place = context.env.cwd.join(&path);
    let artifacts = context.pm()?.artifacts();
    let written = artifacts.write_file(&found, &place, force);
    written.map_err(
        |error| match error.reason() == "artifact.file_exists" && !force {
            true => error.hint("`--force` replaces it"),
            false => error,
        },
    )?;
    context.answer(&found.artifact, |page, artifact| {
        render::artifact::written(page, artifact, &path);
    })
}

/// A version with its content as text.
#[derive(serde::Serialize, schemars::JsonSchema)]
pub struct ArtifactText {
    #[serde(flatten)]
    artifact: ArtifactView,
    /// The content.
    text: String,
}

/// Prints a version with its content.
fn json(context: &Context, found: ArtifactContent) -> Outcome {
    let Ok(text) = String::from_utf8(found.content) else {
        return Err(
            Error::refused("the content is not text, so it cannot be printed as JSON")
                .because("artifact.not_text")
                .hint("`-o FILE` writes it to a file")
                .into(),
        );
    };
    let artifact = found.artifact;
    context.json(&ArtifactText { artifact, text })
}

/// True for content that cannot control a terminal.
fn is_plain_text(content: &[u8]) -> bool {
    std::str::from_utf8(content).is_ok_and(|text| {
        !text
            .chars()
            .any(|c| steers(c) && !matches!(c, '\n' | '\r' | '\t'))
    })
}
