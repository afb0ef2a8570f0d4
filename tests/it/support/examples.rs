//! The examples of the client crate, as programs.

use std::path::Path;
use std::process::Command;

use super::isolated;

/// An example, which is built beside the program. `cargo test --workspace` has done so already, and for it this is a
/// moment's look.
pub(crate) fn example(name: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_stationmaster"));
    let directory = program.parent().expect("a directory");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--workspace", "--example", name]);
    if directory.ends_with("release") {
        cargo.arg("--release");
    }
    let status = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status();
    assert!(status.expect("start cargo").success());
    isolated(directory.join("examples").join(name))
}
