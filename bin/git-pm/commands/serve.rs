//! `git pm serve`: the page and its API.

use std::net::{SocketAddr, ToSocketAddrs};

use git_pm::settings::{SERVE_ADDRESS_DEFAULT, SERVE_RATE_DEFAULT};

use crate::context::Context;
use crate::failure::Outcome;

/// Serve a page for people and an API for programs over HTTP
///
/// The page shows the board, items, plans, runs, reservations and statistics, and lets you make
/// changes; the API under /api/v1 offers the same, in the same JSON as --json. GET
/// /api/v1/openapi.json describes it, and GET /metrics is for Prometheus.
///
/// On the loopback interface, anyone may read, and changes need a token; with --private, and on any
/// other address, reading needs a token, too. A request with a token acts as the token's actor. A
/// server stores only tokens and an audit log: it can be stopped at any time, and several may run.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm serve --open
  git pm serve token add --scope approve
  git pm serve token add ci --agent
  git pm serve --poll 60s
  git pm serve --listen 0.0.0.0:7700 --host pm.example.org --cert cert.pem --key key.pem
  git pm serve --listen 192.168.1.20:7700 --cert cert.pem --key key.pem --qr

  curl -H \"Authorization: Bearer $TOKEN\" http://127.0.0.1:7700/api/v1/list")]
#[command(args_conflicts_with_subcommands = true)]
pub struct ServeArgs {
    #[command(subcommand)]
    pub command: Option<ServeCommand>,
    /// Address to listen on; port 0 selects a free port.
    #[arg(long, value_name = "ADDRESS:PORT", default_value_t = SERVE_ADDRESS_DEFAULT, value_parser = address)]
    pub listen: SocketAddr,
    /// Open the page in a browser, signed in.
    #[arg(long)]
    pub open: bool,
    /// Print a QR code that signs in your phone, once and within five minutes; requires --cert.
    #[arg(long)]
    pub qr: bool,
    /// Require a token for reading, too.
    #[arg(long)]
    pub private: bool,
    /// Accept requests to this host name (repeatable).
    #[arg(long, value_name = "NAME")]
    pub host: Vec<String>,
    /// Serve over TLS with this certificate (PEM).
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<std::path::PathBuf>,
    /// Private key of the certificate (PEM).
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<std::path::PathBuf>,
    /// Maximum number of requests per second from one client.
    #[arg(long, value_name = "N", default_value_t = SERVE_RATE_DEFAULT, value_parser = clap::value_parser!(u32).range(1..))]
    pub rate: u32,
    /// Look at GitHub at this interval, such as `60s` or `5m`: for projects without a webhook.
    #[arg(long, value_name = "TIME")]
    pub poll: Option<crate::arguments::values::Millis>,
    /// Take webhooks without a signature.
    #[arg(long)]
    pub insecure: bool,
}

/// The address that a text such as `127.0.0.1:7700` or `localhost:7700` means. Of several, that of
/// IPv4, which every client can reach.
fn address(text: &str) -> std::io::Result<SocketAddr> {
    let mut all: Vec<SocketAddr> = text.to_socket_addrs()?.collect();
    all.sort_by_key(SocketAddr::is_ipv6);
    let missing = || std::io::Error::other("the host name does not resolve to an address");
    all.first().copied().ok_or_else(missing)
}

/// The shortest interval, in milliseconds.
#[cfg(feature = "serve")]
const POLL_MIN_MS: u64 = 10_000;

/// The commands for tokens.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub enum ServeCommand {
    /// Manage the tokens of humans and agents
    #[command(subcommand)]
    Token(TokenCommand),
}

/// The commands for tokens, in the order of the help.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub enum TokenCommand {
    /// Create a token and print it once
    ///
    /// Only its hash is kept, in the git directory of this clone. An agent's token can approve
    /// nothing, and an agent can only create tokens for agents.
    Add {
        /// Actor that requests with the token act as; git's user.name by default, under which you work in a
        /// shell. Required for an agent.
        #[arg(required_if_eq("agent", "true"))]
        name: Option<String>,
        /// Rights of the token.
        #[arg(long, default_value = "write", value_parser = ["read", "write", "approve"])]
        scope: String,
        /// Treat the actor as an agent.
        #[arg(long)]
        agent: bool,
    },
    /// List the tokens of this clone
    List,
    /// Revoke a token
    #[command(visible_alias = "rm")]
    Remove {
        /// Actor whose token is revoked.
        name: String,
    },
}

/// Serves, or manages tokens.
#[cfg(feature = "serve")]
pub fn run(context: &Context, args: ServeArgs) -> Outcome {
    match args.command {
        Some(ServeCommand::Token(command)) => tokens::run(context, command),
        None => serving::run(context, args),
    }
}

/// Serves, or manages tokens.
#[cfg(not(feature = "serve"))]
pub fn run(_: &Context, _: ServeArgs) -> Outcome {
    Err(
        git_pm::Error::refused("this git pm was built without the HTTP server")
            .hint("build it with the feature `serve`")
            .into(),
    )
}

#[cfg(feature = "serve")]
mod serving {
    use std::process::{Command, Stdio};

    use git_pm::server::{ServeOptions, Serving, TlsFiles};

    use super::{POLL_MIN_MS, ServeArgs};
    use crate::context::Context;
    use crate::failure::{Exit, Outcome};
    use crate::output::{json, stderr, stdout};

    pub fn run(context: &Context, args: ServeArgs) -> Outcome {
        // A human whose terminal opens no browser here, as over SSH, gets the link.
        let links = !args.open && context.asks() && !context.pm()?.actor().is_agent;
        let options = ServeOptions {
            listen: args.listen,
            hosts: args.host,
            private: args.private,
            tls: (args.cert.zip(args.key)).map(|(certificate, key)| TlsFiles { certificate, key }),
            rate: args.rate,
            sign_in: args.open,
            phone: args.qr,
            link: links,
            offline: context.globals.offline,
            insecure: args.insecure,
            // Oftener would use up the limits of GitHub.
            poll: args
                .poll
                .map(|at| std::time::Duration::from_millis(at.0.max(POLL_MIN_MS))),
            tell: Some(|line| {
                if let Ok(text) = serde_json::to_string(line) {
                    stderr::note(&text);
                }
            }),
        };
        let stop = crate::commands::run::on_signals()?;
        let mut started = |serving: &Serving| {
            // Who reads standard output may be gone; the server goes on.
            let _ = match context.globals.json {
                true => json::write(serving, &[]),
                false => stdout::write(&page(serving)),
            };
            if let Some(url) = &serving.phone {
                let code = match args.qr {
                    true => qr(url),
                    false => format!("Sign in, once and within five minutes: {url}\n"),
                };
                let _ = match context.globals.json {
                    true => {
                        stderr::page(&code);
                        Ok(())
                    }
                    false => stdout::write(&code),
                };
            }
            if !args.listen.ip().is_loopback() && options.tls.is_none() {
                stderr::note("without --cert and --key, tokens are sent unencrypted");
            }
            if let Some(address) = &serving.sign_in {
                open(context, address);
            }
        };
        context
            .pm()?
            .server()
            .serve(&options, &stop, &mut started)?;
        Ok(Exit::DONE)
    }

    /// Where the page is, and the API: only browsers know the name of the page.
    fn page(serving: &Serving) -> String {
        let (url, address) = (&serving.url, serving.address);
        let api = match url.contains(".localhost:") {
            true => format!("http://{address}/"),
            false => url.clone(),
        };
        format!("Serving {url} (Ctrl-C to stop)\nAPI for programs: {api}api/v1/\n")
    }

    /// A URL as a QR code for a dark terminal, which phones read inverted too, with the URL below it.
    fn qr(url: &str) -> String {
        use qrcode::QrCode;
        use qrcode::render::unicode::Dense1x2::{self, Dark, Light};

        let code = QrCode::new(url).map(|code| {
            let mut drawn = code.render::<Dense1x2>();
            // A block is what shines.
            drawn.dark_color(Light).light_color(Dark).build()
        });
        // One that is too long for a code can still be typed.
        let code = code.unwrap_or_default();
        format!("{code}\nSign in with a phone, once and within five minutes: {url}\n")
    }

    /// Opens a file in the user's browser. What signs in is in the file, since any user of the machine
    /// can read command lines.
    fn open(context: &Context, address: &str) {
        let own = context.env.text("BROWSER");
        let system = if cfg!(target_os = "macos") {
            "open"
        } else {
            "xdg-open"
        };
        let opened = Command::new(own.as_deref().unwrap_or(system))
            .arg(address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        if opened.is_err() {
            stderr::note(&format!(
                "open this file in a browser within a minute: {address}"
            ));
        }
    }
}

#[cfg(feature = "serve")]
mod tokens {
    use git_pm::server::{NewToken, Scope, TokenView};

    use super::TokenCommand;
    use crate::context::Context;
    use crate::failure::Outcome;
    use crate::render;

    pub fn run(context: &Context, command: TokenCommand) -> Outcome {
        let server = context.pm()?;
        let server = server.server();
        match command {
            TokenCommand::Add { name, scope, agent } => {
                let scope = Scope::parse(&scope).unwrap_or(Scope::Read);
                let actor = context.pm()?.actor();
                if name.is_none() && actor.is_agent {
                    return Err(git_pm::Error::usage("name the agent that the token is for").into());
                }
                let name = name.as_deref().unwrap_or(&actor.identity);
                let made: NewToken = server.add_token(name, scope, agent)?;
                context.answer(&made, render::serve::new_token)
            }
            TokenCommand::List => {
                let all: Vec<TokenView> = server.tokens()?;
                context.list(&all, render::serve::tokens)
            }
            TokenCommand::Remove { name } => {
                let gone = server.remove_token(&name)?;
                context.answer(&gone, render::serve::removed)
            }
        }
    }
}
