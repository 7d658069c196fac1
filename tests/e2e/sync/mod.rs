//! How the state travels: what a clone gets, what a remote may do to it, and what the tool never
//! does to the user's own refs and pushes.

pub mod commands;
pub mod first_contact;
pub mod losses;
pub mod remotes;
pub mod renumbering;
pub mod users_refs;
pub mod work_branches;
