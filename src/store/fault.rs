//! Points at which tests make the store fail or die: one name for each of its few system calls.
//! A release build has none of it.

/// Fails, or ends the process, where a test wants it to; see `GIT_PM_FAULT` in CONTRIBUTING.md.
///
/// # Errors
/// Where the test says so.
#[inline]
pub fn point(_name: &str) -> std::io::Result<()> {
    Ok(())
}
