//! Who is calling and what they may do.

mod basic;
mod caller;
mod cluster_tokens;
mod grant;
mod key;
mod tokens;

pub use basic::BasicCredentials;
pub use caller::Caller;
pub use cluster_tokens::ClusterTokens;
pub use grant::Grant;
pub use key::{KeyError, TokenKey};
pub use tokens::{CHALLENGE, Tokens};
