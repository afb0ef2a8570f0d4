//! What was refused, and how: for assertions on problem documents.

use hyper::header::{CONTENT_TYPE, HeaderMap};
use stationmaster_client::types::Problem;
use stationmaster_client::{Error, ResponseValue};

/// An answer that refuses, with a problem document that says so in every way it has to.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) problem: Problem,
}

impl Refusal {
    #[track_caller]
    pub(crate) fn new(status: u16, headers: HeaderMap, problem: Problem) -> Self {
        let refusal = Self { status, headers, problem };
        assert_eq!(refusal.header(CONTENT_TYPE.as_str()), "application/problem+json");
        assert!(!refusal.header("x-request-id").is_empty());
        assert_eq!(refusal.problem.status, i32::from(status));
        assert!(!refusal.problem.title.is_empty() && !refusal.problem.detail.is_empty());
        refusal
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("{name} in {self:?}"));
        value.to_str().expect("ASCII")
    }

    /// The kind of problem: what follows `urn:stationmaster:problem:` in its type.
    #[track_caller]
    pub(crate) fn kind(&self) -> &str {
        let kind = self.problem.type_.strip_prefix("urn:stationmaster:problem:");
        kind.unwrap_or_else(|| panic!("{self:?}"))
    }

    /// Where the faults are, such as `body /released`, in alphabetical order.
    pub(crate) fn faults(&self) -> Vec<String> {
        let faults = self.problem.errors.iter();
        let mut faults: Vec<_> = faults.map(|fault| format!("{} {}", fault.in_, fault.pointer)).collect();
        faults.sort_unstable();
        faults
    }

    /// Refused with this status, for this kind of problem, which is not about single faults.
    #[track_caller]
    pub(crate) fn assert_is(&self, status: u16, kind: &str) {
        assert_eq!((self.status, self.kind()), (status, kind), "{self:?}");
        assert_eq!(self.faults(), [""; 0], "{self:?}");
    }

    /// Refused as invalid for exactly these faults, each such as `body /released`.
    #[track_caller]
    pub(crate) fn assert_faults(&self, expected: &[impl AsRef<str>]) {
        assert_eq!((self.status, self.kind()), (422, "invalid"), "{self:?}");
        let mut expected: Vec<_> = expected.iter().map(AsRef::as_ref).collect();
        expected.sort_unstable();
        assert_eq!(self.faults(), expected, "{self:?}");
        assert!(self.problem.errors.iter().all(|fault| !fault.detail.is_empty()));
    }
}

/// What the generated client was answered, as the refusal that it must be.
pub(crate) trait Refused {
    fn refused(self) -> Refusal;
}

impl<T: std::fmt::Debug> Refused for Result<ResponseValue<T>, Error<Problem>> {
    #[track_caller]
    fn refused(self) -> Refusal {
        match self {
            Err(Error::ErrorResponse(response)) => {
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                Refusal::new(status, headers, response.into_inner())
            }
            other => panic!("not refused: {other:?}"),
        }
    }
}
