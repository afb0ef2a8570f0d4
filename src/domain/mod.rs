//! Pure rules: no I/O, no clock, no framework.

pub mod age;
pub mod calendar;
pub mod components;
pub mod duration;
pub mod insight;
pub mod instant;
pub mod listing;
pub mod metadata;
pub mod names;
pub mod precedence;
pub mod publisher;
pub mod rate;
pub mod shard;
pub mod uuid_text;
