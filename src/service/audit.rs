//! The operation on the audit trail: reading it. It is written by the changes themselves.

use serde_json::{Map, Value};

use super::cursor::Page;
use super::{Service, problem};
use crate::auth::Caller;
use crate::contract::v4::audit::{Audit, ListAuditEventsOutcome, ListAuditEventsQuery, ListAuditEventsRefusal};
use crate::contract::v4::types;
use crate::domain::age::Window;
use crate::store::audit::{self, Action, Actor, After, Entry, Filter};

/// Who changed what is not for caches.
const NO_STORE: &str = "no-store";

impl Audit for Service {
    async fn list_audit_events(
        &self,
        _caller: Caller,
        query: ListAuditEventsQuery,
    ) -> Result<ListAuditEventsOutcome, ListAuditEventsRefusal> {
        let page = Page::<After>::new("audit".into(), query.cursor.as_deref(), query.limit).map_err(problem::fault)?;
        let window =
            Window::new(query.after, query.before).ok_or_else(|| problem::impossible_filter(&[("after", "before")]))?;
        let filter =
            Filter { component: query.component, subject: query.subject, action: query.action.map(Into::into), window };
        let (after, lookup) = (page.after, page.lookup());
        let mut found = self.query(move |connection| audit::list(connection, &filter, after, lookup)).await?;
        let next_cursor = page.cut(&mut found, |entry| (entry.at, entry.id));
        let data = found.into_iter().map(Into::into).collect();
        Ok(ListAuditEventsOutcome::Ok { cache_control: NO_STORE.into(), body: types::AuditPage { data, next_cursor } })
    }
}

impl From<Caller> for Actor {
    fn from(Caller { subject, issuer, request_id, .. }: Caller) -> Self {
        // JSON may have U+0000 in a text, and PostgreSQL may not. No issuer means two by subjects that differ in it.
        let storable = |text: String| text.replace('\0', "\u{fffd}");
        Self { subject: storable(subject), issuer: storable(issuer), request_id: Some(request_id) }
    }
}

impl From<Entry> for types::AuditEvent {
    fn from(Entry { id, at, actor, event }: Entry) -> Self {
        Self {
            id,
            at,
            subject: actor.subject,
            issuer: actor.issuer,
            request_id: actor.request_id,
            action: event.action.into(),
            component: event.component,
            train: event.train,
            version: event.version,
            cluster_sha256: event.cluster_sha256,
            before: event.before.and_then(object),
            after: event.after.and_then(object),
        }
    }
}

/// The columns only ever get objects.
fn object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

impl From<types::AuditAction> for Action {
    fn from(action: types::AuditAction) -> Self {
        match action {
            types::AuditAction::Publish => Self::Publish,
            types::AuditAction::Amend => Self::Amend,
            types::AuditAction::Yank => Self::Yank,
            types::AuditAction::Unyank => Self::Unyank,
            types::AuditAction::Forget => Self::Forget,
            types::AuditAction::AddPublisher => Self::AddPublisher,
            types::AuditAction::RemovePublisher => Self::RemovePublisher,
        }
    }
}

impl From<Action> for types::AuditAction {
    fn from(action: Action) -> Self {
        match action {
            Action::Publish => Self::Publish,
            Action::Amend => Self::Amend,
            Action::Yank => Self::Yank,
            Action::Unyank => Self::Unyank,
            Action::Forget => Self::Forget,
            Action::AddPublisher => Self::AddPublisher,
            Action::RemovePublisher => Self::RemovePublisher,
        }
    }
}
