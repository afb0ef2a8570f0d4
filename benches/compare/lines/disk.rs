//! The disk that a check-in takes: heap and index.

use super::Stand;
use crate::figure::Figure;
use crate::fleet::{self, Names};
use crate::history::{self, Amount};
use crate::report::{Line, Reach};

/// How often each cluster of the sample checks in.
const EACH: u32 = 20;

pub(super) fn measure(stand: &Stand) -> anyhow::Result<Vec<Line>> {
    let database = stand.postgres.database("disk")?;
    fleet::store_sets(&database, &fleet::sets(Names::Long))?;
    history::load(&database, stand.year, Amount { clusters: stand.size.sample / EACH, each: EACH })?;
    let mut sql = database.connect()?;
    sql.execute(include_str!("../reference.sql"))?;
    // Both are written as check-ins come: in the order of time, with the index there.
    sql.execute("create temporary table sample as table checkins; truncate checkins")?;
    sql.execute("insert into checkins select * from sample order by at")?;
    sql.execute(
        "insert into reference_checkins (cluster_id, at, components)
         select cluster_id, at, components from sample join component_sets on hash = set_hash order by at",
    )?;
    let rows = sql.number("select count(*) from checkins")?;
    // The sets count too: they are a part of what was reported.
    let ours = sql.number(
        "select sum(pg_total_relation_size(part)) + pg_total_relation_size('component_sets')
         from (select inhrelid as part from pg_inherits where inhparent = 'checkins'::regclass) as parts",
    )?;
    let whole = sql.number("select pg_total_relation_size('reference_checkins')")?;
    let name = format!("disk per check-in: heap, index and the sets, of {rows} check-ins");
    let line = Line::new(name, Figure::bytes(ours / rows));
    Ok(vec![line.against("components stored whole", Figure::bytes(whole / rows), Reach::Costlier(1.0 / 15.0))])
}
