//! Bounds as the attributes of validator (rules) and of utoipa say them.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::names;
use crate::model::{Length, Range, TextBounds};

/// `length(…)` of validator.
pub(super) fn length_rule(length: &Length) -> Vec<TokenStream> {
    rule("length", of_length(length, "min", "max"))
}

/// `range(…)` of validator, whose bounds are literals of the field's own type.
pub(super) fn range_rule(range: &Range, literal: fn(&serde_json::Number) -> TokenStream) -> Vec<TokenStream> {
    rule("range", range_arguments(range, ["min", "max"], literal))
}

/// The bounds of a string as utoipa says them.
pub(super) fn of_text(text: &TextBounds) -> Vec<TokenStream> {
    let mut arguments = of_length(&text.length, "min_length", "max_length");
    let pattern = text.pattern.as_ref();
    arguments.extend(pattern.map(|pattern| quote!(pattern = #pattern)));
    arguments
}

/// The bounds of a length, under these names.
pub(super) fn of_length(length: &Length, min: &str, max: &str) -> Vec<TokenStream> {
    let bounds = [(min, length.min), (max, length.max)].into_iter();
    bounds
        .filter_map(|(name, bound)| {
            let (name, bound) = (format_ident!("{name}"), names::number(&bound?.into()));
            Some(quote!(#name = #bound))
        })
        .collect()
}

/// The bounds of a number as utoipa says them.
pub(super) fn of_range(range: &Range) -> Vec<TokenStream> {
    range_arguments(range, ["minimum", "maximum"], names::number)
}

fn range_arguments(
    range: &Range,
    [min, max]: [&str; 2],
    literal: fn(&serde_json::Number) -> TokenStream,
) -> Vec<TokenStream> {
    let bounds = [(min, &range.min), (max, &range.max)].into_iter();
    bounds
        .filter_map(|(name, bound)| {
            let (name, bound) = (format_ident!("{name}"), literal(bound.as_ref()?));
            Some(quote!(#name = #bound))
        })
        .collect()
}

/// One rule with these arguments; no rule without any.
fn rule(name: &str, arguments: Vec<TokenStream>) -> Vec<TokenStream> {
    if arguments.is_empty() {
        return Vec::new();
    }
    let name = format_ident!("{name}");
    vec![quote!(#name(#(#arguments),*))]
}
