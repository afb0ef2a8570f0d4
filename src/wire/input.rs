//! A request on its way to an operation: path, query, headers and body, read into their types, with every fault noted.

use std::borrow::Cow;
use std::error::Error as _;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use http_body_util::LengthLimitError;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::value::{Error as ValueError, MapDeserializer};
use serde_json::Value;
use serde_json::error::Category;
use validator::{Validate, ValidationErrors};

use super::broken::{not_json, pointer};
use super::document::pairs;
use super::head::{joined, media_type, path_parameters};
use super::{Document, Fault, Format, Host, KnownBodies, Location, Reading, Rejection, Requirement, duplicates};

/// A request that is being read.
#[derive(Debug)]
pub struct Input {
    parts: Parts,
    body: Body,
    path: Vec<(String, String)>,
    document: &'static Document,
    operation: &'static str,
    faults: Vec<Fault>,
}

impl Input {
    /// Starts to read a request to `operation`, which is a JSON pointer into the document. The body is left alone.
    pub fn new(request: Request, document: &'static Document, operation: &'static str) -> Self {
        let (parts, body) = request.into_parts();
        let path = path_parameters(operation, parts.uri.path());
        Self { parts, body, path, document, operation, faults: Vec::new() }
    }

    /// How the caller would like to be answered, where there is a choice.
    pub fn format(&self) -> Format {
        Format::preferred(&self.parts.headers)
    }

    /// Checks the caller's rights.
    ///
    /// # Errors
    /// What the service refuses.
    // A body is not shared between threads, so the one reference to it is taken.
    pub async fn authorize<S: Host>(&mut self, service: &S, accepted: &[Requirement]) -> Result<S::Caller, Rejection> {
        service.authorize(&self.parts, &self.path, accepted).await
    }

    /// As [`Input::authorize`], where a caller need not show anything, if the service agrees: `None` for one that does not.
    ///
    /// # Errors
    /// As there, for one that does.
    pub async fn authorize_if_shown<S: Host>(
        &mut self,
        service: &S,
        accepted: &[Requirement],
    ) -> Result<Option<S::Caller>, Rejection> {
        match self.parts.headers.contains_key(AUTHORIZATION) || !service.admits_anyone(accepted) {
            true => self.authorize(service, accepted).await.map(Some),
            false => Ok(None),
        }
    }

    /// The path parameters; `None` if they have faults, which are noted.
    pub fn path<T: DeserializeOwned + Validate>(&mut self) -> Option<T> {
        let read = from_pairs(&self.path);
        read.or_else(|| self.note(("path", Location::Path), &self.path.clone()))
    }

    /// The query parameters; `None` if they have faults, which are noted.
    pub fn query<T: DeserializeOwned + Validate>(&mut self) -> Option<T> {
        let query = self.parts.uri.query().unwrap_or_default();
        let query = match self.document.reading.closed {
            true => Cow::Borrowed(query),
            false => Cow::Owned(self.document.last_of_each(self.operation, query)),
        };
        if let Some(read) = serde_html_form::from_str::<T>(&query).ok().filter(|query| query.validate().is_ok()) {
            return Some(read);
        }
        let pairs = pairs(&query);
        self.note(("query", Location::Query), &pairs)
    }

    /// The headers of these names; `None` if they have faults, which are noted.
    pub fn headers<T: DeserializeOwned + Validate>(&mut self, names: &[&'static str]) -> Option<T> {
        let pairs: Vec<(String, String)> =
            names.iter().filter_map(|name| Some((String::from(*name), joined(&self.parts.headers, name)?))).collect();
        from_pairs(&pairs).or_else(|| self.note(("header", Location::Header), &pairs))
    }

    /// The body; `None` if it breaks rules of the document, which are noted.
    ///
    /// # Errors
    /// A body that is not JSON, not declared as JSON, or larger than the document allows.
    pub async fn body<T: DeserializeOwned + Validate>(&mut self) -> Result<Option<T>, Rejection> {
        let bytes = self.bytes().await?;
        self.parse(&bytes, T::validate)
    }

    /// As [`Input::body`], for one that many callers send alike.
    ///
    /// # Errors
    /// As there.
    pub async fn known_body<T: DeserializeOwned + Validate + Clone>(
        &mut self,
        known: &KnownBodies<T>,
    ) -> Result<Option<T>, Rejection> {
        let bytes = self.bytes().await?;
        if let Some(body) = known.get(&bytes) {
            return Ok(Some(body));
        }
        let body = self.parse(&bytes, T::validate)?;
        if let Some(body) = &body {
            known.add(&bytes, body);
        }
        Ok(body)
    }

    /// As [`Input::body`], for a body that may be null.
    ///
    /// # Errors
    /// As there.
    pub async fn nullable_body<T: DeserializeOwned + Validate>(&mut self) -> Result<Option<Option<T>>, Rejection> {
        let bytes = self.bytes().await?;
        self.parse(&bytes, |body: &Option<T>| body.as_ref().map_or(Ok(()), T::validate))
    }

    /// The bytes of a body that is declared as JSON.
    async fn bytes(&mut self) -> Result<Bytes, Rejection> {
        let declared = media_type(&self.parts.headers);
        if declared != "application/json" {
            return Err(Rejection::UnsupportedMediaType { declared });
        }
        let body = std::mem::take(&mut self.body);
        let Reading { max_body_bytes, .. } = self.document.reading;
        axum::body::to_bytes(body, max_body_bytes).await.map_err(|error| {
            match error.source().is_some_and(|source| source.is::<LengthLimitError>()) {
                true => Rejection::TooLarge(max_body_bytes),
                false => Rejection::NotJson("The body broke off.".into()),
            }
        })
    }

    fn parse<T: DeserializeOwned>(
        &mut self,
        bytes: &[u8],
        validate: impl FnOnce(&T) -> Result<(), ValidationErrors>,
    ) -> Result<Option<T>, Rejection> {
        let Reading { ignores_rest, .. } = self.document.reading;
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let read = T::deserialize(&mut reader).and_then(|read| match ignores_rest {
            true => Ok(read),
            false => reader.end().map(|()| read),
        });
        match read {
            Ok(body) if validate(&body).is_ok() => return Ok(Some(body)),
            Err(error) if error.classify() != Category::Data => return Err(not_json(&error)),
            _ => {}
        }
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let value = Value::deserialize(&mut reader).map_err(|error| not_json(&error))?;
        if !ignores_rest {
            reader.end().map_err(|error| not_json(&error))?;
        }
        let mut faults = self.document.body_faults(self.operation, &value);
        let repeated = duplicates::pointers(bytes).into_iter();
        faults.extend(repeated.map(|at| Fault::body(at, "is given more than once")));
        if faults.is_empty() {
            // What neither can see, such as an instant in a leap second that is none.
            let mut reader = serde_json::Deserializer::from_slice(bytes);
            let read = serde_path_to_error::deserialize::<_, T>(&mut reader);
            let at = read.err().map(|error| pointer(error.path())).unwrap_or_default();
            faults.push(Fault::body(at, "cannot be read"));
        }
        self.faults.extend(faults);
        Ok(None)
    }

    /// The refusal of the request, with every fault noted.
    pub fn refuse(self) -> Rejection {
        Rejection::Invalid(self.faults)
    }

    fn note<T>(&mut self, place: (&'static str, Location), pairs: &[(String, String)]) -> Option<T> {
        let mut faults = self.document.parameter_faults(self.operation, place, pairs);
        if faults.is_empty() {
            faults.push(Fault { location: place.1, pointer: String::new(), detail: "cannot be read".into() });
        }
        self.faults.extend(faults);
        None
    }
}

fn from_pairs<T: DeserializeOwned + Validate>(pairs: &[(String, String)]) -> Option<T> {
    let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let read = T::deserialize(MapDeserializer::<_, ValueError>::new(pairs)).ok()?;
    read.validate().is_ok().then_some(read)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use axum::http::header;

    use super::*;

    /// Of an old API: bodies may be null, nothing is closed, and a body has at most 32 bytes.
    static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
        let json = r##"{
            "paths": { "/things": { "post": { "requestBody": { "content": { "application/json": { "schema": {
                "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Thing" }]
            } } } } } } },
            "components": { "schemas": { "Thing": { "type": "object", "properties": {
                "size": { "type": ["integer", "null"], "format": "int32" }
            } } } }
        }"##;
        Document::parse(json, Reading { closed: false, max_body_bytes: 32, ignores_rest: true })
    });

    #[derive(Debug, PartialEq, Deserialize, Validate)]
    struct Thing {
        size: Option<i32>,
    }

    fn input(media_type: &str, target: &str, body: &str) -> Input {
        let request = Request::post(target).header(header::CONTENT_TYPE, media_type);
        let request = request.body(Body::from(body.to_owned())).expect("a request");
        Input::new(request, &DOCUMENT, "/paths/~1things/post")
    }

    #[tokio::test]
    async fn a_body_may_be_null() {
        for (body, read) in [
            ("null", None),
            (r#"{"size": null}"#, Some(Thing { size: None })),
            (r#"{"size": 1, "other": []} rest"#, Some(Thing { size: Some(1) })),
        ] {
            let mut input = input("application/json", "/things", body);
            assert_eq!(input.nullable_body::<Thing>().await, Ok(Some(read)), "{body}");
        }
    }

    #[tokio::test]
    async fn a_fault_that_no_schema_shows_is_where_the_type_met_it() {
        for (body, fault) in [
            (r#"{"size": "1"}"#, Fault::body("/size", "is not of type null or integer")),
            (r#"{"size": 5000000000}"#, Fault::body("/size", "cannot be read")),
            (r#"{"size": 1, "size": 1}"#, Fault::body("/size", "is given more than once")),
        ] {
            let mut input = input("application/json", "/things", body);
            assert_eq!(input.nullable_body::<Thing>().await, Ok(None), "{body}");
            assert_eq!(input.refuse(), Rejection::Invalid(vec![fault]));
        }
    }

    #[tokio::test]
    async fn a_body_is_json_as_declared_and_no_larger_than_the_document_says() {
        for (declared, read_as) in [("Text/Plain; charset=utf-8", "text/plain"), ("", ""), ("é", "")] {
            let mut input = input(declared, "/things", "{}");
            let refusal = Rejection::UnsupportedMediaType { declared: read_as.to_owned() };
            assert_eq!(input.nullable_body::<Thing>().await, Err(refusal));
        }
        for (length, read) in [(32, Ok(Some(None))), (33, Err(Rejection::TooLarge(32)))] {
            let mut input = input("Application/JSON ; q=1", "/things", &format!("{:length$}", "null"));
            assert_eq!(input.nullable_body::<Thing>().await, read);
        }
    }

    #[test]
    fn a_query_may_be_empty_unknown_and_repeated() {
        #[derive(Debug, PartialEq, Deserialize, Validate)]
        struct Query {
            #[serde(default, deserialize_with = "crate::wire::present")]
            since: Option<String>,
        }
        for (query, since) in [
            ("", None),
            ("other=1", None),
            ("since=", Some("")),
            ("since=a&since=b", Some("b")),
            ("since=a&since", Some("")),
        ] {
            let read = input("", &format!("/things?{query}"), "").query::<Query>();
            assert_eq!(read, Some(Query { since: since.map(str::to_owned) }), "{query}");
        }
    }
}
