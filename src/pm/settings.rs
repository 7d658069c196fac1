//! The settings of a repository: their keys and defaults.

/// When the tool uses the network by itself: `pm.sync`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SyncMode {
    /// Only `sync`, `push` and `pull`.
    Manual,
    /// Also at start, finish and reserve.
    Claim,
    /// After every write.
    Always,
}
