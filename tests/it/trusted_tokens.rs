//! Tokens of issuers that are not valid, each with one thing wrong with it.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hyper::Method;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use crate::support::{Answer, Call, LocalIssuer, Server, ServerOptions, SigningKey, add_publisher, compact, github};

/// A server that logs all it can, with a publisher of an issuer with these keys.
fn start(keys: &[&SigningKey]) -> (Server, LocalIssuer) {
    let arguments = vec!["--log".into(), "trace".into()];
    let server = Server::start_with(ServerOptions { arguments, ..ServerOptions::default() });
    let issuer = LocalIssuer::start(keys);
    add_publisher(server.database(), &issuer.url, &["--claim", "repository=deis/router", "--component", "*"]);
    (server, issuer)
}

async fn publish(server: &Server, token: &str) -> Answer {
    let call = Call::new(Method::POST, "/v4/versions/deis-router/stable/v1").json("{}");
    call.token(token).send(server).await
}

/// The claims of a good token, with one of them changed, or without it if the value is null.
fn with(issuer: &LocalIssuer, name: &str, value: Value) -> Value {
    let mut claims = github(issuer, "deis/router", "v1");
    match value {
        Value::Null => drop(claims.as_object_mut().expect("an object").remove(name)),
        value => claims[name] = value,
    }
    claims
}

#[tokio::test]
async fn whatever_is_wrong_with_a_token_it_is_refused() {
    let (key, stranger) = (SigningKey::rsa("1"), SigningKey::other_rsa("1"));
    let (es, ed) = (SigningKey::es("2"), SigningKey::ed("3"));
    let (server, issuer) = start(&[&key, &es, &ed]);
    let other = LocalIssuer::start(&[&stranger]);
    add_publisher(server.database(), &other.url, &["--claim", "repository=deis/router", "--component", "*"]);
    let (now, good) = (stationmaster::clock::now().timestamp(), github(&issuer, "deis/router", "v1"));
    let claim = |name: &str, value: Value| key.sign(&with(&issuer, name, value));
    let header = |header: Value| key.sign_as(&header, &good);
    let modulus = key.public()["n"].as_str().expect("a modulus").to_owned();
    let with_public_key_as_secret = |secret: &[u8]| {
        let header = json!({"alg": "HS256", "kid": "1", "typ": "JWT"});
        compact(&header, &good, &EncodingKey::from_secret(secret), Algorithm::HS256)
    };
    let tampered = {
        let token = key.sign(&good);
        let parts: Vec<&str> = token.split('.').collect();
        let widened = with(&issuer, "repository", json!("deis/builder"));
        format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(widened.to_string()), parts[2])
    };
    let unsigned = header(json!({"alg": "none", "kid": "1"}));
    let tokens = [
        ("alg none", unsigned.clone()),
        ("alg none, without a signature", format!("{}.", unsigned.rsplit_once('.').expect("three parts").0)),
        ("the public key as a secret", with_public_key_as_secret(modulus.as_bytes())),
        ("the public key's bytes as a secret", {
            with_public_key_as_secret(&URL_SAFE_NO_PAD.decode(&modulus).expect("a number"))
        }),
        ("RS384 by name", header(json!({"alg": "RS384", "kid": "1"}))),
        ("PS256 by name", header(json!({"alg": "PS256", "kid": "1"}))),
        ("ES256 by name, with the id of the RSA key", header(json!({"alg": "ES256", "kid": "1"}))),
        ("ES256 by name, with the id of that key", header(json!({"alg": "ES256", "kid": "2"}))),
        ("RS256 by name, signed with Ed25519", ed.sign_as(&json!({"alg": "RS256", "kid": "1"}), &good)),
        ("no alg", header(json!({"kid": "1"}))),
        ("no kid", header(json!({"alg": "RS256"}))),
        ("an unknown kid", header(json!({"alg": "RS256", "kid": "9"}))),
        ("a kid that is a number", header(json!({"alg": "RS256", "kid": 1}))),
        ("its own key in the header", {
            let mut jwk = stranger.public();
            jwk["kid"] = json!("8");
            stranger.sign_as(&json!({"alg": "RS256", "kid": "8", "jwk": jwk}), &good)
        }),
        ("an extension that must be understood", header(json!({"alg": "RS256", "kid": "1", "crit": ["exp"]}))),
        ("the key of another issuer", stranger.sign(&good)),
        ("the name of another issuer", claim("iss", json!(other.url))),
        ("several issuers", claim("iss", json!([issuer.url]))),
        ("no issuer", claim("iss", Value::Null)),
        ("another audience", claim("aud", json!("https://github.com/deis"))),
        ("no audience", claim("aud", Value::Null)),
        ("an audience that is a number", claim("aud", json!(1))),
        ("no subject", claim("sub", Value::Null)),
        ("a subject that is a number", claim("sub", json!(1))),
        ("a subject that no table can hold", claim("sub", json!("repo:deis/router\u{0}"))),
        ("a subject of several lines", claim("sub", json!("repo:deis/router\nrepo:deis/builder"))),
        ("expired beyond the leeway", claim("exp", json!(now - 61))),
        ("never expires", claim("exp", Value::Null)),
        ("expires at no number", claim("exp", json!("2099-01-01"))),
        ("not valid yet", claim("nbf", json!(now + 120))),
        ("valid from no number", claim("nbf", json!("2016-01-01"))),
        ("issued in the future", claim("iat", json!(now + 120))),
        ("issued at no number", claim("iat", json!("now"))),
        ("claims changed after signing", tampered),
        ("a signature cut short", key.sign(&good)[..key.sign(&good).len() - 4].to_owned()),
        ("larger than any token", claim("padding", json!("x".repeat(16 * 1_024)))),
        ("claims that are no object", key.sign(&json!([good]))),
    ];
    for (what, token) in &tokens {
        let refusal = publish(&server, token).await.refusal();
        assert_eq!((refusal.status, refusal.kind()), (401, "unauthorized"), "{what}: {refusal:?}");
        let challenge = refusal.header("www-authenticate");
        assert!(
            challenge.starts_with("Bearer realm=\"stationmaster\", error=\"invalid_token\""),
            "{what}: {challenge}"
        );
    }
    assert_eq!(server.database().count("versions"), 0);
    publish(&server, &key.sign(&good)).await.value(201);

    let log = server.log();
    assert!(log.contains("/v4/versions/deis-router/stable/v1"), "{log}");
    for (what, token) in &tokens {
        let signature = token.rsplit('.').next().filter(|signature| !signature.is_empty());
        assert!(signature.is_none_or(|signature| !log.contains(signature)), "{what}: {log}");
    }
    for said in ["octocat", "583231", &STANDARD.encode("octocat")] {
        assert!(!log.contains(said), "{said} in {log}");
    }
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute() {
    let key = SigningKey::es("1");
    let (server, issuer) = start(&[&key]);
    let now = stationmaster::clock::now().timestamp();
    for (name, value) in [("exp", now - 30), ("nbf", now + 30), ("iat", now + 30)] {
        let answer = publish(&server, &key.sign(&with(&issuer, name, json!(value)))).await;
        assert!([200, 201].contains(&answer.status), "{name}: {answer:?}");
    }
    // Neither has to be there.
    for name in ["nbf", "iat", "jti"] {
        publish(&server, &key.sign(&with(&issuer, name, Value::Null))).await.value(200);
    }
}

#[tokio::test]
async fn one_of_several_audiences_is_enough_and_each_publisher_has_its_own() {
    let key = SigningKey::es("1");
    let (server, issuer) = start(&[&key]);
    let arguments = ["--audience", "https://versions.example", "--claim", "repository=deis/builder"];
    add_publisher(server.database(), &issuer.url, &[&arguments[..], &["--component", "deis-builder"]].concat());
    let token = key.sign(&with(&issuer, "aud", json!(["another", "stationmaster"])));
    publish(&server, &token).await.value(201);
    // The audience of the one with the claims of the other.
    let token = key.sign(&with(&issuer, "aud", json!("https://versions.example")));
    publish(&server, &token).await.refusal().assert_is(401, "unauthorized");
}

#[tokio::test]
async fn keys_that_are_not_for_signatures_do_not_count() {
    let key = SigningKey::rsa("1");
    let (server, issuer) = start(&[]);
    let mut for_encryption = key.public();
    (for_encryption["kid"], for_encryption["use"]) = (json!("enc"), json!("enc"));
    issuer.tell(vec![key.public(), for_encryption]);
    let claims = github(&issuer, "deis/router", "v1");
    publish(&server, &key.sign(&claims)).await.value(201);
    let token = key.sign_as(&json!({"alg": "RS256", "kid": "enc"}), &claims);
    publish(&server, &token).await.refusal().assert_is(401, "unauthorized");
}
