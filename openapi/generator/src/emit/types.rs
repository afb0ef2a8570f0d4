//! Writes `types.rs`: a struct or an enum per schema.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::{
    Context,
    field::{self, Field},
    imports, names,
    typed::Place,
};
use crate::model::{Property, Schema, SchemaKind};

pub(super) fn file(context: &Context<'_>) -> TokenStream {
    let schemas = context.api.schemas.iter();
    let code: TokenStream = schemas.map(|schema| self::schema(context, schema)).collect();
    let imports = imports::of(&code);
    quote! {
        //! The schemas of the document.

        #imports
        #code
    }
}

fn schema(context: &Context<'_>, schema: &Schema) -> TokenStream {
    match &schema.kind {
        SchemaKind::Enum { values } => enumeration(schema, values),
        SchemaKind::Integer { bits } => integer(schema, *bits),
        SchemaKind::Object { closed, properties } => object(context, schema, *closed, properties),
    }
}

fn enumeration(schema: &Schema, values: &[String]) -> TokenStream {
    let (name, docs) = (names::type_name(&schema.name), names::docs(&schema.description));
    let variants = values.iter().map(|value| {
        let (variant, docs) = (names::type_name(value), names::docs(&format!("`{value}`")));
        quote!(#docs #[serde(rename = #value)] #variant)
    });
    quote! {
        #docs
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        pub enum #name { #(#variants),* }
    }
}

fn integer(schema: &Schema, bits: u8) -> TokenStream {
    let (name, docs) = (names::type_name(&schema.name), names::docs(&schema.description));
    let integer = names::integer(bits);
    quote! {
        #docs
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        pub struct #name(pub #integer);
    }
}

fn object(context: &Context<'_>, schema: &Schema, closed: bool, properties: &[Property]) -> TokenStream {
    let place = Place { context, owner: schema.name.clone(), validated: schema.in_requests, among_schemas: true };
    let properties = properties.iter();
    let fields: Vec<Field> = properties.map(|property| field(&place, property)).collect();
    let docs = names::docs(&schema.description);
    let validate = schema.in_requests.then(|| quote!(Validate));
    let closed = closed.then(|| quote!(#[serde(deny_unknown_fields)]));
    let name = names::type_name(&schema.name);
    let (remote, object_only) = schema.in_requests.then(|| object_only(&name)).unzip();
    let head = quote! {
        #docs
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema, #validate)]
        #closed
        #remote
    };
    let structure = field::structure(&head, &name, &fields, "schema");
    quote!(#structure #object_only)
}

/// Makes a struct read from JSON objects alone: what serde derives would also take an array of its fields.
///
/// `remote = "Self"` turns what is derived into functions of the type, which these implementations call.
fn object_only(name: &Ident) -> (TokenStream, TokenStream) {
    let implementations = quote! {
        impl<'de> Deserialize<'de> for #name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::deserialize(wire::ObjectOnly(deserializer))
            }
        }
        impl Serialize for #name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }
    };
    (quote!(#[serde(remote = "Self")]), implementations)
}

/// How a property may be missing or null decides its type:
///
/// | | not null | nullable |
/// |---|---|---|
/// | required | `T` | `Option<T>` |
/// | optional | `Option<T>` | `Option<Option<T>>` |
/// | with a default | `T` | – |
///
/// Where null means absence, an optional nullable property is an `Option<T>` too.
fn field(place: &Place<'_>, property: &Property) -> Field {
    let docs = match &property.description {
        Some(description) => names::docs(description),
        // utoipa would read a doc comment as a description, which the document does not have.
        None => quote!(#[allow(missing_docs)]),
    };
    let typed = place.typed(&property.name, &property.ty);
    let mut field = Field::new(&property.name, docs, typed);
    match (&property.default, property.required, property.nullable) {
        (Some(value), _, _) => field.has_default(&place.owner, value),
        (None, true, false) => field.is_required(),
        (None, true, true) => field.may_be_null(),
        (None, false, nullable) => {
            match (nullable, place.context.api.rules.null_is_absence) {
                (true, true) => field.is_absent_when_null(),
                (true, false) => field.may_be_absent_or_null(),
                (false, _) => field.may_be_absent(),
            }
            field.serde.push(quote!(skip_serializing_if = "Option::is_none"));
        }
    }
    if !property.examples.is_empty() {
        let examples = property.examples.iter().map(names::value);
        field.describe(quote!(examples(#(#examples),*)));
    }
    field
}
