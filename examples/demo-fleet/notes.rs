//! Release notes and yanks. The data have none; these are invented.

use crate::releases::Release;

/// Versions that are yanked, with the reason.
pub(crate) const YANKED: [(&str, &str, &str, &str); 4] = [
    ("deis-workflow", "stable", "v2.4.0", "The registry's location is lost on upgrade. Use v2.4.1."),
    ("deis-builder", "stable", "v2.10.0", "Pushes over 512 MB are cut off. Use v2.10.1."),
    ("deis-controller", "stable", "v2.17.1", "The migration fails on databases that came from v2.9. Use v2.17.2."),
    ("deis-logger", "beta", "v2.0.0-beta3", "It fills its disk. Use v2.0.0-beta4."),
];

const CHANGES: [&str; 7] = [
    "Requests and limits of resources can be set in the chart.",
    "It runs as a user other than root.",
    "The readiness probe waits for what it depends on.",
    "Log lines are structured.",
    "The base image is up to date.",
    "Node selectors and tolerations can be set in the chart.",
    "Role-based access control is supported.",
];

const FIXES: [&str; 5] = [
    "A restart no longer loses the last write.",
    "Memory grows more slowly under many short requests.",
    "A missing secret is named in the error.",
    "The start is tried again when the database is not there yet.",
    "Scheduled work runs in UTC.",
];

/// What is new in the release that is the `number`-th of all, and what it repairs. A patch only repairs.
pub(crate) fn of(release: &Release, number: usize) -> (Option<&'static str>, &'static str) {
    let is_patch = release.train == "stable" && !release.version.ends_with(".0");
    let change = CHANGES[number % CHANGES.len()];
    ((!is_patch).then_some(change), FIXES[number % FIXES.len()])
}
