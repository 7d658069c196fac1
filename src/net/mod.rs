//! The HTTP client of the whole program: TLS by rustls, proxies of the environment, no redirects.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{NoProxy, Proxy, Url, redirect};
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::model::web_address::is_loopback as is_loopback_host;

/// A client for a server, with the runtime that its requests run on. `env` names proxies and certificates; a
/// server on this machine is reached without a proxy.
///
/// # Errors
/// When the proxy or the certificates cannot be used.
pub(crate) fn client(
    url: &str,
    env: &BTreeMap<String, OsString>,
    connect_time: Duration,
) -> Result<(reqwest::Client, Runtime), String> {
    let mut builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .connect_timeout(connect_time)
        .user_agent(concat!("git-pm/", env!("CARGO_PKG_VERSION")))
        .tls_backend_preconfigured(tls(env)?);
    if !is_local(url)
        && let Some(proxy) = proxy(url, env)?
    {
        builder = builder.proxy(proxy);
    }
    let client = builder.build().map_err(|error| cause(&error))?;
    let runtime = Builder::new_current_thread().enable_all().build();
    Ok((client, runtime.map_err(|error| error.to_string())?))
}

/// The text of the error behind an error.
pub(crate) fn cause(error: &reqwest::Error) -> String {
    let mut last = error.source();
    while let Some(source) = last.and_then(|last| last.source()) {
        last = Some(source);
    }
    last.map_or(error.to_string(), |last| last.to_string())
}

/// The proxy for a server on another machine.
fn proxy(url: &str, env: &BTreeMap<String, OsString>) -> Result<Option<Proxy>, String> {
    let var = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| env.get(*name)?.to_str());
        values.find(|value| !value.is_empty())
    };
    // In a CGI program, upper-case `HTTP_PROXY` may come from a request header.
    let names: &[&str] = match url.starts_with("https:") {
        true => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
        false => &["http_proxy", "all_proxy", "ALL_PROXY"],
    };
    let Some(proxy) = var(names) else {
        return Ok(None);
    };
    // The address may contain a password.
    let proxy = Proxy::all(proxy).map_err(|_| format!("the proxy for {url} is not valid"))?;
    let without = var(&["no_proxy", "NO_PROXY"]).and_then(NoProxy::from_string);
    Ok(Some(proxy.no_proxy(without)))
}

/// TLS with the certificates in a file that the user names, or else the ones that browsers trust.
fn tls(env: &BTreeMap<String, OsString>) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    match env.get("SSL_CERT_FILE").filter(|file| !file.is_empty()) {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(file) => {
            let fail = |what: &str| format!("SSL_CERT_FILE ({}): {what}", file.display());
            let found = CertificateDer::pem_file_iter(Path::new(file));
            let found = found.map_err(|error| fail(&error.to_string()))?;
            roots.add_parsable_certificates(found.flatten());
            if roots.is_empty() {
                return Err(fail("it has no certificate"));
            }
        }
    }
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map(|builder| builder.with_root_certificates(roots).with_no_client_auth())
        .map_err(|error| error.to_string())
}

/// True if an address is on this machine.
pub(crate) fn is_local(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| is_loopback(&url))
}

/// True if a server is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    is_loopback_host(url.host_str().unwrap_or_default())
}
