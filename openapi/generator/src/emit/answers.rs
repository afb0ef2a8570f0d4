//! Writes what an operation answers: an enum of its outcomes, and one of its refusals.

use heck::ToUpperCamelCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{Context, names, responses};
use crate::model::{Answer, Operation, Refusal, Success};

/// The name of the enum of outcomes.
pub(super) fn outcome_name(operation: &Operation) -> Ident {
    format_ident!("{}Outcome", operation.id.to_upper_camel_case())
}

/// The name of the enum of refusals.
pub(super) fn refusal_name(operation: &Operation) -> Ident {
    format_ident!("{}Refusal", operation.id.to_upper_camel_case())
}

/// An enum with a variant per answer of 1xx to 3xx.
pub(super) fn outcome(context: &Context<'_>, operation: &Operation) -> TokenStream {
    let name = outcome_name(operation);
    let docs = names::docs(&format!("How `{}` succeeds.", operation.id));
    let successes = operation.successes.iter();
    let variants = successes.clone().map(|success| variant(context, success));
    let arms = successes.clone().map(|success| arm(context, success));
    let descriptions = successes.map(|success| {
        let code = success.status.0.to_string();
        let description = match &success.answer {
            Answer::Own(response) => responses::description(response),
            Answer::Shared(shared) => reference(shared),
        };
        quote!(.response(#code, #description))
    });
    let respond = match operation.answers_table() {
        false => quote! {
            impl IntoResponse for #name {
                fn into_response(self) -> Response {
                    match self { #(#arms)* }
                }
            }
        },
        true => quote! {
            impl #name {
                fn into_response_as(self, format: Format) -> Response {
                    match self { #(#arms)* }
                }
            }
        },
    };
    quote! {
        #docs
        #[derive(Debug, Clone, PartialEq)]
        pub enum #name { #(#variants),* }

        #respond

        impl IntoResponses for #name {
            fn responses() -> BTreeMap<String, openapi::RefOr<openapi::Response>> {
                openapi::ResponsesBuilder::new()#(#descriptions)*.build().into()
            }
        }
    }
}

/// A variant with the headers and the body of the answer, shared or not.
fn variant(context: &Context<'_>, success: &Success) -> TokenStream {
    let variant = format_ident!("{}", success.status.name());
    let response = context.api.response(&success.answer);
    let docs = names::docs(&format!("{}: {}", success.status.0, response.description));
    let fields = responses::fields(context, response);
    let fields = fields.iter().map(|responses::Field { docs, name, ty }| quote!(#docs #name: #ty));
    let fields: Vec<TokenStream> = fields.collect();
    match fields.as_slice() {
        [] => quote!(#docs #variant),
        fields => quote!(#docs #variant { #(#fields),* }),
    }
}

fn arm(context: &Context<'_>, success: &Success) -> TokenStream {
    let variant = format_ident!("{}", success.status.name());
    let response = context.api.response(&success.answer);
    let names: Vec<Ident> = responses::fields(context, response).into_iter().map(|field| field.name).collect();
    let fields = (!names.is_empty()).then(|| quote!({ #(#names),* }));
    let send = match &success.answer {
        Answer::Own(response) => responses::send(context, success.status, response),
        Answer::Shared(shared) => {
            let shared = names::type_name(shared);
            quote!(responses::#shared { #(#names),* }.into_response())
        }
    };
    quote!(Self::#variant #fields => { #send })
}

/// An enum with a variant per answer of 4xx and 5xx: `?` turns a shared response into it, but
/// only one that the document names for this operation.
pub(super) fn refusal(context: &Context<'_>, operation: &Operation) -> TokenStream {
    let name = refusal_name(operation);
    let docs = names::docs(&format!("How `{}` is refused, or fails.", operation.id));
    let refusals = operation.refusals.iter();
    let variants = refusals.clone().map(|refusal| {
        let Refusal { status, response } = refusal;
        let docs = names::docs(&format!("{}: {}", status.0, context.api.shared(response).description));
        let response = names::type_name(response);
        quote!(#docs #response(responses::#response))
    });
    let names = refusals.map(|refusal| names::type_name(&refusal.response));
    let names: Vec<Ident> = names.collect();
    quote! {
        #docs
        #[derive(Debug, Clone, PartialEq)]
        pub enum #name { #(#variants),* }

        #(
            impl From<responses::#names> for #name {
                fn from(response: responses::#names) -> Self {
                    Self::#names(response)
                }
            }
        )*

        impl IntoResponse for #name {
            fn into_response(self) -> Response {
                match self {
                    #(Self::#names(response) => response.into_response(),)*
                }
            }
        }
    }
}

/// A reference to a shared response, by the name that its type has in the document.
fn reference(shared: &str) -> TokenStream {
    let response = names::type_name(shared);
    quote!(openapi::Ref::from_response_name(<responses::#response as ToResponse>::response().0))
}
