//! The key that signs and verifies tokens.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretSlice};

/// The least length of a key, in bytes: HS256 demands one at least as long as its hash (RFC 7518, 3.2).
const MIN_BYTES: usize = 32;

/// A key for HS256. Never printed.
#[derive(Debug, Clone)]
pub struct TokenKey(SecretSlice<u8>);

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The key is too short to be safe.
    #[error(
        "the token key in {origin} has {bytes} bytes, and needs at least {MIN_BYTES}; make one with: openssl rand -hex 32"
    )]
    TooShort {
        /// Where the key came from.
        origin: String,
        /// How long it is.
        bytes: usize,
    },
    /// The file can be read by others.
    #[error("the token key in {0} can be read by others than its owner; run: chmod 600 {0}")]
    Exposed(PathBuf),
    /// The file cannot be read or made.
    #[error(
        "cannot use the token key in {path}: {error}; set STATIONMASTER_TOKEN_KEY instead, or choose another --data-dir"
    )]
    Io {
        /// The file.
        path: PathBuf,
        /// What went wrong; part of the message, so not its source.
        error: io::Error,
    },
}

impl TokenKey {
    /// The key in this text, which came from `origin`.
    ///
    /// # Errors
    /// If it is shorter than 32 bytes.
    pub fn from_text(text: &str, origin: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.len() < MIN_BYTES {
            return Err(KeyError::TooShort { origin: origin.into(), bytes: text.len() });
        }
        Ok(Self(text.as_bytes().to_vec().into()))
    }

    /// The key in the data directory, made there when there is none yet.
    ///
    /// # Errors
    /// If the file cannot be read or made, can be read by others, or holds too short a key.
    pub fn in_directory(directory: &Path) -> Result<Self, KeyError> {
        let path = directory.join("token.key");
        let io = |error| KeyError::Io { path: path.clone(), error };
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(io)?;
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                make(&path).map_err(io)?;
                File::open(&path).map_err(io)?
            }
            Err(error) => return Err(io(error)),
        };
        if file.metadata().map_err(io)?.permissions().mode() & 0o077 != 0 {
            return Err(KeyError::Exposed(path));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(io)?;
        Self::from_text(&text, &path.display().to_string())
    }

    pub(super) fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

/// Makes the key file. It appears complete or not at all, and of two makers at once one wins for both.
fn make(path: &Path) -> io::Result<()> {
    let mut random = [0; 32];
    getrandom::fill(&mut random)?;
    let text: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let scratch = path.with_extension(format!("key.{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&scratch)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&scratch, path);
    std::fs::remove_file(&scratch)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
