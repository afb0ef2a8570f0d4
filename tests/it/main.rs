//! The real program on a free port, with a real Postgres, through the generated client.
//!
//! Every test has a database of its own, so all of them run side by side.

mod latest;
mod support;
