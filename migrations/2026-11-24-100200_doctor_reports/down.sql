drop table doctor_reports;
