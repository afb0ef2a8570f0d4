//! What is in a database's catalogue, for tests about its shape.

use super::Database;

/// The tables that migrations make; partitions are made by the server, and one table is diesel's own.
pub(crate) const TABLES: &str = "(select * from pg_class where relnamespace = 'public'::regnamespace
    and relkind in ('r', 'p') and not relispartition and relname <> '__diesel_schema_migrations')";

impl Database {
    /// A database in which no migration has ever run.
    pub(crate) fn empty() -> Self {
        let database = Self::new();
        database.execute("drop schema public cascade; create schema public");
        database
    }

    /// Every table, column, constraint, index and trigger, and every function of a trigger, that migrations make, a line each.
    pub(crate) fn shape(&self) -> Vec<String> {
        self.texts(&format!(
            "with tables as {TABLES}
             select relname from tables
             union all
             select concat_ws(' ', relname, attname, format_type(atttypid, atttypmod), attcollation::regcollation, attnotnull)
             from tables join pg_attribute on attrelid = tables.oid where attnum > 0 and not attisdropped
             union all
             select concat_ws(' ', relname, conname, pg_get_constraintdef(pg_constraint.oid))
             from tables join pg_constraint on conrelid = tables.oid
             union all
             select pg_get_indexdef(indexrelid) from tables join pg_index on indrelid = tables.oid
             union all
             select concat_ws(' ', pg_get_triggerdef(pg_trigger.oid), tgenabled)
             from tables join pg_trigger on tgrelid = tables.oid where not tgisinternal
             union all
             select pg_get_functiondef(oid) from pg_proc
             where pronamespace = 'public'::regnamespace and prorettype = 'trigger'::regtype
             order by 1"
        ))
    }
}
