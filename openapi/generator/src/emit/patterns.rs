//! Writes `patterns.rs`: the regular expressions of the document, each compiled once.

use std::cell::RefCell;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{imports, names};

/// The patterns asked for so far.
#[derive(Default)]
pub(super) struct Patterns(RefCell<Vec<String>>);

impl Patterns {
    /// The static of this pattern; the same one for the same pattern.
    pub(super) fn name(&self, pattern: &str) -> Ident {
        let mut patterns = self.0.borrow_mut();
        let known = patterns.iter().position(|known| known == pattern);
        let index = known.unwrap_or_else(|| {
            patterns.push(pattern.to_owned());
            patterns.len() - 1
        });
        static_name(index)
    }

    pub(super) fn file(&self) -> TokenStream {
        let patterns = self.0.borrow();
        let statics = patterns.iter().enumerate().map(|(index, pattern)| {
            let name = static_name(index);
            let docs = names::docs(&format!("`{pattern}`"));
            quote! {
                #docs
                pub(super) static #name: LazyLock<Regex> =
                    LazyLock::new(|| Regex::new(#pattern).expect("the generator has compiled it too"));
            }
        });
        let code: TokenStream = statics.collect();
        let imports = imports::of(&code);
        quote! {
            //! The patterns that strings of a request must match.

            #imports
            #code
        }
    }
}

fn static_name(index: usize) -> Ident {
    format_ident!("PATTERN_{}", index + 1)
}
