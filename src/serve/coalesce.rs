//! Coalesces equal requests that wait at the same time into one answer.
//!
//! Each gets an answer begun after it arrived, so nobody sees an older state than without coalescing,
//! and many readers of a board cost little more than one.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;

use super::limits;
use crate::error::{Error, Reason, Result};

type Waiting<T> = Vec<oneshot::Sender<Result<T>>>;

/// The answers in progress by key, each with the requests that have arrived since it was begun.
pub(super) struct Coalescer<T>(Arc<Mutex<HashMap<String, Waiting<T>>>>);

impl<T> Clone for Coalescer<T> {
    fn clone(&self) -> Self {
        Coalescer(self.0.clone())
    }
}

impl<T> Default for Coalescer<T> {
    fn default() -> Self {
        Coalescer(Arc::default())
    }
}

impl<T: Clone + Send + 'static> Coalescer<T> {
    /// The answer for `key`, made by the `make` of this call or of another call with this key.
    ///
    /// # Errors
    /// The errors of `make`.
    pub async fn answer<F>(
        &self,
        key: String,
        make: impl Fn() -> F + Send + Sync + 'static,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let (send, answer) = oneshot::channel();
        let is_first = {
            let mut all = self.lock();
            match all.get_mut(&key) {
                Some(waiting) => {
                    waiting.push(send);
                    None
                }
                None => {
                    all.insert(key.clone(), Vec::new());
                    Some(send)
                }
            }
        };
        if let Some(send) = is_first {
            // On a task of its own: the client may disconnect while others wait for the answer.
            tokio::spawn(self.clone().make(key, send, make));
        }
        let answer = answer.await;
        answer.unwrap_or_else(|_| {
            Err(Error::refused("the server is shutting down").because(Reason::HttpBusy))
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Waiting<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True if a request waits for the next answer; otherwise removes the key.
    fn is_awaited(&self, key: &str) -> bool {
        let mut all = self.lock();
        let is_awaited = all.get_mut(key).is_some_and(|next| {
            // Disconnected clients need no answer.
            next.retain(|one| !one.is_closed());
            !next.is_empty()
        });
        if !is_awaited {
            all.remove(key);
        }
        is_awaited
    }

    async fn make<F>(
        self,
        key: String,
        first: oneshot::Sender<Result<T>>,
        make: impl Fn() -> F + Send + Sync,
    ) where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let mut waiting = vec![first];
        loop {
            let begun = Instant::now();
            let answer = make().await;
            let rest = begun.elapsed().min(limits::COALESCING_PAUSE_MAX);
            for one in waiting {
                let _ = one.send(answer.clone());
            }
            if !self.is_awaited(&key) {
                return;
            }
            // Requests that arrive meanwhile share the next answer.
            tokio::time::sleep(rest).await;
            waiting = self
                .lock()
                .get_mut(&key)
                .map(std::mem::take)
                .unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use std::time::Duration;

    fn made(
        count: &Arc<AtomicUsize>,
    ) -> impl Fn() -> std::pin::Pin<Box<dyn Future<Output = Result<usize>> + Send>> + use<> {
        let count = count.clone();
        move || {
            let count = count.clone();
            Box::pin(async move {
                let number = count.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(50)).await;
                match number {
                    9 => Err(Error::refused("no")),
                    number => Ok(number),
                }
            })
        }
    }

    fn run(test: impl Future<Output = ()>) {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time().build().unwrap().block_on(test);
    }

    #[test]
    fn those_who_wait_share_an_answer_that_was_begun_after_they_asked() {
        run(shared());
    }

    async fn shared() {
        let (coalescer, count) = (Coalescer::default(), Arc::new(AtomicUsize::new(0)));
        let ask = |key: &str| {
            let (coalescer, make) = (coalescer.clone(), made(&count));
            let key = key.to_string();
            tokio::spawn(async move { coalescer.answer(key, make).await.unwrap() })
        };
        let first = ask("a");
        tokio::time::sleep(Duration::from_millis(10)).await;
        let others: Vec<_> = (0..20).map(|_| ask("a")).collect();
        assert_eq!(first.await.unwrap(), 0);
        for other in others {
            assert_eq!(other.await.unwrap(), 1);
        }
        assert_eq!(ask("b").await.unwrap(), 2);
        assert_eq!(ask("a").await.unwrap(), 3);
        assert!(coalescer.0.lock().unwrap().is_empty());
    }

    #[test]
    fn an_error_is_shared_and_who_hangs_up_stops_nobody() {
        run(failed());
    }

    async fn failed() {
        let (coalescer, count) = (Coalescer::default(), Arc::new(AtomicUsize::new(8)));
        let gone = coalescer.answer("a".into(), made(&count));
        assert!(
            tokio::time::timeout(Duration::from_millis(5), gone)
                .await
                .is_err()
        );
        assert!(coalescer.answer("a".into(), made(&count)).await.is_err());
        assert_eq!(
            coalescer.answer("a".into(), made(&count)).await.unwrap(),
            10
        );
    }
}
