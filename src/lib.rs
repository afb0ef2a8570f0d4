//! Stationmaster: the versions service. It tells a fleet of clusters what is current, and its makers what the fleet runs.
//!
//! Where things live, and who may know whom (imports run one way only):
//!
//! | module | role |
//! |---|---|
//! | [`cli`] | one file per subcommand |
//! | [`http`] | the router, the middleware, the docs page |
//! | [`service`] | what the operations mean; one file per tag of the document |
//! | [`catalog`] | what is latest, in memory, kept true across replicas |
//! | [`ingest`] | check-ins, committed in groups |
//! | [`auth`] | who is calling and what they may do |
//! | [`store`] | Postgres: the pool, the tables and their queries, the embedded server |
//! | [`limits`] | who has had their share, for `http` and `ingest` |
//! | [`metrics`] | what the program tells of itself at `/metrics` |
//! | [`outgoing`] | calling other services over http and https |
//! | [`domain`] | pure rules: no I/O, no clock |
//! | [`contract`] | generated from `openapi/`: types, a trait per tag, routers |
//! | [`wire`] | what the generated contract stands on |

pub mod auth;
pub mod catalog;
pub mod cli;
pub mod clock;
pub mod config;
pub mod contract;
pub mod domain;
pub mod http;
pub mod import;
pub mod ingest;
pub mod limits;
pub mod metrics;
pub mod outgoing;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod wire;
