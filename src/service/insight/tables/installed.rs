//! What is installed, by itself and together, as CSV.

use serde::Serialize;

use crate::contract::v4::types::{InstalledComponents, InstalledSets};
use crate::wire::Table;

impl Table for InstalledComponents {
    const COLUMNS: &'static [&'static str] =
        &["start", "end", "is_complete", "component", "train", "version", "clusters", "all_clusters", "share"];

    /// A version.
    fn rows(&self) -> impl Iterator<Item: Serialize> {
        self.data.iter().map(|version| (self.start, self.end, self.is_complete, version))
    }
}

/// A line of a set.
#[derive(Clone, Copy, Default, Serialize)]
struct SetLine<'a> {
    /// Its number; none for the sets that are not listed.
    set: Option<usize>,
    component: Option<&'a str>,
    train: Option<&'a str>,
    version: Option<&'a str>,
    clusters: i64,
    all_clusters: i64,
    share: Option<f64>,
}

impl Table for InstalledSets {
    const COLUMNS: &'static [&'static str] =
        &["start", "end", "is_complete", "set", "component", "train", "version", "clusters", "all_clusters", "share"];

    /// A component of a set, with the numbers of the set. A set without components has one line, too; so have the sets together that are not listed,
    /// if there are any.
    fn rows(&self) -> impl Iterator<Item: Serialize> {
        let listed = self.data.iter().zip(1..).flat_map(|(set, number)| {
            let whole = SetLine {
                set: Some(number),
                clusters: set.clusters,
                all_clusters: set.all_clusters,
                share: Some(set.share),
                ..SetLine::default()
            };
            let components = set.components.iter().map(move |installed| SetLine {
                component: Some(&installed.component),
                train: Some(&installed.train),
                version: Some(&installed.version),
                ..whole
            });
            components.chain(set.components.is_empty().then_some(whole))
        });
        let other = (self.other.sets > 0).then(|| SetLine {
            clusters: self.other.clusters,
            all_clusters: self.other.all_clusters,
            ..SetLine::default()
        });
        listed.chain(other).map(|line| (self.start, self.end, self.is_complete, line))
    }
}

#[cfg(test)]
mod tests {
    use super::super::written::{day, lines};
    use super::*;
    use crate::contract::v4::types::{InstalledComponent, InstalledSet, InstalledVersion, OtherSets};

    const INTERVAL: &str = "2017-01-01T00:00:00Z,2017-01-02T00:00:00Z,false";

    #[tokio::test]
    async fn a_line_is_a_version() {
        let header = "start,end,is_complete,component,train,version,clusters,all_clusters,share";
        let version = InstalledVersion {
            component: "router".to_owned(),
            train: "stable".to_owned(),
            version: "v1, \"one\"".to_owned(),
            clusters: 1,
            all_clusters: 2,
            share: 0.5,
        };
        let components = InstalledComponents {
            start: day(1),
            end: day(2),
            is_complete: false,
            clusters: 2,
            all_clusters: 3,
            data: vec![version],
            left_out: 4,
        };
        assert_eq!(
            lines(&components).await,
            [header, &format!("{INTERVAL},router,stable,\"v1, \"\"one\"\"\",1,2,0.5")]
        );
        assert_eq!(lines(&InstalledComponents { data: Vec::new(), ..components }).await, [header]);
    }

    #[tokio::test]
    async fn a_line_is_a_component_of_a_set() {
        let header = "start,end,is_complete,set,component,train,version,clusters,all_clusters,share";
        let component = |component: &str| InstalledComponent {
            component: component.to_owned(),
            train: "stable".to_owned(),
            version: "v1".to_owned(),
        };
        let set = |components, clusters| InstalledSet { components, clusters, all_clusters: 9, share: 0.25 };
        let sets = InstalledSets {
            start: day(1),
            end: day(2),
            is_complete: false,
            clusters: 8,
            all_clusters: 9,
            data: vec![set(vec![component("builder"), component("router")], 3), set(Vec::new(), 2)],
            other: OtherSets { sets: 2, clusters: 1, all_clusters: 4 },
        };
        assert_eq!(
            lines(&sets).await,
            [
                header,
                &format!("{INTERVAL},1,builder,stable,v1,3,9,0.25"),
                &format!("{INTERVAL},1,router,stable,v1,3,9,0.25"),
                &format!("{INTERVAL},2,,,,2,9,0.25"),
                &format!("{INTERVAL},,,,,1,4,"),
            ]
        );
        let none = OtherSets { sets: 0, clusters: 0, all_clusters: 0 };
        assert_eq!(lines(&InstalledSets { data: Vec::new(), other: none, ..sets }).await, [header]);
    }
}
