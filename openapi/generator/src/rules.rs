//! What a document must say besides what any generator needs: one table.

use crate::{model::Operation, status::Status};

/// The rules for one document.
pub(crate) struct Rules {
    /// Whether `client/` is generated from it: only for the current API, as nobody should write
    /// a new program against an old one.
    pub(crate) client: bool,
    /// Whether requests are closed: what the document does not name is refused, in bodies and in
    /// queries. (The document itself can say it of bodies only.)
    pub(crate) closed: bool,
    /// Whether a property that is null means the same as one that is missing. Otherwise the two
    /// are told apart, as in a request that changes what it names.
    pub(crate) null_is_absence: bool,
    /// The largest body of a request, in bytes.
    pub(crate) max_body_bytes: usize,
    /// Whether what follows the JSON of a body is left out of account, or else refused.
    pub(crate) ignores_rest: bool,
    /// Schemas that the server holds written down, ready to send: where only answers mention them,
    /// their type is `wire::Written`.
    pub(crate) written: &'static [&'static str],
    /// Operations whose callers send the same bodies again and again: what was read of one is kept.
    pub(crate) recurring: &'static [&'static str],
    /// The statuses that an operation must document.
    pub(crate) demands: &'static [Demand],
}

/// Statuses that an operation of some kind must document.
pub(crate) struct Demand {
    /// The kind, as the refusal names it: "an operation …".
    pub(crate) kind: &'static str,
    pub(crate) applies: fn(&Operation) -> bool,
    pub(crate) statuses: &'static [Status],
}

/// The rules for the document of this name.
pub(crate) fn of(document: &str) -> &'static Rules {
    match document {
        "v4" => &CURRENT,
        _ => &LEGACY,
    }
}

static CURRENT: Rules = Rules {
    client: true,
    closed: true,
    null_is_absence: false,
    max_body_bytes: 1 << 20,
    ignores_rest: false,
    written: &["Version"],
    recurring: &["checkIn"],
    demands: &[
        SECURED,
        SCOPED,
        Demand {
            kind: "with a body",
            applies: |operation| operation.body.is_some(),
            statuses: &[Status(400), Status(413), Status(415), Status(422)],
        },
        Demand {
            kind: "with path, query or header parameters",
            applies: |operation| {
                !operation.path_parameters.is_empty()
                    || !operation.query_parameters.is_empty()
                    || !operation.header_parameters.is_empty()
            },
            statuses: &[Status(422)],
        },
    ],
};

/// An API as it was spoken before this service: its answers are what they are.
static LEGACY: Rules = Rules {
    client: false,
    closed: false,
    null_is_absence: true,
    // Doctor reports hold whole namespaces of a cluster.
    max_body_bytes: 4 << 20,
    ignores_rest: true,
    written: &["ComponentVersion"],
    recurring: &[],
    demands: &[SECURED, SCOPED],
};

const SECURED: Demand = Demand {
    kind: "with a security requirement",
    applies: |operation| operation.security.is_some(),
    statuses: &[Status(401)],
};

const SCOPED: Demand = Demand {
    kind: "that needs scopes",
    applies: |operation| {
        operation
            .security
            .as_ref()
            .is_some_and(|security| security.requirements.iter().any(|requirement| !requirement.scopes.is_empty()))
    },
    statuses: &[Status(403)],
};

/// Headers that the server's middleware or generated code sets, so that no operation has to: they
/// are described, but are no fields of an answer.
pub(crate) const SET_BY_THE_SERVER: &[&str] = &["vary", "x-request-id"];
