//! A verb of your own: defers all open issues with a label and a low priority, in one commit:
//! `cargo run --example own_verb FOLDER LABEL DAYS`.

use std::time::Duration;

use git_pm::core::{Env, Error, Query, Repository, Result, Transition};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn main() {
    if let Err(error) = snooze() {
        eprintln!("{}: {error}", error.reason());
        for hint in error.hints() {
            eprintln!("hint: {hint}");
        }
        std::process::exit(error.kind().exit_code().into());
    }
}

fn snooze() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, label, days] = &args[..] else {
        return Err(Error::usage("usage: own_verb FOLDER LABEL DAYS"));
    };
    let days: u32 = days
        .parse()
        .map_err(|_| Error::usage("DAYS is a whole number"))?;
    let low: Query = format!("kind:issue priority:>2 is:ready label:\"{label}\"").parse()?;
    let repository = Repository::open(Env::of_process(folder))?;
    let written = repository.write("acme/snooze", |transaction| {
        let state = transaction.state();
        let found = state.select(&low)?;
        let items: Vec<_> = found.iter().map(|item| item.uid().clone()).collect();
        let until = transaction.now().after(DAY * days);
        for item in &items {
            transaction.transition(item, &Transition::Defer(Some(until)))?;
            transaction.set_field(item, "acme.snoozed_by", repository.actor().into())?;
        }
        transaction.summarize(format!("{} issues until {until}", items.len()));
        Ok(items.len())
    })?;
    println!("{} issues are deferred for {days} days", written.value);
    Ok(())
}
