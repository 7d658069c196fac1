//! How the state is exchanged: what a clone receives, what a remote can do to it, and what git pm
//! never does to the user's own refs and pushes.

pub mod commands;
pub mod deleted_branches;
pub mod first_contact;
pub mod imported_numbers;
pub mod losses;
pub mod lost_merges;
pub mod marked_numbers;
pub mod remotes;
pub mod renumbering;
pub mod users_refs;
pub mod work_branches;
