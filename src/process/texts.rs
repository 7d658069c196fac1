//! Paths in messages between processes of ours: texts that need not be UTF-8.

use std::ffi::OsString;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A path, or a list of paths.
pub(super) trait Paths: Sized {
    fn texts(&self) -> Vec<OsString>;
    fn of(texts: Vec<OsString>) -> Self;
}

impl Paths for PathBuf {
    fn texts(&self) -> Vec<OsString> {
        vec![self.into()]
    }

    fn of(texts: Vec<OsString>) -> Self {
        texts.into_iter().collect()
    }
}

impl Paths for Vec<PathBuf> {
    fn texts(&self) -> Vec<OsString> {
        self.iter().map(OsString::from).collect()
    }

    fn of(texts: Vec<OsString>) -> Self {
        texts.into_iter().map(PathBuf::from).collect()
    }
}

pub(super) fn serialize<S: Serializer>(
    paths: &impl Paths,
    to: S,
) -> std::result::Result<S::Ok, S::Error> {
    paths.texts().serialize(to)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>, P: Paths>(
    from: D,
) -> std::result::Result<P, D::Error> {
    Vec::deserialize(from).map(P::of)
}
