drop table audit_events;
drop function refuse_to_edit_audit_events();
