//! Texts and bytes that parsers stumble over.

use proptest::prelude::*;

/// Any bytes, a few of them.
pub(crate) fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..48)
}

/// Texts of every kind, and those that mean something somewhere.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9A-Za-z.+_-]{0,140}",
        r"P(T)?[0-9]{1,20}[WDHMSY]",
        r"[0-9+-]{1,6}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{0,12})?(Z|[+-][0-9]{2}:[0-9]{2})",
        "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        any::<i128>().prop_map(|number| number.to_string()),
        prop::sample::select(vec![
            "",
            "latest",
            ".",
            "..",
            "\0",
            "\u{202e}v1",
            "v1\u{300}",
            "😀",
            "é",
            "ﬃ",
            "-0",
            "NaN"
        ])
        .prop_map(str::to_owned),
    ]
}
