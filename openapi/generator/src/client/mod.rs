//! Generates the client crate's code with progenitor.

mod lower;

use anyhow::{Context, anyhow};
use openapiv3::OpenAPI;
use progenitor_impl::{GenerationSettings, Generator, InterfaceStyle};
use quote::quote;
use serde_json::Value;

use crate::{Document, format};

pub(crate) use lower::lowered;

/// Where the client's code goes.
pub(crate) const PATH: &str = "client/src/generated.rs";

/// The client's code, from the document as [`lowered`].
pub(crate) fn generate(lowered: Value, document: &Document) -> anyhow::Result<String> {
    let document_3_0: OpenAPI = serde_json::from_value(lowered).context("the lowered document is not OpenAPI 3.0")?;
    let mut settings = GenerationSettings::default();
    settings.with_interface(InterfaceStyle::Builder);
    let code =
        Generator::new(&settings).generate_tokens(&document_3_0).map_err(|error| anyhow!("progenitor: {error}"))?;
    let code = quote! {
        //! The client, as progenitor writes it.

        #![allow(
            clippy::all,
            clippy::unwrap_used,
            missing_docs,
            rustdoc::bare_urls,
            rustdoc::broken_intra_doc_links,
            rustdoc::invalid_html_tags,
            unreachable_pub,
            reason = "progenitor's style, which is not this workspace's"
        )]

        #code
    };
    let code = format::rust(&format!("openapi/{}.yaml", document.name), code)?;
    // progenitor's examples are no programs. As ignored tests they would stand in every test report.
    Ok(code.replace("/// ```ignore", "/// ```text"))
}
