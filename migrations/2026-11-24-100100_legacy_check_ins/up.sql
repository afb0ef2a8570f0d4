-- The components as a v2 or v3 check-in sent them, which can say more than v4 keeps. Null for a set that v4 reported.
-- As json, not jsonb: it is answered as it is, and may hold a U+0000.
alter table component_sets add column legacy json;

-- What a v2 or v3 check-in said besides its components, such as the spelling of its id; null if nothing.
-- A JSON null is a cluster of which only the history was imported: the old service knew its check-ins, and no cluster.
alter table clusters add column legacy json;
