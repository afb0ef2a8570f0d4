//! A field of an emitted struct: a type, and how serde, validator and utoipa treat it.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::{attribute, names, typed::Typed};

/// A field of an emitted struct.
pub(super) struct Field {
    name: Ident,
    docs: TokenStream,
    typed: Typed,
    /// Arguments of `#[serde(…)]`.
    pub(super) serde: Vec<TokenStream>,
    /// The function that serde calls for the default, if there is one.
    default: Option<TokenStream>,
}

impl Field {
    /// The field for what the document calls `name`.
    pub(super) fn new(name: &str, docs: TokenStream, typed: Typed) -> Self {
        let field = names::field(name);
        let renamed = field.to_string().trim_start_matches("r#") != name;
        Self {
            name: field,
            docs,
            typed,
            serde: renamed.then(|| quote!(rename = #name)).into_iter().collect(),
            default: None,
        }
    }

    /// The value is always there and not null.
    pub(super) fn is_required(&mut self) {
        if self.typed.strict_instant {
            self.read_with("required");
        }
    }

    /// Adds an argument of `#[schema(…)]` or `#[param(…)]`.
    pub(super) fn describe(&mut self, argument: TokenStream) {
        self.typed.describe.push(argument);
    }

    /// The value may be missing, which is `None`, but not null.
    pub(super) fn may_be_absent(&mut self) {
        self.wrap();
        // Left to itself, serde would take null, and in a query the empty text, for `None` too.
        self.serde.push(quote!(default));
        self.read_with("present");
        self.describe(quote!(nullable = false));
    }

    /// The value may be null, which is `None`, but not missing.
    pub(super) fn may_be_null(&mut self) {
        self.wrap();
        // Left to itself, serde would take a missing value for `None` too.
        match self.typed.strict_instant {
            true => self.read_with("nullable"),
            false => self.serde.push(quote!(deserialize_with = "Option::deserialize")),
        }
        self.describe(quote!(required = true));
    }

    /// The value may be missing or null, both of which are `None`.
    pub(super) fn is_absent_when_null(&mut self) {
        self.wrap();
        self.serde.push(quote!(default));
        if self.typed.strict_instant {
            self.read_with("nullable");
        }
    }

    /// The value may be missing, which is `None`, or null, which is `Some(None)`.
    pub(super) fn may_be_absent_or_null(&mut self) {
        self.wrap();
        // utoipa does not look through the outer option.
        let inner = self.typed.rust.clone();
        self.typed.described.get_or_insert(inner.clone());
        self.typed.rust = quote!(Option<#inner>);
        self.serde.push(quote!(default));
        self.read_with("double_option");
    }

    /// The value may be missing, which is this. `owner` is the struct of the field.
    pub(super) fn has_default(&mut self, owner: &str, value: &Value) {
        let function = format_ident!("default_{}", self.name);
        let path = format!("{owner}::{function}");
        let rust = &self.typed.rust;
        let body = match value {
            Value::String(text) => quote!(#text.to_owned()),
            other => names::json(other),
        };
        self.default = Some(quote!(fn #function() -> #rust { #body }));
        self.serde.push(quote!(default = #path));
        let value = names::value(value);
        self.describe(quote!(default = #value));
    }

    /// Reads the value with this function of `wire`, or its counterpart for instants.
    fn read_with(&mut self, function: &str) {
        let path = match self.typed.strict_instant {
            true => format!("crate::wire::instant::{function}"),
            false => format!("crate::wire::{function}"),
        };
        self.serde.push(quote!(deserialize_with = #path));
    }

    fn wrap(&mut self) {
        let Typed { rust, described, .. } = &mut self.typed;
        *rust = quote!(Option<#rust>);
        *described = described.take().map(|described| quote!(Option<#described>));
    }

    /// The field itself; its utoipa attribute is called `description`.
    fn declaration(&self, description: &str) -> TokenStream {
        let Self { name, docs, typed, .. } = self;
        let mut arguments = typed.describe.clone();
        let described = typed.described.iter();
        arguments.extend(described.map(|described| quote!(value_type = #described)));
        let serde = attribute("serde", &self.serde);
        let validate = attribute("validate", &typed.validate);
        let describe = attribute(description, &arguments);
        let rust = &typed.rust;
        quote!(#docs #serde #validate #describe pub #name: #rust)
    }
}

/// A struct of these fields under `head`, which is everything before its name; and the code that
/// its fields need beside it. The utoipa attribute of the fields is called `description`.
pub(super) fn structure(head: &TokenStream, name: &Ident, fields: &[Field], description: &str) -> TokenStream {
    let declarations = fields.iter().map(|field| field.declaration(description));
    let defaults: Vec<_> = fields.iter().filter_map(|field| field.default.as_ref()).collect();
    let defaults = (!defaults.is_empty()).then(|| quote!(impl #name { #(#defaults)* }));
    let beside = fields.iter().map(|field| &field.typed.beside);
    quote! {
        #head
        pub struct #name { #(#declarations),* }
        #defaults
        #(#beside)*
    }
}
