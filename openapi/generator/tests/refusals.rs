//! Every refusal, on the smallest document that meets it.
//!
//! The files in `refusals/` hold documents, separated by `---`. The comments that a document
//! begins with are the refusals that it meets, all of them; what every document needs is added.

use std::{fs, path::Path};

use stationmaster_openapi_generator::{Document, generate};

/// What a document has that does not say otherwise.
const HEAD: &str = "
openapi: 3.1.0
info: { title: Sample, version: '1', description: A sample., license: { name: MIT } }
tags: [{ name: things, description: Things. }]
";

#[test]
fn every_refusal_names_its_place() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/refusals");
    let mut failures = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder of refusals") {
        let path = entry.expect("an entry of the folder").path();
        let text = fs::read_to_string(&path).expect("a file of refusals");
        for case in text.split("---\n") {
            let expected = expected(case);
            let refused = refused(case, &expected);
            if refused != expected {
                failures.push(format!("{}:\n{case}is refused with\n{refused}", path.display()));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// The comments at the beginning.
fn expected(case: &str) -> String {
    let comments = case.lines().map_while(|line| line.strip_prefix("# "));
    comments.collect::<Vec<_>>().join("\n")
}

fn refused(case: &str, expected: &str) -> String {
    // The document's name decides its rules.
    let name = if expected.starts_with("openapi/v4.yaml") { "v4" } else { "sample" };
    let head = if case.contains("openapi:") { "" } else { HEAD };
    let document = Document { name: name.to_owned(), text: format!("{head}{case}") };
    match generate(&[document]) {
        Ok(_) => "nothing".to_owned(),
        Err(error) => format!("{error:#}"),
    }
}
