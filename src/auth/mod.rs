//! Who is calling and what they may do.

mod basic;
mod bearer;
mod caller;
mod cluster_tokens;
mod grant;
mod keys;
mod oidc;
mod refusal;
mod tokens;

pub use basic::BasicCredentials;
pub use bearer::{Bearer, IssuedToken, OwnToken};
pub use caller::Caller;
pub use cluster_tokens::ClusterTokens;
pub use grant::Grant;
pub use keys::{KeyError, TokenKeys};
pub use oidc::{IssuerUrl, Issuers, Patience};
pub use refusal::CHALLENGE;
pub use tokens::{AUDIENCE, Tokens};
