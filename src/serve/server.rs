//! The server: its address, connections, TLS and their time limits.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;

use super::access;
use super::audit::Audit;
use super::dispatch::{Serve, router};
use super::events::Hub;
use super::limits;
use super::metrics::Counters;
use super::news;
use super::rate_limit::Rates;
use super::shared::Shared;
use super::tls;
use super::tokens::Tokens;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::settings;
use crate::model::settings::{SERVE_ADDRESS_DEFAULT, SERVE_RATE_DEFAULT};
use crate::model::text::one_line;
use crate::pm::handles::Server;
use crate::pm::who_acts::OF_BEADS;
use crate::store::random;

/// The interval at which the caller's stop flag is polled.
pub(super) const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// The TLS files, in PEM format.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate, and the intermediates up to one that clients trust.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// The options of a server.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Additional host names of the server.
    pub hosts: Vec<String>,
    /// Require a token for reading, too, as is always the case for a non-loopback address.
    pub private: bool,
    /// Serve over TLS.
    pub tls: Option<TlsFiles>,
    /// The rate limit per visitor, in requests per second, with bursts of twice as many.
    pub rate: u32,
    /// Create a file that signs in the person who started the server.
    pub sign_in: bool,
    /// Create a URL that signs in their phone. It needs TLS, and is enough where tokens are required.
    pub phone: bool,
    /// Create such a URL for a browser of this machine, where only it is listened to.
    pub link: bool,
    /// Never use the network for the state.
    pub offline: bool,
    /// Take webhooks without a signature.
    pub insecure: bool,
    /// Look at the repository at GitHub at this interval; for projects without a webhook.
    pub poll: Option<Duration>,
    /// Receives what is done after a look there.
    pub tell: Option<fn(&super::github_webhook::ActionLine)>,
}

impl Default for ServeOptions {
    fn default() -> Self {
        ServeOptions {
            listen: SERVE_ADDRESS_DEFAULT,
            hosts: Vec::new(),
            private: false,
            tls: None,
            rate: SERVE_RATE_DEFAULT,
            sign_in: false,
            phone: false,
            link: false,
            offline: false,
            insecure: false,
            poll: None,
            tell: None,
        }
    }
}

/// A listening server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Serving {
    /// Its address.
    pub address: SocketAddr,
    /// The URL of its page. On the loopback interface, its host name is a new one at each start:
    /// `http://pm-5e2c81f09ab347d6.localhost:7700/`.
    pub url: String,
    /// The `file:` URL of a private file that signs in whoever opens it, once and within a minute.
    #[serde(skip)]
    pub sign_in: Option<String>,
    /// The URL that signs in a phone or a browser, once and within five minutes.
    #[serde(skip)]
    pub phone: Option<String>,
}

impl Server<'_> {
    /// Serves the page and its API until `stop` is set, and calls `started` once it listens.
    /// Acknowledged changes are in the state, so the process can be killed at any time.
    ///
    /// # Errors
    /// Kind `Refused` for a non-loopback address if nobody could sign in, and for a phone without TLS
    /// or a name of the server; kind `State` if the
    /// address cannot be used, there is no state, or the repository is gone for some time.
    pub fn serve(
        &self,
        options: &ServeOptions,
        stop: &Arc<AtomicBool>,
        started: &mut dyn FnMut(&Serving),
    ) -> Result<()> {
        let tokens = Tokens::of(self.pm);
        let is_local = options.listen.ip().is_loopback();
        if options.phone {
            require_reachable(options)?;
        } else if !is_local && tokens.is_empty()? {
            return Err(Error::refused(format!(
                "{} can be reached from other machines, but there are no tokens",
                options.listen
            ))
            .because(Reason::ServeNoTokens)
            .hint(Hint::run(
                ["serve", "token", "add", "NAME", "--scope", "read"],
                "creates one",
            )));
        }
        let acceptor = options.tls.as_ref().map(tls::acceptor).transpose()?;
        let mut env = self.pm.store.env().clone();
        // A request acts as its token's actor, not as the user who started the server, and must not
        // prompt that user.
        env.interactive = false;
        for name in ["GIT_PM_ACTOR"].into_iter().chain(OF_BEADS) {
            env.vars.remove(name);
        }
        let unusable = |error| {
            Error::io(format!("cannot listen on {}", options.listen), error)
                .because(Reason::ServeAddress)
                .hint("choose another address with `--listen`")
        };
        let listener = std::net::TcpListener::bind(options.listen).map_err(unusable)?;
        listener.set_nonblocking(true).map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        let hub = Hub::start(env.clone())?;
        // A name that no other server has, so that its cookies reach no other server. A certificate
        // or a user of another machine needs a name that the user chooses.
        let name = match is_local && acceptor.is_none() {
            true => Some(format!("pm-{}.localhost", random::name()?)),
            false => None,
        };
        let shared = Arc::new(Shared {
            env,
            offline: options.offline,
            open_reading: access::reads_openly(options),
            tls: acceptor.is_some(),
            name: name.clone(),
            hosts: options.hosts.clone(),
            tokens,
            hub,
            rates: Rates::new(options.rate),
            counters: Counters::default(),
            audit: Audit::new(&self.pm.folder()),
            owner: self.pm.actor().clone(),
            port: address.port(),
            all_sessions: Mutex::default(),
            webhooks: super::github_webhook::Webhooks::new(
                &self.pm.folder(),
                options.insecure,
                options.tell,
            ),
        });
        let has_secret = {
            let secret = self.pm.store.repo().text_of(&settings::WEBHOOK_SECRET);
            !secret.is_empty()
        };
        // A secret may be set later, too.
        let is_wanted = has_secret || options.insecure || options.poll.is_some();
        let looks =
            super::github_webhook::start(shared.clone(), stop.clone(), is_wanted, options.poll);
        let ending = shared.clone();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(limits::THREADS_MAX)
            .enable_all()
            .build()
            .map_err(|error| Error::io("cannot start the server", error))?;
        let served = runtime.block_on(async {
            let listener = TcpListener::from_std(listener).map_err(unusable)?;
            news::send_until(stop, self.pm.store.env(), &self.pm.options);
            let scheme = if acceptor.is_some() { "https" } else { "http" };
            let url = match name.as_ref().or(options.hosts.first()) {
                Some(name) => format!("{scheme}://{name}:{}/", address.port()),
                None => format!("{scheme}://{address}/"),
            };
            let (env, now) = (self.pm.store.env(), Instant::now());
            let sign_in = options.sign_in;
            let sign_in = sign_in.then(|| shared.sessions().new_code(env, &url, now));
            let sign_in = sign_in.transpose()?;
            let phone = options.phone || options.link && is_local;
            let phone = phone.then(|| shared.sessions().new_phone_code(&url, now));
            let phone = phone.transpose()?;
            started(&Serving {
                address,
                url,
                sign_in,
                phone,
            });
            let places = [
                self.pm.store.repo().common_dir().join("HEAD"),
                self.pm.store.env().cwd.clone(),
            ];
            accept(listener, acceptor, shared, stop, &places).await
        });
        runtime.shutdown_timeout(limits::SHUTDOWN_TIME_MAX);
        // What was not used to sign in goes with the server.
        ending.sessions().drop_codes();
        // Who waits for an answer of GitHub is not waited for.
        let began = Instant::now();
        while !looks.is_finished() && began.elapsed() < limits::SHUTDOWN_TIME_MAX {
            std::thread::sleep(POLL_INTERVAL);
        }
        served
    }
}

/// Accepts connections until `stop` is set. It is set if one of these places, without which no request can be
/// answered, is gone for some time: who runs the server learns of it by its end.
async fn accept(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    shared: Arc<Shared>,
    stop: &AtomicBool,
    places: &[PathBuf],
) -> Result<()> {
    let mut seen = Instant::now();
    let mut served = Ok(());
    let (stopping, stopped) = watch::channel(false);
    let router = router(Serve::new(shared.clone(), stopped.clone()));
    let room = Arc::new(Semaphore::new(limits::CONNECTIONS_MAX));
    let mut look = tokio::time::interval(POLL_INTERVAL);
    loop {
        let connection = tokio::select! {
            _ = look.tick() => {
                shared.sessions().drop_expired(Instant::now());
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                if seen.elapsed() > limits::GONE_TIME_MAX / 10 {
                    match places.iter().find(|place| !place.exists()) {
                        None => seen = Instant::now(),
                        Some(place) if seen.elapsed() > limits::GONE_TIME_MAX => {
                            served = Err(gone(place));
                            stop.store(true, Ordering::Relaxed);
                            break;
                        }
                        Some(_) => {}
                    }
                }
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        let Ok((socket, _)) = connection else {
            // Too many files are open: wait for connections to end.
            tokio::time::sleep(POLL_INTERVAL).await;
            continue;
        };
        let Ok(place) = room.clone().try_acquire_owned() else {
            continue;
        };
        let _ = socket.set_nodelay(true);
        let (router, acceptor, stopped) = (router.clone(), acceptor.clone(), stopped.clone());
        // Under load, silent connections are closed sooner.
        let is_crowded = room.available_permits() < limits::CONNECTIONS_MAX / 2;
        let head_time = if is_crowded {
            limits::HEAD_TIME_CROWDED_MAX
        } else {
            limits::HEAD_TIME_MAX
        };
        tokio::spawn(async move {
            let _place = place;
            match acceptor {
                Some(acceptor) => {
                    let shaken =
                        tokio::time::timeout(limits::HEAD_TIME_MAX, acceptor.accept(socket)).await;
                    if let Ok(Ok(socket)) = shaken {
                        connection_of(socket, router, stopped, head_time).await;
                    }
                }
                None => connection_of(socket, router, stopped, head_time).await,
            }
        });
    }
    drop(listener);
    stopping.send_replace(true);
    // Waits until all connections have ended, or the time limit is over.
    let all = room.acquire_many(limits::CONNECTIONS_MAX as u32);
    let _ = tokio::time::timeout(limits::SHUTDOWN_TIME_MAX, all).await;
    served
}

fn gone(place: &Path) -> Error {
    let place = one_line(&place.display().to_string());
    Error::state(format!(
        "the repository was deleted or moved: {place} is not there"
    ))
    .hint("start the server again where it is")
}

/// Refuses a server that a phone cannot reach, or to which it would send its code unencrypted.
fn require_reachable(options: &ServeOptions) -> Result<()> {
    let refused = |message: &str| Error::refused(message).because(Reason::ServePhone);
    if options.tls.is_none() {
        return Err(
            refused("a phone is signed in over TLS only, so that nobody reads its code")
                .hint("give a certificate: `git pm serve --qr --cert FILE --key FILE`"),
        );
    }
    if options.listen.ip().is_unspecified() && options.hosts.is_empty() {
        let message = format!("{} is no address that a phone can open", options.listen);
        return Err(refused(&message)
            .hint("name this machine as the phone reaches it: `git pm serve --qr --host NAME`"));
    }
    Ok(())
}

/// Serves one connection.
async fn connection_of(
    socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    mut stopped: watch::Receiver<bool>,
    head_time: Duration,
) {
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(head_time)
        .max_buf_size(64 << 10);
    let mut socket = TimeoutStream::new(socket);
    socket.set_write_timeout(Some(limits::WRITE_TIME_MAX));
    let connection = builder.serve_connection(
        TokioIo::new(Box::pin(socket)),
        TowerToHyperService::new(router),
    );
    let mut connection = std::pin::pin!(connection);
    let stops = async {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    // A failure here is a lost connection, after which nothing can be answered.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stops => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
