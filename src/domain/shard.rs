//! Where a cluster lives in a database that is spread over many machines.
//!
//! Citus cuts the range of a hash into equal shards, and keeps a row in the one that the hash of its key falls into.
//! The hash is PostgreSQL's own. Known here, it tells which check-ins go to the same place without asking the database.

use std::num::Wrapping;

use uuid::Uuid;

/// How many shards the clusters are spread over; a power of two.
pub const SHARDS: u8 = 32;

/// Which of the [`SHARDS`] holds a cluster and its history: from 0 on, in the order of their ranges.
pub fn of(id: Uuid) -> u8 {
    // The ranges go from the least signed number to the greatest.
    let place = i64::from(uuid_hash(id)) - i64::from(i32::MIN);
    (place >> (i32::BITS - SHARDS.ilog2())) as u8
}

/// What PostgreSQL's function of this name says of a UUID: Jenkins' lookup3 hash, seeded as in its `common/hashfn.c`.
///
/// It reads words in the byte order of the database's machine; this is what little-endian ones say, such as x86-64 and
/// ARM64.
pub fn uuid_hash(id: Uuid) -> i32 {
    let (words, _) = id.as_bytes().as_chunks::<4>();
    let word = |place: usize| Wrapping(u32::from_le_bytes(words[place]));
    let seed: Word = Wrapping(0x9e37_79b9 + 16 + 3_923_095);
    let [a, b, c] = mix([seed + word(0), seed + word(1), seed + word(2)]);
    finish([a + word(3), b, c]).0.cast_signed()
}

type Word = Wrapping<u32>;

/// `mix` of lookup3: its lines do the same to other words each time.
fn mix([a, b, c]: [Word; 3]) -> [Word; 3] {
    let [mut x, mut y, mut z] = [a, c, b];
    for bits in [4, 6, 8, 16, 19, 4] {
        x -= y;
        x ^= rotated(y, bits);
        y += z;
        [x, y, z] = [z, x, y];
    }
    [x, z, y]
}

/// `final` of lookup3, as far as it tells `c`.
fn finish([a, b, c]: [Word; 3]) -> Word {
    let [mut x, mut y, mut z] = [c, b, a];
    for bits in [14, 11, 25, 16, 4, 14, 24] {
        x ^= y;
        x -= rotated(y, bits);
        [x, y, z] = [z, x, y];
    }
    y
}

fn rotated(word: Word, bits: u32) -> Word {
    Wrapping(word.0.rotate_left(bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_as_postgresql_says_them() {
        for (id, hash, _) in KNOWN {
            assert_eq!(uuid_hash(Uuid::from_u128(id)), hash, "{id:032x}");
        }
    }

    #[test]
    fn shards_in_the_order_of_their_ranges() {
        for (id, _, shard) in KNOWN {
            assert_eq!(of(Uuid::from_u128(id)), shard, "{id:032x}");
        }
    }

    /// What `uuid_hash` says on PostgreSQL 15, and the shard by `(uuid_hash(id)::bigint + 2147483648) >> 27`.
    const KNOWN: [(u128, i32, u8); 5] = [
        (0, 1_353_656_403, 26),
        (u128::MAX, -682_383_255, 10),
        (0x0000_0001_0000_4000_8000_0000_0000_0000, -1_089_278_269, 7),
        (0x5f3c_8f9e_6a0b_4d2a_9d1e_2b7c_4e8f_1a35, 1_326_154_903, 25),
        (0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0f, -1_339_686_672, 6),
    ];
}
