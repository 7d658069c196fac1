//! Files that items publish for others.

use std::io;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::session::Session;
use super::super::tool::{Effect, Tool};
use super::super::views::{List, bounded, list};
use crate::coordinate::artifact::{NewArtifact, is_folder};
use crate::error::{Error, Result};
use crate::model::text;
use crate::pm::artifact_view::ArtifactView;

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool::new(
            "artifact_put",
            Effect::Writes,
            "Publish a file of an item for others, or a new version of it",
            put,
        ),
        Tool::new(
            "artifact_get",
            // It can write a file.
            Effect::Reaches,
            "Read an artifact of an item, or write it to a file",
            get,
        ),
        Tool::new(
            "artifact_list",
            Effect::Reads,
            "Artifacts of an item, or of all items",
            listed,
        ),
    ]
}

/// The maximum size of an artifact's text that is returned, in bytes.
const TEXT_MAX: usize = 16_000;

/// The number of versions that are listed by default.
const LIMIT: usize = 50;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Put {
    id: String,
    /// Path in a worktree; or give text
    file: Option<String>,
    /// The content, with a name
    text: Option<String>,
    /// Such as api.json; default: that of the file
    name: Option<String>,
}

fn put(session: &Session, input: Put) -> Result<ArtifactView> {
    const TOOL: &str = "artifact_put";
    require_filled(
        TOOL,
        &[
            ("id", Some(&input.id)),
            ("file", input.file.as_ref()),
            ("name", input.name.as_ref()),
        ],
    )?;
    let misused = |why| misused(TOOL, why, "id (required), and file, or text with name");
    let artifacts = session.pm()?.artifacts();
    let (name, content) = match (input.file, input.text) {
        (Some(file), None) => {
            let path = place(session, &file)?;
            let own = || Some(path.file_name()?.to_str()?.to_string());
            let name = input.name.or_else(own);
            let name =
                name.ok_or_else(|| misused("a path without a UTF-8 file name needs `name`"))?;
            let content = artifacts.read_file(&name, &path)?;
            (name, content)
        }
        (None, Some(text)) => {
            let name = input.name.ok_or_else(|| misused("`text` needs `name`"))?;
            (name, text.into_bytes())
        }
        _ => return Err(misused("give either `file` or `text`")),
    };
    artifacts.put(&NewArtifact {
        item: input.id,
        name,
        content,
        allow_secret: false,
    })
}

/// The real path of a file to publish or write.
fn place(session: &Session, file: &str) -> Result<PathBuf> {
    session.pm()?.worktree_file(file).ok_or_else(|| {
        let shown = text::excerpt(file, 80);
        Error::refused(format!("`{shown}` is not in a worktree of this repository"))
            .because("artifact.outside")
            .about(shown)
            .hint("use a path below the worktree that `start` returned")
    })
}

/// Refuses arguments that are given but empty: some clients fill in every argument. Only `text` may
/// be empty.
fn require_filled(tool: &str, given: &[(&str, Option<&String>)]) -> Result<()> {
    let blank = |value: &Option<&String>| value.is_some_and(|text| text.trim().is_empty());
    match given.iter().find(|(_, value)| blank(value)) {
        Some(("id", _)) => Err(misused(tool, "`id` is empty", "the ID of an item as id")),
        Some((name, _)) => Err(misused(
            tool,
            &format!("`{name}` is empty"),
            &format!("a non-empty `{name}`, or no `{name}`"),
        )),
        None => Ok(()),
    }
}

fn misused(tool: &str, why: &str, takes: &str) -> Error {
    Error::usage(format!("the arguments of `{tool}` are not valid: {why}"))
        .because("arguments.invalid")
        .about(tool)
        .hint(format!("`{tool}` takes: {takes}"))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Get {
    id: String,
    name: String,
    /// ID of a version
    version: Option<String>,
    /// New file in a worktree to write; default: the text is returned
    file: Option<String>,
}

#[derive(Serialize)]
struct Got {
    #[serde(flatten)]
    artifact: ArtifactView,
    text: Option<String>,
    /// The file that was written.
    file: Option<String>,
}

fn get(session: &Session, input: Get) -> Result<Got> {
    require_filled(
        "artifact_get",
        &[
            ("id", Some(&input.id)),
            ("name", Some(&input.name)),
            ("version", input.version.as_ref()),
            ("file", input.file.as_ref()),
        ],
    )?;
    let artifacts = session.pm()?.artifacts();
    let found = artifacts.get(&input.id, &input.name, input.version.as_deref())?;
    if let Some(file) = input.file {
        let path = place(session, &file)?;
        if file.ends_with(['/', std::path::MAIN_SEPARATOR]) {
            return Err(is_folder(&path));
        }
        session.pm()?.require_harmless(&path, false)?;
        create_folders(&path).map_err(|error| {
            let shown = text::excerpt(&file, 80);
            Error::unwritten(format!("cannot create the folder of `{shown}`"), error)
        })?;
        artifacts
            .write_file(&found, &path, false)
            .map_err(|error| match error.reason() {
                "artifact.file_exists" => error.hint("use the path of a new file"),
                _ => error,
            })?;
        return Ok(Got {
            artifact: found.artifact,
            text: None,
            file: Some(path.display().to_string()),
        });
    }
    let Ok(text) = String::from_utf8(found.content) else {
        return Err(Error::refused("the content is not text")
            .because("artifact.not_text")
            .about(input.name)
            .hint("use `file` to write it to a file in the worktree"));
    };
    let whole = "artifact_get with `file`";
    Ok(Got {
        text: Some(bounded(&text, TEXT_MAX, whole)),
        artifact: found.artifact,
        file: None,
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Item; default: all
    id: Option<String>,
    /// Replaced versions too
    #[serde(default)]
    all: bool,
    /// Default 50
    #[serde(default, deserialize_with = "super::all_for_zero")]
    limit: Option<usize>,
}

fn listed(session: &Session, input: Listing) -> Result<List<ArtifactView>> {
    let artifacts = session.pm()?.artifacts();
    let mut found = artifacts.list(input.id.as_deref(), input.all)?;
    found.truncate(input.limit.unwrap_or(LIMIT));
    Ok(list(found))
}

/// Creates the missing folders of a path that `Pm::worktree_file` returned.
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
