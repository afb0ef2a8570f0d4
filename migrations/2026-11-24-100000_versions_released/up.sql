-- v2 and v3 take the version that was released last for the latest.
create index versions_released on versions (component, train, released desc, precedence desc, version desc);
