//! Writes `mod.rs` of a contract: its modules, the document, the router, and the description.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::{Context, handler, names, responses};
use crate::{
    model::{Api, SecurityKind, Tag},
    rules::Rules,
};

pub(super) fn file(context: &Context<'_>) -> TokenStream {
    let api = context.api;
    let tags: Vec<_> = api.tags.iter().map(|tag| format_ident!("{}", names::module(&tag.name))).collect();
    let traits = api.tags.iter().map(|tag| names::type_name(&tag.name));
    let bounds = tags.iter().zip(traits).map(|(module, name)| quote!(#module::#name));
    let no_query = api.rules.closed.then(|| {
        quote! {
            /// The query of an operation without query parameters: empty, or refused.
            #[derive(serde::Deserialize, validator::Validate)]
            #[serde(deny_unknown_fields)]
            struct NoQuery {}
        }
    });
    let paths = api.tags.iter().flat_map(Tag::paths);
    let Rules { closed, max_body_bytes, ignores_rest, .. } = api.rules;
    let max_body_bytes = Literal::usize_unsuffixed(*max_body_bytes);
    let (description, openapi) = (description(api), openapi(api));
    let docs = names::inner_docs(&format!("The contract that `openapi/{}.yaml` states.", api.name));
    quote! {
        #docs
        #![allow(
            clippy::large_enum_variant,
            reason = "an answer lives from its operation to the wire, and a box would cost more than it saves"
        )]
        #![allow(
            rustdoc::bare_urls,
            rustdoc::broken_intra_doc_links,
            rustdoc::invalid_html_tags,
            reason = "the doc comments are the document's descriptions, which are plain CommonMark"
        )]

        use std::sync::{Arc, LazyLock};

        use axum::Router;
        use utoipa::{OpenApi, openapi};

        use crate::wire;

        #(pub mod #tags;)*
        mod patterns;
        pub mod responses;
        pub mod types;

        /// The document, as JSON.
        pub const OPENAPI_JSON: &str = include_str!("openapi.json");

        /// The document, for holding requests against it.
        pub static DOCUMENT: LazyLock<wire::Document> = LazyLock::new(|| {
            let reading = wire::Reading {
                closed: #closed,
                max_body_bytes: #max_body_bytes,
                ignores_rest: #ignores_rest,
            };
            wire::Document::parse(OPENAPI_JSON, reading)
        });

        /// Every path of the document.
        pub const PATHS: &[&str] = &[#(#paths),*];

        /// Every operation of the document, routed to a service.
        pub fn router<S: #(#bounds)+*>() -> Router<Arc<S>> {
            Router::new()#(.merge(#tags::router()))*
        }

        #openapi
        #description
        #no_query
    }
}

/// What utoipa's macro can say of the document as a whole.
fn description(api: &Api) -> TokenStream {
    let info = &api.info;
    let (title, version, text) = (&info.title, &info.version, &info.description);
    let license = &info.license.name;
    let identifier = info.license.identifier.as_ref().map(|id| quote!(identifier = #id));
    let servers = api.servers.iter().map(|server| {
        let url = &server.url;
        let description = server.description.as_ref().map(|text| quote!(description = #text));
        quote!((url = #url, #description))
    });
    let tags = api.tags.iter().map(|tag| {
        let (name, description) = (&tag.name, &tag.description);
        quote!((name = #name, description = #description))
    });
    let paths = api.tags.iter().flat_map(|tag| {
        let module = format_ident!("{}", names::module(&tag.name));
        tag.operations.iter().map(move |operation| {
            let name = handler::name(operation);
            quote!(#module::#name)
        })
    });
    let schemas = api.schemas.iter().map(|schema| names::type_name(&schema.name));
    let responses = api.responses.iter().map(|response| names::type_name(&response.name));
    quote! {
        #[derive(OpenApi)]
        #[openapi(
            info(title = #title, version = #version, description = #text, license(name = #license, #identifier)),
            servers(#(#servers),*),
            tags(#(#tags),*),
            paths(#(#paths),*),
            components(schemas(#(types::#schemas),*), responses(#(responses::#responses),*))
        )]
        struct Description;
    }
}

/// The whole description: what the macro says, and the components that it cannot say.
fn openapi(api: &Api) -> TokenStream {
    let headers = api.headers.iter().map(|(name, header)| {
        let header = responses::header(header);
        quote!(components.headers.insert(#name.to_owned(), #header.into());)
    });
    let schemes = api.security_schemes.iter().map(|scheme| {
        let (name, description) = (&scheme.name, &scheme.description);
        let kind = match &scheme.kind {
            SecurityKind::Bearer { format } => {
                let format = format.as_ref().map(|format| quote!(.bearer_format(#format)));
                quote!(.scheme(openapi::security::HttpAuthScheme::Bearer)#format)
            }
            SecurityKind::Basic => quote!(.scheme(openapi::security::HttpAuthScheme::Basic)),
        };
        quote! {
            let scheme = openapi::security::HttpBuilder::new()
                #kind
                .description(Some(#description))
                .build();
            components.add_security_scheme(#name, openapi::security::SecurityScheme::Http(scheme));
        }
    });
    let components: Vec<TokenStream> = headers.chain(schemes).collect();
    let components = (!components.is_empty()).then(|| {
        quote! {
            let components = document.components.get_or_insert_default();
            #(#components)*
        }
    });
    let bodies = required_bodies(api);
    let body = match (&components, &bodies) {
        (None, None) => quote!(Description::openapi()),
        _ => quote! {
            let mut document = Description::openapi();
            #components
            #bodies
            document
        },
    };
    quote! {
        /// What this code says of itself. A test holds it against the document.
        pub fn openapi() -> openapi::OpenApi {
            #body
        }
    }
}

/// utoipa takes a body that may be null for one that may be missing.
fn required_bodies(api: &Api) -> Option<TokenStream> {
    let operations = api.tags.iter().flat_map(|tag| &tag.operations);
    let nullable = operations.filter(|operation| operation.body.as_ref().is_some_and(|body| body.nullable));
    let bodies: Vec<TokenStream> = nullable
        .map(|operation| {
            let (path, method) = (&operation.path, names::field(operation.method));
            quote! {
                let item = document.paths.paths.get_mut(#path);
                let operation = item.and_then(|item| item.#method.as_mut());
                let body = operation.and_then(|operation| operation.request_body.as_mut());
                if let Some(openapi::RefOr::T(body)) = body {
                    body.required = Some(openapi::Required::True);
                }
            }
        })
        .collect();
    (!bodies.is_empty()).then(|| quote!(#(#bodies)*))
}
