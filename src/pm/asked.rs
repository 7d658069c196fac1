//! What is asked under an idempotency key, which its record tells from something else.

/// What is asked.
#[derive(Debug)]
pub(crate) struct Asked {
    /// A hash of it.
    pub(crate) input: String,
    /// False while it is only what the door knows, which a verb replaces.
    pub(crate) is_final: bool,
}
