//! What a server tells at `/metrics`.

use std::collections::BTreeSet;

use super::Server;

/// All metrics of a server, at one time.
#[derive(Debug)]
pub(crate) struct Metrics(String);

impl Metrics {
    pub(crate) async fn of(server: &Server) -> Self {
        Self::at(&server.url).await
    }

    /// Those of the server at this URL.
    pub(crate) async fn at(url: &str) -> Self {
        let answer = reqwest::get(format!("{url}/metrics")).await.expect("an answer");
        assert_eq!(answer.status(), 200, "{answer:?}");
        Self(answer.text().await.expect("text"))
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// The names of the metrics, as the lines about their types have them.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.0.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect()
    }

    /// The value of a sample, such as `name{label="value"}`; none if there is no such line.
    pub(crate) fn find(&self, sample: &str) -> Option<f64> {
        let lines = self.0.lines().filter_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
        lines.map(|value| value.parse().expect("a number")).next()
    }

    /// The value of a sample that must be there.
    #[track_caller]
    pub(crate) fn value(&self, sample: &str) -> f64 {
        self.find(sample).unwrap_or_else(|| panic!("{sample} in\n{}", self.0))
    }

    /// How many requests were answered.
    pub(crate) fn requests(&self, method: &str, route: &str, status: &str) -> f64 {
        let labels = format!("{{route=\"{route}\",method=\"{method}\",status=\"{status}\"}}");
        self.find(&format!("stationmaster_http_request_duration_seconds_count{labels}")).unwrap_or_default()
    }
}
