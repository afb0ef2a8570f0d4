//! What the program tells of itself at `/metrics`.
//!
//! There is one registry, made when the server starts. Whatever measures something registers its own metrics there:
//! those that it counts itself, or a [`Collector`] that looks when it is asked.

use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use nix::unistd::{SysconfVar, sysconf};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, prometheus_text};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::clock;

/// A registry with what there is to tell of any process.
pub fn registry() -> Registry {
    let mut registry = Registry::default();
    let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
    registry.register("stationmaster_build", "The program; always 1", build);
    let started = ConstGauge::new(clock::now().timestamp_micros() as f64 / 1e6);
    registry.register("process_start_time_seconds", "When the process started, in seconds since 1970", started);
    registry.register_collector(Box::new(Process));
    registry
}

/// All metrics in the Prometheus text format, version 0.0.4.
pub fn text(registry: &Registry) -> String {
    let mut text = String::new();
    prometheus_text::encode(&mut text, registry).expect("a string takes all that is written");
    text
}

/// Writes one gauge, for a [`Collector`].
///
/// # Errors
/// What the encoder fails with.
pub fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: f64) -> std::fmt::Result {
    let gauge = ConstGauge::new(value);
    gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
}

/// What the system knows of this process. What it does not tell is left out.
#[derive(Debug)]
struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> std::fmt::Result {
        if let Some(bytes) = resident_bytes() {
            gauge(&mut encoder, "process_resident_memory_bytes", "Memory of the process in RAM, in bytes", bytes)?;
        }
        if let Some(time) = cpu_time() {
            let seconds = ConstCounter::new(time.as_secs_f64());
            let help = "Time on a CPU, user and system, in seconds";
            seconds.encode(encoder.encode_descriptor("process_cpu_seconds", help, None, seconds.metric_type())?)?;
        }
        Ok(())
    }
}

fn cpu_time() -> Option<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
    let microseconds = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Some(Duration::from_micros(microseconds.try_into().ok()?))
}

/// Only Linux tells.
fn resident_bytes() -> Option<f64> {
    let sizes = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u32 = sizes.split(' ').nth(1)?.parse().ok()?;
    let page = sysconf(SysconfVar::PAGE_SIZE).ok()??;
    Some(f64::from(pages) * page as f64)
}
