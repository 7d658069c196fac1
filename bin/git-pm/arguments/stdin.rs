//! Texts and ids that come from standard input or from a file.

use std::path::Path;

use git_pm::{Error, Result};

/// The text itself, or standard input for `-`.
pub fn text_or_stdin(text: &str) -> Result<String> {
    match text {
        "-" => stdin("cannot read standard input as text"),
        text => Ok(text.to_string()),
    }
}

/// Standard input; `failure` is the error if it is not UTF-8.
fn stdin(failure: &str) -> Result<String> {
    std::io::read_to_string(std::io::stdin())
        .map_err(|error| Error::usage(format!("{failure}: {error}")))
}

/// The text of a file, or standard input for `-`.
pub fn file_or_stdin(file: &Path) -> Result<String> {
    if file == Path::new("-") {
        return text_or_stdin("-");
    }
    std::fs::read_to_string(file)
        .map_err(|error| Error::usage(format!("cannot read {} as text: {error}", file.display())))
}

/// The given ids, with `-` replaced by the ids on standard input, separated by white space.
pub fn ids(given: &[String]) -> Result<Vec<String>> {
    let mut out = Vec::new();
    for id in given {
        if id != "-" {
            out.push(id.clone());
            continue;
        }
        let text = stdin("cannot read IDs from standard input")?;
        out.extend(text.split_whitespace().map(str::to_string));
    }
    Ok(out)
}
