//! Texts and ids that come from standard input or from a file.

use std::io::Read;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use git_pm::{Error, Result};

/// What was read from standard input by an agent's command, which may have to be handed over.
static TAKEN: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Standard input.
pub struct Stdin;

impl Read for Stdin {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = std::io::stdin().read(into)?;
        if std::env::var_os("GIT_PM_RUN").is_some() {
            let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
            taken.extend_from_slice(&into[..count]);
        }
        Ok(count)
    }
}

/// All of standard input, if any of it was read.
///
/// # Errors
/// When it is not UTF-8.
pub fn all_taken() -> Result<String> {
    let mut taken = std::mem::take(&mut *TAKEN.lock().unwrap_or_else(PoisonError::into_inner));
    if !taken.is_empty() {
        let rest = std::io::stdin().read_to_end(&mut taken);
        rest.map_err(|error| Error::io("cannot read standard input", error))?;
    }
    String::from_utf8(taken).map_err(|_| {
        Error::usage("standard input is not UTF-8")
            .hint("name a file instead, where the command takes one")
    })
}

/// The text itself, or standard input for `-`.
pub fn text_or_stdin(text: &str) -> Result<String> {
    match text {
        "-" => stdin("cannot read standard input as text"),
        text => Ok(text.to_string()),
    }
}

/// Standard input; `failure` is the error if it is not UTF-8.
fn stdin(failure: &str) -> Result<String> {
    std::io::read_to_string(Stdin).map_err(|error| Error::usage(format!("{failure}: {error}")))
}

/// The text of a file, or standard input for `-`.
pub fn file_or_stdin(file: &Path) -> Result<String> {
    if file == Path::new("-") {
        return text_or_stdin("-");
    }
    git_pm::files::read_text(file)
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
