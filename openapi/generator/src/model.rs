//! A document as the generator understands it: everything that the emitted code says, and nothing else.

use serde_json::Value;

use crate::{rules::Rules, status::Status};

/// A whole document.
pub(crate) struct Api {
    /// The document's name, such as `v4`.
    pub(crate) name: String,
    pub(crate) rules: &'static Rules,
    /// The document itself, which the server carries along.
    pub(crate) json: Value,
    pub(crate) info: Info,
    pub(crate) servers: Vec<Server>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) security_schemes: Vec<SecurityScheme>,
    pub(crate) headers: Vec<(String, Header)>,
    pub(crate) responses: Vec<SharedResponse>,
    pub(crate) schemas: Vec<Schema>,
}

impl Api {
    /// The response of an answer, shared or not.
    pub(crate) fn response<'m>(&'m self, answer: &'m Answer) -> &'m Response {
        match answer {
            Answer::Own(response) => response,
            Answer::Shared(name) => self.shared(name),
        }
    }

    /// The shared response of this name.
    pub(crate) fn shared(&self, name: &str) -> &Response {
        let shared = self.responses.iter().find(|shared| shared.name == name);
        &shared.expect("the reader resolves every reference").response
    }
}

pub(crate) struct Info {
    pub(crate) title: String,
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) license: License,
}

pub(crate) struct License {
    pub(crate) name: String,
    pub(crate) identifier: Option<String>,
}

pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) description: Option<String>,
}

/// How a caller shows who it is, in the `Authorization` header.
pub(crate) struct SecurityScheme {
    pub(crate) name: String,
    pub(crate) kind: SecurityKind,
    pub(crate) description: String,
}

pub(crate) enum SecurityKind {
    /// A bearer token, perhaps of a format with a name.
    Bearer { format: Option<String> },
    /// A user and a password.
    Basic,
}

/// A tag with its operations: they become one module and one trait.
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) operations: Vec<Operation>,
}

impl Tag {
    /// The paths of its operations, each once.
    pub(crate) fn paths(&self) -> Vec<&str> {
        let mut paths = Vec::new();
        for operation in &self.operations {
            if !paths.contains(&operation.path.as_str()) {
                paths.push(operation.path.as_str());
            }
        }
        paths
    }
}

pub(crate) struct Operation {
    /// The `operationId`.
    pub(crate) id: String,
    pub(crate) tag: String,
    /// The HTTP method in lower case, as both the document and axum write it.
    pub(crate) method: &'static str,
    pub(crate) path: String,
    /// The operation's own place in the document.
    pub(crate) pointer: String,
    pub(crate) summary: String,
    pub(crate) description: String,
    pub(crate) deprecated: bool,
    /// What the caller needs; none if anyone may call.
    pub(crate) security: Option<Security>,
    pub(crate) path_parameters: Vec<Parameter>,
    pub(crate) query_parameters: Vec<Parameter>,
    pub(crate) header_parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    pub(crate) successes: Vec<Success>,
    pub(crate) refusals: Vec<Refusal>,
}

impl Operation {
    /// Whether the document has a way to say that a parameter or body breaks its rules.
    pub(crate) fn answers_invalid(&self) -> bool {
        self.refusals.iter().any(|refusal| refusal.status == Status(422))
    }

    /// Whether the caller may choose in which format it is answered.
    pub(crate) fn answers_table(&self) -> bool {
        self.successes.iter().any(|success| matches!(&success.answer, Answer::Own(response) if response.is_table()))
    }
}

pub(crate) struct Security {
    /// Whether a caller may also show nothing: the document lists the empty requirement.
    pub(crate) optional: bool,
    /// The alternatives, one of which a caller has to meet.
    pub(crate) requirements: Vec<Requirement>,
}

pub(crate) struct Requirement {
    pub(crate) scheme: String,
    pub(crate) scopes: Vec<String>,
}

pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) required: bool,
    pub(crate) ty: Type,
    pub(crate) default: Option<Value>,
    pub(crate) example: Option<Value>,
}

/// A request's body, which is always JSON and always required.
pub(crate) struct Body {
    pub(crate) schema: String,
    /// Whether it may be null instead.
    pub(crate) nullable: bool,
    pub(crate) description: Option<String>,
    pub(crate) example: Option<Value>,
}

/// An answer of 1xx to 3xx.
pub(crate) struct Success {
    pub(crate) status: Status,
    pub(crate) answer: Answer,
}

pub(crate) enum Answer {
    /// Described at the operation.
    Own(Response),
    /// One of `components/responses`, by name.
    Shared(String),
}

/// An answer of 4xx or 5xx: always one of `components/responses`.
pub(crate) struct Refusal {
    pub(crate) status: Status,
    pub(crate) response: String,
}

/// One of `components/responses`, under the one status that the document uses it for.
pub(crate) struct SharedResponse {
    pub(crate) name: String,
    pub(crate) status: Status,
    pub(crate) response: Response,
}

pub(crate) struct Response {
    pub(crate) description: String,
    pub(crate) headers: Vec<ResponseHeader>,
    pub(crate) content: Option<Content>,
}

impl Response {
    pub(crate) fn is_table(&self) -> bool {
        matches!(self.content, Some(Content::Table { .. }))
    }
}

pub(crate) struct ResponseHeader {
    pub(crate) name: String,
    /// Its name under `components/headers`, if it is one of those.
    pub(crate) shared: Option<String>,
    pub(crate) header: Header,
}

#[derive(Clone)]
pub(crate) struct Header {
    pub(crate) description: String,
    pub(crate) ty: Type,
}

/// The body of a response.
pub(crate) enum Content {
    /// JSON, perhaps of a media type of its own, whose schema is one of `components/schemas`.
    Json { media_type: String, schema: String },
    /// Text, as it is.
    Text,
    /// JSON or the same as CSV, as the caller prefers; the schema is one of `components/schemas`.
    Table { schema: String },
}

impl Content {
    /// The media type of text.
    pub(crate) const TEXT: &str = "text/plain";
    /// The media types of a table, which stand together.
    pub(crate) const JSON: &str = "application/json";
    pub(crate) const CSV: &str = "text/csv";
}

/// One of `components/schemas`.
pub(crate) struct Schema {
    pub(crate) name: String,
    pub(crate) description: String,
    /// Whether a request can carry it, so that it must be validated.
    pub(crate) in_requests: bool,
    pub(crate) kind: SchemaKind,
}

pub(crate) enum SchemaKind {
    /// An object; `closed` if it refuses what it does not name.
    Object { closed: bool, properties: Vec<Property> },
    /// A string that is one of these.
    Enum { values: Vec<String> },
    /// A bare integer, of 32 or 64 bits.
    Integer { bits: u8 },
}

pub(crate) struct Property {
    pub(crate) name: String,
    /// Only a reference may go without: its schema says what it is.
    pub(crate) description: Option<String>,
    pub(crate) required: bool,
    pub(crate) nullable: bool,
    pub(crate) ty: Type,
    pub(crate) default: Option<Value>,
    pub(crate) examples: Vec<Value>,
}

/// The type of a value, with the bounds that it must keep.
#[derive(Clone)]
pub(crate) enum Type {
    Text(TextBounds),
    Uuid,
    Instant,
    Integer {
        bits: u8,
        range: Range,
    },
    Number(Range),
    Boolean,
    /// An object with whatever properties.
    FreeForm,
    /// An object whose every value is of this type.
    Map(Box<Type>),
    Array {
        items: Box<Type>,
        count: Length,
    },
    /// One of `components/schemas`.
    Reference(String),
    /// As an item of an array: this, or null.
    Nullable(Box<Type>),
    /// Any JSON value.
    Any,
}

#[derive(Clone, Default, PartialEq)]
pub(crate) struct TextBounds {
    pub(crate) length: Length,
    pub(crate) pattern: Option<String>,
}

/// How many characters or items there may be.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Length {
    pub(crate) min: Option<u64>,
    pub(crate) max: Option<u64>,
}

/// Which numbers there may be, both ends included.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Range {
    pub(crate) min: Option<serde_json::Number>,
    pub(crate) max: Option<serde_json::Number>,
}
