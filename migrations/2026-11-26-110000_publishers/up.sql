-- Jobs that may publish, known by the claims of the tokens that their platform gives them.
create table publishers (
    id bigint generated always as identity primary key,
    issuer text not null,
    audience text not null,
    -- Names, each with a pattern for its value. With none, everybody on the platform might publish.
    claims jsonb not null check (jsonb_typeof(claims) = 'object' and claims <> '{}'),
    components text[] not null check (cardinality(components) > 0),
    trains text[] not null check (cardinality(trains) > 0),
    created_at timestamptz not null
);
