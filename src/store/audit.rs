//! The audit trail: who changed what. It is only ever added to, in the transaction of the change; the database refuses
//! anything else.

use std::io::Write;

use chrono::{DateTime, Utc};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::dsl::sql;
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Connection;
use super::schema::audit_events;
use super::versions::Version;
use crate::domain::age::Window;

/// Who makes a change.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_events, check_for_backend(Pg))]
pub struct Actor {
    /// Whom the caller was proven to be; or the command.
    pub subject: String,
    /// Who vouches for the subject.
    pub issuer: String,
    /// The request that asks for the change; none if a command makes it.
    pub request_id: Option<String>,
}

/// A kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Action {
    /// A version was published.
    Publish,
    /// What is said of a version was changed.
    Amend,
    /// A version was yanked, or is for another reason.
    Yank,
    /// A yank was taken back.
    Unyank,
    /// A cluster was erased at somebody's request.
    Forget,
    /// A publisher was added.
    AddPublisher,
    /// A publisher was removed.
    RemovePublisher,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_events, check_for_backend(Pg))]
pub struct Event {
    /// What was done.
    pub action: Action,
    /// The component of the version that was changed.
    pub component: Option<String>,
    /// Its train.
    pub train: Option<String>,
    /// Its name.
    pub version: Option<String>,
    /// The SHA-256 of the id of the cluster that was forgotten, in hexadecimal.
    pub cluster_sha256: Option<String>,
    /// What was there before; an object.
    pub before: Option<Value>,
    /// What was there afterwards; an object.
    pub after: Option<Value>,
}

/// An event in the trail.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = audit_events, check_for_backend(Pg))]
pub struct Entry {
    /// Names the event.
    pub id: i64,
    /// When the change was made.
    pub at: DateTime<Utc>,
    /// Who made it.
    #[diesel(embed)]
    pub actor: Actor,
    /// The change.
    #[diesel(embed)]
    pub event: Event,
}

/// Which events to list: those that all of this holds for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only changes of this component.
    pub component: Option<String>,
    /// Only changes by this subject.
    pub subject: Option<String>,
    /// Only changes of this kind.
    pub action: Option<Action>,
    /// Only changes within this window.
    pub window: Window,
}

/// Where a page of events starts: after this one.
pub type After = (DateTime<Utc>, i64);

impl Actor {
    /// Whoever runs this command of the program.
    pub fn command(name: &str) -> Self {
        Self { subject: format!("stationmaster {name}"), issuer: "command line".into(), request_id: None }
    }
}

impl Event {
    /// Something was changed that is neither a version nor a cluster.
    pub fn new(action: Action, before: Option<Value>, after: Option<Value>) -> Self {
        Self { action, component: None, train: None, version: None, cluster_sha256: None, before, after }
    }

    /// A version was changed.
    pub(super) fn of_version(action: Action, before: Option<&Version>, after: &Version) -> Self {
        Self {
            component: Some(after.component.clone()),
            train: Some(after.train.clone()),
            version: Some(after.version.clone()),
            ..Self::new(action, before.map(Version::described), Some(after.described()))
        }
    }

    /// A cluster was forgotten. Its id is not in the event, only what tells those who know it.
    pub(super) fn forgotten(cluster_id: Uuid) -> Self {
        let hash = Sha256::digest(cluster_id.to_string());
        Self { cluster_sha256: Some(format!("{hash:x}")), ..Self::new(Action::Forget, None, None) }
    }
}

/// Adds an event. The caller does it in the transaction of the change, so that there is none without the other.
///
/// # Errors
/// What the database refuses. The change must fail then, too.
pub fn insert(connection: &mut Connection, actor: &Actor, at: DateTime<Utc>, event: &Event) -> QueryResult<()> {
    diesel::insert_into(audit_events::table)
        .values((audit_events::at.eq(at), actor, event))
        .execute(connection)
        .map(drop)
}

/// The first `limit` events after `after` that the filter holds for, newest first.
///
/// Planned anew each time: diesel keeps no statement prepared that has a literal in it. A plan that has to do for all
/// components walks through those of others to find the few of one.
///
/// # Errors
/// What the database refuses.
pub fn list(connection: &mut Connection, filter: &Filter, after: Option<After>, limit: i64) -> QueryResult<Vec<Entry>> {
    let mut page = audit_events::table
        .filter(sql::<Bool>("true"))
        .order((audit_events::at.desc(), audit_events::id.desc()))
        .limit(limit)
        .select(Entry::as_select())
        .into_boxed();
    if let Some(component) = &filter.component {
        page = page.filter(audit_events::component.eq(component));
    }
    if let Some(subject) = &filter.subject {
        // The index is on their beginnings.
        let begins = sql::<Bool>("left(subject, 200) = left(").bind::<Text, _>(subject).sql(", 200)");
        page = page.filter(begins.and(audit_events::subject.eq(subject)));
    }
    if let Some(action) = filter.action {
        page = page.filter(audit_events::action.eq(action));
    }
    if let Some(start) = filter.window.start {
        page = page.filter(audit_events::at.ge(start));
    }
    if let Some(end) = filter.window.end {
        page = page.filter(audit_events::at.lt(end));
    }
    if let Some((at, id)) = after {
        let behind = sql::<Bool>("(at, id) < (").bind::<Timestamptz, _>(at).sql(", ").bind::<BigInt, _>(id).sql(")");
        page = page.filter(audit_events::at.le(at).and(behind));
    }
    page.load(connection)
}

impl Action {
    const ALL: [Self; 7] =
        [Self::Publish, Self::Amend, Self::Yank, Self::Unyank, Self::Forget, Self::AddPublisher, Self::RemovePublisher];

    fn name(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Amend => "amend",
            Self::Yank => "yank",
            Self::Unyank => "unyank",
            Self::Forget => "forget",
            Self::AddPublisher => "add-publisher",
            Self::RemovePublisher => "remove-publisher",
        }
    }
}

impl ToSql<Text, Pg> for Action {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.name().as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Text, Pg> for Action {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        let name = std::str::from_utf8(bytes.as_bytes())?;
        Self::ALL.into_iter().find(|action| action.name() == name).ok_or_else(|| format!("no action {name}").into())
    }
}
