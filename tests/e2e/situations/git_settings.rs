//! git_settings
