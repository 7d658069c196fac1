//! The store: the state as commits on `refs/pm/main`, its transactions, its join and its exchange
//! with remotes. Everything above works on [`state::State`] and writes through [`handle::Store`].

pub(crate) mod actor;
pub(crate) mod beneath;
pub(crate) mod canonical_paths;
pub mod costs;
pub(crate) mod document_cache;
pub mod env;
pub mod ephemeral;
pub(crate) mod fault;
pub mod fsck;
pub mod generation;
pub mod git;
pub mod handle;
pub mod history;
pub(crate) mod human_stops;
pub mod index;
pub mod join;
pub mod layout;
pub mod lock;
pub mod migrate;
pub mod packing;
pub(crate) mod random;
pub mod read_document;
pub mod remote_names;
pub mod replica;
pub mod repository;
pub(crate) mod shared_files;
pub mod signatures;
mod size_limit;
pub(crate) mod stale_locks;
pub mod state;
pub mod sync;
pub mod transaction;
pub mod tree_diff;
pub(crate) mod tree_edit;
pub(crate) mod whole_file;
