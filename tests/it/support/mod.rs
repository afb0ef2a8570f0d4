//! What every test needs: a database of its own, a server on it, callers with tokens.

mod database;
mod server;
mod tokens;

pub(crate) use database::Database;
pub(crate) use server::{Server, ServerOptions};
pub(crate) use tokens::{Claims, ISSUER_KEY, sign, token};
