//! The version of an artifact that a caller means, and the errors that list the alternatives.

use super::name::closest;
use crate::error::{Error, Hint, Kind, Reason, Result};
use crate::model::doc::Doc;
use crate::model::short_id::{ARTIFACT, end_of, short_id};
use crate::model::text::{actor, bytes, excerpt, first_of, spelled};
use crate::pm::artifact_view::{NAME_MAX, current, size, views};

/// The maximum number of names that an error lists.
const NAMED: usize = 10;

/// The documents of one name.
pub(super) fn named<'d>(docs: &[&'d Doc], name: &str) -> Vec<&'d Doc> {
    let docs = docs.iter().copied();
    docs.filter(|doc| doc.text("name") == Some(name)).collect()
}

/// The version that a caller means: the one named, else the only current one.
pub(super) fn chosen<'d>(
    docs: &[&'d Doc],
    item: &str,
    name: &str,
    version: Option<&str>,
) -> Result<&'d Doc> {
    let same = named(docs, name);
    let live: Vec<&Doc> = same.iter().copied().filter(|doc| doc.is_live()).collect();
    if live.is_empty() {
        return Err(unknown(docs, item, name));
    }
    let wanted: Vec<&Doc> = match version {
        Some(version) => {
            let end = end_of(ARTIFACT, version);
            let fits = |doc: &&Doc| {
                end.as_ref()
                    .is_some_and(|end| doc.uid.as_str().ends_with(end))
            };
            live.into_iter().filter(fits).collect()
        }
        None => {
            let current = current(&same);
            live.into_iter()
                .filter(|doc| current.contains(&doc.uid))
                .collect()
        }
    };
    match (&wanted[..], version) {
        ([one], _) => Ok(one),
        ([], _) => Err(Error::not_found(format!(
            "{} of {item} has no version {}",
            spelled(name),
            spelled(version.unwrap_or_default())
        ))
        .because(Reason::ArtifactVersionNotFound)
        .about(name)
        .hint(Hint::run(
            ["artifact", "list", item, "--all"],
            "lists all versions",
        ))),
        (several, _) => Err(ambiguous(several, item, name, version)),
    }
}

/// The error for several versions that match.
fn ambiguous(found: &[&Doc], item: &str, name: &str, version: Option<&str>) -> Error {
    let shown: Vec<String> = found
        .iter()
        .map(|doc| {
            let author = doc.text("author").map(actor);
            let id = match version {
                // The short uid is ambiguous.
                Some(_) => doc.uid.to_string(),
                None => short_id(ARTIFACT, &doc.uid),
            };
            format!(
                "{id} by {}, {}",
                author.unwrap_or_default(),
                bytes(size(doc))
            )
        })
        .collect();
    let (why, reason) = match version {
        Some(_) => ("several versions with this id", Reason::ArtifactAmbiguous),
        None => ("concurrent versions", Reason::ArtifactConcurrent),
    };
    let error = Error::new(
        Kind::Ambiguous,
        format!(
            "{} of {item} has {why}: {}",
            spelled(name),
            first_of(&shown, NAMED)
        ),
    )
    .because(reason)
    .about(name);
    error
        .hint(Hint::run(
            ["artifact", "get", item, name, "--version", "ID"],
            "reads one of them",
        ))
        .hint("`git pm artifact put` replaces all versions that this clone has")
}

/// The error for an unknown name, listing the known ones.
pub(super) fn unknown(docs: &[&Doc], item: &str, name: &str) -> Error {
    let mut names: Vec<String> = views(item, docs)
        .into_iter()
        .map(|view| view.name)
        .collect();
    names.dedup();
    let error = missing(name, item);
    let error = match closest(name, &names) {
        Some(near) => error.hint(format!("did you mean {}?", spelled(near))),
        None => error,
    };
    match names.is_empty() {
        true => error.hint(Hint::run(["sync"], "fetches artifacts that others added")),
        false => {
            let shown: Vec<String> = names.iter().map(|name| excerpt(name, NAME_MAX)).collect();
            error.hint(format!("{item} has: {}", first_of(&shown, NAMED)))
        }
    }
}

/// The error for a name under which an item has no artifact.
pub(super) fn missing(name: &str, item: &str) -> Error {
    Error::not_found(format!("{item} has no artifact {}", spelled(name)))
        .because(Reason::ArtifactNotFound)
        .about(name)
}
