-- "C" collation: names sort by their bytes on every installation, so that pages mean the same everywhere.
create table versions (
    component text collate "C" not null,
    train text collate "C" not null,
    version text collate "C" not null,
    -- The order of versions as bytes: domain/precedence.rs.
    precedence bytea not null,
    released timestamptz not null,
    published_at timestamptz not null,
    description text,
    fixes text,
    image text,
    metadata jsonb not null,
    yanked_at timestamptz,
    yank_reason text,
    primary key (component, train, version),
    check ((yanked_at is null) = (yank_reason is null))
);

-- Newest first, which is also how the latest is found.
create index versions_newest on versions (component, train, precedence desc, released desc, version desc);
