//! A status line for a prompt or an editor: `cargo run --example status_line [FOLDER]`.

use git_pm::{Env, Options, Pm, Result};

fn main() {
    let folder = std::env::args_os().nth(1).unwrap_or_else(|| ".".into());
    match line(folder.into()) {
        Ok(line) => println!("{line}"),
        Err(error) => {
            eprintln!("{}: {error}", error.reason());
            std::process::exit(error.kind().exit_code().into());
        }
    }
}

fn line(folder: std::path::PathBuf) -> Result<String> {
    let pm = Pm::open(Env::of_process(folder), Options::default())?;
    let status = pm.state().status()?;
    Ok(format!(
        "{} | {} ready, {} mine, {} to review",
        status.here.as_deref().unwrap_or("no task"),
        status.ready.len(),
        status.mine.len(),
        status.reviews.len()
    ))
}
