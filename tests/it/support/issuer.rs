//! Issuers of tokens on this machine, as CI platforms have one, which do as a test tells them.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

use super::{compact, old_service, over_tls, read_head};

/// A key of an issuer.
#[derive(Clone)]
pub(crate) struct SigningKey {
    pub(crate) id: String,
    pub(crate) algorithm: Algorithm,
    pub(crate) private: EncodingKey,
}

/// An issuer. It tells its keys to whoever asks.
#[derive(Clone)]
pub(crate) struct LocalIssuer {
    pub(crate) url: String,
    scheme: &'static str,
    state: Arc<Mutex<State>>,
}

struct State {
    keys: Vec<Value>,
    manner: Manner,
    /// The paths that were asked for.
    asked: Vec<String>,
}

/// How an issuer answers.
#[derive(Clone)]
pub(crate) enum Manner {
    /// As it should.
    Well,
    /// Not at all: it hangs up.
    Down,
    /// Not at all: it keeps the caller waiting.
    Slow,
    /// With this instead of its configuration.
    Configured(Value),
    /// With this answer, to the question for its keys.
    Keys(String),
}

impl SigningKey {
    pub(crate) fn rsa(id: &str) -> Self {
        Self::read("rsa.pem", id, Algorithm::RS256)
    }

    pub(crate) fn other_rsa(id: &str) -> Self {
        Self::read("rsa-other.pem", id, Algorithm::RS256)
    }

    pub(crate) fn es(id: &str) -> Self {
        Self::read("es.pem", id, Algorithm::ES256)
    }

    pub(crate) fn ed(id: &str) -> Self {
        Self::read("ed.pem", id, Algorithm::EdDSA)
    }

    fn read(file: &str, id: &str, algorithm: Algorithm) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/issuers").join(file);
        let key = PrivateKeyDer::from_pem_file(file).expect("a key");
        let private = match algorithm {
            Algorithm::ES256 => EncodingKey::from_ec_der(key.secret_der()),
            Algorithm::EdDSA => EncodingKey::from_ed_der(key.secret_der()),
            _ => EncodingKey::from_rsa_der(key.secret_der()),
        };
        Self { id: id.into(), algorithm, private }
    }

    /// What its issuer tells of it.
    pub(crate) fn public(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.private, self.algorithm).expect("a public key");
        jwk.common.key_id = Some(self.id.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        serde_json::to_value(jwk).expect("JSON")
    }

    /// A token of these claims.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as(&json!({"alg": format!("{:?}", self.algorithm), "kid": self.id, "typ": "JWT"}), claims)
    }

    /// A token with this header, whatever it says.
    pub(crate) fn sign_as(&self, header: &Value, claims: &Value) -> String {
        compact(header, claims, &self.private, self.algorithm)
    }
}

impl LocalIssuer {
    /// An issuer with these keys.
    pub(crate) fn start(keys: &[&SigningKey]) -> Self {
        Self::serve(keys, "http", |issuer| old_service(move |stream| issuer.answer(stream)))
    }

    /// One that is reached over TLS, with a certificate by `tests/data/upstream-ca.pem`.
    pub(crate) fn start_over_tls(keys: &[&SigningKey]) -> Self {
        Self::serve(keys, "https", |issuer| old_service(over_tls(move |stream| issuer.answer(stream))))
    }

    fn serve(keys: &[&SigningKey], scheme: &'static str, serve: impl FnOnce(Self) -> String) -> Self {
        let keys = keys.iter().map(|key| key.public()).collect();
        let state = Arc::new(Mutex::new(State { keys, manner: Manner::Well, asked: Vec::new() }));
        // It learns its URL from whoever asks.
        let url = serve(Self { url: String::new(), scheme, state: Arc::clone(&state) });
        Self { url: url.replace("http:", &format!("{scheme}:")), scheme, state }
    }

    /// From now on it has these keys and no others.
    pub(crate) fn has(&self, keys: &[&SigningKey]) {
        self.tell(keys.iter().map(|key| key.public()).collect());
    }

    /// From now on it tells these keys, whatever they are.
    pub(crate) fn tell(&self, keys: Vec<Value>) {
        self.state.lock().expect("nobody panicked").keys = keys;
    }

    pub(crate) fn answers(&self, manner: Manner) {
        self.state.lock().expect("nobody panicked").manner = manner;
    }

    /// The paths that it was asked for since the last call.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().expect("nobody panicked").asked)
    }

    fn answer(&self, mut stream: impl Read + Write) {
        let Some(head) = read_head(&mut stream) else { return };
        let path = head.split(' ').nth(1).expect("a path").to_owned();
        let host = head.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host").to_owned();
        let (keys, manner) = {
            let mut state = self.state.lock().expect("nobody panicked");
            state.asked.push(path.clone());
            (json!({"keys": state.keys}), state.manner.clone())
        };
        let url = format!("{}://{host}", self.scheme);
        let configuration = json!({"issuer": url, "jwks_uri": format!("{url}/keys?now"), "claims_supported": ["sub"]});
        let answer = match (manner, path.as_str()) {
            (Manner::Down, _) => return,
            (Manner::Slow, _) => {
                // The server gives up long before.
                std::thread::sleep(Duration::from_secs(60));
                return;
            }
            (Manner::Configured(other), "/.well-known/openid-configuration") => ok(&other),
            (Manner::Keys(answer), "/keys?now") => answer,
            (_, "/.well-known/openid-configuration") => ok(&configuration),
            (_, "/keys?now") => ok(&keys),
            _ => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".into(),
        };
        // The server may have hung up.
        let _ = stream.write_all(answer.as_bytes());
    }
}

/// An answer with this body.
fn ok(body: &Value) -> String {
    let body = body.to_string();
    format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}
