//! Ctrl-C while a command of the user runs, which is in a process group of its own.

use std::sync::{Arc, OnceLock};

use git_pm::{Error, Interrupt, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag::{register, register_conditional_default};

/// Handles signals from here on: they end the command that runs, else this process.
pub fn interrupt() -> Result<Interrupt> {
    static HANDLED: OnceLock<Interrupt> = OnceLock::new();
    if let Some(interrupt) = HANDLED.get() {
        return Ok(interrupt.clone());
    }
    let interrupt = Interrupt::default();
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        register_conditional_default(signal, Arc::clone(&interrupt.idle))
            .and_then(|_| register(signal, Arc::clone(&interrupt.requested)))
            .map_err(|error| Error::io("cannot handle signals", error))?;
    }
    Ok(HANDLED.get_or_init(|| interrupt).clone())
}
