create table doctor_reports (
    id uuid primary key,
    report json not null,
    -- When it was sent here; null if it was imported.
    received_at timestamptz
);
