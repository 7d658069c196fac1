//! Reading one document of the state from its file.

use super::git::repo::{Oid, Repo};
use super::layout::{self, Family};
use crate::error::Error;
use crate::model::codec::{self, Damage};
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::limits::DOCUMENT_MAX;

/// A document with the place it was read from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The document.
    pub doc: Doc,
    /// Its typed view, for items.
    pub item: Option<Item>,
    /// Its path; empty while it is only staged.
    pub path: String,
}

/// A file of the state that is not a document.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Damaged {
    /// The path in the state's tree, escaped for printing.
    pub path: String,
    /// The reason.
    pub reason: String,
}

/// Reads one document with its typed view.
pub(crate) fn read_loaded(
    repo: &Repo,
    oid: Oid,
    path: &str,
    family: Family,
) -> Result<Loaded, ReadError> {
    let doc = read_doc(repo, oid, path, family)?;
    let item = match family {
        Family::Item(_) => Some(Item::from_doc(&doc)?),
        _ => None,
    };
    Ok(Loaded {
        doc,
        item,
        path: path.to_string(),
    })
}

/// Reads one document and checks that it matches its place.
pub(crate) fn read_doc(
    repo: &Repo,
    oid: Oid,
    path: &str,
    family: Family,
) -> Result<Doc, ReadError> {
    let bytes = repo
        .blob(oid, DOCUMENT_MAX)
        .map_err(ReadError::Store)?
        .ok_or(Damage::TooLarge)?;
    let doc = codec::decode(&bytes)?;
    if doc.kind != family.kind() {
        return Err(Damage::field("kind", format!("must be `{}` here", family.kind())).into());
    }
    layout::check_place(&doc, path)?;
    Ok(doc)
}

/// The document of a file; `None` if it is not one, or of a kind unknown to this program. A missing
/// object is an error.
pub fn read_if_doc(repo: &Repo, oid: Oid, path: &str) -> Result<Option<Doc>, Error> {
    let Some(family) = Family::of_path(path) else {
        return Ok(None);
    };
    match read_doc(repo, oid, path, family) {
        Ok(doc) => Ok(Some(doc)),
        Err(ReadError::Damage(_)) => Ok(None),
        Err(ReadError::Store(error)) => Err(error),
    }
}

/// The reason why a file of the state could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The object store failed.
    #[error("{0}")]
    Store(Error),
    /// The file is not a document.
    #[error(transparent)]
    Damage(#[from] Damage),
}
