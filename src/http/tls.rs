//! The certificate and key to serve https with, read again when their files change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use std::{fs, io};

use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// How often it is looked whether the files have changed.
const LOOK: Duration = Duration::from_secs(2);

/// Where a certificate and its key are, in PEM form.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The certificate, and those that lead to its authority.
    pub certificate: PathBuf,
    /// The key of the first certificate.
    pub key: PathBuf,
}

/// A certificate with its key, and what else there is to agree on with whoever connects.
#[derive(Debug)]
pub struct Tls {
    files: TlsFiles,
    read: Contents,
    current: Arc<RwLock<Arc<ServerConfig>>>,
}

/// What is in the two files.
#[derive(Debug, PartialEq, Eq)]
struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// Why files cannot be served with.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// There is no certificate.
    #[error("{} has no certificate in PEM form", .0.display())]
    NoCertificate(PathBuf),
    /// There is no key.
    #[error("{} has no private key in PEM form that is without a password", .0.display())]
    NoKey(PathBuf),
    /// They do not go together, or are of a kind that is not supported.
    #[error("the certificate and the key cannot be used together: {0}")]
    Unusable(#[from] rustls::Error),
}

/// What connections are encrypted with at the moment.
#[derive(Debug, Clone)]
pub(super) struct CurrentTls(Arc<RwLock<Arc<ServerConfig>>>);

impl Tls {
    /// Reads both files.
    ///
    /// # Errors
    /// If they cannot be served with.
    pub fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let read = Contents::of(&files)?;
        let current = Arc::new(RwLock::new(Arc::new(read.config(&files)?)));
        Ok(Self { files, read, current })
    }

    pub(super) fn current(&self) -> CurrentTls {
        CurrentTls(Arc::clone(&self.current))
    }

    /// Reads the files again whenever they have changed. Those that cannot be served with change nothing.
    pub(super) async fn keep_current(mut self) {
        loop {
            tokio::time::sleep(LOOK).await;
            // It takes a thread that may block.
            let look = tokio::task::spawn_blocking(move || {
                self.look();
                self
            });
            match look.await {
                Ok(tls) => self = tls,
                // The runtime ends.
                Err(_) => return,
            }
        }
    }

    fn look(&mut self) {
        // While one of them is being replaced it may be gone.
        let Ok(read) = Contents::of(&self.files) else { return };
        if read == self.read {
            return;
        }
        match read.config(&self.files) {
            Ok(config) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
                tracing::info!("serving with the certificate that was put in place");
            }
            Err(error) => {
                tracing::warn!(%error, "the certificate or its key has changed and cannot be used; the old ones stay");
            }
        }
        self.read = read;
    }
}

impl CurrentTls {
    pub(super) fn get(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Contents {
    fn of(files: &TlsFiles) -> Result<Self, TlsError> {
        let read = |path: &Path| fs::read(path).map_err(|error| TlsError::Unreadable { path: path.to_owned(), error });
        Ok(Self { certificate: read(&files.certificate)?, key: read(&files.key)? })
    }

    fn config(&self, files: &TlsFiles) -> Result<ServerConfig, TlsError> {
        let certificates: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(&self.certificate).collect();
        let certificates = certificates.ok().filter(|certificates| !certificates.is_empty());
        let certificates = certificates.ok_or_else(|| TlsError::NoCertificate(files.certificate.clone()))?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| TlsError::NoKey(files.key.clone()))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(certificates, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}
