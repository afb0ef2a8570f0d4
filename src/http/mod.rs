//! HTTP: the router, the middleware, the docs page, and serving until told to stop.

mod combined_log;
mod docs;
mod observe;
mod router;
mod serve;
mod times;
mod upstream;

pub use combined_log::{CombinedLog, Lines};
pub use docs::OPENAPI_YAML;
pub use router::{Options, router};
pub use serve::serve;
pub use times::RequestTimes;
pub use upstream::{Upstream, UpstreamUrl};
