//! Writes a handler: it reads the request as the document describes it, and calls the operation.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::{
    Context, answers, names,
    parameters::{self, Location},
};
use crate::model::{Body, Operation, Parameter, Refusal, Requirement, Security};

/// The handler's name, which is also the method's.
pub(super) fn name(operation: &Operation) -> Ident {
    names::field(&operation.id)
}

/// The handler of an operation, described by utoipa.
pub(super) fn handler(context: &Context<'_>, operation: &Operation, service: &Ident) -> TokenStream {
    let (name, description) = (name(operation), description(operation));
    let parts = parts(context, operation);
    let passed = parts.iter().filter(|part| part.passed).map(|part| &part.name);
    let caller = operation.security.as_ref().map(|_| quote!(caller,));
    let call = quote!(service.#name(#caller #(#passed),*).await);
    let deprecated = operation.deprecated.then(|| quote!(#[deprecated]));
    let takes_input = !parts.is_empty() || operation.security.is_some();
    if !takes_input && !operation.answers_table() {
        return quote! {
            #description
            #deprecated
            pub(super) async fn #name<S: #service>(State(service): State<Arc<S>>) -> Response {
                wire::respond(&*service, Ok(#call))
            }
        };
    }

    let pointer = &operation.pointer;
    let authorize = operation.security.as_ref().map(|security| {
        let Security { optional, requirements } = security;
        let accepted = requirements
            .iter()
            .map(|Requirement { scheme, scopes }| quote!(Requirement { scheme: #scheme, scopes: &[#(#scopes),*] }));
        let authorize = match optional {
            false => quote!(authorize),
            true => quote!(authorize_if_shown),
        };
        quote!(let caller = input.#authorize(&*service, &[#(#accepted),*]).await?;)
    });
    let (format, call) = match operation.answers_table() {
        false => (None, call),
        true => {
            (Some(quote!(let format = input.format();)), quote!(#call.map(|outcome| outcome.into_response_as(format))))
        }
    };
    let mutable = takes_input.then(|| quote!(mut));
    let read = parts.iter().map(|part| &part.read);
    let all_read = all_read(&parts);
    quote! {
        #description
        #deprecated
        pub(super) async fn #name<S: #service>(
            State(service): State<Arc<S>>,
            request: Request,
        ) -> Response {
            let answer = async {
                let #mutable input = Input::new(request, &DOCUMENT, #pointer);
                #format
                #authorize
                #(#read)*
                #all_read
                Ok(#call)
            };
            wire::respond(&*service, answer.await)
        }
    }
}

/// One part of the request that an operation reads.
struct Part {
    name: Ident,
    read: TokenStream,
    /// Whether the operation gets it, or it is only checked.
    passed: bool,
}

fn parts(context: &Context<'_>, operation: &Operation) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut part = |name: &str, read: TokenStream, passed: bool| {
        let name = format_ident!("{name}");
        let read = quote!(let #name = #read;);
        parts.push(Part { name, read, passed });
    };
    if !operation.path_parameters.is_empty() {
        let ty = Location::Path.struct_name(operation);
        part("path", quote!(input.path::<#ty>()), true);
    }
    if !operation.query_parameters.is_empty() {
        let ty = Location::Query.struct_name(operation);
        part("query", quote!(input.query::<#ty>()), true);
    } else if context.api.rules.closed && operation.answers_invalid() {
        part("query", quote!(input.query::<NoQuery>()), false);
    }
    if !operation.header_parameters.is_empty() {
        let ty = Location::Header.struct_name(operation);
        let names = operation.header_parameters.iter().map(|Parameter { name, .. }| name);
        part("headers", quote!(input.headers::<#ty>(&[#(#names),*])), true);
    }
    if let Some(body) = &operation.body {
        let ty = names::type_name(&body.schema);
        let recurs = context.api.rules.recurring.contains(&operation.id.as_str());
        let read = match (body.nullable, recurs) {
            (true, _) => quote!(input.nullable_body::<types::#ty>().await?),
            (false, false) => quote!(input.body::<types::#ty>().await?),
            (false, true) => quote! {{
                static KNOWN: LazyLock<KnownBodies<types::#ty>> = LazyLock::new(KnownBodies::default);
                input.known_body(&KNOWN).await?
            }},
        };
        part("body", read, true);
    }
    parts
}

/// Goes on only with every part: one that is missing was faulty, and all faults are said at once.
fn all_read(parts: &[Part]) -> TokenStream {
    let names: Vec<&Ident> = parts.iter().map(|part| &part.name).collect();
    let patterns = parts.iter().map(|Part { name, passed, .. }| match passed {
        true => quote!(Some(#name)),
        false => quote!(Some(NoQuery {})),
    });
    let (patterns, values) = match names.as_slice() {
        [] => return TokenStream::new(),
        [name] => (quote!(#(#patterns)*), quote!(#name)),
        names => (quote!((#(#patterns),*)), quote!((#(#names),*))),
    };
    quote! {
        let #patterns = #values else {
            return Err(input.refuse());
        };
    }
}

/// The type of a body that is read.
pub(super) fn body_type(body: &Body) -> TokenStream {
    let schema = names::type_name(&body.schema);
    match body.nullable {
        true => quote!(Option<types::#schema>),
        false => quote!(types::#schema),
    }
}

/// The operation as utoipa describes it.
fn description(operation: &Operation) -> TokenStream {
    let method = format_ident!("{}", operation.method);
    let Operation { id, path, tag, summary, description, .. } = operation;
    let structs = parameters::by_location(operation).map(|(location, _)| location.struct_name(operation));
    let structs: Vec<Ident> = structs.collect();
    let parameters = (!structs.is_empty()).then(|| quote!(params(#(#structs),*),));
    let body = operation.body.as_ref().map(|body| {
        let ty = body_type(body);
        let description = body.description.as_ref().map(|text| quote!(description = #text,));
        let example = body.example.as_ref().map(|example| {
            let example = names::value(example);
            quote!(example = #example)
        });
        quote!(request_body(content = #ty, #description #example),)
    });
    let outcome = answers::outcome_name(operation);
    let refusals = operation.refusals.iter().map(|Refusal { status, response }| {
        let (code, response) = (Literal::u16_unsuffixed(status.0), names::type_name(response));
        quote!((status = #code, response = responses::#response))
    });
    let security = operation.security.as_ref().map(|security| {
        let anyone = security.optional.then(|| quote!((),));
        let requirements =
            security.requirements.iter().map(|Requirement { scheme, scopes }| quote!((#scheme = [#(#scopes),*])));
        quote!(security(#anyone #(#requirements),*),)
    });
    quote! {
        #[utoipa::path(
            #method,
            path = #path,
            tag = #tag,
            operation_id = #id,
            summary = #summary,
            description = #description,
            #security
            #parameters
            #body
            responses(#outcome, #(#refusals),*)
        )]
    }
}
