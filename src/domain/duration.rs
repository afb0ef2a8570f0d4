//! Durations as the API writes them: ISO 8601, one unit of a fixed length.

use chrono::TimeDelta;

/// Reads `P7D`, `P2W`, `PT12H`, `PT30M` or `PT5S`; `None` for anything else.
///
/// Years and months are left out because they have no fixed length.
pub fn parse(text: &str) -> Option<TimeDelta> {
    let text = text.strip_prefix('P')?;
    let (unit, digits) = match text.strip_prefix('T') {
        Some(time) => match time.as_bytes().last()? {
            b'H' => (3_600, &time[..time.len() - 1]),
            b'M' => (60, &time[..time.len() - 1]),
            b'S' => (1, &time[..time.len() - 1]),
            _ => return None,
        },
        None => match text.as_bytes().last()? {
            b'W' => (7 * 86_400, &text[..text.len() - 1]),
            b'D' => (86_400, &text[..text.len() - 1]),
            _ => return None,
        },
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: i64 = digits.parse().ok()?;
    TimeDelta::try_seconds(count.checked_mul(unit)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_unit_of_a_fixed_length() {
        for (text, seconds) in
            [("P7D", 604_800), ("P2W", 1_209_600), ("PT12H", 43_200), ("PT30M", 1_800), ("PT5S", 5), ("P0D", 0)]
        {
            assert_eq!(parse(text), TimeDelta::try_seconds(seconds), "{text}");
        }
        for text in [
            "",
            "P",
            "PT",
            "P1",
            "PD",
            "P1M",
            "P1Y",
            "P-1D",
            "P+1D",
            "P1DT1H",
            "7D",
            "PT1D",
            "P1é",
            "P99999999999999999999D",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
