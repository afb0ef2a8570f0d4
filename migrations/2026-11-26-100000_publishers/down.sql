drop table publishers;
