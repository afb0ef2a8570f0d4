//! HTTP: who may connect, the router, the middleware, the dashboard, the docs page, and serving until told to stop.

mod admission;
mod callers;
mod combined_log;
mod connection;
mod dashboard;
mod docs;
mod guard;
mod listener;
mod observe;
mod pace;
mod pulse;
mod refusals;
mod router;
mod serve;
mod shares;
mod times;
mod tls;
mod upstream;

pub use admission::raise_file_limit;
pub use combined_log::{CombinedLog, Lines};
pub use docs::OPENAPI_YAML;
pub use refusals::Refusals;
pub use router::Options;
pub use serve::{Door, LimitOptions, serve};
pub use times::RequestTimes;
pub use tls::{Tls, TlsError, TlsFiles};
pub use upstream::{Upstream, UpstreamUrl};
