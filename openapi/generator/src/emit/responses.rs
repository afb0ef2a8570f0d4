//! Writes a response: as a struct's fields, as axum sends it, as utoipa describes it; and
//! `responses.rs`, the shared ones.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{Context, imports, names};
use crate::{
    model::{Content, Header, Response, ResponseHeader, SharedResponse, Type},
    rules::SET_BY_THE_SERVER,
    status::Status,
};

/// `responses.rs`: a struct per shared response, which carries its status.
pub(super) fn file(context: &Context<'_>) -> TokenStream {
    let responses = context.api.responses.iter();
    let code: TokenStream = responses.map(|response| shared(context, response)).collect();
    let imports = imports::of(&code);
    quote! {
        //! The responses that several operations share.

        #imports
        #code
    }
}

fn shared(context: &Context<'_>, shared: &SharedResponse) -> TokenStream {
    let (name, label) = (names::type_name(&shared.name), &shared.name);
    let docs = names::docs(&format!("{}: {}", shared.status.0, shared.response.description));
    let fields = fields(context, &shared.response);
    let names = fields.iter().map(|field| &field.name);
    let declarations = fields.iter().map(|Field { docs, name, ty, .. }| quote!(#docs pub #name: #ty));
    let send = send(context, shared.status, &shared.response);
    let description = description(&shared.response);
    quote! {
        #docs
        #[derive(Debug, Clone, PartialEq)]
        pub struct #name { #(#declarations),* }

        impl IntoResponse for #name {
            fn into_response(self) -> Response {
                let Self { #(#names),* } = self;
                #send
            }
        }

        impl<'r> ToResponse<'r> for #name {
            fn response() -> (&'r str, openapi::RefOr<openapi::Response>) {
                (#label, #description.into())
            }
        }
    }
}

/// What a response carries that its sender has to say.
pub(super) struct Field {
    pub(super) name: Ident,
    pub(super) docs: TokenStream,
    pub(super) ty: TokenStream,
}

/// The headers and the body of a response.
pub(super) fn fields(context: &Context<'_>, response: &Response) -> Vec<Field> {
    let headers = said_headers(response).map(|header| Field {
        name: names::field(&header.name),
        docs: names::docs(&format!("`{}`: {}", header.name, header.header.description)),
        ty: match header.header.ty {
            Type::Integer { bits, .. } => names::integer(bits),
            _ => quote!(String),
        },
    });
    let body = response.content.iter().map(|content| {
        let ty = match content {
            Content::Json { schema, .. } => {
                let name = names::type_name(schema);
                match is_written(context, content) {
                    true => quote!(Written<types::#name>),
                    false => quote!(types::#name),
                }
            }
            Content::Table { schema } => {
                let name = names::type_name(schema);
                quote!(types::#name)
            }
            Content::Text => quote!(String),
        };
        Field { name: format_ident!("body"), docs: names::docs("The body."), ty }
    });
    headers.chain(body).collect()
}

/// Code that sends a response, whose fields are variables, as is the `format` of a table.
pub(super) fn send(context: &Context<'_>, status: Status, response: &Response) -> TokenStream {
    let status = format_ident!("{}", status.constant());
    let answer = match &response.content {
        None => quote!(StatusCode::#status.into_response()),
        Some(content) if is_written(context, content) => quote!((StatusCode::#status, body).into_response()),
        Some(Content::Json { media_type, .. }) if media_type == Content::JSON => {
            quote!((StatusCode::#status, Json(body)).into_response())
        }
        Some(Content::Json { media_type, .. }) => {
            quote!((StatusCode::#status, [(CONTENT_TYPE, #media_type)], Json(body)).into_response())
        }
        // axum sends a string as text in UTF-8.
        Some(Content::Text) => quote!((StatusCode::#status, body).into_response()),
        Some(Content::Table { .. }) => quote!((StatusCode::#status, format.write(&body)).into_response()),
    };
    let headers = said_headers(response).map(|header| {
        let (name, value) = (header.name.to_lowercase(), names::field(&header.name));
        quote!(wire::header(response.headers_mut(), #name, #value);)
    });
    let headers: Vec<TokenStream> = headers.collect();
    if headers.is_empty() {
        return answer;
    }
    quote! {
        let mut response = #answer;
        #(#headers)*
        response
    }
}

/// Whether the body is held ready to send.
fn is_written(context: &Context<'_>, content: &Content) -> bool {
    let written = context.api.rules.written;
    matches!(content, Content::Json { media_type, schema } if media_type == Content::JSON && written.contains(&schema.as_str()))
}

/// A response as utoipa describes it.
pub(super) fn description(response: &Response) -> TokenStream {
    let description = &response.description;
    let headers = response.headers.iter().map(|header| {
        let name = &header.name;
        match &header.shared {
            Some(shared) => {
                let location = format!("#/components/headers/{shared}");
                quote!(.header_ref(#name, openapi::Ref::new(#location)))
            }
            None => {
                let header = self::header(&header.header);
                quote!(.header(#name, #header))
            }
        }
    });
    let content = response.content.iter().map(|content| match content {
        Content::Json { media_type, schema } => json(media_type, schema),
        Content::Text => text(Content::TEXT),
        Content::Table { schema } => [json(Content::JSON, schema), text(Content::CSV)].into_iter().collect(),
    });
    quote! {
        openapi::ResponseBuilder::new()
            .description(#description)
            #(#headers)*
            #(#content)*
            .build()
    }
}

/// A body of JSON as utoipa describes it.
fn json(media_type: &str, schema: &str) -> TokenStream {
    let schema = names::type_name(schema);
    let schema = quote!(openapi::Ref::from_schema_name(<types::#schema as ToSchema>::name()));
    quote!(.content(#media_type, openapi::Content::new(Some(#schema))))
}

/// A body of text as utoipa describes it.
fn text(media_type: &str) -> TokenStream {
    let schema = quote!(openapi::ObjectBuilder::new().schema_type(openapi::Type::String));
    quote!(.content(#media_type, openapi::Content::new(Some(#schema))))
}

/// A header as utoipa describes it.
pub(super) fn header(header: &Header) -> TokenStream {
    let description = &header.description;
    let schema = match &header.ty {
        Type::Integer { bits, range } => {
            let format = format_ident!("Int{bits}");
            let minimum = range.min.as_ref().map(|min| {
                let min = names::number(min);
                quote!(.minimum(Some(#min)))
            });
            let maximum = range.max.as_ref().map(|max| {
                let max = names::number(max);
                quote!(.maximum(Some(#max)))
            });
            quote! {
                .schema_type(openapi::Type::Integer)
                .format(Some(openapi::SchemaFormat::KnownFormat(openapi::KnownFormat::#format)))
                #minimum
                #maximum
            }
        }
        _ => quote!(.schema_type(openapi::Type::String)),
    };
    quote! {
        openapi::HeaderBuilder::new()
            .description(Some(#description))
            .schema(Some(openapi::ObjectBuilder::new()#schema))
            .build()
    }
}

/// The headers that the sender of the response says.
fn said_headers(response: &Response) -> impl Iterator<Item = &ResponseHeader> {
    let by_server = |header: &&ResponseHeader| {
        let name = header.name.to_lowercase();
        SET_BY_THE_SERVER.contains(&name.as_str())
    };
    response.headers.iter().filter(move |header| !by_server(header))
}
