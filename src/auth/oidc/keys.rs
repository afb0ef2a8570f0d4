//! The keys of an issuer, as it tells them in a JSON Web Key Set (RFC 7517).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// The least size of an RSA key, in bits (RFC 7518, 3.3).
const MIN_RSA_BITS: usize = 2_048;

/// A key set as it is told: one key that cannot be read does not hide the others.
#[derive(Debug, Deserialize)]
pub(super) struct KeySet {
    keys: Vec<Value>,
}

/// The keys of an issuer that can verify tokens.
#[derive(Debug, Default)]
pub(super) struct Keys(Vec<Key>);

#[derive(Debug)]
struct Key {
    id: String,
    algorithm: Algorithm,
    verifying: DecodingKey,
}

impl Keys {
    /// The key with this id, if it is for this algorithm.
    pub(super) fn find(&self, id: &str, algorithm: Algorithm) -> Option<&DecodingKey> {
        let key = self.0.iter().find(|key| key.id == id && key.algorithm == algorithm)?;
        Some(&key.verifying)
    }
}

impl From<KeySet> for Keys {
    fn from(set: KeySet) -> Self {
        let keys = set.keys.into_iter().filter_map(|key| usable(serde_json::from_value(key).ok()?));
        Self(keys.collect())
    }
}

/// The key, if it has a name, is for signatures, and is of a kind that is accepted here.
fn usable(key: Jwk) -> Option<Key> {
    let algorithm = algorithm(&key.algorithm)?;
    let verifying = DecodingKey::from_jwk(&key).ok()?;
    let common = key.common;
    let is_for_signatures = common.public_key_use.is_none_or(|usage| usage == PublicKeyUse::Signature)
        && common.key_operations.is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    let is_for_the_algorithm = common.key_algorithm.is_none_or(|named| named == algorithm.into());
    (is_for_signatures && is_for_the_algorithm).then_some(Key { id: common.key_id?, algorithm, verifying })
}

/// The one algorithm that a key of this kind is accepted for.
fn algorithm(parameters: &AlgorithmParameters) -> Option<Algorithm> {
    match parameters {
        AlgorithmParameters::RSA(key) if bits(&key.n)? >= MIN_RSA_BITS => Some(Algorithm::RS256),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => Some(Algorithm::ES256),
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => Some(Algorithm::EdDSA),
        _ => None,
    }
}

/// How many bits a number has.
fn bits(number: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(number).ok()?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let first = bytes.get(zeros)?;
    Some((bytes.len() - zeros) * 8 - first.leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys(keys: Value) -> Keys {
        serde_json::from_value::<KeySet>(json!({"keys": keys})).expect("a key set").into()
    }

    fn rsa(modulus: &[u8]) -> Value {
        json!({"kty": "RSA", "kid": "1", "n": URL_SAFE_NO_PAD.encode(modulus), "e": "AQAB"})
    }

    fn with(mut key: Value, name: &str, value: Value) -> Value {
        key[name] = value;
        key
    }

    fn is_usable(key: Value) -> bool {
        keys(json!([key])).find("1", Algorithm::RS256).is_some()
    }

    #[test]
    fn keys_are_for_verifying_with_one_algorithm() {
        let key = || rsa(&[0xff; 256]);
        assert!(is_usable(key()));
        for (name, value) in [("use", json!("sig")), ("alg", json!("RS256")), ("key_ops", json!(["verify"]))] {
            assert!(is_usable(with(key(), name, value.clone())), "{name} {value}");
        }
        for (name, value) in [
            ("use", json!("enc")),
            ("alg", json!("RS384")),
            ("alg", json!("PS256")),
            ("alg", json!("HS256")),
            ("alg", json!("unknown")),
            ("alg", json!(256)),
            ("key_ops", json!(["encrypt"])),
            ("kid", json!(null)),
            ("kid", json!(1)),
            ("kty", json!("EC")),
            ("kty", json!("oct")),
            ("n", json!("!")),
            ("e", json!(null)),
        ] {
            assert!(!is_usable(with(key(), name, value.clone())), "{name} {value}");
        }
        let set = keys(json!([key()]));
        assert!(set.find("2", Algorithm::RS256).is_none());
        assert!(set.find("1", Algorithm::ES256).is_none());
    }

    #[test]
    fn small_rsa_keys_are_left_out() {
        for (modulus, usable) in [
            (vec![0xff; 255], false),
            ([&[0x7f][..], &[0xff; 255]].concat(), false),
            ([&[0x80][..], &[0; 255]].concat(), true),
            ([&[0, 0x7f][..], &[0xff; 255]].concat(), false),
            ([&[0; 9][..], &[0x80; 256]].concat(), true),
            (vec![0; 256], false),
            (vec![], false),
        ] {
            assert_eq!(is_usable(rsa(&modulus)), usable, "{modulus:?}");
        }
    }

    #[test]
    fn a_key_that_cannot_be_read_hides_no_other() {
        let strange = [json!(null), json!({}), json!("key"), json!({"kty": "AKP", "kid": "1", "alg": "ML-DSA-44"})];
        for strange in strange {
            let set = keys(json!([strange, rsa(&[0xff; 256])]));
            assert!(set.find("1", Algorithm::RS256).is_some(), "{strange}");
        }
    }
}
