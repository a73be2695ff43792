-- +goose Up

-- Of each petition or pledge, when its signers were last counted by seat of Congress.
create table seat_tally (
  pid text not null primary key,
  at bigint not null,
  log_size bigint not null,
  congress bigint not null,
  as_of text not null
) without rowid;

-- How many of them there are at least, in full tens: no row tells of a person. zip is empty for all ZIP codes.
create table seat_count (
  pid text not null,
  seat text not null,
  split bigint not null,
  zip text not null,
  at_least bigint not null,
  primary key (pid, seat, split, zip)
) without rowid;

-- What was handed to an office of Congress, and what it answered. member is the legislator, as a noun, as of that day.
create table handover (
  bioguide text not null,
  issue text not null,
  action text not null,
  day text not null,
  paper bigint not null,
  member text not null,
  primary key (bioguide, issue, action, day)
) without rowid;

create table answer (
  bioguide text not null,
  issue text not null,
  action text not null,
  day text not null,
  lang text not null,
  words text not null,
  member text not null,
  primary key (bioguide, issue, action, day)
) without rowid;

-- +goose Down
drop table answer;
drop table handover;
drop table seat_count;
drop table seat_tally;
