//! The order in which v3 lists clusters.
//!
//! The old service asked its database for groups without an order, and got them in that of a hash table. For a fleet that fits into the smallest table
//! the order is always the same, so that scripts and recorded answers came to rely on it; this is that order.

/// Where a cluster stands in the list, the greatest first: its bucket among the 256 of PostgreSQL's smallest table for groups.
///
/// `uuid_hash` is what the database function of this name says of the cluster's id. The old query grouped by two columns, which both held the id.
pub fn bucket(uuid_hash: i32) -> u8 {
    let hash = uuid_hash.cast_unsigned();
    let both = hash.rotate_left(1) ^ hash;
    murmur_finish(both).to_le_bytes()[0]
}

/// The finalizer of MurmurHash3.
fn murmur_finish(mut hash: u32) -> u32 {
    hash ^= hash >> 16;
    hash = hash.wrapping_mul(0x85eb_ca6b);
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_as_postgresql_fills_them() {
        for (uuid_hash, expected) in UUID_HASHES {
            assert_eq!(bucket(uuid_hash), expected, "{uuid_hash}");
        }
    }

    /// `uuid_hash` of 00000001-0000-4000-8000-000000000000, the same with 5 and with 9: PostgreSQL lists 5 before 1 before 9.
    const UUID_HASHES: [(i32, u8); 3] = [(-1_089_278_269, 189), (-1_284_925_173, 224), (-1_135_612_500, 102)];
}
