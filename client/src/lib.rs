//! The typed HTTP client of Stationmaster, the versions service.
//!
//! Everything but this page is generated from the service's OpenAPI document: [`Client`] has a method per operation, and
//! [`types`] the bodies. Limits of the document are in the types: what does not fit is refused before it is sent.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use stationmaster_client::Client;
//!
//! let client = Client::new("http://127.0.0.1:8080");
//! let latest = client.get_latest_version().component("deis-router").train("stable").send().await?;
//! println!("{} was released {}", latest.version, latest.released);
//! # Ok(())
//! # }
//! ```
//!
//! For operations that need a token, bring an HTTP client that sends it: [`Client::new_with_client`].

#[rustfmt::skip]
mod generated;

pub use generated::*;
