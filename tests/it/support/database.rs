//! One Postgres for all tests that run at the same time; a database for each.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use stationmaster::store::embedded::Embedded;
use stationmaster::store::{Store, StoreOptions, migrations};
use tempfile::TempDir;

/// A migrated, empty database. Its Postgres stops when no test needs it any more.
#[derive(Clone)]
pub(crate) struct Database {
    pub(crate) url: String,
    _postgres: Arc<Postgres>,
}

struct Postgres {
    embedded: Embedded,
    // After `embedded`, so that it is removed when nothing uses it any more.
    _directory: TempDir,
}

static RUNNING: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());
static COUNT: AtomicU32 = AtomicU32::new(0);

const TEMPLATE: &str = "template_stationmaster";

impl Database {
    pub(crate) fn new() -> Self {
        let postgres = Postgres::shared();
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        postgres.execute(&format!("create database {name} template {TEMPLATE}"));
        Self { url: postgres.url(&name), _postgres: postgres }
    }

    /// A connection of the test's own, past the server.
    pub(crate) fn connect(&self) -> PgConnection {
        PgConnection::establish(&self.url).expect("connect to the test's database")
    }

    pub(crate) fn execute(&self, sql: &str) {
        self.connect().batch_execute(sql).expect(sql);
    }

    /// Executes statements one by one, as those want it that cannot run in a transaction.
    pub(crate) fn execute_each(&self, statements: &str) {
        let mut connection = self.connect();
        for statement in statements.split_terminator(";\n") {
            connection.batch_execute(statement).expect(statement);
        }
    }

    /// The connections of a server, without the server.
    pub(crate) fn store(&self) -> Store {
        Store::new(&StoreOptions {
            url: self.url.clone().into(),
            direct_url: self.url.clone().into(),
            max_connections: 4,
            acquire_timeout: Duration::from_secs(30),
            statement_timeout: Duration::from_secs(30),
        })
    }
}

impl Postgres {
    fn shared() -> Arc<Self> {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(postgres) = running.upgrade() {
            return postgres;
        }
        let directory = TempDir::with_prefix("stationmaster-it-").expect("a temporary directory");
        let embedded = Embedded::start(directory.path()).expect("start Postgres");
        let postgres = Arc::new(Self { embedded, _directory: directory });
        // What a test writes need not outlive the machine. Most of the time goes into making databases.
        postgres.execute("alter system set fsync = off");
        postgres.execute("alter system set full_page_writes = off");
        postgres.execute("select pg_reload_conf()");
        postgres.execute(&format!("create database {TEMPLATE}"));
        migrations::migrate(&postgres.url(TEMPLATE).into()).expect("migrate the template");
        *running = Arc::downgrade(&postgres);
        postgres
    }

    fn url(&self, database: &str) -> String {
        self.embedded.database_url().replace("/postgres?", &format!("/{database}?"))
    }

    fn execute(&self, sql: &str) {
        let mut connection = PgConnection::establish(self.embedded.database_url()).expect("connect to Postgres");
        connection.batch_execute(sql).expect(sql);
    }
}
