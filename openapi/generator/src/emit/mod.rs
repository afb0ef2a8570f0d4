//! Writes a model as Rust: one function per file of the contract.

mod answers;
mod bounds;
mod field;
mod handler;
mod imports;
mod names;
mod parameters;
mod patterns;
mod responses;
mod root;
mod tag;
mod typed;
mod types;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::{Document, Files, format, model::Api};
use patterns::Patterns;

/// What every emitting function looks things up in.
struct Context<'m> {
    api: &'m Api,
    /// The patterns that validators have asked for so far.
    patterns: Patterns,
}

/// Every file of the contract of one document.
pub(crate) fn contract(api: &Api) -> anyhow::Result<Files> {
    let context = Context { api, patterns: Patterns::default() };
    let mut modules = vec![
        ("mod".to_owned(), root::file(&context)),
        ("responses".to_owned(), responses::file(&context)),
        ("types".to_owned(), types::file(&context)),
    ];
    for tag in &api.tags {
        modules.push((names::module(&tag.name), tag::file(&context, tag)));
    }
    // Last, when every validator has asked for its pattern.
    modules.push(("patterns".to_owned(), context.patterns.file()));

    let folder = format!("src/contract/{}", api.name);
    let source = format!("openapi/{}.yaml", api.name);
    let mut files = Files::new();
    for (module, code) in modules {
        files.insert(format!("{folder}/{module}.rs"), format::rust(&source, code)?);
    }
    let json = format!("{:#}\n", api.json);
    files.insert(format!("{folder}/openapi.json"), json);
    Ok(files)
}

/// The file that lists the contracts.
pub(crate) fn list(documents: &[Document]) -> anyhow::Result<Files> {
    let modules = documents.iter().map(|document| {
        let name = format_ident!("{}", document.name);
        let docs = names::docs(&format!("What `openapi/{}.yaml` says.", document.name));
        quote!(#docs pub mod #name;)
    });
    let code = quote! {
        //! The contracts: what the documents in `openapi/` say, as Rust. Generated, never edited.
        //!
        //! Each document becomes types, one trait per tag with a method per operation, and a
        //! router that calls them. A service implements the traits; what it cannot say in their
        //! types, the document does not allow.

        #(#modules)*
    };
    let text = format::rust("openapi/*.yaml", code)?;
    Ok(Files::from([("src/contract/mod.rs".to_owned(), text)]))
}

/// `#[name(a, b)]`, or nothing if there is nothing to say.
fn attribute(name: &str, arguments: &[TokenStream]) -> TokenStream {
    if arguments.is_empty() {
        return TokenStream::new();
    }
    let name = format_ident!("{name}");
    quote!(#[#name(#(#arguments),*)])
}
