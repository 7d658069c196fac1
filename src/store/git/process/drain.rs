//! Reading a pipe of a git process on a thread.

use std::io::Read;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long after git's end its pipes are waited for. A process that git started and left behind
/// (a connection kept open, an automatic clean-up) may hold them for hours.
const PIPE_PATIENCE: Duration = Duration::from_secs(1);

/// A pipe that is read to its end by a thread of its own.
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

    /// Whether the pipe closes within a time. Asked once; afterwards only [`Drain::finish`].
    pub(super) fn ends_within(&self, limit: Duration) -> bool {
        self.ended.recv_timeout(limit).is_ok()
    }

    /// What came. After [`Drain::ends_within`] said yes the sender is gone, which ends the wait.
    pub(super) fn finish(self) -> Vec<u8> {
        let _ = self.ended.recv_timeout(PIPE_PATIENCE);
        self.bytes
            .lock()
            .map(|mut b| std::mem::take(&mut *b))
            .unwrap_or_default()
    }
}
