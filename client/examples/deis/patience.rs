//! Asking again when told to, and saying what to do when that does not help.

use std::time::Duration;

use anyhow::anyhow;
use reqwest::StatusCode;
use reqwest::header::RETRY_AFTER;
use stationmaster_client::types::Problem;
use stationmaster_client::{Error, ResponseValue};

/// How often a call is made before its refusal counts.
const ATTEMPTS: usize = 5;

/// Calls, and calls again after as many seconds as a refusal's `Retry-After` says. Every call of this API that may be
/// refused so may be repeated.
pub(crate) async fn patiently<T, F>(call: impl Fn() -> F) -> Result<ResponseValue<T>, Error<Problem>>
where
    F: Future<Output = Result<ResponseValue<T>, Error<Problem>>>,
{
    for _ in 1..ATTEMPTS {
        let outcome = call().await;
        let Some(wait) = outcome.as_ref().err().and_then(retry_after) else { return outcome };
        tokio::time::sleep(wait).await;
    }
    call().await
}

/// What went wrong, in words for the person at the command line.
pub(crate) fn explain(error: Error<Problem>) -> anyhow::Error {
    match error {
        Error::ErrorResponse(refusal) => {
            let advice = match refusal.status() {
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                    " Make a token with: stationmaster token --subject demo --scope 'versions:publish clusters:read'"
                }
                _ => "",
            };
            anyhow!("{}: {}{advice}", refusal.title, refusal.detail)
        }
        Error::CommunicationError(error) if error.is_connect() => {
            let server = error.url().map(|url| url.origin().ascii_serialization());
            anyhow!("no server answers at {}. Start one with: stationmaster serve", server.unwrap_or_default())
        }
        Error::InvalidResponsePayload(..) => anyhow!("what answers there is no Stationmaster. Is --url right?"),
        error => anyhow!("{error:#}"),
    }
}

/// How long the server asks to wait, if it refused only for now.
fn retry_after<T>(error: &Error<T>) -> Option<Duration> {
    let Error::ErrorResponse(refusal) = error else { return None };
    let is_temporary = matches!(refusal.status(), StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS);
    let seconds = refusal.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    is_temporary.then_some(Duration::from_secs(seconds))
}
