//! A document as it was written: a tree in which every place has a JSON pointer, and what was refused in it.

use std::{cell::RefCell, fmt};

use anyhow::Context;
use serde_json::Value;

/// A document to generate from.
pub struct Document {
    /// Its name, which names its module in the contract: `v4` for `openapi/v4.yaml`.
    pub name: String,
    /// Its YAML.
    pub text: String,
}

/// A place of a document that the generator does not take, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    place: String,
    reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

/// A parsed document, which collects the refusals of everyone who reads it.
pub(crate) struct Source {
    name: String,
    root: Value,
    refusals: RefCell<Vec<Refusal>>,
}

impl Source {
    pub(crate) fn parse(document: &Document) -> anyhow::Result<Self> {
        let root = yaml_serde::from_str(&document.text)
            .with_context(|| format!("openapi/{}.yaml is not YAML", document.name))?;
        Ok(Self { name: document.name.clone(), root, refusals: RefCell::default() })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn root(&self) -> Node<'_> {
        Node { source: self, value: &self.root, pointer: String::new() }
    }

    /// What was refused, in the order in which it was met.
    pub(crate) fn into_refusals(self) -> Vec<Refusal> {
        self.refusals.into_inner()
    }

    fn refuse(&self, pointer: &str, reason: String) {
        let refusal = Refusal { place: format!("openapi/{}.yaml#{pointer}", self.name), reason };
        let mut refusals = self.refusals.borrow_mut();
        // A shared parameter is read at every use; its faults are said once.
        if !refusals.contains(&refusal) {
            refusals.push(refusal);
        }
    }
}

/// A value of a document, and where it is.
#[derive(Clone)]
pub(crate) struct Node<'s> {
    source: &'s Source,
    value: &'s Value,
    pointer: String,
}

impl<'s> Node<'s> {
    pub(crate) fn value(&self) -> &'s Value {
        self.value
    }

    pub(crate) fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Refuses this place.
    pub(crate) fn refuse(&self, reason: impl Into<String>) {
        self.source.refuse(&self.pointer, reason.into());
    }

    pub(crate) fn get(&self, key: &str) -> Option<Node<'s>> {
        Some(self.child(key, self.value.get(key)?))
    }

    /// The members of an object, in the document's order; none if it is not an object.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'s str, Node<'s>)> {
        let members = self.value.as_object().into_iter().flatten();
        members.map(|(key, value)| (key.as_str(), self.child(key, value)))
    }

    /// The members of the object under `key`; none if there is none.
    pub(crate) fn members_of(&self, key: &str) -> Vec<(&'s str, Node<'s>)> {
        let Some(object) = self.get(key) else {
            return Vec::new();
        };
        if !object.value.is_object() {
            object.refuse("this should be an object");
        }
        object.members().collect()
    }

    /// The items of the array under `key`; none if there is none.
    pub(crate) fn items_of(&self, key: &str) -> Vec<Node<'s>> {
        let Some(array) = self.get(key) else {
            return Vec::new();
        };
        let Some(items) = array.value.as_array() else {
            array.refuse("this should be an array");
            return Vec::new();
        };
        let items = items.iter().enumerate();
        items.map(|(index, value)| array.child(&index.to_string(), value)).collect()
    }

    /// Refuses every keyword but these.
    pub(crate) fn only(&self, keywords: &[&str]) {
        if !self.value.is_object() {
            self.refuse("this should be an object");
        }
        for (key, member) in self.members() {
            if !keywords.contains(&key) {
                member.refuse(format!("the generator does not know the keyword \"{key}\" here"));
            }
        }
    }

    /// The string under `key`, if there is one.
    pub(crate) fn optional_text(&self, key: &str) -> Option<String> {
        let node = self.get(key)?;
        let text = node.value.as_str();
        if text.is_none() {
            node.refuse("this should be a string");
        }
        text.map(str::to_owned)
    }

    /// The string under `key`, which must be there.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        if self.get(key).is_none() {
            self.refuse(format!("\"{key}\" is missing"));
        }
        self.optional_text(key)
    }

    /// The boolean under `key`, if there is one.
    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        let node = self.get(key)?;
        let flag = node.value.as_bool();
        if flag.is_none() {
            node.refuse("this should be true or false");
        }
        flag
    }

    /// The name of the component that this refers to, if it is a reference: `Version` for
    /// `#/components/schemas/Version`, where `kind` is `schemas`.
    pub(crate) fn reference(&self, kind: &str) -> Option<&'s str> {
        let location = self.value.get("$ref")?.as_str()?;
        let name = location.strip_prefix(&format!("#/components/{kind}/"));
        if name.is_none_or(|name| self.component(kind, name).is_none()) {
            self.refuse(format!("{location} is not one of the document's components/{kind}"));
        }
        name
    }

    /// The component that this refers to, or this itself if it is no reference.
    pub(crate) fn resolve(&self, kind: &str) -> Option<Node<'s>> {
        if self.get("$ref").is_none() {
            return Some(self.clone());
        }
        self.component(kind, self.reference(kind)?)
    }

    /// The document's components of this kind, in its order.
    pub(crate) fn components(&self, kind: &str) -> Vec<(&'s str, Node<'s>)> {
        let components = self.source.root().get("components");
        components.map(|all| all.members_of(kind)).unwrap_or_default()
    }

    /// The component of this kind and name.
    pub(crate) fn component(&self, kind: &str, name: &str) -> Option<Node<'s>> {
        self.source.root().get("components")?.get(kind)?.get(name)
    }

    fn child(&self, key: &str, value: &'s Value) -> Node<'s> {
        Node { source: self.source, value, pointer: format!("{}/{}", self.pointer, escape(key)) }
    }
}

/// A key as a JSON pointer writes it (RFC 6901).
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
