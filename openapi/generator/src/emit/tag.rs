//! Writes the module of a tag: its trait, its router, and per operation what goes in and comes out.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::{Context, answers, handler, imports, names, parameters};
use crate::model::{Operation, Tag};

pub(super) fn file(context: &Context<'_>, tag: &Tag) -> TokenStream {
    let service = names::type_name(&tag.name);
    let contract = contract(tag, &service);
    let router = router(tag, &service);
    let operations = tag.operations.iter().map(|operation| {
        let parameters = parameters::structs(context, operation);
        let (outcome, refusal) = (answers::outcome(context, operation), answers::refusal(context, operation));
        let handler = handler::handler(context, operation, &service);
        quote!(#parameters #outcome #refusal #handler)
    });
    let code = quote! {
        #contract
        #router
        #(#operations)*
    };
    let imports = imports::of(&code);
    let docs = names::inner_docs(&format!("The operations under the tag `{}`.", tag.name));
    let deprecated = tag.operations.iter().any(|operation| operation.deprecated);
    let deprecated = deprecated
        .then(|| quote!(#![allow(deprecated, reason = "what the document calls deprecated is still served")]));
    quote! {
        #docs
        #deprecated

        #imports
        #code
    }
}

/// The trait with a method per operation.
fn contract(tag: &Tag, service: &Ident) -> TokenStream {
    let methods = tag.operations.iter().map(|operation| {
        let (name, arguments) = (handler::name(operation), arguments(operation));
        let docs = names::docs(&format!("{}.\n\n{}", operation.summary, operation.description));
        let (outcome, refusal) = (answers::outcome_name(operation), answers::refusal_name(operation));
        quote! {
            #docs
            fn #name(&self, #(#arguments),*) -> impl Future<Output = Result<#outcome, #refusal>> + Send;
        }
    });
    let docs = names::docs(&tag.description);
    quote! {
        #docs
        pub trait #service: Host { #(#methods)* }
    }
}

fn arguments(operation: &Operation) -> Vec<TokenStream> {
    let caller = operation.security.iter().map(|security| match security.optional {
        false => quote!(caller: Self::Caller),
        true => quote!(caller: Option<Self::Caller>),
    });
    let parameters = parameters::by_location(operation).map(|(location, _)| {
        let (name, ty) = (location.argument(), location.struct_name(operation));
        quote!(#name: #ty)
    });
    let body = operation.body.iter().map(|body| {
        let ty = handler::body_type(body);
        quote!(body: #ty)
    });
    caller.chain(parameters).chain(body).collect()
}

/// The routes: one per path, with every method of it.
fn router(tag: &Tag, service: &Ident) -> TokenStream {
    let routes = tag.paths().into_iter().map(|path| {
        let operations = tag.operations.iter().filter(|operation| operation.path == path);
        let methods = operations.enumerate().map(|(index, operation)| {
            let (name, method) = (handler::name(operation), names::field(operation.method));
            match index {
                0 => quote!(routing::#method(#name::<S>)),
                _ => quote!(.#method(#name::<S>)),
            }
        });
        quote!(.route(#path, #(#methods)*))
    });
    quote! {
        /// The operations of this tag, routed to a service.
        pub fn router<S: #service>() -> Router<Arc<S>> {
            Router::new()#(#routes)*
        }
    }
}
