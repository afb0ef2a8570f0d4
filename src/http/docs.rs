//! The document as files, and a page to browse it. Nothing is loaded from elsewhere.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_swagger_ui::Config;

use crate::contract::{legacy, v4};
use crate::service;

/// The document as it was written.
pub const OPENAPI_YAML: &str = include_str!("../../openapi/v4.yaml");

/// The document of v2 and v3 as it was written.
const LEGACY_YAML: &str = include_str!("../../openapi/legacy.yaml");

/// What the page may load: its own files, and the images within its style sheets. Swagger UI sets styles of elements.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
);

pub(super) fn router() -> Router {
    let page = Router::new()
        .route("/docs", get(async || Redirect::permanent("/docs/")))
        .route("/docs/", get(page_file))
        .route("/docs/{*file}", get(page_file))
        .layer(SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, PAGE_POLICY));
    Router::new()
        .route("/openapi.yaml", get(async || yaml(OPENAPI_YAML)))
        .route("/openapi.json", get(async || json(v4::OPENAPI_JSON)))
        .route("/openapi-legacy.yaml", get(async || yaml(LEGACY_YAML)))
        .route("/openapi-legacy.json", get(async || json(legacy::OPENAPI_JSON)))
        .merge(page)
}

fn yaml(document: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/yaml")], document)
}

fn json(document: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], document)
}

/// A file of Swagger UI, which shows the document.
async fn page_file(uri: Uri) -> Response {
    let file = uri.path().trim_start_matches("/docs/");
    match utoipa_swagger_ui::serve(file, Arc::new(Config::from("/openapi.json"))) {
        Ok(Some(file)) => ([(header::CONTENT_TYPE, file.content_type)], file.bytes).into_response(),
        Ok(None) => service::no_such_page(),
        Err(error) => {
            tracing::error!(%error, "a file of the docs page cannot be written");
            service::broken()
        }
    }
}
