//! The tables as diesel sees them. A test compares this file with the database after all migrations.

diesel::table! {
    audit_events (id) {
        id -> Int8,
        at -> Timestamptz,
        subject -> Text,
        issuer -> Text,
        request_id -> Nullable<Text>,
        action -> Text,
        component -> Nullable<Text>,
        train -> Nullable<Text>,
        version -> Nullable<Text>,
        cluster_sha256 -> Nullable<Text>,
        before -> Nullable<Json>,
        after -> Nullable<Json>,
    }
}

diesel::table! {
    catalog_revisions (id) {
        id -> Bool,
        revision -> Int8,
    }
}

diesel::table! {
    checkins (cluster_id, at) {
        cluster_id -> Uuid,
        at -> Timestamptz,
        set_hash -> Bytea,
    }
}

diesel::table! {
    clusters (id) {
        id -> Uuid,
        first_seen -> Timestamptz,
        last_seen -> Timestamptz,
        checkins -> Int8,
        set_hash -> Bytea,
        labels -> Array<Text>,
        legacy -> Nullable<Json>,
        claim -> Nullable<Bytea>,
    }
}

diesel::table! {
    component_sets (hash) {
        hash -> Bytea,
        components -> Jsonb,
        legacy -> Nullable<Json>,
    }
}

diesel::table! {
    doctor_reports (id) {
        id -> Uuid,
        report -> Json,
        received_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    legacy_imports (block) {
        block -> Int8,
        taken -> Bytea,
    }
}

diesel::table! {
    versions (component, train, version) {
        component -> Text,
        train -> Text,
        version -> Text,
        precedence -> Bytea,
        released -> Timestamptz,
        published_at -> Timestamptz,
        description -> Nullable<Text>,
        fixes -> Nullable<Text>,
        image -> Nullable<Text>,
        metadata -> Jsonb,
        yanked_at -> Nullable<Timestamptz>,
        yank_reason -> Nullable<Text>,
        revision -> Int8,
    }
}

diesel::allow_tables_to_appear_in_same_query!(checkins, clusters, component_sets);
