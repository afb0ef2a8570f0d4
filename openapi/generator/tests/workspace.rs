//! What is written to a workspace, and what `--check` finds there.

use std::{fs, path::PathBuf};

use stationmaster_openapi_generator::{Workspace, generate};

const SAMPLE: &str = "
openapi: 3.1.0
info: { title: Sample, version: '1', description: A sample., license: { name: MIT } }
";

/// A workspace of its own, which is removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(test: &str) -> Self {
        let root = std::env::temp_dir().join(format!("openapi-generator-{}-{test}", std::process::id()));
        fs::create_dir_all(root.join("openapi")).expect("a folder for the test");
        fs::write(root.join("openapi/sample.yaml"), SAMPLE).expect("a document for the test");
        Self(root)
    }

    fn workspace(&self) -> Workspace {
        Workspace::at(&self.0)
    }

    /// What `--check` says.
    fn check(&self) -> String {
        let workspace = self.workspace();
        let files = generate(&workspace.documents().expect("documents")).expect("the document is taken");
        workspace.check(&files).map_or_else(|error| error.to_string(), |()| "fine".to_owned())
    }

    fn write(&self) {
        let workspace = self.workspace();
        let files = generate(&workspace.documents().expect("documents")).expect("the document is taken");
        workspace.write(&files).expect("the files are written");
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn what_is_written_passes_the_check() {
    let scratch = Scratch::new("written");
    scratch.write();
    assert_eq!(scratch.check(), "fine");
}

#[test]
fn a_check_names_what_differs_is_missing_or_is_stale() {
    let scratch = Scratch::new("check");
    scratch.write();
    let contract = scratch.0.join("src/contract");
    fs::write(contract.join("sample/types.rs"), "// edited").expect("an edit");
    fs::remove_file(contract.join("mod.rs")).expect("a removal");
    fs::create_dir(contract.join("former")).expect("a folder");
    fs::write(contract.join("former/mod.rs"), "").expect("a leftover");
    assert_eq!(
        scratch.check(),
        "src/contract/mod.rs is missing\n\
         src/contract/sample/types.rs differs from what the documents say\n\
         src/contract/former/mod.rs is generated no longer\n\
         Run `make generate`."
    );
}

#[test]
fn writing_removes_what_is_stale() {
    let scratch = Scratch::new("stale");
    let former = scratch.0.join("src/contract/former");
    fs::create_dir_all(&former).expect("a folder");
    fs::write(former.join("mod.rs"), "").expect("a leftover");
    scratch.write();
    assert_eq!(scratch.check(), "fine");
    assert!(!former.exists());
}

#[test]
fn a_file_that_is_as_it_should_be_keeps_its_time() {
    let scratch = Scratch::new("time");
    scratch.write();
    let modified = || {
        let file = fs::metadata(scratch.0.join("src/contract/mod.rs")).expect("a file");
        file.modified().expect("a time")
    };
    let before = modified();
    scratch.write();
    assert_eq!(modified(), before);
}

#[test]
fn a_document_whose_name_is_no_module_is_refused() {
    let scratch = Scratch::new("name");
    fs::write(scratch.0.join("openapi/v-5.yaml"), SAMPLE).expect("a document");
    let error = scratch.workspace().documents().err().expect("a refusal").to_string();
    assert!(error.ends_with("openapi/v-5.yaml: a document becomes a module, and `v-5` names none"), "{error}");
}
