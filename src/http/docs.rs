//! The document as files, and a page to browse it. Nothing is loaded from elsewhere.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::routing::get;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::contract::v4::OPENAPI_JSON;

/// The document as it was written.
pub const OPENAPI_YAML: &str = include_str!("../../openapi/v4.yaml");

/// What the page may load: its own files, and the images within its style sheets. Swagger UI sets styles of elements.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
);

pub(super) fn router() -> Router {
    let page = Router::new()
        .merge(SwaggerUi::new("/docs").config(Config::from("/openapi.json")))
        .layer(SetResponseHeaderLayer::overriding(
            header::CONTENT_SECURITY_POLICY,
            PAGE_POLICY,
        ));
    Router::new()
        .route(
            "/openapi.yaml",
            get(async || ([(header::CONTENT_TYPE, "application/yaml")], OPENAPI_YAML)),
        )
        .route(
            "/openapi.json",
            get(async || ([(header::CONTENT_TYPE, "application/json")], OPENAPI_JSON)),
        )
        .merge(page)
}
