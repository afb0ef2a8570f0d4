//! Reads the bounds of a value: how long, how many, how large, of which pattern.

use serde_json::Number;

use crate::{
    model::{Length, Range, TextBounds},
    source::Node,
};

pub(super) fn text(node: &Node<'_>) -> TextBounds {
    TextBounds { length: length(node, "minLength", "maxLength"), pattern: pattern(node) }
}

pub(super) fn length(node: &Node<'_>, min: &str, max: &str) -> Length {
    Length { min: size(node, min), max: size(node, max) }
}

pub(super) fn range(node: &Node<'_>) -> Range {
    Range { min: number(node, "minimum"), max: number(node, "maximum") }
}

/// The range of an integer, whose bounds are integers of at most 64 bits too.
pub(super) fn integer_range(node: &Node<'_>) -> Range {
    let range = range(node);
    if [&range.min, &range.max].into_iter().flatten().any(|bound| !bound.is_i64()) {
        node.refuse("the bounds of an integer are integers of 64 bits");
    }
    range
}

/// A pattern, which must mean something to the regular expressions of Rust too.
fn pattern(node: &Node<'_>) -> Option<String> {
    let pattern = node.optional_text("pattern")?;
    if regex::Regex::new(&pattern).is_err() {
        node.refuse("Rust's regular expressions do not take this pattern");
    }
    Some(pattern)
}

fn number(node: &Node<'_>, key: &str) -> Option<Number> {
    let bound = node.get(key)?;
    let number = bound.value().as_number().cloned();
    if number.is_none() {
        bound.refuse("this should be a number");
    }
    number
}

/// A number of characters or items. Zero says nothing, and utoipa does not take it.
fn size(node: &Node<'_>, key: &str) -> Option<u64> {
    let bound = node.get(key)?;
    let size = bound.value().as_u64().filter(|size| *size > 0);
    if size.is_none() {
        bound.refuse("this should be a whole number of at least 1");
    }
    size
}
