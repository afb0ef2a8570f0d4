//! Tokens that the server would not make, and ones that it would, of any claims.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ISSUER_KEY, all_scopes, cluster_token};

/// The claims of a token that allows everything, changed by `change`.
pub(crate) fn claims(change: impl FnOnce(&mut Value)) -> Value {
    let now = stationmaster::clock::now().timestamp();
    let mut claims = json!({
        "sub": "test", "aud": "stationmaster", "iat": now, "exp": now + 3_600, "scope": all_scopes().join(" "),
    });
    change(&mut claims);
    claims
}

/// A token whose header names `named` and that is signed with `signed`, which need not be the same.
fn forge((named, signed): (&str, Algorithm), key: &str, claims: &Value) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let message = format!("{}.{}", part(&json!({"alg": named, "typ": "JWT"})), part(claims));
    let key = EncodingKey::from_secret(key.as_bytes());
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, signed).expect("a signature");
    format!("{message}.{signature}")
}

/// A token as the server would make it, of these claims.
pub(crate) fn signed(claims: &Value) -> String {
    forge(("HS256", Algorithm::HS256), ISSUER_KEY, claims)
}

/// Tokens that are not valid here, each with what is wrong with it.
pub(crate) fn bad_tokens() -> Vec<(&'static str, String)> {
    let now = stationmaster::clock::now().timestamp();
    let good = claims(|_| {});
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().expect("an object").remove(name);
        signed(&claims)
    };
    let with = |name: &str, value: Value| signed(&claims(|claims| claims[name] = value));
    let weak = signed(&claims(|claims| claims["scope"] = json!("")));
    let widened = {
        let parts: Vec<_> = weak.split('.').collect();
        format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(good.to_string()), parts[2])
    };
    let unsigned = forge(("none", Algorithm::HS256), ISSUER_KEY, &good);
    let unsigned = unsigned.rsplit_once('.').expect("three parts").0;
    vec![
        ("garbage", "garbage".to_owned()),
        ("three parts of garbage", "a.b.c".to_owned()),
        ("expired", with("exp", json!(now - 1))),
        ("expires never", without("exp")),
        ("expires at no number", with("exp", json!("2099-01-01"))),
        ("expires before 1970", with("exp", json!(-1))),
        ("not valid yet", with("nbf", json!(now + 600))),
        ("valid from no number", with("nbf", json!("2099-01-01"))),
        ("for another service", with("aud", json!("signalbox"))),
        ("for nobody", without("aud")),
        ("of nobody", without("sub")),
        ("scope is a list", with("scope", json!(["versions:publish"]))),
        ("of another key", forge(("HS256", Algorithm::HS256), "another-key-0123456789abcdef-0123456789", &good)),
        ("of the empty key", forge(("HS256", Algorithm::HS256), "", &good)),
        ("HS512", forge(("HS512", Algorithm::HS512), ISSUER_KEY, &good)),
        ("RS256 by name, HS256 by signature", forge(("RS256", Algorithm::HS256), ISSUER_KEY, &good)),
        ("HS256 by name, HS512 by signature", forge(("HS256", Algorithm::HS512), ISSUER_KEY, &good)),
        ("an unknown algorithm", forge(("HS257", Algorithm::HS256), ISSUER_KEY, &good)),
        ("unsigned", format!("{unsigned}.")),
        ("unsigned, in two parts", unsigned.to_owned()),
        ("alg none with a signature", forge(("none", Algorithm::HS256), ISSUER_KEY, &good)),
        ("claims changed after signing", widened),
    ]
}

/// Tokens that look like those of clusters and are not valid for any that is asked for.
pub(crate) fn bad_cluster_tokens() -> Vec<(&'static str, String)> {
    let other = cluster_token(Uuid::from_u128(1));
    vec![
        ("another cluster's", other.clone()),
        ("another cluster's, cut off", other[..other.len() - 1].to_owned()),
        ("nothing but its beginning", "smct_".to_owned()),
        ("no base64", format!("smct_{}", "!".repeat(43))),
        ("of zeroes", format!("smct_{}", URL_SAFE_NO_PAD.encode([0; 32]))),
        ("a token in it", format!("smct_{}", signed(&claims(|_| {})))),
    ]
}
