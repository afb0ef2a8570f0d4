//! The files of the workspace: the documents, and what is generated from them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};

use crate::{Document, Files};

/// The folder in which every file is generated.
const CONTRACT: &str = "src/contract";

/// A checkout of the workspace.
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The workspace whose root this is.
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The documents in `openapi/`, by name.
    pub fn documents(&self) -> anyhow::Result<Vec<Document>> {
        let mut documents = Vec::new();
        for path in entries(&self.root.join("openapi"))? {
            if path.extension().is_none_or(|extension| extension != "yaml") {
                continue;
            }
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            ensure!(
                syn::parse_str::<syn::Ident>(&name).is_ok(),
                "{}: a document becomes a module, and `{name}` names none",
                path.display()
            );
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            documents.push(Document { name, text });
        }
        ensure!(!documents.is_empty(), "there is no document in openapi/");
        Ok(documents)
    }

    /// Writes the files that differ, and removes what is generated no longer.
    pub fn write(&self, files: &Files) -> anyhow::Result<()> {
        for (name, text) in files {
            let path = self.root.join(name);
            // A file that is as it should be keeps its time, so that nothing is compiled again.
            if fs::read_to_string(&path).is_ok_and(|present| present == *text) {
                continue;
            }
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
            }
            fs::write(&path, text).with_context(|| name.clone())?;
        }
        for name in self.stale(files)? {
            let path = self.root.join(&name);
            fs::remove_file(&path).context(name)?;
            // Its folder too, if this was the last file; if not, that fails, as it should.
            let _ = path.parent().map(fs::remove_dir);
        }
        Ok(())
    }

    /// Fails if a file is not what it should be, and names every such file.
    pub fn check(&self, files: &Files) -> anyhow::Result<()> {
        let mut faults = Vec::new();
        for (name, text) in files {
            match fs::read_to_string(self.root.join(name)) {
                Ok(present) if present == *text => {}
                Ok(_) => faults.push(format!("{name} differs from what the documents say")),
                Err(_) => faults.push(format!("{name} is missing")),
            }
        }
        let stale = self.stale(files)?.into_iter();
        faults.extend(stale.map(|name| format!("{name} is generated no longer")));
        ensure!(faults.is_empty(), "{}\nRun `make generate`.", faults.join("\n"));
        Ok(())
    }

    /// The files in the generated folder that are not generated.
    fn stale(&self, files: &Files) -> anyhow::Result<BTreeSet<String>> {
        let mut stale = BTreeSet::new();
        let mut folders = vec![self.root.join(CONTRACT)];
        while let Some(folder) = folders.pop() {
            for path in entries(&folder)? {
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path.strip_prefix(&self.root)?.to_string_lossy().into_owned();
                if !files.contains_key(&name) {
                    stale.insert(name);
                }
            }
        }
        Ok(stale)
    }
}

/// What is in a folder, by name; nothing if there is no such folder.
fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<PathBuf>>>()?;
    paths.sort();
    Ok(paths)
}
