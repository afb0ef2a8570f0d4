//! Connections, and the bridge from asynchronous code to blocking queries.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Error as ConnectionError, Pool};
use diesel::result::Error as DieselError;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use super::{Connection, StoreError};

/// How much longer than a statement may run its caller waits: one that is given up in time has done nothing, and its caller
/// is told by the database.
const GRACE: Duration = Duration::from_millis(500);

/// How the pool is set up.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Where the database is, as a libpq URL or list of `key=value`.
    pub url: SecretString,
    /// The same past any pooler, for connections that are kept.
    pub direct_url: SecretString,
    /// The most connections to keep.
    pub max_connections: u32,
    /// How long a caller waits for a connection.
    pub acquire_timeout: Duration,
    /// How long a statement may run, and how long a caller waits for an answer.
    pub statement_timeout: Duration,
}

/// The database. Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub struct Store {
    pool: Pool<ConnectionManager<Connection>>,
    /// One permit per connection, so that waiting for one costs no thread.
    permits: Arc<Semaphore>,
    acquire_timeout: Duration,
    direct_url: SecretString,
    session: Session,
}

/// How many connections there are and what they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolState {
    /// How many there are.
    pub size: u32,
    /// How many of them wait for work.
    pub idle: u32,
    /// How many there may be.
    pub max: u32,
}

impl Store {
    /// A pool of connections, which are made when they are needed. Does not fail when the database is away.
    pub fn new(options: &StoreOptions) -> Self {
        let session = Session { statement_timeout: options.statement_timeout };
        let manager = ConnectionManager::new(with_defaults(options.url.expose_secret()));
        let pool = Pool::builder()
            .max_size(options.max_connections)
            .min_idle(Some(1))
            .connection_timeout(options.acquire_timeout)
            .connection_customizer(Box::new(session))
            .error_handler(Box::new(LogErrors))
            .build_unchecked(manager);
        let permits = Arc::new(Semaphore::new(options.max_connections as usize));
        Self {
            pool,
            permits,
            acquire_timeout: options.acquire_timeout,
            direct_url: options.direct_url.clone(),
            session,
        }
    }

    /// Runs `query` with a connection, on a thread where it may block.
    ///
    /// It goes on to its end when the caller stops waiting.
    ///
    /// # Errors
    /// [`StoreError::NoConnection`] if none is free, or can be made, within the acquire timeout; what `query` fails with.
    pub async fn run<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, DieselError> + Send + 'static,
    {
        let deadline = Instant::now() + self.acquire_timeout;
        let waiting = Arc::clone(&self.permits).acquire_owned();
        let Ok(Ok(permit)) = tokio::time::timeout_at(deadline.into(), waiting).await else {
            return Err(StoreError::NoConnection);
        };
        let pool = self.pool.clone();
        let span = tracing::Span::current();
        tokio::task::spawn_blocking(move || {
            let _entered = span.entered();
            // Held until the connection is back in the pool, even if the caller has gone.
            let _permit = permit;
            let wait = deadline.saturating_duration_since(Instant::now());
            let mut connection = pool.get_timeout(wait).map_err(|_| StoreError::NoConnection)?;
            Ok(query(&mut connection)?)
        })
        .await?
    }

    /// Runs `query` for a caller who waits for its answer: for hardly longer than a statement may run, whatever becomes of it.
    ///
    /// # Errors
    /// Those of [`run`](Self::run). [`StoreError::Late`] if it takes longer, as when the database hangs.
    pub async fn ask<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, DieselError> + Send + 'static,
    {
        match self.session.statement_timeout {
            // To PostgreSQL: for as long as it likes.
            Duration::ZERO => self.run(query).await,
            limit => tokio::time::timeout(limit + GRACE, self.run(query)).await.unwrap_or(Err(StoreError::Late)),
        }
    }

    /// A connection of its own for a thread that works alone, set up like those of the pool. Blocks.
    ///
    /// # Errors
    /// If there is none.
    pub fn connect(&self) -> Result<Connection, StoreError> {
        let mut connection = super::connect(&self.direct_url)?;
        self.session.on_acquire(&mut connection).map_err(|_| StoreError::NoConnection)?;
        Ok(connection)
    }

    /// How the pool is doing.
    pub fn pool(&self) -> PoolState {
        let state = self.pool.state();
        PoolState { size: state.connections, idle: state.idle_connections, max: self.pool.max_size() }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Store").field("pool", &self.pool()).finish_non_exhaustive()
    }
}

/// Adds what keeps a lost network from holding a connection for minutes, unless the URL says otherwise.
pub(super) fn with_defaults(url: &str) -> String {
    let is_url = url.starts_with("postgres://") || url.starts_with("postgresql://");
    let mut url = url.to_owned();
    for (name, value) in [("connect_timeout", "2"), ("tcp_user_timeout", "5000"), ("application_name", "stationmaster")]
    {
        if !url.contains(&format!("{name}=")) {
            let separator = match (is_url, url.contains('?')) {
                (true, false) => '?',
                (true, true) => '&',
                (false, _) => ' ',
            };
            url.push_str(&format!("{separator}{name}={value}"));
        }
    }
    url
}

#[derive(Debug, Clone, Copy)]
struct Session {
    statement_timeout: Duration,
}

impl CustomizeConnection<Connection, ConnectionError> for Session {
    fn on_acquire(&self, connection: &mut Connection) -> Result<(), ConnectionError> {
        let milliseconds = self.statement_timeout.as_millis();
        connection
            .batch_execute(&format!(
                "set statement_timeout = {milliseconds}; set timezone = 'UTC'; set intervalstyle = 'postgres'"
            ))
            .map_err(ConnectionError::QueryError)
    }
}

#[derive(Debug)]
struct LogErrors;

impl<E: std::error::Error> diesel::r2d2::HandleError<E> for LogErrors {
    fn handle_error(&self, error: E) {
        tracing::warn!(%error, "cannot connect to the database");
    }
}

#[cfg(test)]
mod tests {
    use super::with_defaults;

    #[test]
    fn defaults_join_what_is_there() {
        let added = "connect_timeout=2&tcp_user_timeout=5000&application_name=stationmaster";
        assert_eq!(with_defaults("postgres://host/db"), format!("postgres://host/db?{added}"));
        assert_eq!(
            with_defaults("postgres://host/db?sslmode=require"),
            format!("postgres://host/db?sslmode=require&{added}")
        );
        assert_eq!(
            with_defaults("host=a connect_timeout=9"),
            "host=a connect_timeout=9 tcp_user_timeout=5000 application_name=stationmaster"
        );
    }
}
