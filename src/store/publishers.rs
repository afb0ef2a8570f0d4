//! Publishers: adding, listing and removing them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::Connection as _;
use diesel::pg::Pg;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::Connection;
use super::audit::{self, Action, Actor, Event};
use super::schema::publishers;
use crate::clock;
use crate::domain::publisher::Publisher;

/// A publisher as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// What it is called when it is to be removed.
    pub id: i64,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// Who it is, and what it may publish.
    pub publisher: Publisher,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = publishers, check_for_backend(Pg))]
struct Row {
    id: i64,
    issuer: String,
    audience: String,
    claims: Value,
    components: Vec<String>,
    trains: Vec<String>,
    created_at: DateTime<Utc>,
}

/// Adds a publisher, and that this was done to the audit trail. One that is there already is left as it is.
///
/// # Errors
/// What the database refuses. Nothing is added then.
pub fn add(connection: &mut Connection, actor: &Actor, publisher: &Publisher) -> QueryResult<Stored> {
    let Publisher { issuer, audience, claims, components, trains } = publisher;
    let (claims, now) = (json!(claims), clock::now());
    connection.transaction(|connection| {
        let same = publishers::table
            .filter(publishers::issuer.eq(issuer))
            .filter(publishers::audience.eq(audience))
            .filter(publishers::claims.eq(&claims))
            .filter(publishers::components.eq(components))
            .filter(publishers::trains.eq(trains));
        if let Some(there) = same.select(Row::as_select()).first(connection).optional()? {
            return there.try_into();
        }
        let values = (
            publishers::issuer.eq(issuer),
            publishers::audience.eq(audience),
            publishers::claims.eq(&claims),
            publishers::components.eq(components),
            publishers::trains.eq(trains),
            publishers::created_at.eq(now),
        );
        let added = diesel::insert_into(publishers::table).values(values).returning(Row::as_returning());
        let added = Stored::try_from(added.get_result(connection)?)?;
        let event = Event::new(Action::AddPublisher, None, Some(added.described()));
        audit::insert(connection, actor, now, &event)?;
        Ok(added)
    })
}

/// All publishers, in the order in which they were added.
///
/// # Errors
/// What the database refuses.
pub fn list(connection: &mut Connection) -> QueryResult<Vec<Stored>> {
    let rows = publishers::table.order(publishers::id).select(Row::as_select()).load(connection)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The publishers whose tokens this issuer makes.
///
/// # Errors
/// What the database refuses.
pub fn list_of(connection: &mut Connection, issuer: &str) -> QueryResult<Vec<Publisher>> {
    let rows = publishers::table.filter(publishers::issuer.eq(issuer)).select(Row::as_select()).load(connection)?;
    rows.into_iter().map(|row: Row| Ok(Stored::try_from(row)?.publisher)).collect()
}

/// Removes a publisher, and adds to the audit trail that this was done; answers what it was, if there was one with this id.
///
/// # Errors
/// What the database refuses. The publisher is still there then.
pub fn remove(connection: &mut Connection, actor: &Actor, id: i64) -> QueryResult<Option<Stored>> {
    connection.transaction(|connection| {
        let removed = diesel::delete(publishers::table.find(id)).returning(Row::as_returning()).get_result(connection);
        let Some(removed) = removed.optional()? else { return Ok(None) };
        let removed = Stored::try_from(removed)?;
        let event = Event::new(Action::RemovePublisher, Some(removed.described()), None);
        audit::insert(connection, actor, clock::now(), &event)?;
        Ok(Some(removed))
    })
}

impl Stored {
    /// As the audit trail has it.
    fn described(&self) -> Value {
        let Publisher { issuer, audience, claims, components, trains } = &self.publisher;
        json!({
            "id": self.id, "issuer": issuer, "audience": audience, "claims": claims,
            "components": components, "trains": trains,
        })
    }
}

impl TryFrom<Row> for Stored {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let Row { id, issuer, audience, claims, components, trains, created_at } = row;
        // All are texts, unless somebody has written to the table past this file.
        let claims: BTreeMap<String, String> =
            serde_json::from_value(claims).map_err(|error| Self::Error::DeserializationError(error.into()))?;
        Ok(Self { id, created_at, publisher: Publisher { issuer, audience, claims, components, trains } })
    }
}
