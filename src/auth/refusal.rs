//! Why a token is refused, in the words of the challenge that asks for a better one (RFC 6750, 3).

use jsonwebtoken::errors::{Error, ErrorKind};

use crate::wire::Rejection;

/// How a caller is asked for a token.
pub const CHALLENGE: &str = "Bearer realm=\"stationmaster\"";

/// There is no token. No error code then (RFC 6750, 3.1).
pub(super) fn missing() -> Rejection {
    Rejection::Unauthorized {
        challenge: CHALLENGE.into(),
        detail: "Send a token: Authorization: Bearer <token>.".into(),
    }
}

/// The token is not valid here, for this reason.
pub(super) fn not_valid(reason: &'static str) -> Rejection {
    explained(reason, reason.into())
}

/// The token is not valid here, for this reason, of which `detail` says more than a header can carry.
pub(super) fn explained(reason: &'static str, detail: String) -> Rejection {
    let challenge = format!("{CHALLENGE}, error=\"invalid_token\", error_description=\"{reason}\"");
    Rejection::Unauthorized { challenge, detail }
}

pub(super) fn of_other_algorithm() -> Rejection {
    not_valid("The token is signed with another algorithm than HS256, RS256, ES256 or EdDSA.")
}

pub(super) fn of_unknown_issuer() -> Rejection {
    not_valid("The token is of an issuer for which no publisher has been added.")
}

/// The token cannot be verified.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
pub(super) fn of(error: Error) -> Rejection {
    match error.kind() {
        ErrorKind::ExpiredSignature => not_valid("The token has expired."),
        ErrorKind::ImmatureSignature => not_valid("The token is not valid yet."),
        ErrorKind::InvalidAudience => not_valid("The token is for another service: its aud is not the one expected."),
        ErrorKind::InvalidAlgorithm => of_other_algorithm(),
        ErrorKind::InvalidSignature => not_valid("The token's signature is not that of its issuer."),
        _ => not_valid("The token cannot be read."),
    }
}
