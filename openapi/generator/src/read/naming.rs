//! Names of the document that are to become names in Rust: each must make one, and each another.

use std::collections::BTreeSet;

use heck::{ToSnakeCase, ToUpperCamelCase};
use syn::{Ident, parse_str};

use crate::source::Node;

/// The names of one scope of the emitted code.
#[derive(Default)]
pub(super) struct Scope(BTreeSet<String>);

impl Scope {
    /// A scope in which these names are taken already.
    pub(super) fn with(taken: &[&str]) -> Self {
        Self(taken.iter().map(|name| (*name).to_owned()).collect())
    }

    /// Claims the name of a field. It may be a keyword: then it is written as `r#type`.
    pub(super) fn field(&mut self, node: &Node<'_>, name: &str) {
        let rust = name.to_snake_case();
        let raw = parse_str::<Ident>(&rust).is_err();
        self.claim(node, name, if raw { format!("r#{rust}") } else { rust });
    }

    /// Claims the name of a function or a module.
    pub(super) fn function(&mut self, node: &Node<'_>, name: &str) {
        self.claim(node, name, name.to_snake_case());
    }

    /// Claims the name of a variant or a trait.
    pub(super) fn variant(&mut self, node: &Node<'_>, name: &str) {
        self.claim(node, name, name.to_upper_camel_case());
    }

    /// Claims the name of a type, which the document must write as Rust does: utoipa gives it back.
    pub(super) fn type_name(&mut self, node: &Node<'_>, name: &str) {
        if name.to_upper_camel_case() == name {
            self.claim(node, name, name.to_owned());
        } else {
            node.refuse(format!("\"{name}\" becomes a type, so it is written in UpperCamelCase"));
        }
    }

    fn claim(&mut self, node: &Node<'_>, name: &str, rust: String) {
        if parse_str::<Ident>(&rust).is_err() {
            node.refuse(format!("\"{name}\" makes no name in Rust"));
        } else if !self.0.insert(rust.clone()) {
            node.refuse(format!("\"{name}\" becomes `{rust}`, which another name here becomes too"));
        }
    }
}
