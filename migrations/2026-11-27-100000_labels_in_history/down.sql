alter table clusters drop column was_labels;
alter table clusters drop column was_hash;
alter table clusters drop column was_seen;
alter table clusters drop column first_labels;
alter table checkins drop column labels;
