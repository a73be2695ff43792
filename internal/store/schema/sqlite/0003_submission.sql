-- +goose Up

-- An ask for volunteers for which offers are taken. Its keys carry the pid; the public log never hears of it.
create table opportunity (
  pid text not null primary key,
  issue text not null,
  slug text not null,
  closed_at bigint not null,
  unique (issue, slug)
) without rowid;

-- Offers whose mailbox is not proved yet, each sealed under a key of its own that only its mail carries.
create table submission_wait (
  id blob not null primary key,
  day text not null,
  sealed blob not null
) without rowid;

-- Offers to volunteer. day is when one came, moved when its state last changed, told when the coordinator's mail server
-- took it; nothing is finer than a day, and ids are random.
create table submission (
  id blob not null primary key,
  pid text not null,
  state text not null,
  day text not null,
  moved text not null,
  told text not null,
  nudges bigint not null,
  email_hash blob,
  sealed blob
) without rowid;
create unique index submission_open on submission (email_hash) where email_hash is not null and state in ('received', 'in_touch', 'active');
create index submission_email on submission (email_hash) where email_hash is not null;
create index submission_day on submission (day);

-- +goose Down
drop table submission;
drop table submission_wait;
drop table opportunity;
