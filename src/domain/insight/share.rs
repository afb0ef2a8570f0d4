//! Parts of a whole.

/// Which part of a whole this is, from 0 to 1, to four decimals; 0 if there is no whole.
pub fn share(part: i64, whole: i64) -> f64 {
    match whole {
        ..=0 => 0.0,
        _ => (part as f64 / whole as f64 * 10_000.0).round().clamp(0.0, 10_000.0) / 10_000.0,
    }
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn shares_are_of_something() {
        assert_eq!(share(1, 3), 0.3333);
        assert_eq!(share(0, 0), 0.0);
        assert_eq!(share(3, 3), 1.0);
    }
}
