//! The `use` lines of an emitted file: those of the names that its code has.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::{format_ident, quote};

/// Every name that emitted code may use bare, by where it is from.
const NAMES: &[(&str, &[&str])] = &[
    ("std::collections", &["BTreeMap"]),
    ("std::sync", &["Arc", "LazyLock"]),
    ("axum", &["Json", "Router", "routing"]),
    ("axum::extract", &["Request", "State"]),
    ("axum::http", &["StatusCode"]),
    ("axum::http::header", &["CONTENT_TYPE"]),
    ("axum::response", &["IntoResponse", "Response"]),
    ("chrono", &["DateTime", "Utc"]),
    ("regex", &["Regex"]),
    ("serde", &["Deserialize", "Deserializer", "Serialize", "Serializer"]),
    ("utoipa", &["IntoParams", "IntoResponses", "OpenApi", "ToResponse", "ToSchema", "openapi"]),
    ("uuid", &["Uuid"]),
    ("validator", &["Validate", "ValidateLength", "ValidateRange", "ValidateRegex", "ValidationError"]),
    ("super", &["DOCUMENT", "NoQuery", "patterns", "responses", "types"]),
    ("crate", &["wire"]),
    ("crate::wire", &["Format", "Host", "Input", "KnownBodies", "Requirement", "Written"]),
];

/// The imports that this code needs.
pub(super) fn of(code: &TokenStream) -> TokenStream {
    let mut used = BTreeSet::new();
    collect(code.clone(), &mut used);
    let imports = NAMES.iter().map(|(path, names)| {
        let names = names.iter().filter(|name| used.contains(**name));
        let names: Vec<_> = names.map(|name| format_ident!("{name}")).collect();
        let path: syn::Path = syn::parse_str(path).expect("the paths above are Rust");
        match names.as_slice() {
            [] => TokenStream::new(),
            [name] => quote!(use #path::#name;),
            names => quote!(use #path::{#(#names),*};),
        }
    });
    imports.collect()
}

fn collect(code: TokenStream, used: &mut BTreeSet<String>) {
    let mut tokens = code.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) => {
                let name = ident.to_string();
                // A module is used in a path only; `responses` is also a word of utoipa's macros.
                let in_path = matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == ':');
                if in_path || name.starts_with(char::is_uppercase) {
                    used.insert(name);
                }
            }
            TokenTree::Group(group) => collect(group.stream(), used),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}
