//! The listener: HTTP 1.1 on the loopback interface, in a thread of its own.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use axum::body::Body;
use axum::http::{HeaderValue, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::watch;

use super::answer::{Answer, Request, Shared, answer};

/// Longest body of a request: larger than the longest issue in any encoding.
const BODY_MAX: usize = 2 << 20;

/// A listening server; it stops when this is dropped.
pub struct Listening {
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

/// A free port of the loopback interface.
pub fn bound() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener
        .set_nonblocking(true)
        .expect("a listener that does not block");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

impl Listening {
    /// Serves what is shared.
    pub fn start(listener: TcpListener, shared: Arc<Shared>) -> Listening {
        let (stop, stopped) = watch::channel(false);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(accept(listener, shared, stopped));
            // Requests that are slow on purpose are not waited for.
            runtime.shutdown_background();
        });
        Listening {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Accepts connections until it is stopped.
async fn accept(listener: TcpListener, shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
    loop {
        let accepted = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((socket, _)) = accepted else { continue };
        let _ = socket.set_nodelay(true);
        let shared = shared.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| served(shared.clone(), request));
            // An error is a connection that was lost, or closed on purpose.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service)
                .await;
        });
    }
}

/// Answers one request; an error closes the connection.
async fn served(
    shared: Arc<Shared>,
    request: axum::http::Request<Incoming>,
) -> Result<Response<Body>, Closed> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(Body::new(body), BODY_MAX)
        .await
        .map_err(|_| Closed)?;
    let headers = parts.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.to_string(), value)
    });
    let request = Request {
        method: parts.method.to_string(),
        path: parts.uri.path().to_string(),
        query: parts.uri.query().unwrap_or_default().to_string(),
        headers: headers.collect(),
        body: body.to_vec(),
    };
    // Acts may run git, and be slow on purpose.
    let answered = tokio::task::spawn_blocking(move || answer(&shared, &request)).await;
    let Ok(Answer::Send {
        status,
        headers,
        body,
    }) = answered
    else {
        return Err(Closed);
    };
    let mut response = Response::new(body.map_or_else(Body::empty, Body::from));
    *response.status_mut() = status.try_into().map_err(|_| Closed)?;
    for (name, value) in headers {
        let name: axum::http::HeaderName = name.parse().map_err(|_| Closed)?;
        let value = HeaderValue::from_str(&value).map_err(|_| Closed)?;
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

/// The connection is closed without an answer.
#[derive(Debug)]
struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("closed on purpose")
    }
}

impl std::error::Error for Closed {}

impl From<Infallible> for Closed {
    fn from(never: Infallible) -> Closed {
        match never {}
    }
}
