//! UUIDs in every spelling that PostgreSQL reads, which is what v2 and v3 accept.

use uuid::Uuid;

/// Reads a UUID as PostgreSQL does: in either case, in braces or not, with a hyphen or none after any four digits.
pub fn parse(text: &str) -> Option<Uuid> {
    let inner = text.strip_prefix('{').map_or(Some(text), |rest| rest.strip_suffix('}'))?;
    let mut digits = String::with_capacity(32);
    for character in inner.chars() {
        match character {
            '-' if (4..32).contains(&digits.len()) && digits.len().is_multiple_of(4) => {}
            digit if digit.is_ascii_hexdigit() => digits.push(digit),
            _ => return None,
        }
    }
    // Two hyphens in a row are the one thing that the digits alone do not show.
    (digits.len() == 32 && !inner.contains("--")).then(|| Uuid::try_parse(&digits).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        let id = Uuid::from_u128(0xbbbb_bbbb_bbbb_4bbb_8bbb_bbbb_bbbb_bbbb);
        for text in [
            "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb",
            "BBBBBBBB-BBBB-4BBB-8BBB-BBBBBBBBBBBB",
            "bbbbbbbbbbbb4bbb8bbbbbbbbbbbbbbb",
            "{bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb}",
            "bbbb-bbbb-bbbb-4bbb-8bbb-bbbb-bbbb-bbbb",
        ] {
            assert_eq!(parse(text), Some(id), "{text}");
        }
        for text in [
            "",
            "nope",
            " bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb",
            "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb-",
            "bbbbbbbb--bbbb-4bbb-8bbb-bbbbbbbbbbbb",
            "-bbbbbbbbbbbb4bbb8bbbbbbbbbbbbbbb",
            "bbb-bbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb",
            "{bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb",
            "urn:uuid:bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb",
            "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbbb",
            "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbb\u{e9}",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
