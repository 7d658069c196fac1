//! git pm: the project manager that lives in your repository.
//!
//! Everything the command line does is a method of [`Pm`]; the binary only parses arguments and
//! renders. The library prints nothing and is told about the world by [`store::env::Env`].
//!
//! # Example
//!
//! Two clones that never met share one remote:
//!
//! ```
//! use std::collections::BTreeMap;
//! use git_pm::model::id::ItemKind;
//! use git_pm::maintain::setup::init::InitOptions;
//! use git_pm::work::list::ListFilter;
//! use git_pm::work::new_item::NewItem;
//! use git_pm::{Env, Options, Pm};
//!
//! # fn git(dir: &std::path::Path, args: &[&str]) {
//! #     let done = std::process::Command::new("git").args(args).current_dir(dir)
//! #         .env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null")
//! #         .stdout(std::process::Stdio::null()).status().unwrap();
//! #     assert!(done.success(), "git {args:?}");
//! # }
//! # fn main() -> git_pm::Result<()> {
//! # let folder = tempfile::tempdir().unwrap();
//! # let dir = folder.path();
//! # git(dir, &["init", "-q", "--bare", "hub.git"]);
//! # for name in ["a", "b"] {
//! #     git(dir, &["init", "-q", name]);
//! #     git(&dir.join(name), &["remote", "add", "origin", "../hub.git"]);
//! # }
//! # let path = std::env::var_os("PATH").unwrap();
//! let open = |clone: &str, actor: &str| {
//!     let mut vars = BTreeMap::from([("GIT_CONFIG_NOSYSTEM".to_string(), "1".into())]);
//! #     vars.insert("PATH".to_string(), path.clone());
//! #     vars.insert("GIT_CONFIG_GLOBAL".to_string(), "/dev/null".into());
//!     vars.insert("GIT_AUTHOR_NAME".to_string(), actor.into());
//!     Pm::open(Env::new(dir.join(clone), vars), Options::default())
//! };
//!
//! let ana = open("a", "Ana")?;
//! ana.state().init(&InitOptions::default())?;
//! let task = ana.tasks().create(
//!     ItemKind::Task,
//!     &NewItem {
//!         title: "Fix flaky login test".into(),
//!         acceptance: vec!["passes 100 times".into()],
//!         ..NewItem::default()
//!     },
//! )?;
//! assert_eq!(task.id, "T-0001");
//! ana.state().sync(&[])?;
//!
//! let ben = open("b", "Ben")?;
//! ben.state().init(&InitOptions::default())?; // adopts what the remote has
//! let tasks = ben.items().list(&ListFilter::default())?;
//! assert_eq!(tasks[0].title, "Fix flaky login test");
//! assert!(ben.tasks().why("T-1")?.ready);
//! # Ok(())
//! # }
//! ```

pub mod bridge;
pub mod coordinate;
pub mod error;
pub mod graph;
pub mod history;
pub mod maintain;
pub mod model;
pub mod plan;
pub mod pm;
pub mod query;
pub mod secret;
pub mod store;
pub mod work;

pub use error::{Error, Result};
pub use pm::{Options, Pm};
pub use store::env::Env;
