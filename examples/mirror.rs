//! Lists the open items of a bare mirror, which it leaves as it is: `cargo run --example mirror FOLDER`.

use git_pm::core::{Env, Reader, Result};

fn main() -> Result<()> {
    let folder = std::env::args_os().nth(1).unwrap_or_else(|| ".".into());
    let reader = Reader::open(Env::of_process(folder))?;
    let state = reader.state()?;
    let open = state.items().into_iter().filter(|item| item.is_open());
    for item in open {
        let owner = item.owner().unwrap_or("nobody");
        println!(
            "{} {} ({}, {owner})",
            item.id(),
            item.title(),
            item.status()
        );
    }
    Ok(())
}
