//! Versions: publishing, reading, amending and yanking them.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::audit::{Action, Actor, Event};
use super::revisions::{self, Moment};
use super::schema::versions;
use super::{Connection, trains};
use crate::domain::precedence;

/// One release of a component on a train, as it is stored.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = versions, check_for_backend(Pg))]
pub struct Version {
    /// The component.
    pub component: String,
    /// The release train.
    pub train: String,
    /// The version.
    pub version: String,
    precedence: Vec<u8>,
    /// When it was released.
    pub released: DateTime<Utc>,
    /// When it was published here.
    pub published_at: DateTime<Utc>,
    /// What it is.
    pub description: Option<String>,
    /// What it repairs.
    pub fixes: Option<String>,
    /// Where its image is.
    pub image: Option<String>,
    /// Whatever else the publisher says of it; an object.
    pub metadata: Value,
    /// When it was yanked.
    pub yanked_at: Option<DateTime<Utc>>,
    /// Why it was yanked.
    pub yank_reason: Option<String>,
    revision: i64,
}

/// What names a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The component.
    pub component: String,
    /// The release train.
    pub train: String,
    /// The version.
    pub version: String,
}

/// What a publisher says of a version.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// When it was released; the time of publishing when left out.
    pub released: Option<DateTime<Utc>>,
    /// What it is.
    pub description: Option<String>,
    /// What it repairs.
    pub fixes: Option<String>,
    /// Where its image is.
    pub image: Option<String>,
    /// Whatever else there is to say; an object.
    pub metadata: Value,
}

/// What became of a publish.
#[derive(Debug, Clone, PartialEq)]
pub enum Published {
    /// The version is new.
    New(Version),
    /// It was there, with the same content.
    Same(Version),
    /// It was there, with other content, which stays.
    Conflict,
}

/// The properties of a version to change: those that are `None` stay.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = versions)]
pub struct Changes {
    /// What it is; `Some(None)` removes.
    pub description: Option<Option<String>>,
    /// What it repairs; `Some(None)` removes.
    pub fixes: Option<Option<String>>,
    /// Where its image is; `Some(None)` removes.
    pub image: Option<Option<String>>,
    /// Whatever else there is to say.
    pub metadata: Option<Value>,
}

impl Version {
    /// Where the page after this version starts.
    pub fn position(&self) -> trains::After {
        (self.precedence.clone(), self.released, self.version.clone())
    }

    /// The version as v4 answers it, for the audit trail.
    pub(super) fn described(&self) -> Value {
        let yanked = self.yanked_at.zip(self.yank_reason.as_deref());
        let mut version = json!({
            "component": self.component,
            "train": self.train,
            "version": self.version,
            "released": self.released,
            "published_at": self.published_at,
            "description": self.description,
            "fixes": self.fixes,
            "image": self.image,
            "metadata": self.metadata,
            "yanked": yanked.map(|(at, reason)| json!({"at": at, "reason": reason})),
        });
        if let Some(properties) = version.as_object_mut() {
            properties.retain(|_, value| !value.is_null());
        }
        version
    }
}

impl Changes {
    /// The version with these changes.
    fn applied_to(&self, version: &Version) -> Version {
        let Self { description, fixes, image, metadata } = self.clone();
        let version = version.clone();
        Version {
            description: description.unwrap_or(version.description),
            fixes: fixes.unwrap_or(version.fixes),
            image: image.unwrap_or(version.image),
            metadata: metadata.unwrap_or(version.metadata),
            ..version
        }
    }
}

/// The version with this key.
///
/// # Errors
/// What the database refuses.
pub fn find(connection: &mut Connection, key: &Key) -> QueryResult<Option<Version>> {
    by_key(key).select(Version::as_select()).first(connection).optional()
}

/// Publishes a version, unless there is one of this key already.
///
/// # Errors
/// What the database refuses.
pub fn publish(connection: &mut Connection, actor: &Actor, key: &Key, content: &Content) -> QueryResult<Published> {
    revisions::change(connection, actor, |connection, Moment { revision, at }| {
        let released = content.released.unwrap_or(at);
        let new = Version {
            component: key.component.clone(),
            train: key.train.clone(),
            version: key.version.clone(),
            precedence: precedence::sort_key(&key.version, released),
            released,
            published_at: at,
            description: content.description.clone(),
            fixes: content.fixes.clone(),
            image: content.image.clone(),
            metadata: content.metadata.clone(),
            yanked_at: None,
            yank_reason: None,
            revision,
        };
        let inserted = diesel::insert_into(versions::table)
            .values(new)
            .on_conflict_do_nothing()
            .returning(Version::as_returning())
            .get_result(connection)
            .optional()?;
        if let Some(version) = inserted {
            let event = Event::of_version(Action::Publish, None, &version);
            return Ok((Published::New(version), Some(event)));
        }
        // The database compares the metadata: to it, as to JSON, 1.0 and 1 are the same number.
        let same = by_key(key)
            .filter(versions::description.is_not_distinct_from(&content.description))
            .filter(versions::fixes.is_not_distinct_from(&content.fixes))
            .filter(versions::image.is_not_distinct_from(&content.image))
            .filter(versions::metadata.eq(&content.metadata))
            .select(Version::as_select())
            .first(connection)
            .optional()?
            .filter(|version| content.released.is_none_or(|released| released == version.released));
        Ok((same.map_or(Published::Conflict, Published::Same), None))
    })
}

/// Changes a version if `holds` of it as it is now. `None` if there is none; `Some(None)` if it does not hold.
///
/// # Errors
/// What the database refuses.
pub fn amend(
    connection: &mut Connection,
    actor: &Actor,
    key: &Key,
    changes: &Changes,
    holds: impl FnOnce(&Version) -> bool,
) -> QueryResult<Option<Option<Version>>> {
    revisions::change(connection, actor, |connection, Moment { revision, .. }| {
        let Some(version) = find(connection, key)? else {
            return Ok((None, None));
        };
        if !holds(&version) {
            return Ok((Some(None), None));
        }
        if changes.applied_to(&version) == version {
            return Ok((Some(Some(version)), None));
        }
        let changed = (changes, versions::revision.eq(revision));
        let amended =
            diesel::update(by_key(key)).set(changed).returning(Version::as_returning()).get_result(connection)?;
        let event = Event::of_version(Action::Amend, Some(&version), &amended);
        Ok((Some(Some(amended)), Some(event)))
    })
}

/// Yanks a version; answers it as it then is. One that is yanked keeps its time and gets the new reason.
///
/// # Errors
/// What the database refuses.
pub fn yank(connection: &mut Connection, actor: &Actor, key: &Key, reason: &str) -> QueryResult<Option<Version>> {
    set_yank(connection, actor, key, Action::Yank, |version, now| {
        Some((version.yanked_at.unwrap_or(now), reason.to_owned()))
    })
}

/// Takes a yank back; answers the version as it then is.
///
/// # Errors
/// What the database refuses.
pub fn unyank(connection: &mut Connection, actor: &Actor, key: &Key) -> QueryResult<Option<Version>> {
    set_yank(connection, actor, key, Action::Unyank, |_, _| None)
}

fn set_yank(
    connection: &mut Connection,
    actor: &Actor,
    key: &Key,
    action: Action,
    yank: impl FnOnce(&Version, DateTime<Utc>) -> Option<(DateTime<Utc>, String)>,
) -> QueryResult<Option<Version>> {
    revisions::change(connection, actor, |connection, Moment { revision, at }| {
        let Some(version) = find(connection, key)? else {
            return Ok((None, None));
        };
        let (yanked_at, yank_reason) = yank(&version, at).unzip();
        if (yanked_at, &yank_reason) == (version.yanked_at, &version.yank_reason) {
            return Ok((Some(version), None));
        }
        let changed = diesel::update(by_key(key))
            .set((
                versions::yanked_at.eq(yanked_at),
                versions::yank_reason.eq(yank_reason),
                versions::revision.eq(revision),
            ))
            .returning(Version::as_returning())
            .get_result(connection)?;
        let event = Event::of_version(action, Some(&version), &changed);
        Ok((Some(changed), Some(event)))
    })
}

#[diesel::dsl::auto_type(no_type_alias)]
fn by_key(key: &Key) -> _ {
    let (component, train, version): (&str, &str, &str) = (&key.component, &key.train, &key.version);
    versions::table.find((component, train, version))
}
