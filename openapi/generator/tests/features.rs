//! What is emitted for every feature, on the smallest document that has it.
//!
//! A document in `features/` begins with a comment that names one of the files it asks for; the
//! file of the same name beside it is what is emitted there. `BLESS=1 cargo test` writes it anew:
//! read the difference before you commit it.

use std::{fs, path::Path};

use stationmaster_openapi_generator::{Document, generate};

#[test]
fn every_feature_is_emitted_as_before() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/features");
    let bless = std::env::var_os("BLESS").is_some();
    let mut failures = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder of features") {
        let path = entry.expect("an entry of the folder").path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let emitted = emitted(&fs::read_to_string(&path).expect("a document"));
        let recorded = path.with_extension("rs");
        if bless {
            fs::write(&recorded, emitted).expect("the record is written");
        } else if fs::read_to_string(&recorded).unwrap_or_default() != emitted {
            failures.push(format!("{} should be\n{emitted}", recorded.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The file that the document's first line names: `# src/contract/sample/types.rs`.
fn emitted(text: &str) -> String {
    let file = text.lines().next().and_then(|line| line.strip_prefix("# "));
    let file = file.expect("a comment that names a file");
    let name = file.strip_prefix("src/contract/").and_then(|rest| rest.split('/').next());
    let document = Document { name: name.expect("a file of a contract").to_owned(), text: text.to_owned() };
    let mut files = generate(&[document]).expect("the document is taken");
    files.remove(file).expect("the document asks for the file")
}
