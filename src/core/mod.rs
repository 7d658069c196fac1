//! What others build on: a repository, its states, and transactions that change them.
//!
//! The command line, the MCP server and the HTTP server are programs on top of this library; yours can
//! be another one. `core` is the part for what they do not do: a verb of your own, an exporter, a report, a
//! program that reads a mirror. The verbs themselves are the methods of [`Pm`](crate::Pm), which
//! [`Repository::verbs`] returns.
//!
//! | type | what it is | may be used in |
//! |---|---|---|
//! | [`Reader`] | a repository to read, also a bare or read-only one; writes nothing | one thread |
//! | [`Repository`] | the same for an actor, who may [write](Repository::write) | one thread |
//! | [`State`] | the state at a commit, or of a transaction: items, reservations, messages, learnings | one thread |
//! | [`Item`] | an item of a state, which it borrows | one thread |
//! | [`Claim`], [`Document`] | a claim, or any document, of a state, which they borrow | any: `Send + Sync` |
//! | [`Reservation`], [`Learning`], [`Event`] | what a state has, as values | any: `Send + Sync` |
//! | [`Graph`] | readiness, order, cycles | any: `Send + Sync` |
//! | [`Query`] | a condition in the query language of lists | any: `Send + Sync` |
//! | [`Transaction`] | changes that become one commit | one thread |
//! | [`Edit`], [`Transition`] | what a transaction does to an item | any: `Send + Sync` |
//! | [`Joined`] | the join of two states, in memory | one thread |
//! | [`Timestamp`], [`CommitId`], [`Env`], [`Error`] | | any: `Send + Sync` |
//!
//! Closed lists of words are enums of [`values`](crate::values): statuses, kinds, priorities. The
//! reasons of errors are [`Reason`](crate::error::Reason).
//!
//! Opening takes about half a millisecond: a thread or a request opens its own, instead of sharing one.
//! Only a write uses the network, after its commit: with `pm.sync=always`, or to share that the
//! caller's claim was renewed.
//!
//! # An item has three names
//!
//! Its [`Uid`](crate::values::Uid) is permanent, and is what methods take. Its [id](Item::id),
//! `T-0042`, is for people; it may change until it is published. [`State::find`] finds an item by
//! either, or by an earlier id.
//!
//! # Reading
//!
//! ```no_run
//! use git_pm::core::{Env, Query, Reader};
//!
//! let reader = Reader::open(Env::of_process("project.git"))?;
//! let state = reader.state()?;
//! let urgent: Query = "kind:task priority:<2 is:ready".parse()?;
//! for item in state.select(&urgent)? {
//!     let line = format!("{} {} ({})", item.id(), item.title(), item.status());
//! }
//! # Ok::<(), git_pm::Error>(())
//! ```
//!
//! # Writing
//!
//! ```no_run
//! use git_pm::core::{Edit, Env, Repository};
//!
//! let repository = Repository::open(Env::of_process("."))?;
//! let written = repository.write("acme/triage", |transaction| {
//!     let new: Vec<_> = {
//!         let state = transaction.state();
//!         let found = state.select(&"kind:issue -has:label".parse()?)?;
//!         found.iter().map(|item| item.uid().clone()).collect()
//!     };
//!     for item in &new {
//!         transaction.edit(item, &Edit::default().add_label("triage"))?;
//!     }
//!     Ok(new.len())
//! })?;
//! let said = format!("{} new issues, in {}", written.value, written.commit);
//! # Ok::<(), git_pm::Error>(())
//! ```
//!
//! # What is promised
//!
//! This module is the stable part of the library: within one major version what is here keeps its
//! meaning, and nothing is removed. Structs with public fields and enums that may grow are
//! `#[non_exhaustive]`. The format of the state is documented in `docs/FORMAT.md`, and fields that a
//! version does not know are kept; so a program that was built with an earlier version may write
//! beside a newer one.

mod document;
mod edit;
mod item;
mod query;
mod repository;
mod state;
#[cfg(test)]
mod tests;
mod time;
mod transaction;

pub use crate::error::{Error, Result};
pub use crate::history::events::EventChange;
pub use crate::store::env::Env;
pub use document::{Document, Learning, Reservation};
pub use edit::{Edit, Transition};
pub use item::{Claim, Criterion, Item};
pub use query::{Graph, Query};
pub use repository::{CommitId, Event, Events, Joined, Reader, Repository, Written};
pub use state::State;
pub use time::Timestamp;
pub use transaction::Transaction;
