//! Recording check-ins without a server.

use std::collections::BTreeMap;

use stationmaster::store::Connection;
use stationmaster::store::checkins::{Recorded, Recorder, Report, Verdict};
use uuid::Uuid;

/// Records a group as the server does; answers what is known after each, and none of one that does not count.
pub(crate) fn record(
    recorder: &mut Recorder,
    connection: &mut Connection,
    reports: &[Report],
) -> Vec<Option<Recorded>> {
    let verdicts = recorder.record(connection, &reports.iter().collect::<Vec<_>>()).expect("recorded");
    let mut open: BTreeMap<Uuid, Vec<&Report>> = BTreeMap::new();
    for (report, _) in reports.iter().zip(&verdicts).filter(|(_, verdict)| **verdict == Verdict::LateOrClaimed) {
        open.entry(report.cluster_id).or_default().push(report);
    }
    let mut late: BTreeMap<Uuid, _> = open
        .into_iter()
        .map(|(id, reports)| {
            let recorded = recorder.record_late(connection, &reports).expect("recorded");
            (id, recorded.unwrap_or_default().into_iter())
        })
        .collect();
    let recorded = reports.iter().zip(verdicts).map(|(report, verdict)| match verdict {
        Verdict::Recorded(recorded) => Some(recorded),
        Verdict::LateOrClaimed => late.get_mut(&report.cluster_id).and_then(Iterator::next),
    });
    recorded.collect()
}
