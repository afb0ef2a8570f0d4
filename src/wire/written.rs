//! A value that is held as it is sent.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// A `T` as JSON text, written once and sent many times, by itself or within another value. Cheap to clone.
pub struct Written<T> {
    json: Arc<RawValue>,
    of: PhantomData<fn() -> T>,
}

impl<T: Serialize> Written<T> {
    /// Writes a value of a generated type.
    pub fn new(value: &T) -> Self {
        let json = serde_json::value::to_raw_value(value).expect("every key of a generated type is a text");
        Self { json: json.into(), of: PhantomData }
    }
}

impl<T> Written<T> {
    /// The JSON text.
    pub fn json(&self) -> &str {
        self.json.get()
    }
}

impl<T> Clone for Written<T> {
    fn clone(&self) -> Self {
        Self { json: Arc::clone(&self.json), of: PhantomData }
    }
}

impl<T> PartialEq for Written<T> {
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl<T> fmt::Debug for Written<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.json())
    }
}

impl<T> Serialize for Written<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for Written<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json: Box<RawValue> = Deserialize::deserialize(deserializer)?;
        Ok(Self { json: json.into(), of: PhantomData })
    }
}

impl<T> AsRef<[u8]> for Written<T> {
    fn as_ref(&self) -> &[u8] {
        self.json().as_bytes()
    }
}

impl<T: 'static> IntoResponse for Written<T> {
    fn into_response(self) -> Response {
        let content_type = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        (content_type, Bytes::from_owner(self)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_neither_changed_nor_quoted() {
        let one = Written::new(&serde_json::json!({"b": 1, "a": [true]}));
        assert_eq!(one.json(), r#"{"b":1,"a":[true]}"#);
        assert_eq!(serde_json::to_string(&[Some(&one), None]).expect("JSON"), r#"[{"b":1,"a":[true]},null]"#);
        let read: Vec<Option<Written<()>>> = serde_json::from_str(r#"[{"b": 1}, null]"#).expect("JSON");
        assert_eq!(read[0].as_ref().map(Written::json), Some(r#"{"b": 1}"#));
        assert_eq!(read[1], None);
    }
}
