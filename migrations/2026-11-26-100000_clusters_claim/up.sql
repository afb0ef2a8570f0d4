-- How a cluster was claimed; null for one that was seen only through v2 and v3, which anyone may claim yet. 16 bytes are known to whoever
-- claimed it, who may do so again; none are left once it has shown its token.
alter table clusters add column claim bytea check (octet_length(claim) in (0, 16));
