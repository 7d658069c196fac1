//! How documents are named on the command line.

use std::path::Path;

use git_pm::plan::Source;
use git_pm::{Error, Result};

/// The document that somebody names: a file where there is one, else a PRD.
///
/// # Errors
/// When it is a file that cannot be read, or neither.
pub fn source(cwd: &Path, name: &str) -> Result<Source> {
    let path = cwd.join(name);
    if path.is_file() {
        let failed = |error| Error::io(format!("cannot read {name}"), error);
        return Ok(Source::File {
            path: name.to_string(),
            bytes: std::fs::read(&path).map_err(failed)?,
        });
    }
    if name.contains(['/', '.']) || path.exists() {
        return Err(Error::not_found(format!("there is no file `{name}`"))
            .hint("name a Markdown file, or the id of a PRD: `git pm prd list`"));
    }
    if !name.contains(|c: char| c.is_ascii_digit()) {
        return Err(
            Error::not_found(format!("`{name}` is neither a file nor a PRD nor a verb"))
                .hint("`git pm prd list` shows the PRDs, `git pm plan -h` the verbs"),
        );
    }
    Ok(Source::Prd(name.to_string()))
}
