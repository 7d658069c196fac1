//! A target branch moves by compare-and-swap, its checkouts follow or refuse first, and no local
//! changes are lost.

pub mod checkouts;
pub mod odd_repositories;
pub mod strategies;

use git_pm::error::Kind;
use git_pm::internals::store::git::process::Git;
use git_pm::internals::work::task::integrate::{IntegrateOptions, Strategy, prepare};
use git_pm::tasks::MergeView;

use crate::support::checkout::{TestRepo, run};

const README: &str = "one\ntwo\nthree\nfour\nfive\n";

fn options(branch: &str, strategy: Strategy) -> IntegrateOptions {
    IntegrateOptions {
        branch: branch.into(),
        target: "main".into(),
        strategy,
        message: format!("{branch}: done"),
        author: None,
    }
}

fn integrate(git: &Git, options: &IntegrateOptions) -> git_pm::Result<MergeView> {
    prepare(git, options, &[])?.apply()
}

#[track_caller]
fn refused(git: &Git, branch: &str, strategy: Strategy, kind: Kind) -> String {
    let before = run(git, &["for-each-ref"]);
    let error = integrate(git, &options(branch, strategy)).unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(!error.hints().is_empty(), "{error}");
    assert_eq!(run(git, &["for-each-ref"]), before, "a refusal moved a ref");
    error.message().to_string()
}

fn log(repo: &TestRepo, format: &str) -> Vec<String> {
    let format = format!("--format={format}");
    let log = repo.run(&["log", &format, "main"]);
    log.lines().map(str::to_string).collect()
}

/// `task/a` with two commits on top of the first, and `main` with one more.
fn diverged() -> TestRepo {
    let repo = TestRepo::new();
    repo.on_branch("task/a", "main", &[("src/a.rs", "a\n")]);
    repo.on_branch("task/a", "", &[("src/lib.rs", "fn a() { a }\n")]);
    repo.write("docs/b.md", "b\n");
    repo.commit("on main");
    repo
}
