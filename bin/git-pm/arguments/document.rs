//! Documents on the command line: a file or the id of a PRD.

use std::path::Path;

use git_pm::plans::Source;
use git_pm::{Error, Result};

/// The document with this name: a file if it exists, else a PRD.
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
        return Err(
            Error::not_found(format!("the file `{name}` does not exist"))
                .hint("specify a Markdown file or the id of a PRD (`git pm prd list` lists them)"),
        );
    }
    if !name.contains(|c: char| c.is_ascii_digit()) {
        return Err(
            Error::not_found(format!("`{name}` is not a file, a PRD or a subcommand"))
                .hint("`git pm prd list` lists the PRDs, `git pm plan -h` the subcommands"),
        );
    }
    Ok(Source::Prd(name.to_string()))
}
