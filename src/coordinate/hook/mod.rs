//! Git hooks: putting our guard into whatever hook set-up a repository has, and taking it out again
//! without a trace; reading what a commit, a push or a ref update would change; and the `Task:`
//! trailer of a commit message. Whether a change is allowed is not decided here: that is
//! `reserve`'s business, and the command line's `hook run` brings the two together. Nothing here
//! writes to the working tree, to tracked files, or to any configuration outside this repository.

mod folder;
pub mod guard_status;
mod hook_location;
pub mod install;
mod lfs;
pub mod run;
mod shim;
pub mod trailer;

pub use guard_status::{HookEntry, HookState, HookStatus, is_active, look, status, was_installed};
pub use install::{InstallOptions, InstallReport, UninstallReport, install, uninstall};
