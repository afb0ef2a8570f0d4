//! The command line: `stationmaster-openapi-generator [--check]`, run from the root of the workspace.

use std::{path::Path, process::ExitCode};

use anyhow::bail;
use stationmaster_openapi_generator::{Workspace, generate};

const USAGE: &str = "usage: stationmaster-openapi-generator [--check]

Writes src/contract/ and client/src/generated.rs from the documents in openapi/.
With --check it writes nothing, and fails if a file is not what it would write.";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let check = match arguments.as_slice() {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => bail!(USAGE),
    };
    let workspace = Workspace::at(Path::new("."));
    let files = generate(&workspace.documents()?)?;
    if check { workspace.check(&files) } else { workspace.write(&files) }
}
