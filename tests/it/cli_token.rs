//! `stationmaster token`, and the key that signs tokens.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Database, Home, Serving, program, run};

const SHORT_KEY: &str = "a-short-secret";

#[tokio::test]
async fn a_token_is_one_line_and_the_server_of_the_same_directory_takes_it() {
    let (home, database) = (Home::new(), Database::new());
    let printed = run(&mut token(&home, &["--scope", "versions:publish"])).printed();
    assert_eq!(printed.lines().count(), 1);
    let mut command = home.serve();
    command.env_remove("STATIONMASTER_TOKEN_KEY").env("DATABASE_URL", &database.url);
    let server = Serving::start(&mut command);

    let url = format!("{}/v4/versions/deis-router/stable/v2.11.0", server.url);
    let publish = reqwest::Client::new().post(url).bearer_auth(printed.trim()).json(&json!({}));
    assert_eq!(publish.send().await.expect("an answer").status(), StatusCode::CREATED);
}

#[test]
fn the_key_is_made_once_for_its_owner_alone() {
    let home = Home::new();
    run(&mut token(&home, &["--scope", "clusters:read"])).printed();
    let made = fs::read(key_file(&home)).expect("the key");
    let mode = fs::metadata(key_file(&home)).expect("the key").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    run(&mut token(&home, &["--scope", "clusters:read"])).printed();
    assert_eq!(fs::read(key_file(&home)).expect("the key"), made);
}

#[test]
fn of_many_who_make_the_key_at_once_all_get_the_same() {
    let home = Home::new();
    fs::create_dir(home.data_dir().0).expect("a directory");
    thread::scope(|scope| {
        let makers: Vec<_> =
            (0..8).map(|_| scope.spawn(|| run(&mut token(&home, &["--scope", "clusters:read"])).printed())).collect();
        for maker in makers {
            let token = maker.join().expect("it succeeds");
            let key = fs::read_to_string(key_file(&home)).expect("the key");
            assert!(is_signed_with(token.trim(), key.trim()));
        }
    });
    let files: Vec<_> = fs::read_dir(home.data_dir().0).expect("a directory").collect();
    assert_eq!(files.len(), 1, "{files:?}");
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    for mode in [0o644, 0o640, 0o620] {
        let home = Home::new();
        run(&mut token(&home, &["--scope", "clusters:read"])).printed();
        fs::set_permissions(key_file(&home), Permissions::from_mode(mode)).expect("expose the key");
        let complaint = run(&mut token(&home, &["--scope", "clusters:read"])).complaint(1);
        let advice = format!("chmod 600 {}", key_file(&home).display());
        assert!(complaint.contains(&advice), "{mode:o}: {complaint}");
    }
}

#[test]
fn a_short_key_is_refused_and_not_shown() {
    let home = Home::new();
    let mut commands = [token(&home, &["--scope", "clusters:read"]), home.serve()];
    for command in &mut commands {
        let complaint = run(command.env("STATIONMASTER_TOKEN_KEY", SHORT_KEY)).complaint(1);
        assert!(complaint.contains("STATIONMASTER_TOKEN_KEY has 14 bytes, and needs at least 32"), "{complaint}");
        assert!(complaint.contains("openssl rand -hex 32"), "{complaint}");
        assert!(!complaint.contains(SHORT_KEY), "{complaint}");
    }
}

#[test]
fn a_short_key_file_is_refused_and_not_shown() {
    let home = Home::new();
    run(&mut token(&home, &["--scope", "clusters:read"])).printed();
    fs::write(key_file(&home), SHORT_KEY).expect("write the key");
    let complaint = run(&mut token(&home, &["--scope", "clusters:read"])).complaint(1);
    assert!(complaint.contains(&key_file(&home).display().to_string()), "{complaint}");
    assert!(!complaint.contains(SHORT_KEY), "{complaint}");
}

#[test]
fn a_directory_that_cannot_hold_the_key_is_refused_with_what_to_do_instead() {
    let home = Home::new();
    fs::write(home.data_dir().0, "").expect("a file where the directory should be");
    let complaint = run(&mut token(&home, &["--scope", "clusters:read"])).complaint(1);
    assert!(complaint.contains(&format!("cannot use the token key in {}", key_file(&home).display())), "{complaint}");
    assert!(complaint.contains("set STATIONMASTER_TOKEN_KEY instead"), "{complaint}");
    assert_eq!(complaint.matches("os error").count(), 1, "{complaint}");
}

#[test]
fn a_scope_that_does_not_exist_is_refused_with_those_that_do() {
    for scopes in ["versions:burn", "versions:publish versions:burn", ""] {
        let complaint = run(&mut token(&Home::new(), &["--scope", scopes])).complaint(2);
        assert!(complaint.contains("versions:publish, clusters:read, clusters:write, audit:read"), "{complaint}");
    }
}

#[test]
fn a_token_says_what_was_asked_for() {
    let arguments =
        ["--scope", "versions:publish clusters:read", "--component", "deis-*", "--component", "x", "--train", "beta"];
    let claims = claims(&run(&mut token(&Home::new(), &arguments)).printed());
    assert_eq!(claims["sub"], "me");
    assert_eq!(claims["aud"], "stationmaster");
    assert_eq!(claims["scope"], "versions:publish clusters:read");
    assert_eq!(claims["components"], json!(["deis-*", "x"]));
    assert_eq!(claims["trains"], json!(["beta"]));
}

#[test]
fn a_token_without_limits_has_no_claims_about_them() {
    let claims = claims(&run(&mut token(&Home::new(), &["--scope", "versions:publish"])).printed());
    assert_eq!((claims.get("components"), claims.get("trains")), (None, None));
}

#[test]
fn a_token_is_good_for_as_long_as_was_asked_for() {
    let home = Home::new();
    let day = 24 * 3_600;
    for (ttl, seconds) in [(vec![], 90 * day), (vec!["--ttl", "12h"], day / 2), (vec!["--ttl", "1day 30s"], day + 30)] {
        let claims = claims(&run(token(&home, &["--scope", "clusters:read"]).args(&ttl)).printed());
        let lasts = claims["exp"].as_i64().zip(claims["iat"].as_i64()).map(|(end, start)| end - start);
        assert_eq!(lasts, Some(seconds), "{ttl:?}");
        let age = stationmaster::clock::now().timestamp() - claims["iat"].as_i64().expect("a number");
        assert!((0..60).contains(&age), "{age}");
    }
}

#[test]
fn a_time_that_makes_no_sense_is_refused() {
    for (ttl, code) in [("soon", 2), ("-1h", 2), ("90", 2), ("300000years", 1)] {
        let complaint =
            run(&mut token(&Home::new(), &["--scope", "clusters:read", &format!("--ttl={ttl}")])).complaint(code);
        assert!(complaint.contains("--ttl"), "{ttl}: {complaint}");
    }
}

/// A token for `me`, from a directory without a database.
fn token(home: &Home, arguments: &[&str]) -> Command {
    let mut command = program();
    command.args(["token", "--subject", "me"]).args(arguments);
    command.arg("--data-dir").arg(home.data_dir().0);
    command
}

fn key_file(home: &Home) -> PathBuf {
    home.data_dir().0.join("token.key")
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("three parts");
    let payload = URL_SAFE_NO_PAD.decode(payload).expect("base64");
    serde_json::from_slice(&payload).expect("JSON")
}

fn is_signed_with(token: &str, key: &str) -> bool {
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::HS256);
    validation.set_audience(&["stationmaster"]);
    let key = jsonwebtoken::DecodingKey::from_secret(key.as_bytes());
    jsonwebtoken::decode::<Value>(token, &key, &validation).is_ok()
}
