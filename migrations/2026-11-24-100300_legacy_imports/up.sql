-- Which check-ins of an old database have come over, so that none comes twice: a bit for each of 8,192 ids in a row.
-- A row is written in the transaction that writes its check-ins.
create table legacy_imports (
    -- The ids from block * 8192 on.
    block bigint primary key check (block >= 0),
    -- Bit n (of byte n / 8, the lowest bit first) stands for id block * 8192 + n.
    taken bytea not null check (octet_length(taken) = 1024)
);
