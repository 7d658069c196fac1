//! A bot that claims the best ready task, runs a command in its worktree, and submits the work:
//! `cargo run --example bot FOLDER COMMAND [ARG…]`.

use std::process::Command;

use git_pm::tasks::{FinishOptions, StartOptions};
use git_pm::{Env, Error, Options, Pm, Result};

fn main() -> Result<()> {
    let mut args = std::env::args_os().skip(1);
    let (Some(folder), Some(program)) = (args.next(), args.next()) else {
        return Err(Error::usage("usage: bot FOLDER COMMAND [ARG…]"));
    };
    let options = Options {
        actor: Some("bot".into()),
        ..Options::default()
    };
    let pm = Pm::open(Env::of_process(folder), options)?;
    let task = pm.tasks().claim_next(&StartOptions::default())?.item;
    let worktree = pm.worktrees().path(&task.id)?;
    let result = Command::new(program)
        .args(args)
        .current_dir(&worktree)
        .status();
    if !result.is_ok_and(|status| status.success()) {
        return Err(Error::refused(format!("the command failed in {worktree}")).about(task.id));
    }
    let finish = FinishOptions {
        accept_all: true,
        ..FinishOptions::default()
    };
    let finished = pm.tasks().finish(Some(&task.id), &finish)?;
    println!("{} is {}", finished.item.id, finished.item.status);
    Ok(())
}
