-- +goose Up

-- Of each petition or pledge, when its signers were last counted by seat of Congress.
create table seat_tally (
  pid text collate "C" not null primary key,
  at bigint not null,
  log_size bigint not null,
  congress bigint not null,
  as_of text collate "C" not null
);

-- How many of them there are at least, in full tens: no row tells of a person. zip is empty for all ZIP codes.
create table seat_count (
  pid text collate "C" not null,
  seat text collate "C" not null,
  split bigint not null,
  zip text collate "C" not null,
  at_least bigint not null,
  primary key (pid, seat, split, zip)
);

-- What was handed to an office of Congress, and what it answered. member is the legislator, as a noun, as of that day.
create table handover (
  bioguide text collate "C" not null,
  issue text collate "C" not null,
  action text collate "C" not null,
  day text collate "C" not null,
  paper bigint not null,
  member text collate "C" not null,
  primary key (bioguide, issue, action, day)
);

create table answer (
  bioguide text collate "C" not null,
  issue text collate "C" not null,
  action text collate "C" not null,
  day text collate "C" not null,
  lang text collate "C" not null,
  words text collate "C" not null,
  member text collate "C" not null,
  primary key (bioguide, issue, action, day)
);

-- +goose Down
drop table answer;
drop table handover;
drop table seat_count;
drop table seat_tally;
