-- +goose Up

-- One message to one office. No person is in it: outreach is a random id, which makes pressing a button twice count once.
create table delivery (
  outreach bytea not null,
  target text collate "C" not null,
  method text collate "C" not null,
  issue text collate "C" not null,
  action text collate "C" not null,
  day text collate "C" not null,
  rewritten bigint not null,
  state text collate "C" not null,
  reply text collate "C" not null,
  primary key (outreach, target, method)
);
create index delivery_target on delivery (target, issue, action, day);
create index delivery_queued on delivery (day) where state = 'queued';

-- What a letter that we send ourselves says of its writer: their words and name, sealed, until it is sent or its key dies;
-- then a keyed hash of the address, by which the owner of the mailbox finds it, until that key dies too. day is that of the
-- form and, once it is confirmed, of the confirmation: their keys are of that day and its month.
create table letter (
  outreach bytea not null primary key,
  day text collate "C" not null,
  writer bytea,
  sealed bytea
);
create index letter_writer on letter (writer) where writer is not null;

-- How calls ended, as numbers.
create table call_day (
  issue text collate "C" not null,
  action text collate "C" not null,
  target text collate "C" not null,
  day text collate "C" not null,
  outcome text collate "C" not null,
  n bigint not null,
  primary key (target, issue, action, day, outcome)
);

-- Buttons that were pressed today, by random ids that stand nowhere else: pressing one twice counts once.
create table pressed (
  day text collate "C" not null,
  id bytea not null,
  primary key (day, id)
);

-- +goose Down
drop table pressed;
drop table call_day;
drop table letter;
drop table delivery;
