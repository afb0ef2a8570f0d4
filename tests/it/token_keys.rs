//! Keys that change while tokens are in use: the first of several signs, all verify.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use serde_json::json;

use crate::support::{Call, Database, Home, Serving, claims, program, run, signed, token};

const OLD: &str = "the-old-key-0123456789abcdef0123456789";
const NEW: &str = "the-new-key-0123456789abcdef0123456789";

/// A token made with these keys.
fn made_with(home: &Home, keys: &str) -> String {
    let mut command = program();
    command.args(["token", "--subject", "me", "--scope", "clusters:read"]).env("STATIONMASTER_TOKEN_KEY", keys);
    command.arg("--data-dir").arg(home.data_dir().0);
    run(&mut command).printed().trim().to_owned()
}

fn serve(home: &Home, database: &Database) -> Command {
    let mut command = home.serve();
    command.env("DATABASE_URL", &database.url);
    command
}

async fn status(server: &Serving, token: &str) -> u16 {
    let answer = reqwest::Client::new().get(format!("{}/v4/clusters/count", server.url)).bearer_auth(token).send();
    answer.await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn a_key_is_replaced_without_a_token_that_fails() {
    let (home, database) = (Home::new(), Database::new());
    let (old, new) = (made_with(&home, OLD), made_with(&home, NEW));
    for (keys, statuses) in [
        (OLD.to_owned(), [200, 401]),
        (format!("{NEW} {OLD}"), [200, 200]),
        (format!("{OLD},{NEW}"), [200, 200]),
        (NEW.to_owned(), [401, 200]),
    ] {
        let server = Serving::start(serve(&home, &database).env("STATIONMASTER_TOKEN_KEY", &keys));
        assert_eq!([status(&server, &old).await, status(&server, &new).await], statuses);
        assert!(!server.log().contains(OLD) && !server.log().contains(NEW), "{}", server.log());
    }
    assert_eq!(made_with(&home, &format!("{NEW} {OLD}")).len(), new.len());
    let server = Serving::start(serve(&home, &database).env("STATIONMASTER_TOKEN_KEY", NEW));
    assert_eq!(status(&server, &made_with(&home, &format!("{NEW}\n{OLD}\n"))).await, 200, "the first signs");
    assert_eq!(status(&server, &made_with(&home, &format!("{OLD}\n{NEW}\n"))).await, 401, "the first signs");
}

#[tokio::test]
async fn the_file_may_have_a_key_on_each_line() {
    let (home, database) = (Home::new(), Database::new());
    let file = home.data_dir().0.join("token.key");
    fs::create_dir(home.data_dir().0).expect("a directory");
    fs::write(&file, format!("{NEW}\n{OLD}\n")).expect("write the keys");
    fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("close the file");
    let server = Serving::start(serve(&home, &database).env_remove("STATIONMASTER_TOKEN_KEY"));
    for key in [OLD, NEW] {
        assert_eq!(status(&server, &made_with(&home, key)).await, 200);
    }
    assert_eq!(status(&server, &token("clusters:read")).await, 401);
}

#[test]
fn a_key_that_is_too_short_is_named_by_its_place() {
    let home = Home::new();
    let complaint = run(home.serve().env("STATIONMASTER_TOKEN_KEY", format!("{NEW} short"))).complaint(1);
    assert!(complaint.contains("token key 2 of 2 in STATIONMASTER_TOKEN_KEY has 5 bytes"), "{complaint}");
    assert!(!complaint.contains("short\n") && !complaint.contains(NEW), "{complaint}");
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute() {
    let server = crate::support::Server::start();
    let now = stationmaster::clock::now().timestamp();
    for (name, value) in [("exp", now - 30), ("nbf", now + 30)] {
        let token = signed(&claims(|claims| claims[name] = json!(value)));
        Call::get("/v4/clusters/count").token(&token).send(&server).await.value(200);
    }
}
