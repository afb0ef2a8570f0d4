//! Servers that speak https, and callers who look closely.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion, crypto, version};
use tempfile::TempDir;

use super::{Database, PATIENCE, Serving, program, serve};

/// A file of the tests' data.
pub(crate) fn data(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/data", name].iter().collect()
}

/// A server with the certificate and the key in `one.pem`, which a test may replace.
pub(crate) struct Https {
    server: Serving,
    pub(crate) file: PathBuf,
    _database: Database,
    _directory: TempDir,
}

impl Https {
    pub(crate) fn start() -> Self {
        let (database, directory) = (Database::new(), TempDir::new().expect("a directory"));
        let file = directory.path().join("one.pem");
        fs::copy(data("upstream-server.pem"), &file).expect("copy the certificate");
        let mut command = serve(program());
        command.env("DATABASE_URL", &database.url).arg("--data-dir").arg(directory.path());
        command.arg("--tls-cert").arg(&file).arg("--tls-key").arg(&file);
        Self { server: Serving::start(&mut command), file, _database: database, _directory: directory }
    }

    pub(crate) fn address(&self) -> &str {
        self.server.url.strip_prefix("https://").expect("an HTTPS URL")
    }

    /// Everything that it has logged.
    pub(crate) fn log(&self) -> String {
        self.server.log()
    }

    /// Puts other contents into its file, as tools do that renew certificates: at once.
    pub(crate) fn replace(&self, contents: impl AsRef<[u8]>) {
        let new = self.file.with_extension("new");
        fs::write(&new, contents).expect("write the file");
        fs::rename(new, &self.file).expect("put it in place");
    }

    /// Asks by one version of TLS, trusting what these files have.
    pub(crate) fn ask(
        &self,
        trusted: &[&str],
        version: &'static SupportedProtocolVersion,
    ) -> std::io::Result<Answered> {
        let mut roots = RootCertStore::empty();
        for file in trusted {
            roots.add(CertificateDer::from_pem_file(data(file)).expect("a certificate")).expect("a root");
        }
        let mut config = ClientConfig::builder_with_provider(Arc::new(crypto::aws_lc_rs::default_provider()))
            .with_protocol_versions(&[version])
            .expect("a version of TLS")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let connection = ClientConnection::new(Arc::new(config), "127.0.0.1".try_into().expect("an address"));
        let stream = TcpStream::connect(self.address())?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut stream = StreamOwned::new(connection.expect("a connection"), stream);
        stream.write_all(b"GET /livez HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n")?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        Ok(Answered {
            text,
            protocol: stream.conn.alpn_protocol().map(<[u8]>::to_vec),
            certificate: stream.conn.peer_certificates().expect("certificates")[0].clone().into_owned(),
        })
    }

    /// The certificate that is served, whichever of the two.
    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        self.ask(&["upstream-ca.pem", "renewed-server.pem"], &version::TLS13).expect("an answer").certificate
    }
}

/// What came back over a connection that was encrypted.
pub(crate) struct Answered {
    pub(crate) text: String,
    pub(crate) protocol: Option<Vec<u8>>,
    pub(crate) certificate: CertificateDer<'static>,
}
