//! HTTP statuses and their names.

use heck::ToShoutySnakeCase;

/// A status that a document answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Status(pub(crate) u16);

/// The statuses that the generator has a name for (RFC 9110, RFC 6585).
const NAMES: &[(u16, &str)] = &[
    (200, "Ok"),
    (201, "Created"),
    (202, "Accepted"),
    (204, "NoContent"),
    (301, "MovedPermanently"),
    (302, "Found"),
    (303, "SeeOther"),
    (304, "NotModified"),
    (307, "TemporaryRedirect"),
    (308, "PermanentRedirect"),
    (400, "BadRequest"),
    (401, "Unauthorized"),
    (403, "Forbidden"),
    (404, "NotFound"),
    (405, "MethodNotAllowed"),
    (406, "NotAcceptable"),
    (409, "Conflict"),
    (410, "Gone"),
    (412, "PreconditionFailed"),
    (413, "PayloadTooLarge"),
    (415, "UnsupportedMediaType"),
    (422, "UnprocessableEntity"),
    (428, "PreconditionRequired"),
    (429, "TooManyRequests"),
    (500, "InternalServerError"),
    (501, "NotImplemented"),
    (502, "BadGateway"),
    (503, "ServiceUnavailable"),
    (504, "GatewayTimeout"),
];

impl Status {
    /// The status of this code, if the generator has a name for it.
    pub(crate) fn parse(code: &str) -> Option<Self> {
        let code = code.parse().ok()?;
        NAMES.iter().any(|(named, _)| *named == code).then_some(Self(code))
    }

    pub(crate) fn is_refusal(self) -> bool {
        self.0 >= 400
    }

    /// Its name as a variant: `NotModified`.
    pub(crate) fn name(self) -> &'static str {
        let named = NAMES.iter().find(|(code, _)| *code == self.0);
        named.map_or("Unnamed", |(_, name)| name)
    }

    /// Its name as a constant of `http::StatusCode`: `NOT_MODIFIED`.
    pub(crate) fn constant(self) -> String {
        self.name().to_shouty_snake_case()
    }
}
