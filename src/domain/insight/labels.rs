//! Which clusters count, by their labels.

/// The labels that clusters must have, and must not have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// All of these.
    pub with: Vec<String>,
    /// None of these.
    pub without: Vec<String>,
}
