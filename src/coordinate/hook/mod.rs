//! Git hooks: installing and removing our guard, what it checks, and the `Task:` trailer.
//!
//! It is installed into any hook set-up of a repository, and removed without a trace; it checks a
//! commit, a push or a ref update. The trailer is that of commit messages. Nothing here writes to the
//! working tree, to tracked files, or to any configuration outside this repository.

mod claimed_branch;
pub mod edit_guard;
pub mod guard_status;
mod hook_location;
pub mod install;
mod lfs;
mod merged_work;
mod previous_hooks;
pub mod run;
mod shim;
mod taken_out;
pub mod trailer;

pub use guard_status::{HookEntry, HookState, HookStatus, is_active, status};
pub(crate) use hook_location::{hook_folders, users_hooks};
pub(crate) use install::program;
pub use install::{InstallOptions, install, uninstall};
pub(crate) use run::{remedy, stops_push};
pub(crate) use shim::{BEFORE, runnable};
