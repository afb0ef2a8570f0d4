//! The rules of the numbers over time: which intervals there are, which clusters count, and what is made of counts.

pub mod audience;
pub mod interval;
pub mod labels;
pub mod share;
pub mod spread;
