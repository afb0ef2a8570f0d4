//! What reads input, given whatever there is: nothing panics, nothing gets through that the document does not allow, and
//! whatever is refused is told why.
//!
//! As many cases as `PROPTEST_CASES` says; `make ci-long` tries a hundred times more.

mod bodies;
mod parameters;
mod texts;
mod tokens;
mod versions;

use std::sync::LazyLock;

use stationmaster::contract::v4::OPENAPI_JSON;
use stationmaster::wire::{Document, Reading};

/// The document as the program has it.
static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
    Document::parse(OPENAPI_JSON, Reading { closed: true, max_body_bytes: 1 << 20, ignores_rest: false })
});
