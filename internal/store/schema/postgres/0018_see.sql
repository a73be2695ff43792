-- +goose Up

-- What staff have paused: an ask or, with both names empty, the whole site. user_id is sixteen zeros for the command line.
create table pause (
  issue text collate "C" not null,
  slug text collate "C" not null,
  since bigint not null,
  user_id bytea not null,
  primary key (issue, slug)
);

-- Who decided; null for what is older than this column.
alter table review add column user_id bytea;

-- Where people come from: a tag that staff have put on a link to an ask, and for what.
create table source (
  tag text collate "C" not null primary key,
  note text not null,
  at bigint not null,
  user_id bytea not null
);

-- How many came by a tag in a day: mails sent, and of these confirmed. No row of a person holds a tag.
create table source_day (
  pid text collate "C" not null,
  tag text collate "C" not null,
  day text collate "C" not null,
  pending bigint not null,
  confirmed bigint not null,
  primary key (pid, tag, day)
);

-- What became of the tries to send mails, by UTC hour since 1970. Kept for a month.
create table mail_hour (
  hour bigint not null,
  outcome text collate "C" not null,
  n bigint not null,
  primary key (hour, outcome)
);

-- +goose Down
drop table mail_hour;
drop table source_day;
drop table source;
alter table review drop column user_id;
drop table pause;
