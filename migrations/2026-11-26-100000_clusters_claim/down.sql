alter table clusters drop column claim;
