//! The limit for the size of an artifact.

use std::io::Read;

use crate::error::{Error, Hint, Reason, Result};
use crate::model::limits::ARTIFACT_MAX;
use crate::model::settings;
use crate::model::text::{bytes, spelled};
use crate::pm::handles::Artifacts;

impl Artifacts<'_> {
    /// The largest content that can be put in this clone, in bytes.
    pub fn limit(&self) -> u64 {
        let limit = self.pm.store.repo().number_of(&settings::ARTIFACT_LIMIT);
        limit.saturating_mul(1 << 20).min(ARTIFACT_MAX as u64)
    }

    /// Refuses content of more than [`Artifacts::limit`] bytes.
    ///
    /// # Errors
    /// Kind `Usage`, reason `artifact.too_large`.
    pub fn require_size(&self, name: &str, size: u64) -> Result<()> {
        let limit = self.limit();
        if size <= limit {
            return Ok(());
        }
        let (size_text, limit_text) = told_apart(size, limit);
        let message = format!(
            "{} is {size_text}; the limit for an artifact is {limit_text}",
            spelled(name)
        );
        let error = too_large(name, message);
        let error = match size <= ARTIFACT_MAX as u64 {
            true => {
                let needed = size.div_ceil(1 << 20).to_string();
                let set = ["config", settings::ARTIFACT_LIMIT.key, needed.as_str()];
                error.hint(Hint::run(
                    set,
                    "accepts it; every clone fetches it with the state",
                ))
            }
            false => error,
        };
        Err(error.hint(INSTEAD))
    }

    /// Reads the content to be put under a name, up to its end or the limit.
    ///
    /// # Errors
    /// When it is too large; what `fail` returns if it cannot be read.
    pub fn read_from(
        &self,
        name: &str,
        input: impl Read,
        fail: impl Fn(std::io::Error) -> Error,
    ) -> Result<Vec<u8>> {
        let limit = self.limit();
        let mut content = Vec::new();
        let mut input = input.take(limit.saturating_add(1));
        input.read_to_end(&mut content).map_err(fail)?;
        if content.len() as u64 <= limit {
            return Ok(content);
        }
        // The rest was not read and may be endless, so nothing says which limit would accept it.
        let message = format!(
            "{} is larger than {}, the limit for an artifact",
            spelled(name),
            decimal(limit)
        );
        Err(too_large(name, message).hint(INSTEAD))
    }
}

/// The hint for content that is too large.
const INSTEAD: &str = "commit large files to a branch, and store a file that names the commit";

fn too_large(name: &str, message: String) -> Error {
    Error::usage(message)
        .because(Reason::ArtifactTooLarge)
        .about(name)
}

/// Two sizes as different texts: in bytes if they would look the same.
fn told_apart(size: u64, limit: u64) -> (String, String) {
    let (one, other) = (decimal(size), decimal(limit));
    match one == other {
        true => (format!("{size} bytes"), format!("{limit} bytes")),
        false => (one, other),
    }
}

/// A size with one decimal from a megabyte on.
fn decimal(size: u64) -> String {
    const MB: u64 = 1_000_000;
    match (MB..1_000 * MB).contains(&size) {
        true => format!("{:.1} MB", size as f64 / MB as f64),
        false => bytes(size),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_told_apart_from_the_limit() {
        let told = |size, limit| {
            let (one, other) = told_apart(size, limit);
            format!("{one} of {other}")
        };
        assert_eq!(told(17_000_000, 16 << 20), "17.0 MB of 16.8 MB");
        assert_eq!(
            told((1 << 20) + 1, 1 << 20),
            "1048577 bytes of 1048576 bytes"
        );
        assert_eq!(told(3_000_000_000, 64 << 20), "3.0 GB of 67.1 MB");
    }
}
