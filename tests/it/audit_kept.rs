//! The trail is kept: nobody edits it, and there is no change without its event or event without its change.

use std::fs;

use diesel::connection::SimpleConnection;
use hyper::Method;
use uuid::Uuid;

use crate::support::{Call, Database, Server, changes, check_in, report, token_for_all, trail};

/// A server with a cluster, and everything that somebody can do to it and to versions, with what each leaves.
async fn server_with_changes() -> (Server, Vec<(&'static str, Call)>) {
    let server = Server::start();
    let id = Uuid::new_v4();
    check_in(&server.anonymous(), id, report(&[("deis-router", "v2.3.0")])).await.expect("checked in");
    let token = token_for_all();
    let mut changes = changes(&token);
    changes.push(("forget", Call::new(Method::DELETE, format!("/v4/clusters/{id}")).token(&token)));
    (server, changes)
}

#[tokio::test]
async fn the_database_refuses_to_edit_it() {
    let (server, changes) = server_with_changes().await;
    for (_, call) in changes {
        assert_eq!(call.send(&server).await.status / 100, 2);
    }
    // As the role that the server uses.
    let database = server.database();
    let kept = database.everything();
    for edit in [
        "update audit_events set subject = 'nobody'",
        "update audit_events set subject = subject where false",
        "delete from audit_events",
        "delete from audit_events where action = 'forget'",
        "truncate audit_events",
        "truncate versions, audit_events",
        "insert into audit_events overriding system value
         select * from audit_events limit 1 on conflict (id) do update set subject = 'nobody'",
        "merge into audit_events using (select 1) one on true when matched then delete",
        "set session_replication_role = replica; delete from audit_events",
    ] {
        let refusal = database.connect().batch_execute(edit).expect_err(edit).to_string();
        // PostgreSQL 14 does not know `merge`, which is as good.
        let is_unknown = edit.starts_with("merge") && refusal.contains("syntax error");
        assert!(refusal.contains("audit_events is append-only") || is_unknown, "{edit}: {refusal}");
    }
    assert_eq!(database.everything(), kept);
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_done() {
    let (server, changes) = server_with_changes().await;
    let database = server.database();
    for (number, (action, call)) in changes.into_iter().enumerate() {
        database.execute("alter table audit_events add constraint full_up check (false) not valid");
        let before = database.everything();
        let refused = call.clone().send(&server).await;
        assert_eq!(refused.status, 503, "{action}: {refused:?}");
        refused.header("retry-after");
        assert_eq!(database.everything(), before, "{action}");

        database.execute("alter table audit_events drop constraint full_up");
        assert_eq!(call.send(&server).await.status / 100, 2, "{action}");
        assert_eq!(trail(&server, "").await.len(), number + 1, "{action}");
    }
}

#[tokio::test]
async fn what_is_not_done_is_not_written_down() {
    // Fails each change at the last moment, when its event has been written.
    const FAIL_AT_COMMIT: &str = "
        create function fail() returns trigger language plpgsql as $$ begin raise exception 'failed'; end $$;
        create constraint trigger fail after insert or update or delete on versions
        deferrable initially deferred for each row execute function fail();
        create constraint trigger fail after insert or update or delete on clusters
        deferrable initially deferred for each row execute function fail();";
    let (server, changes) = server_with_changes().await;
    let database = server.database();
    for (number, (action, call)) in changes.into_iter().enumerate() {
        database.execute(FAIL_AT_COMMIT);
        let before = database.everything();
        assert_eq!(call.clone().send(&server).await.status, 503, "{action}");
        assert_eq!(database.everything(), before, "{action}");

        database.execute("drop function fail() cascade");
        assert_eq!(call.send(&server).await.status / 100, 2, "{action}");
        assert_eq!(trail(&server, "").await.len(), number + 1, "{action}");
    }
}

#[test]
fn the_owner_can_move_old_events_out_as_the_docs_say() {
    let database = Database::new();
    database.execute(
        "insert into audit_events (at, subject, issuer, action)
         select '2024-12-31T23:00:00Z'::timestamptz + n * interval '1 hour', 'test', 'test', 'publish'
         from generate_series(0, 2) n",
    );
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operating.md");
    let docs = fs::read_to_string(docs).expect("the docs");
    let (_, section) = docs.split_once("## The audit trail").expect("the section");
    let (_, rest) = section.split_once("```sql\n").expect("how to");
    let (statements, _) = rest.split_once("```").expect("its end");
    // `\copy` is psql's.
    let (copy, statements): (Vec<_>, Vec<_>) = statements.lines().partition(|line| line.starts_with('\\'));
    assert_eq!(copy.len(), 1);
    database.execute(&statements.join("\n"));
    let at = database.texts("select at at time zone 'UTC' from audit_events order by at");
    assert_eq!(at, ["2025-01-01 00:00:00", "2025-01-01 01:00:00"]);
    assert_eq!(database.shape(), Database::new().shape(), "the trail is kept as before");
    database.connect().batch_execute("delete from audit_events").expect_err("kept");
}
