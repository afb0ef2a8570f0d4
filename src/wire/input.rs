//! A request on its way to an operation: path, query, headers and body, read into their types, with every fault noted.

use std::error::Error as _;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use http_body_util::LengthLimitError;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::value::{Error as ValueError, MapDeserializer};
use serde_json::Value;
use serde_json::error::Category;
use validator::{Validate, ValidationErrors};

use super::fault::pointer_token;
use super::{Document, Fault, Host, Location, Reading, Rejection, duplicates};

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

    /// Checks the caller's rights.
    ///
    /// # Errors
    /// What the service refuses.
    pub fn authorize<S: Host>(&self, service: &S, scheme: &str, scopes: &[&str]) -> Result<S::Caller, Rejection> {
        service.authorize(scheme, &self.parts.headers, &self.path, scopes)
    }

    /// The path parameters; `None` if they have faults, which are noted.
    pub fn path<T: DeserializeOwned + Validate>(&mut self) -> Option<T> {
        let read = from_pairs(&self.path);
        read.or_else(|| self.note(("path", Location::Path), &self.path.clone()))
    }

    /// The query parameters; `None` if they have faults, which are noted.
    pub fn query<T: DeserializeOwned + Validate>(&mut self) -> Option<T> {
        let query = self.parts.uri.query().unwrap_or_default();
        if let Some(read) = serde_html_form::from_str::<T>(query).ok().filter(|query| query.validate().is_ok()) {
            return Some(read);
        }
        // Any text is a list of pairs, so this parse cannot fail.
        let pairs: Vec<(String, String)> = serde_html_form::from_str(query).unwrap_or_default();
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
        self.read_body(T::validate).await
    }

    /// As [`Input::body`], for a body that may be null.
    ///
    /// # Errors
    /// As there.
    pub async fn nullable_body<T: DeserializeOwned + Validate>(&mut self) -> Result<Option<Option<T>>, Rejection> {
        self.read_body(|body: &Option<T>| body.as_ref().map_or(Ok(()), T::validate)).await
    }

    async fn read_body<T: DeserializeOwned>(
        &mut self,
        validate: impl FnOnce(&T) -> Result<(), ValidationErrors>,
    ) -> Result<Option<T>, Rejection> {
        let declared = media_type(&self.parts.headers);
        if declared != "application/json" {
            return Err(Rejection::UnsupportedMediaType { declared });
        }
        let body = std::mem::take(&mut self.body);
        let Reading { max_body_bytes, ignores_rest, .. } = self.document.reading;
        let bytes = axum::body::to_bytes(body, max_body_bytes).await.map_err(|error| {
            match error.source().is_some_and(|source| source.is::<LengthLimitError>()) {
                true => Rejection::TooLarge(max_body_bytes),
                false => Rejection::NotJson("The body broke off.".into()),
            }
        })?;
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        let read = serde_path_to_error::deserialize::<_, T>(&mut reader)
            .map_err(|error| (pointer(error.path()), error.into_inner()))
            .and_then(|read| match ignores_rest {
                true => Ok(read),
                false => reader.end().map(|()| read).map_err(|error| (String::new(), error)),
            });
        match read {
            Ok(body) if validate(&body).is_ok() => return Ok(Some(body)),
            Err((_, error)) if error.classify() != Category::Data => return Err(not_json(&error)),
            _ => {}
        }
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        let value = Value::deserialize(&mut reader).map_err(|error| not_json(&error))?;
        if !ignores_rest {
            reader.end().map_err(|error| not_json(&error))?;
        }
        let mut faults = self.document.body_faults(self.operation, &value);
        let repeated = duplicates::pointers(&bytes).into_iter();
        faults.extend(repeated.map(|at| Fault::body(at, "is given more than once")));
        if faults.is_empty() {
            // What neither can see, such as an instant in a leap second that is none.
            let at = read.err().map(|(at, _)| at).unwrap_or_default();
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

/// The parameters in a path, by the template that the operation has in the document.
///
/// Bytes that are not UTF-8 once decoded are replaced, which no rule for a parameter accepts.
fn path_parameters(operation: &str, path: &str) -> Vec<(String, String)> {
    // "/paths/" comes first; RFC 6901 writes the template's slashes as "~1".
    let template = operation.split('/').nth(2).unwrap_or_default().replace("~1", "/");
    let segments = template.split('/').zip(path.split('/'));
    segments
        .filter_map(|(name, segment)| {
            let name = name.strip_prefix('{')?.strip_suffix('}')?;
            let value = percent_decode_str(segment).decode_utf8_lossy();
            Some((name.to_owned(), value.into_owned()))
        })
        .collect()
}

fn from_pairs<T: DeserializeOwned + Validate>(pairs: &[(String, String)]) -> Option<T> {
    let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let read = T::deserialize(MapDeserializer::<_, ValueError>::new(pairs)).ok()?;
    read.validate().is_ok().then_some(read)
}

/// The values of a header as one list (RFC 9110, 5.3). Bytes that are not UTF-8 are replaced, which no rule accepts but those for any text.
fn joined(headers: &HeaderMap, name: &str) -> Option<String> {
    let values: Vec<_> = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// What the body is declared as, without parameters and in lower case; empty if it is not.
fn media_type(headers: &HeaderMap) -> String {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = declared.and_then(|value| value.split(';').next());
    essence.unwrap_or_default().trim().to_ascii_lowercase()
}

/// Says where the body stops being JSON, without the parser's own words.
fn not_json(error: &serde_json::Error) -> Rejection {
    Rejection::NotJson(match error.classify() {
        Category::Eof => "The body ends before its JSON does.".into(),
        _ => format!("The body is not JSON that can be read, at line {}, column {}.", error.line(), error.column()),
    })
}

/// The path of serde's error as a JSON pointer.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", pointer_token(key)),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::path_parameters;

    #[test]
    fn segments_are_decoded_after_they_are_split() {
        let operation = "/paths/~1v4~1versions~1{component}~1{train}/get";
        let named = |component: &str, train: &str| {
            vec![("component".to_owned(), component.to_owned()), ("train".to_owned(), train.to_owned())]
        };
        assert_eq!(path_parameters(operation, "/v4/versions/a%2Fb/%C3%A9"), named("a/b", "é"));
        assert_eq!(path_parameters(operation, "/v4/versions/%FF/x"), named("\u{fffd}", "x"));
    }
}
