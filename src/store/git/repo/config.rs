//! What git's configuration says.

use super::Repo;

impl Repo {
    /// A configuration value, the last one in the user's, system's and repository's files.
    pub fn config(&self, key: &str) -> Option<String> {
        self.inner
            .config_snapshot()
            .string(key)
            .map(|v| v.to_string())
    }

    /// A boolean configuration value.
    pub fn config_bool(&self, key: &str) -> Option<bool> {
        self.inner.config_snapshot().boolean(key)
    }

    /// Every value of a key, in file order.
    pub fn config_all(&self, key: &str) -> Vec<String> {
        self.inner
            .config_snapshot()
            .plumbing()
            .strings(key)
            .unwrap_or_default()
            .iter()
            .map(|v| v.to_string())
            .collect()
    }

    /// As [`Repo::config_all`], of configuration files only: nothing that the environment of this one
    /// command says.
    pub fn config_written(&self, key: &str) -> Vec<String> {
        let files = |section: &gix::config::file::Metadata| {
            section.source.kind() != gix::config::source::Kind::Override
        };
        self.inner
            .config_snapshot()
            .plumbing()
            .strings_filter(key, files)
            .unwrap_or_default()
            .iter()
            .map(|v| v.to_string())
            .collect()
    }

    /// The names of the configured remotes, sorted.
    pub fn remotes(&self) -> Vec<String> {
        self.inner
            .remote_names()
            .iter()
            .map(|name| name.to_string())
            .collect()
    }
}
