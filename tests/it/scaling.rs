//! The arithmetic of docs/scaling.md is right.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// The figures that the page plans with, by their names in its table.
struct Figures(HashMap<String, f64>);

impl Figures {
    fn of(page: &str) -> Self {
        let figure = |row: Vec<String>| Some((row[0].clone(), number(&row[1])?));
        Self(rows(page, "| figure |").into_iter().filter_map(figure).collect())
    }

    fn get(&self, name: &str) -> f64 {
        *self.0.get(name).unwrap_or_else(|| panic!("{name} in {:?}", self.0.keys()))
    }

    /// The row of so many clusters, each of which checks in every so many hours.
    fn plan(&self, clusters: f64, hours: f64, months: f64) -> [f64; 8] {
        let rate = clusters / (hours * 3_600.0);
        let peak = rate * self.get("peak over average");
        let check_ins = clusters * self.get("hours a month") / hours;
        let of_clusters = clusters * self.get("bytes a cluster");
        let disk = (check_ins * months * self.get("bytes a check-in") + of_clusters) / 1e9;
        let index = (check_ins * self.get("of these in the index")).min(clusters * self.get("bytes a page"));
        let memory = (of_clusters + index) / 1e9;
        let servers = (peak / self.get("check-ins a second for a server")).ceil().max(2.0);
        let machines = [
            peak / self.get("check-ins a second for a database machine"),
            disk / self.get("GB on disk for a database machine"),
            memory / self.get("GB in memory for a database machine"),
        ];
        let machines = machines.map(f64::ceil).into_iter().fold(1.0, f64::max);
        let network = peak * self.get("bytes a report") * 8.0 / 1e6;
        [rate, peak, network, check_ins / 1e6, disk, memory, servers, machines]
    }
}

#[test]
fn every_cell_follows_from_the_figures() {
    let page = page();
    let figures = Figures::of(&page);
    let table = rows(&page, "| clusters |");
    assert_eq!(table.len(), 10);
    for row in table {
        let (Some(clusters), Some(hours)) = (number(&row[0]), row[1].strip_suffix(" h").and_then(number)) else {
            panic!("a fleet: {row:?}")
        };
        let [rates @ .., servers, machines] = figures.plan(clusters, hours, figures.get("months of history"));
        let mut cells = vec![row[0].clone(), row[1].clone()];
        cells.extend(rates.map(cell));
        cells.extend([servers, machines].map(|count| count.to_string()));
        assert_eq!(row, cells);
    }
}

#[test]
fn so_do_those_of_the_retention() {
    let page = page();
    let figures = Figures::of(&page);
    let table = rows(&page, "| history of 10,000,000 clusters at 1 h |");
    assert_eq!(table.len(), 3);
    for row in table {
        let months = row[0].strip_suffix(" months").and_then(number).expect("months");
        let [.., disk, _, _, machines] = figures.plan(1e7, 1.0, months);
        assert_eq!(row[1..], [cell(disk), machines.to_string()]);
    }
}

fn page() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scaling.md");
    fs::read_to_string(page).expect("the page")
}

/// The cells of the table whose header begins so, row by row.
fn rows(page: &str, header: &str) -> Vec<Vec<String>> {
    let lines = page.lines().skip_while(|line| !line.starts_with(header)).skip(2);
    let rows = lines.map_while(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    rows.map(|row| row.split(" | ").map(str::to_owned).collect()).collect()
}

fn number(text: &str) -> Option<f64> {
    text.replace(',', "").parse().ok()
}

/// A number as the page writes it: to two digits below ten, to whole ones from there on.
fn cell(value: f64) -> String {
    let digits = if value < 1.0 { 2 } else { usize::from(value < 10.0) };
    let text = format!("{value:.digits$}");
    if digits > 0 {
        return text;
    }
    let mut grouped = String::new();
    for (place, digit) in text.char_indices() {
        if place > 0 && (text.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
