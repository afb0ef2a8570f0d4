//! Writes the server's contract and the client crate from the OpenAPI documents.
//!
//! A document goes through three steps, each of which knows only its neighbours:
//!
//! | step | module | from → to |
//! |---|---|---|
//! | read | `source`, `read`, `rules` | the document → `model`; refuses what it does not know |
//! | emit | `emit`, `client` | the model → Rust; nothing of the document can fail here any more |
//! | place | `format`, `workspace` | Rust → formatted files, written or compared |
//!
//! The generator never guesses: a keyword it does not handle is refused, with its place.

mod client;
mod emit;
mod format;
mod model;
mod read;
mod rules;
mod source;
mod status;
mod workspace;

use std::collections::BTreeMap;

use anyhow::bail;

pub use source::Document;
pub use workspace::Workspace;

use source::{Refusal, Source};

/// The text of every generated file, by its path from the workspace's root.
pub type Files = BTreeMap<String, String>;

/// Everything that the documents ask for; or else every place of every document that is refused.
pub fn generate(documents: &[Document]) -> anyhow::Result<Files> {
    let mut files = Files::new();
    let mut refusals: Vec<Refusal> = Vec::new();
    for document in documents {
        let source = Source::parse(document)?;
        let model = read::api(&source);
        // The client is lowered from the source itself, so it is refused here too, not after.
        let client = match rules::of(source.name()).client {
            true => client::lowered(&source),
            false => None,
        };
        let faults = source.into_refusals();
        if !faults.is_empty() {
            refusals.extend(faults);
            continue;
        }
        if let Some(model) = model {
            files.extend(emit::contract(&model)?);
        }
        if let Some(client) = client {
            files.insert(client::PATH.to_owned(), client::generate(client, document)?);
        }
    }
    if !refusals.is_empty() {
        let lines: Vec<String> = refusals.iter().map(ToString::to_string).collect();
        bail!(lines.join("\n"));
    }
    files.extend(emit::list(documents)?);
    Ok(files)
}
