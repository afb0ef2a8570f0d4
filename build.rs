//! Puts the dashboard into the program: every file of it as it is and compressed, and its page, which names the files with
//! a hash of all of them in their paths. So browsers may keep a file for ever, and never mix those of two versions.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

const PAGE: &str = "dashboard/index.html";
const ASSETS: &str = "dashboard/assets";

/// How many hexadecimal digits of a hash tell two versions apart.
const HASH_DIGITS: usize = 16;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={PAGE}");
    println!("cargo::rerun-if-changed={ASSETS}");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("run by cargo alone"))?);

    let mut paths = Vec::new();
    list(Path::new(ASSETS), &mut paths)?;
    paths.sort_unstable();
    let mut hasher = Sha256::new();
    let mut assets = Vec::new();
    for path in paths {
        let name = path.strip_prefix("dashboard").map_err(io::Error::other)?;
        let name = name.to_str().ok_or_else(|| io::Error::other("a file's name is not UTF-8"))?.replace('\\', "/");
        let bytes = fs::read(&path)?;
        for part in [name.as_bytes(), &bytes] {
            hasher.update(part.len().to_le_bytes());
            hasher.update(part);
        }
        assets.push((name, bytes));
    }
    let hash = digits(hasher);

    let page = fs::read_to_string(PAGE)?.replace("\"assets/", &format!("\"assets/{hash}/"));
    let mut files = vec![("/".to_owned(), "index.html".to_owned(), page.into_bytes())];
    for (name, bytes) in assets {
        let path = format!("/{}", name.replacen("assets/", &format!("assets/{hash}/"), 1));
        files.push((path, name, bytes));
    }

    let mut code = "&[\n".to_owned();
    for (path, name, bytes) in files {
        let plain = out.join(&name);
        fs::create_dir_all(plain.parent().unwrap_or(&out))?;
        fs::write(&plain, &bytes)?;
        let gzip = out.join(format!("{name}.gz"));
        fs::write(&gzip, compressed(&bytes)?)?;
        let content_type = content_type(&name)?;
        let tag = digits(Sha256::new_with_prefix(&bytes));
        writeln!(
            code,
            "File {{ path: {path:?}, content_type: {content_type:?}, tag: {tag:?}, \
             plain: include_bytes!({plain:?}), gzip: include_bytes!({gzip:?}) }},"
        )
        .map_err(io::Error::other)?;
    }
    code.push_str("]\n");
    fs::write(out.join("dashboard.rs"), code)
}

/// All files below a directory.
fn list(directory: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() { list(&path, found)? } else { found.push(path) }
    }
    Ok(())
}

fn digits(hasher: Sha256) -> String {
    let mut digits = format!("{:x}", hasher.finalize());
    digits.truncate(HASH_DIGITS);
    digits
}

fn compressed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn content_type(name: &str) -> io::Result<&'static str> {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => Ok("text/html; charset=utf-8"),
        Some("js") => Ok("text/javascript; charset=utf-8"),
        Some("css") => Ok("text/css; charset=utf-8"),
        Some("txt" | "md") => Ok("text/plain; charset=utf-8"),
        Some("svg") => Ok("image/svg+xml"),
        _ => Err(io::Error::other(format!("{name}: say its content type in build.rs"))),
    }
}
