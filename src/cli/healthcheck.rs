//! `stationmaster healthcheck`.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{self, ClientConfig, DigitallySignedStruct, SignatureScheme};

use crate::config::{Listen, TlsCertificate};

/// How long the service may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Ask the server on this machine whether it works
///
/// For container health checks: prints what /healthz answers, and exits with 0 if the server works, else with 1.
#[derive(Debug, Args)]
pub(super) struct Healthcheck {
    #[command(flatten)]
    listen: Listen,
    #[command(flatten)]
    certificate: TlsCertificate,
}

impl Healthcheck {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let address = reachable(self.listen.listen);
        let tls = self.certificate.tls_cert.map(|_| client_config()).transpose()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let answer = runtime.block_on(async { tokio::time::timeout(TIMEOUT, ask(address, tls)).await });
        let (status, body) = answer
            .with_context(|| format!("the server at {address} did not answer within {}s", TIMEOUT.as_secs()))??;
        writeln!(std::io::stdout(), "{body}").context("cannot write to standard output")?;
        ensure!(status.is_success(), "the server at {address} is not healthy: {status}");
        Ok(())
    }
}

async fn ask(address: SocketAddr, tls: Option<ClientConfig>) -> anyhow::Result<(hyper::StatusCode, String)> {
    let stream = TcpStream::connect(address)
        .await
        .with_context(|| format!("no server answers at {address}; is it running, and is --listen the same?"))?;
    match tls {
        None => ask_over(stream, address).await,
        Some(tls) => {
            let stream = TlsConnector::from(Arc::new(tls)).connect(address.ip().into(), stream).await;
            let stream = stream.with_context(|| format!("the server at {address} does not answer by https"))?;
            ask_over(stream, address).await
        }
    }
}

async fn ask_over<S>(stream: S, address: SocketAddr) -> anyhow::Result<(hyper::StatusCode, String)>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let request = hyper::Request::get("/healthz").header("host", address.to_string()).body(Empty::<Bytes>::new())?;
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    let body = answer.into_body().collect().await?.to_bytes();
    connection.abort();
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}

/// A server that listens everywhere is asked on loopback.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn client_config() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let anyone = Arc::new(Anyone(provider));
    Ok(config.dangerous().with_custom_certificate_verifier(anyone).with_no_client_auth())
}

/// Takes whoever has the key of its certificate: the server is asked under an address that its certificate need not name.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
