//! The document as files, and a page to browse it. Nothing is loaded from elsewhere.

use axum::Router;
use axum::http::header;
use axum::routing::get;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::contract::v4::OPENAPI_JSON;

/// The document as it was written.
pub const OPENAPI_YAML: &str = include_str!("../../openapi/v4.yaml");

pub(super) fn router() -> Router {
    Router::new()
        .route(
            "/openapi.yaml",
            get(async || ([(header::CONTENT_TYPE, "application/yaml")], OPENAPI_YAML)),
        )
        .route(
            "/openapi.json",
            get(async || ([(header::CONTENT_TYPE, "application/json")], OPENAPI_JSON)),
        )
        .merge(SwaggerUi::new("/docs").config(Config::from("/openapi.json")))
}
