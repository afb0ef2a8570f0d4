//! `stationmaster openapi`.

use std::io::Write;

use anyhow::Context;
use clap::{Args, ValueEnum};

use crate::contract::v4::OPENAPI_JSON;
use crate::http::OPENAPI_YAML;

/// Print the OpenAPI document of the API
#[derive(Debug, Args)]
pub(super) struct Openapi {
    /// The format to print it in
    #[arg(long, env = "STATIONMASTER_OPENAPI_FORMAT", value_name = "FORMAT", default_value = "yaml")]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// As it was written
    Yaml,
    /// The same as JSON
    Json,
}

impl Openapi {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let document = match self.format {
            Format::Yaml => OPENAPI_YAML,
            Format::Json => OPENAPI_JSON,
        };
        std::io::stdout().write_all(document.as_bytes()).context("cannot write to standard output")
    }
}
