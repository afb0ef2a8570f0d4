//! The shard of a cluster is where PostgreSQL's own hash puts it.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Uuid as SqlUuid};
use stationmaster::domain::shard;
use uuid::Uuid;

use crate::support::Database;

#[derive(QueryableByName)]
struct Said {
    #[diesel(sql_type = Integer)]
    hash: i32,
    #[diesel(sql_type = BigInt)]
    shard: i64,
}

#[test]
fn hashes_and_shards_are_those_of_the_database() {
    // All that differ in one bit from one of the ends, and many others.
    let near_the_ends = (0..128).flat_map(|bit| [1 << bit, !(1 << bit)]).chain([0, u128::MAX]).map(Uuid::from_u128);
    let ids: Vec<Uuid> = near_the_ends.chain((0..10_000).map(|_| Uuid::new_v4())).collect();
    let said: Vec<Said> = diesel::sql_query(
        "select uuid_hash(id) as hash, (uuid_hash(id)::bigint + 2147483648) >> 27 as shard
         from unnest($1) with ordinality as ids (id, place) order by place",
    )
    .bind::<Array<SqlUuid>, _>(&ids)
    .load(&mut Database::new().connect())
    .expect("hashes");

    assert_eq!(said.len(), ids.len());
    let mut seen = [false; shard::SHARDS as usize];
    for (id, said) in ids.into_iter().zip(said) {
        assert_eq!(shard::uuid_hash(id), said.hash, "{id}");
        assert_eq!(i64::from(shard::of(id)), said.shard, "{id}");
        seen[usize::from(shard::of(id))] = true;
    }
    assert!(seen.iter().all(|seen| *seen), "every shard has some: {seen:?}");
}
