//! What everything ran on, for the head of the table.

use std::fs;
use std::path::Path;
use std::process::Command;

/// How many processors there are to use.
pub(crate) fn processors() -> u32 {
    std::thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(u32::MAX))
}

/// The machine.
pub(crate) fn describe(directory: &Path) -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let (cpus, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
    let model = value(&cpus, "model name").unwrap_or("of an unknown make");
    let kibibytes: f64 =
        value(&memory, "MemTotal").and_then(|text| text.split(' ').next()?.parse().ok()).unwrap_or(0.0);
    format!(
        "{} CPUs ({model}), {:.0} GiB of memory, Linux {}, data on {}",
        processors(),
        kibibytes / (1024.0 * 1024.0),
        read("/proc/sys/kernel/osrelease").trim(),
        filesystem(&read("/proc/self/mounts"), directory),
    )
}

/// The commit that is measured.
pub(crate) fn commit() -> String {
    let output = Command::new("git")
        .args(["-C", env!("CARGO_MANIFEST_DIR"), "describe", "--always", "--dirty", "--exclude=*"])
        .output();
    let commit = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    if commit.is_empty() { "of an unknown commit".into() } else { format!("at {commit}") }
}

fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim())
}

/// The type of the filesystem with this directory. On one in memory nothing is durable, and check-ins cost too little.
fn filesystem<'a>(mounts: &'a str, directory: &Path) -> &'a str {
    let mounted = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let around = mounted.filter(|(place, _)| directory.starts_with(place));
    around.max_by_key(|(place, _)| place.len()).map_or("an unknown filesystem", |(_, kind)| kind)
}
