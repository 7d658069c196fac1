//! TLS from a certificate and a key in files.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::server::TlsFiles;
use crate::error::{Error, Reason, Result};
use crate::store::named_file;

/// Builds the TLS acceptor.
///
/// # Errors
/// When a file cannot be read, or the key does not match the certificate.
pub(super) fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor> {
    let read = |path: &Path| named_file::read(path).map_err(|error| unusable(path, &error));
    let certificates = CertificateDer::pem_slice_iter(&read(&files.certificate)?)
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|error| unusable(&files.certificate, &error))?;
    let key = PrivateKeyDer::from_pem_slice(&read(&files.key)?)
        .map_err(|error| unusable(&files.key, &error))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder
                .with_no_client_auth()
                .with_single_cert(certificates, key)
        })
        .map_err(|error| unusable(&files.certificate, &error))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn unusable(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::usage(format!("cannot use {} for TLS: {error}", path.display()))
        .because(Reason::ServeTls)
}
