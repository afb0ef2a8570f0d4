//! Statements that diesel prepares once per connection.
//!
//! It does so only if it knows that the text is always the same. Of `sql_query` it does not; these say so.

/// Makes a type a statement that is prepared once: its text is the same for all its values.
macro_rules! statement {
    ($statement:ty) => {
        impl QueryId for $statement {
            type QueryId = ();
            // Known by its text.
            const HAS_STATIC_QUERY_ID: bool = false;
        }

        impl RunQueryDsl<Connection> for $statement {}
    };
}

pub(super) use statement;
