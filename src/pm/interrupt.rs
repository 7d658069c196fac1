//! Ending the user's commands (gates, set-up) that an operation runs, if its caller is interrupted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::process::Control;

/// The interval at which the thread checks for a request.
const INTERVAL: Duration = Duration::from_millis(50);

/// The flags that a caller's signal handlers share with the operations of a [`Pm`](crate::Pm).
#[derive(Clone, Debug)]
pub struct Interrupt {
    /// Set by the caller: ends the running command and all that it started; the operation then
    /// fails.
    pub requested: Arc<AtomicBool>,
    /// True while no command runs, so that nothing is left behind if the process ends.
    pub idle: Arc<AtomicBool>,
}

impl Default for Interrupt {
    fn default() -> Interrupt {
        Interrupt {
            requested: Arc::new(AtomicBool::new(false)),
            idle: Arc::new(AtomicBool::new(true)),
        }
    }
}

/// Watches for a request while a command runs.
pub(crate) struct Watch {
    interrupt: Interrupt,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    pub(crate) fn start(interrupt: Interrupt, control: Control) -> Watch {
        interrupt.idle.store(false, Ordering::SeqCst);
        let flags = interrupt.clone();
        let thread = std::thread::spawn(move || {
            while !flags.idle.load(Ordering::SeqCst) {
                if flags.requested.load(Ordering::SeqCst) {
                    return control.stop();
                }
                std::thread::park_timeout(INTERVAL);
            }
        });
        Watch {
            interrupt,
            thread: Some(thread),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.interrupt.idle.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}
