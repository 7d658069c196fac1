//! Reading a pipe of a git process on a thread.

use std::io::Read;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The time to wait for git's pipes after its end. A process that git started and left behind (a
/// connection kept open, an automatic clean-up) may hold them for hours.
const PIPE_PATIENCE: Duration = Duration::from_secs(1);

/// A pipe that a thread reads to its end.
pub(super) struct Drain {
    bytes: Arc<Mutex<Vec<u8>>>,
    ended: Receiver<()>,
}

impl Drain {
    pub(super) fn begin(mut pipe: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let (tx, ended) = channel();
        let into = Arc::clone(&bytes);
        std::thread::spawn(move || {
            let mut buffer = [0u8; 16 * 1024];
            while let Ok(n @ 1..) = pipe.read(&mut buffer) {
                if let Ok(mut bytes) = into.lock() {
                    bytes.extend_from_slice(&buffer[..n]);
                }
            }
            let _ = tx.send(());
        });
        Drain { bytes, ended }
    }

    /// True if the pipe closes within a time. Once it did, only [`Drain::finish`] may follow.
    pub(super) fn ends_within(&self, limit: Duration) -> bool {
        self.ended.recv_timeout(limit).is_ok()
    }

    /// The bytes read. After [`Drain::ends_within`] returned true the sender is gone, which ends
    /// the wait.
    pub(super) fn finish(self) -> Vec<u8> {
        let _ = self.ended.recv_timeout(PIPE_PATIENCE);
        self.bytes
            .lock()
            .map(|mut b| std::mem::take(&mut *b))
            .unwrap_or_default()
    }
}
