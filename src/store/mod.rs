//! The store: the state as commits on `refs/pm/main`, its transactions, join and exchange.
//!
//! It is exchanged with remotes. Everything above works on [`state::State`] and writes through
//! [`handle::Store`].

pub mod actor;
pub mod beneath;
pub(crate) mod canonical_paths;
pub(crate) mod document_cache;
pub mod env;
pub mod ephemeral;
pub mod fault;
pub mod first_commit;
pub mod fsck;
pub mod generation;
pub mod git;
pub mod handle;
pub mod history;
pub mod human_stops;
pub mod index;
pub mod io_counts;
pub mod join;
pub mod layout;
pub mod lock;
pub mod migrate;
pub mod named_file;
pub mod packing;
pub mod random;
pub mod read_document;
pub mod remote_names;
pub mod replica;
pub mod repository;
pub mod shared_files;
pub mod signatures;
mod size_limit;
pub(crate) mod stale_locks;
pub mod state;
pub mod sync;
pub mod transaction;
pub mod tree_diff;
pub(crate) mod tree_edit;
pub mod whole_file;

use git_pm_graph as graph;
use git_pm_model::{self as model, error};
use git_pm_process as process;
use git_pm_query as query;
use git_pm_secret as secret;
