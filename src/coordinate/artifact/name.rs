//! Which names an artifact may have: plain file names.
//!
//! Any name, even a fetched one, can become a file name in a user's folder, so only plain file names
//! are accepted. Pure.

use crate::error::{Error, Reason, Result};
use crate::model::text::{conceals, spelled};
use crate::pm::artifact_view::NAME_MAX;
use crate::store::layout::is_safe_name;

/// Characters with a special meaning to file systems or shells.
const MEANINGFUL: &[char] = &['<', '>', ':', '"', '|', '?', '*'];

/// Names that Windows reserves for devices, with any extension.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];

/// Likewise for ports, each followed by a digit.
const PORTS: &[&str] = &["com", "lpt"];

/// Refuses a name that is not a plain file name on every system.
pub(super) fn check_name(name: &str) -> Result<()> {
    let why = if name.is_empty() {
        "it is empty"
    } else if name.len() > NAME_MAX {
        "it is longer than 120 bytes"
    } else if conceals(name) {
        "it has control or invisible characters"
    } else if name.contains(['/', '\\']) {
        "it is a path; only the file's own name is stored"
    } else if name.contains(MEANINGFUL) {
        "it has one of the characters < > : \" | ? *"
    } else if name.starts_with('-') {
        "it begins with a dash"
    } else if name.trim() != name || name.ends_with('.') || !is_safe_name(name.as_bytes()) {
        "it cannot be a file name on every system"
    } else if is_device(name) {
        "it is the name of a device on Windows"
    } else {
        return Ok(());
    };
    Err(Error::usage(format!(
        "{} is not a valid artifact name: {why}",
        match name {
            "" => "``".into(),
            name => spelled(name),
        }
    ))
    .because(Reason::ArtifactInvalidName)
    .about(name)
    .hint("`--name NAME` sets another one, such as api.json"))
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    let stem = stem.trim_end();
    let port = stem.strip_suffix(|c: char| matches!(c, '1'..='9' | '¹' | '²' | '³'));
    DEVICES.contains(&stem) || port.is_some_and(|port| PORTS.contains(&port))
}

/// The name that differs from the wanted one only in case or extension.
pub(super) fn closest<'n>(wanted: &str, names: &'n [String]) -> Option<&'n str> {
    let stem = |name: &str| name.split('.').next().unwrap_or(name).to_lowercase();
    let near = names.iter().find(|name| stem(name) == stem(wanted));
    near.map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_file_names_are_accepted() {
        for good in [
            "api.json",
            "a b.txt",
            "résumé.pdf",
            ".env.example",
            "Makefile",
            "✔️ done.md",
            "com.json",
            "com10",
        ] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        let long = "x".repeat(121);
        for bad in [
            "",
            ".",
            "..",
            "a/b",
            "a\\b",
            "/etc/passwd",
            "../x",
            ".git",
            "GIT~1",
            "-o",
            " a",
            "a ",
            "a.",
            "a\nb",
            "a\x1b[31m",
            "\u{202e}gpj.exe",
            "api\u{200b}.json",
            "api\u{200d}.json",
            "a:b",
            "nul",
            "CON.txt",
            "com9",
            "lpt2.log",
            "aux .c",
            &long,
        ] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
    }
}
