//! The content of a version: checks when it is put, and verification when it is read.

use super::NewArtifact;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::doc::Doc;
use crate::model::limits::ARTIFACT_MAX;
use crate::model::short_id::{ARTIFACT, short_id};
use crate::model::text::{bytes, spelled};
use crate::model::uid::sha256_hex;
use crate::pm::artifact_view::sha256;
use crate::secret;
use crate::store::layout::content_path;
use crate::store::state::State;

/// Reads the content of a version and checks that it is the one that the document names.
pub(super) fn content(state: &State<'_>, doc: &Doc, item: &str) -> Result<Vec<u8>> {
    let label = format!(
        "the content of {} of {item} ({})",
        spelled(doc.text("name").unwrap_or_default()),
        short_id(ARTIFACT, &doc.uid)
    );
    let fail = |why: &str, reason| Error::state(format!("{label} {why}")).because(reason);
    let Some((hash, path)) = sha256(doc).and_then(|hash| Some((hash, content_path(hash)?))) else {
        return Err(fail(
            "was redacted, or its record is damaged",
            Reason::ArtifactUnreadable,
        ));
    };
    let repo = state.repo();
    let Some(oid) = repo.file_at(state.tree, &path)? else {
        return Err(
            fail("is not in the state of this clone", Reason::ArtifactMissing)
                .hint(Hint::run(["sync"], "fetches it, if the remote has it")),
        );
    };
    let Some(found) = repo.blob(oid, ARTIFACT_MAX)? else {
        let limit = bytes(ARTIFACT_MAX as u64);
        return Err(fail(
            &format!("is larger than {limit}"),
            Reason::ArtifactTooLarge,
        ));
    };
    if sha256_hex(&found) != hash {
        return Err(fail(
            "does not match the hash in its record",
            Reason::ArtifactForged,
        )
        .hint("`git pm fsck` lists the files, `git log refs/pm/main` shows who wrote them"));
    }
    Ok(found)
}

/// Refuses a name or a text that seems to contain a secret.
pub(super) fn require_no_secret(new: &NewArtifact) -> Result<()> {
    if let Some(hit) = secret::scan(&new.name)
        .first()
        .filter(|_| !new.allow_secret)
    {
        return Err(Error::refused(format!(
            "the name of the artifact seems to contain {} ({}); anyone who fetches the state \
             could read it",
            hit.title, hit.rule
        ))
        .because(Reason::ArtifactSecret)
        .hint("choose another name with `--name`, and revoke the secret if it was real"));
    }
    let Ok(text) = std::str::from_utf8(&new.content) else {
        return Ok(());
    };
    let hits = secret::scan(text);
    let Some(hit) = hits.first().filter(|_| !new.allow_secret) else {
        return Ok(());
    };
    let line = 1 + text[..hit.start].matches('\n').count();
    let more = match hits.len() {
        1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    Err(Error::refused(format!(
        "{} seems to contain {} on line {line} ({}){more}; anyone who fetches the state could \
         read it",
        spelled(&new.name),
        hit.title,
        hit.rule
    ))
    .because(Reason::ArtifactSecret)
    .about(new.name.as_str())
    .hint("remove it, and revoke it if it was real")
    .hint("`--allow-secret` stores the file anyway"))
}
