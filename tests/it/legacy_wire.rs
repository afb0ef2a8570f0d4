//! What the service that v2 and v3 stand in for was recorded to answer, this one answers, but for where it crashed.

use stationmaster::store::embedded::Embedded;
use tempfile::TempDir;

use crate::support::{DOCTOR, Database, Server, ServerOptions, import, old_database, recorded, replay};

fn start(database: Option<Database>) -> Server {
    let environment = DOCTOR.map(|(name, value)| (name.into(), value.into())).into();
    Server::start_with(ServerOptions { database, environment, ..ServerOptions::default() })
}

#[test]
fn an_empty_service() {
    assert_eq!(replay(&start(None), &recorded("fresh")), 220);
}

#[test]
fn a_service_that_has_imported_a_database() {
    let cases = recorded("imported");
    let (old, new) = (old_database(), Database::new());
    for seed in cases.iter().filter_map(|case| case.seed_sql.as_ref()) {
        old.execute(seed);
    }
    import(&old.url, &new);
    assert_eq!(replay(&start(Some(new)), &cases), 7);
}

#[test]
fn a_service_whose_database_is_stopped() {
    let directory = TempDir::with_prefix("stationmaster-legacy-").expect("a temporary directory");
    let postgres = Embedded::start(directory.path()).expect("start Postgres");
    let server = Server::start_with(ServerOptions {
        arguments: vec!["--database-url".into(), postgres.database_url().to_owned()],
        ..ServerOptions::default()
    });
    postgres.stop();
    assert_eq!(replay(&server, &recorded("database_down")), 10);
}
