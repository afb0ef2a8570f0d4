//! Names, doc comments and values of the document, as Rust writes them.

use heck::{ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use serde_json::{Number, Value};

/// The module of a tag.
pub(super) fn module(tag: &str) -> String {
    tag.to_snake_case()
}

/// A type, a trait or a variant.
pub(super) fn type_name(name: &str) -> Ident {
    format_ident!("{}", name.to_upper_camel_case())
}

/// A function or a field, which may not be called like a keyword.
pub(super) fn field(name: &str) -> Ident {
    let name = name.to_snake_case();
    syn::parse_str(&name).unwrap_or_else(|_| format_ident!("r#{name}"))
}

/// The type of integers of so many bits.
pub(super) fn integer(bits: u8) -> TokenStream {
    let integer = format_ident!("i{bits}");
    quote!(#integer)
}

/// A doc comment; its lines become lines when the code is formatted.
pub(super) fn docs(text: &str) -> TokenStream {
    quote!(#[doc = #text])
}

/// A doc comment of the file that it stands in.
pub(super) fn inner_docs(text: &str) -> TokenStream {
    quote!(#![doc = #text])
}

/// An example or a default, as utoipa's attributes take it.
pub(super) fn value(value: &Value) -> TokenStream {
    let json = json(value);
    match value {
        Value::Null | Value::Array(_) | Value::Object(_) => quote!(json!(#json)),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => json,
    }
}

/// A value within `json!`; a string, number or boolean is a literal.
pub(super) fn json(value: &Value) -> TokenStream {
    match value {
        Value::Null => quote!(null),
        Value::Bool(flag) => quote!(#flag),
        Value::Number(number) => self::number(number),
        Value::String(text) => quote!(#text),
        Value::Array(items) => {
            let items = items.iter().map(json);
            quote!([#(#items),*])
        }
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| {
                let value = json(value);
                quote!(#key: #value)
            });
            quote!({ #(#members),* })
        }
    }
}

/// A number as the document writes it. It has a suffix only where Rust would take it for an `i32`
/// that it does not fit.
pub(super) fn number(number: &Number) -> TokenStream {
    let Some(value) = number.as_i64() else {
        return float(number);
    };
    let literal = match i32::try_from(value) {
        Ok(value) => Literal::u32_unsuffixed(value.unsigned_abs()),
        Err(_) => Literal::i64_suffixed(value.saturating_abs()),
    };
    if value < 0 { quote!(-#literal) } else { quote!(#literal) }
}

/// A number as a floating-point literal, also where the document writes none.
pub(super) fn float(number: &Number) -> TokenStream {
    let value = number.as_f64().unwrap_or_default();
    let literal = Literal::f64_unsuffixed(value.abs());
    if value < 0.0 { quote!(-#literal) } else { quote!(#literal) }
}
