//! The keys that sign and verify the service's own tokens.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretSlice};

/// The least length of a key, in bytes: HS256 demands one at least as long as its hash (RFC 7518, 3.2).
const MIN_BYTES: usize = 32;

/// One key for HS256 or more, of which the first signs and all verify. Never printed.
#[derive(Debug, Clone)]
pub struct TokenKeys {
    first: SecretSlice<u8>,
    others: Vec<SecretSlice<u8>>,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The key is too short to be safe.
    #[error(
        "{which} in {origin} has {bytes} bytes, and needs at least {MIN_BYTES}; make one with: openssl rand -hex 32"
    )]
    TooShort {
        /// Which of the keys, in words.
        which: String,
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

impl TokenKeys {
    /// The keys in this text, which came from `origin`: separated by white space or commas.
    ///
    /// # Errors
    /// If one is shorter than 32 bytes.
    pub fn from_text(text: &str, origin: &str) -> Result<Self, KeyError> {
        let is_between = |character: char| character.is_whitespace() || character == ',';
        let keys: Vec<&str> = text.split(is_between).filter(|key| !key.is_empty()).collect();
        for (number, key) in (1..).zip(&keys) {
            if key.len() < MIN_BYTES {
                let which = match keys.len() {
                    1 => "the token key".into(),
                    count => format!("token key {number} of {count}"),
                };
                return Err(KeyError::TooShort { which, origin: origin.into(), bytes: key.len() });
            }
        }
        let mut secrets = keys.into_iter().map(|key| key.as_bytes().to_vec().into());
        let none = || KeyError::TooShort { which: "the token key".into(), origin: origin.into(), bytes: 0 };
        Ok(Self { first: secrets.next().ok_or_else(none)?, others: secrets.collect() })
    }

    /// The keys in the data directory; one is made there when there is none yet.
    ///
    /// # Errors
    /// If the file cannot be read or made, can be read by others, or holds a key that is too short.
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

    /// The key that signs.
    pub(super) fn first(&self) -> &[u8] {
        self.first.expose_secret()
    }

    /// The keys that verify.
    pub(super) fn all(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(&self.first).chain(&self.others).map(ExposeSecret::expose_secret)
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

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 3] =
        ["0123456789abcdef0123456789abcdef", "abcdef0123456789abcdef0123456789", "fedcba9876543210fedcba9876543210"];

    #[test]
    fn several_keys_are_told_apart_by_white_space_and_commas() {
        for text in
            [KEYS.join(" "), KEYS.join("\n"), KEYS.join(","), format!(" {}, \r\n{}\n", KEYS.join(" ,"), KEYS[0])]
        {
            let keys = TokenKeys::from_text(&text, "here").expect("keys");
            assert_eq!(keys.first(), KEYS[0].as_bytes());
            let all: Vec<&[u8]> = keys.all().take(3).collect();
            assert_eq!(all, KEYS.map(str::as_bytes));
        }
    }

    #[test]
    fn the_one_that_is_too_short_is_named_and_not_shown() {
        for (text, said) in [
            (format!("{} short", KEYS[0]), "token key 2 of 2 in here has 5 bytes, and needs at least 32"),
            (format!("short,{},{}", KEYS[0], KEYS[1]), "token key 1 of 3 in here has 5 bytes, and needs at least 32"),
            ("short".into(), "the token key in here has 5 bytes, and needs at least 32"),
            (" ,\n".into(), "the token key in here has 0 bytes, and needs at least 32"),
        ] {
            let error = TokenKeys::from_text(&text, "here").expect_err("too short").to_string();
            assert!(error.starts_with(said), "{error}");
            assert!(!error.contains("short") && !error.contains(KEYS[0]), "{error}");
        }
    }

    #[test]
    fn keys_are_not_printed() {
        let printed = format!("{:?}", TokenKeys::from_text(&KEYS.join(","), "here").expect("keys"));
        assert!(KEYS.iter().all(|key| !printed.contains(key)), "{printed}");
    }
}
