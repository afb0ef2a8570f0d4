//! Writes the parameters of an operation: a struct for those of the path, of the query, and in headers.

use heck::ToUpperCamelCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{
    Context,
    field::{self, Field},
    names,
    typed::Place,
};
use crate::model::{Operation, Parameter, Type};

/// Where the parameters of a struct are.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Location {
    Path,
    Query,
    Header,
}

impl Location {
    /// The name of the struct, such as `GetVersionPath`.
    pub(super) fn struct_name(self, operation: &Operation) -> Ident {
        let suffix = match self {
            Self::Path => "Path",
            Self::Query => "Query",
            Self::Header => "Headers",
        };
        format_ident!("{}{suffix}", operation.id.to_upper_camel_case())
    }

    /// The name of the argument that a service gets the struct as.
    pub(super) fn argument(self) -> Ident {
        format_ident!(
            "{}",
            match self {
                Self::Path => "path",
                Self::Query => "query",
                Self::Header => "headers",
            }
        )
    }

    fn docs(self, operation: &Operation) -> TokenStream {
        let which = match self {
            Self::Path => "path parameters",
            Self::Query => "query parameters",
            Self::Header => "headers",
        };
        names::docs(&format!("The {which} of `{}`.", operation.id))
    }

    fn parameter_in(self) -> TokenStream {
        match self {
            Self::Path => quote!(Path),
            Self::Query => quote!(Query),
            Self::Header => quote!(Header),
        }
    }
}

/// The parameters of an operation by where they are; only the places that have any.
pub(super) fn by_location(operation: &Operation) -> impl Iterator<Item = (Location, &[Parameter])> {
    let places = [
        (Location::Path, operation.path_parameters.as_slice()),
        (Location::Query, operation.query_parameters.as_slice()),
        (Location::Header, operation.header_parameters.as_slice()),
    ];
    places.into_iter().filter(|(_, parameters)| !parameters.is_empty())
}

/// The structs of an operation's parameters, with the code beside them.
pub(super) fn structs(context: &Context<'_>, operation: &Operation) -> TokenStream {
    by_location(operation)
        .map(|(location, parameters)| parameter_struct(context, operation, location, parameters))
        .collect()
}

fn parameter_struct(
    context: &Context<'_>,
    operation: &Operation,
    location: Location,
    parameters: &[Parameter],
) -> TokenStream {
    let name = location.struct_name(operation);
    let place = Place { context, owner: name.to_string(), validated: true, among_schemas: false };
    let parameters = parameters.iter();
    let fields: Vec<Field> = parameters.map(|parameter| field(&place, parameter)).collect();
    let closed =
        (location == Location::Query && context.api.rules.closed).then(|| quote!(#[serde(deny_unknown_fields)]));
    let (docs, parameter_in) = (location.docs(operation), location.parameter_in());
    let head = quote! {
        #docs
        #[derive(Debug, Clone, PartialEq, Deserialize, Validate, IntoParams)]
        #[into_params(parameter_in = #parameter_in)]
        #closed
    };
    field::structure(&head, &name, &fields, "param")
}

fn field(place: &Place<'_>, parameter: &Parameter) -> Field {
    let docs = names::docs(&parameter.description);
    let typed = place.typed(&parameter.name, &parameter.ty);
    let mut field = Field::new(&parameter.name, docs, typed);
    match (&parameter.default, &parameter.ty) {
        (Some(value), _) => field.has_default(&place.owner, value),
        // A parameter that may be repeated: as many values as there are, none included.
        (None, Type::Array { .. }) => field.serde.push(quote!(default)),
        (None, _) if parameter.required => field.is_required(),
        (None, _) => field.may_be_absent(),
    }
    if let Some(example) = &parameter.example {
        let example = names::value(example);
        field.describe(quote!(example = #example));
    }
    field
}
