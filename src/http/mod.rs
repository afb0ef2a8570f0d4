//! HTTP: the router, the middleware, the docs page, and serving until told to stop.

mod docs;
mod observe;
mod router;
mod serve;

pub use docs::OPENAPI_YAML;
pub use router::router;
pub use serve::serve;
