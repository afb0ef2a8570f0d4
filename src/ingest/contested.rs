//! Clusters that several callers speak for at once, and that not all of them may.
//!
//! What the database knows of a cluster decides. These rules see to it that a statement has one question to ask of each
//! cluster, and that whoever floods one with claims does not keep the others waiting.

use std::collections::HashMap;

use uuid::Uuid;

use crate::store::checkins::Proof;

/// Which check-ins of a batch cannot count, whatever the database knows: once one before them shows the token, or claims
/// the cluster, it is claimed, by that one or by somebody else.
///
/// Of two different claims the first one goes on: if it was the second one that had claimed the cluster before, that one
/// is refused all the same, and may come again.
pub(super) fn hopeless(batch: impl Iterator<Item = (Uuid, Proof)>) -> Vec<bool> {
    let mut claims: HashMap<Uuid, Proof> = HashMap::new();
    let is_hopeless = |(cluster, proof): (Uuid, Proof)| match (claims.get(&cluster), proof) {
        (None, Proof::Nothing) | (Some(_), Proof::Token) => {
            claims.entry(cluster).and_modify(|claim| *claim = Proof::Token);
            false
        }
        (None, _) => {
            claims.insert(cluster, proof);
            false
        }
        (Some(claim), proof) => *claim != proof,
    };
    batch.map(is_hopeless).collect()
}

/// What is written together: of each cluster, only check-ins that show the same.
#[derive(Debug, Default)]
pub(super) struct Together(HashMap<Uuid, Proof>);

impl Together {
    /// Whether a check-in can be written together with those before it that can.
    pub(super) fn admit(&mut self, cluster: Uuid, proof: Proof) -> bool {
        *self.0.entry(cluster).or_insert(proof) == proof
    }
}

#[cfg(test)]
mod tests {
    use super::Proof::{Claim, Nothing, Token};
    use super::*;

    const ONE: Proof = Claim([1; 16]);
    const OTHER: Proof = Claim([2; 16]);

    fn hopeless_of(proofs: &[Proof]) -> Vec<bool> {
        hopeless(proofs.iter().map(|proof| (Uuid::nil(), *proof)))
    }

    #[test]
    fn after_a_claim_only_the_same_claim_and_the_token_may_count() {
        let proofs = [Nothing, Nothing, ONE, Nothing, OTHER, ONE, Token, ONE, OTHER, Nothing, Token];
        let expected = [false, false, false, true, true, false, false, true, true, true, false];
        assert_eq!(hopeless_of(&proofs), expected);
        assert_eq!(hopeless_of(&[Token, Nothing, ONE, Token]), [false, true, true, false]);
    }

    #[test]
    fn clusters_are_apart() {
        let [one, other] = [1, 2].map(Uuid::from_u128);
        let batch = [(one, ONE), (other, OTHER), (other, Nothing), (one, ONE)];
        assert_eq!(hopeless(batch.into_iter()), [false, false, true, false]);
    }

    /// However many claims there are: what is left of a cluster is nothing, then a claim, then the token.
    #[test]
    fn a_flooded_batch_takes_three_turns_at_most() {
        let kinds = [Nothing, ONE, OTHER, Token];
        for seed in 0..4_usize.pow(6) {
            let mut proofs: Vec<Proof> = (0..6).map(|place| kinds[seed / 4_usize.pow(place) % 4]).collect();
            let mut hopeless = hopeless_of(&proofs).into_iter();
            proofs.retain(|_| !hopeless.next().expect("one each"));
            let order = proofs.clone();
            let (mut turns, mut written) = (0, Vec::new());
            while !proofs.is_empty() {
                let mut together = Together::default();
                written.extend(proofs.extract_if(.., |proof| together.admit(Uuid::nil(), *proof)));
                turns += 1;
            }
            assert!(turns <= 3, "{order:?}");
            assert_eq!(written, order);
        }
    }
}
