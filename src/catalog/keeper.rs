//! Keeps the catalog true: hears of changes as they are made anywhere, and looks for those it did not hear of.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::Catalog;
use crate::store::trains::Latest;
use crate::store::{Connection, QueryError, Store, StoreError, revisions};

/// How often to see whether a change was announced. It costs a system call.
const LISTEN_EVERY: Duration = Duration::from_millis(20);

/// How often to look for changes whose announcement was lost.
const CHECK_EVERY: Duration = Duration::from_secs(3);

/// How long after a check the catalog is taken to be true. A check that hangs tells nothing.
pub(super) const TRUSTED_FOR: Duration = Duration::from_secs(6);

/// How long to wait before trying to connect again.
const RECONNECT_AFTER: Duration = Duration::from_millis(500);

/// A thread with a connection of its own that keeps a catalog true until this is dropped.
#[derive(Debug)]
pub struct Keeper {
    /// Dropped to stop the thread.
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts the thread.
    ///
    /// # Errors
    /// If there is none to be had.
    pub fn start<A>(catalog: Arc<Catalog<A>>, store: Store) -> std::io::Result<Self>
    where
        A: From<Latest> + Send + Sync + 'static,
    {
        let (stop, stopped) = mpsc::channel();
        let keep = move || {
            while !has_stopped(&stopped, Duration::ZERO) {
                let Err(error) = keep(&catalog, &store, &stopped) else { return };
                if catalog.age() == 0 {
                    tracing::warn!(%error, "cannot tell whether the catalog is true; answering from it all the same");
                }
                catalog.set_checked(false);
                if has_stopped(&stopped, RECONNECT_AFTER) {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("catalog".into()).spawn(keep)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // What it panicked with was printed.
            let _ = thread.join();
        }
    }
}

/// Keeps the catalog true until the connection fails, or until it is to stop.
fn keep<A: From<Latest>>(catalog: &Catalog<A>, store: &Store, stopped: &mpsc::Receiver<()>) -> Result<(), StoreError> {
    let mut connection = store.connect()?;
    revisions::listen(&mut connection)?;
    // Another database may answer here than before, with other revisions.
    catalog.reload(&mut connection)?;
    if catalog.age() > 0 {
        tracing::info!("the catalog is known to be true again");
    }
    loop {
        catalog.set_checked(true);
        if wait(&mut connection, stopped)? {
            return Ok(());
        }
        catalog.refresh(&mut connection)?;
    }
}

/// Waits until a change is announced, or it is time to look for one; answers whether to stop instead.
fn wait(connection: &mut Connection, stopped: &mpsc::Receiver<()>) -> Result<bool, QueryError> {
    let until = Instant::now() + CHECK_EVERY;
    while Instant::now() < until && !revisions::is_announced(connection)? {
        if has_stopped(stopped, LISTEN_EVERY) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Waits this long to be told to stop.
fn has_stopped(stopped: &mpsc::Receiver<()>, wait: Duration) -> bool {
    !matches!(stopped.recv_timeout(wait), Err(RecvTimeoutError::Timeout))
}
