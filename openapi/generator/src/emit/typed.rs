//! A type of the document in Rust, with its bounds as validator and utoipa say them.

use heck::ToUpperCamelCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{Context, bounds, names};
use crate::model::{Length, Range, SchemaKind, TextBounds, Type};

/// The type of a value that is there and not null.
pub(super) struct Typed {
    pub(super) rust: TokenStream,
    /// The type that utoipa reads instead, where the Rust type does not say enough.
    pub(super) described: Option<TokenStream>,
    /// Arguments of `#[validate(…)]`.
    pub(super) validate: Vec<TokenStream>,
    /// Arguments of `#[schema(…)]` or `#[param(…)]`.
    pub(super) describe: Vec<TokenStream>,
    /// Code that belongs beside the struct.
    pub(super) beside: TokenStream,
    /// Whether it is an instant that a request carries: chrono reads more than RFC 3339 allows, `wire::instant` does not.
    pub(super) strict_instant: bool,
}

/// Where fields are emitted.
pub(super) struct Place<'m> {
    pub(super) context: &'m Context<'m>,
    /// The struct they are fields of.
    pub(super) owner: String,
    /// Whether it is validated.
    pub(super) validated: bool,
    /// Whether it is in `types.rs`, among the schemas.
    pub(super) among_schemas: bool,
}

impl Place<'_> {
    /// The type of the field `name`.
    pub(super) fn typed(&self, name: &str, ty: &Type) -> Typed {
        let rust = self.rust(ty, &|schema| self.held(schema));
        let plain = self.rust(ty, &|schema| self.named(schema));
        let mut typed = Typed {
            // utoipa knows a written value by the type of what is written.
            described: (rust.to_string() != plain.to_string()).then_some(plain),
            rust,
            validate: Vec::new(),
            describe: Vec::new(),
            beside: TokenStream::new(),
            strict_instant: self.validated && matches!(ty, Type::Instant),
        };
        match ty {
            Type::Text(text) => {
                typed.validate = self.text_rules(text);
                typed.describe = bounds::of_text(text);
            }
            Type::Integer { range, .. } => {
                typed.validate = bounds::range_rule(range, names::number);
                typed.describe = bounds::of_range(range);
            }
            Type::Number(range) => {
                typed.validate = bounds::range_rule(range, names::float);
                typed.describe = bounds::of_range(range);
            }
            Type::FreeForm => typed.describe.push(quote!(additional_properties)),
            Type::Array { items, count } => {
                typed.validate = bounds::length_rule(count);
                typed.describe = bounds::of_length(count, "min_items", "max_items");
                match &**items {
                    Type::Text(text) if *text != TextBounds::default() => {
                        let bounds = bounds::of_text(text);
                        self.bound_items(&mut typed, name, items, &bounds, || self.text_holds(text));
                    }
                    Type::Integer { range, .. } if *range != Range::default() => {
                        let bounds = bounds::of_range(range);
                        self.bound_items(&mut typed, name, items, &bounds, || vec![range_holds(range, names::number)]);
                    }
                    Type::Number(range) if *range != Range::default() => {
                        let bounds = bounds::of_range(range);
                        self.bound_items(&mut typed, name, items, &bounds, || vec![range_holds(range, names::float)]);
                    }
                    // validator does not look through an option in an array.
                    Type::Nullable(item) => typed
                        .validate
                        .extend(self.nested(item).map(|_| quote!(custom(function = "crate::wire::items_hold")))),
                    items => typed.validate.extend(self.nested(items)),
                }
            }
            Type::Map(values) => typed.validate.extend(self.nested(values)),
            Type::Reference(_) => typed.validate.extend(self.nested(ty)),
            Type::Uuid | Type::Instant | Type::Boolean | Type::Nullable(_) | Type::Any => {}
        }
        if !self.validated {
            typed.validate.clear();
        }
        typed
    }

    /// The Rust type of a value, with the types of the schemas that it mentions.
    fn rust(&self, ty: &Type, schema: &dyn Fn(&str) -> TokenStream) -> TokenStream {
        match ty {
            Type::Text(_) => quote!(String),
            Type::Uuid => quote!(Uuid),
            Type::Instant => quote!(DateTime<Utc>),
            Type::Integer { bits, .. } => names::integer(*bits),
            Type::Number(_) => quote!(f64),
            Type::Boolean => quote!(bool),
            Type::FreeForm => quote!(serde_json::Map<String, serde_json::Value>),
            Type::Map(values) => {
                let values = self.rust(values, schema);
                quote!(BTreeMap<String, #values>)
            }
            Type::Array { items, .. } => {
                let items = self.rust(items, schema);
                quote!(Vec<#items>)
            }
            Type::Nullable(inner) => {
                let inner = self.rust(inner, schema);
                quote!(Option<#inner>)
            }
            Type::Any => quote!(serde_json::Value),
            Type::Reference(name) => schema(name),
        }
    }

    /// The type of a schema.
    fn named(&self, schema: &str) -> TokenStream {
        let schema = names::type_name(schema);
        match self.among_schemas {
            true => quote!(#schema),
            false => quote!(types::#schema),
        }
    }

    /// The type in which a schema is held: what a request can carry has to be read, and so is never held written.
    fn held(&self, schema: &str) -> TokenStream {
        let named = self.named(schema);
        match !self.validated && self.context.api.rules.written.contains(&schema) {
            true => quote!(Written<#named>),
            false => named,
        }
    }

    /// `nested`, if the referred schema validates itself.
    fn nested(&self, ty: &Type) -> Option<TokenStream> {
        let Type::Reference(name) = ty else {
            return None;
        };
        let mut schemas = self.context.api.schemas.iter();
        let schema = schemas.find(|schema| schema.name == *name)?;
        let validates = schema.in_requests && matches!(schema.kind, SchemaKind::Object { .. });
        validates.then(|| quote!(nested))
    }

    fn text_rules(&self, text: &TextBounds) -> Vec<TokenStream> {
        let mut rules = bounds::length_rule(&text.length);
        if let (Some(pattern), true) = (&text.pattern, self.validated) {
            let pattern = self.context.patterns.name(pattern);
            rules.push(quote!(regex(path = *patterns::#pattern)));
        }
        rules
    }

    /// Bounds on the items of an array. Neither crate has an attribute for them: utoipa reads
    /// them from a type of the item, and validator calls a function of that type, in which each
    /// of `holds` is true of an `item` that keeps them.
    fn bound_items(
        &self,
        typed: &mut Typed,
        name: &str,
        ty: &Type,
        bounds: &[TokenStream],
        holds: impl FnOnce() -> Vec<TokenStream>,
    ) {
        let item = format_ident!("{}{}Item", self.owner, name.to_upper_camel_case());
        let rust = self.rust(ty, &|schema| self.named(schema));
        let kind = if matches!(ty, Type::Text(_)) { "string" } else { "number" };
        let reason = format!("describes an item of `{name}`; in Rust it is a {kind}");
        let schema = super::attribute("schema", bounds);
        let check = self.validated.then(|| check_items(&item, &rust, &holds()));
        typed.described = Some(quote!(Vec<#item>));
        typed.describe.push(quote!(inline));
        if self.validated {
            let function = format!("{item}::check");
            typed.validate.push(quote!(custom(function = #function)));
        }
        typed.beside = quote! {
            #[derive(ToSchema)]
            #schema
            #[expect(dead_code, reason = #reason)]
            struct #item(#rust);
            #check
        };
    }

    fn text_holds(&self, text: &TextBounds) -> Vec<TokenStream> {
        let mut holds = Vec::new();
        if text.length != Length::default() {
            let bound = |bound: Option<u64>| option(bound.map(|bound| names::number(&bound.into())));
            let (min, max) = (bound(text.length.min), bound(text.length.max));
            holds.push(quote!(ValidateLength::validate_length(item, #min, #max, None)));
        }
        if let Some(pattern) = &text.pattern {
            let pattern = self.context.patterns.name(pattern);
            holds.push(quote!(ValidateRegex::validate_regex(item, &*patterns::#pattern)));
        }
        holds
    }
}

fn range_holds(range: &Range, literal: fn(&serde_json::Number) -> TokenStream) -> TokenStream {
    let (min, max) = (option(range.min.as_ref().map(literal)), option(range.max.as_ref().map(literal)));
    quote!(ValidateRange::validate_range(item, #min, #max, None, None))
}

fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(Some(#value)),
        None => quote!(None),
    }
}

fn check_items(item: &Ident, rust: &TokenStream, holds: &[TokenStream]) -> TokenStream {
    quote! {
        impl #item {
            fn check(items: &[#rust]) -> Result<(), ValidationError> {
                let holds = |item: &#rust| #(#holds)&&*;
                if items.iter().all(holds) {
                    Ok(())
                } else {
                    Err(ValidationError::new("items"))
                }
            }
        }
    }
}
