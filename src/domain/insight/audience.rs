//! Who numbers are told to.

/// The fewest clusters that anyone is told of.
const FEWEST: i64 = 5;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Somebody with a token, who is told everything.
    Trusted,
    /// Anyone. What only a few clusters have in common is not told, and other numbers so coarsely that no two of them
    /// tell it either.
    Anyone,
}

impl Audience {
    /// A number of clusters as it is told.
    pub fn told(self, clusters: i64) -> i64 {
        match self {
            Self::Trusted => clusters,
            Self::Anyone => clusters - clusters % FEWEST,
        }
    }

    /// Whether something that so many clusters have in common is named.
    pub fn may_name(self, clusters: i64) -> bool {
        self == Self::Trusted || clusters >= FEWEST
    }
}

#[cfg(test)]
mod tests {
    use super::Audience;

    #[test]
    fn anyone_is_told_multiples() {
        let told = [-7, -4, 0, 4, 5, 9, 12].map(|clusters| Audience::Anyone.told(clusters));
        assert_eq!(told, [-5, 0, 0, 0, 5, 5, 10]);
        assert_eq!(Audience::Trusted.told(7), 7);
        assert!(!Audience::Anyone.may_name(4) && Audience::Anyone.may_name(5) && Audience::Trusted.may_name(0));
    }
}
