//! What every test needs: a database of its own, a server on it, callers with tokens.

mod ages;
mod audit;
mod catalogue;
mod database;
mod examples;
mod exchange;
mod faults;
mod fleet;
mod forged;
mod home;
mod https;
mod legacy_wire;
mod load;
mod metrics;
mod old;
mod operations;
mod patience;
mod plans;
mod program;
mod publish;
mod raw;
mod refusal;
mod replicas;
mod server;
mod tables;
mod tokens;
mod upstream;
mod writers;

pub(crate) use ages::Ages;
pub(crate) use audit::{ROUTER_PATH, changes, publish_through_v3, trail};
pub(crate) use catalogue::TABLES;
pub(crate) use database::Database;
pub(crate) use examples::example;
pub(crate) use exchange::{Answer, Call};
pub(crate) use fleet::{Answered, Seed, check_in, installed, labelled, report};
pub(crate) use forged::{bad_cluster_tokens, bad_tokens, claims, signed};
pub(crate) use home::{DataDir, Home};
pub(crate) use https::{Https, data};
pub(crate) use legacy_wire::{DOCTOR, recorded, replay};
pub(crate) use load::{Kind, Load};
pub(crate) use metrics::Metrics;
pub(crate) use old::{import, importing, old_database};
pub(crate) use operations::{Operation, Parameter, all_scopes, token_for_all};
pub(crate) use patience::{eventually, within};
pub(crate) use plans::{prepared, rows_read};
pub(crate) use program::{Serving, isolated, program, run, serve};
pub(crate) use publish::{
    Name, ROUTER, VersionAnswer, get, latest, publish, publish_all, publish_released, publish_with, try_publish, yank,
};
pub(crate) use raw::RawConnection;
pub(crate) use refusal::{Refusal, Refused};
pub(crate) use replicas::{HaProxy, Replicas};
pub(crate) use server::{Server, ServerOptions};
pub(crate) use tokens::{ISSUER_KEY, cluster_token, token};
pub(crate) use upstream::{answering, in_front_of, in_front_with, old_service, read_head, read_request};
pub(crate) use writers::Writers;
