-- +goose Up

-- One message to one office. No person is in it: outreach is a random id, which makes pressing a button twice count once.
create table delivery (
  outreach blob not null,
  target text not null,
  method text not null,
  issue text not null,
  action text not null,
  day text not null,
  rewritten bigint not null,
  state text not null,
  reply text not null,
  primary key (outreach, target, method)
) without rowid;
create index delivery_target on delivery (target, issue, action, day);
create index delivery_queued on delivery (day) where state = 'queued';

-- What a letter that we send ourselves says of its writer: their words and name, sealed, until it is sent or its key dies;
-- then a keyed hash of the address, by which the owner of the mailbox finds it, until that key dies too. day is that of the
-- form and, once it is confirmed, of the confirmation: their keys are of that day and its month.
create table letter (
  outreach blob not null primary key,
  day text not null,
  writer blob,
  sealed blob
) without rowid;
create index letter_writer on letter (writer) where writer is not null;

-- How calls ended, as numbers.
create table call_day (
  issue text not null,
  action text not null,
  target text not null,
  day text not null,
  outcome text not null,
  n bigint not null,
  primary key (target, issue, action, day, outcome)
) without rowid;

-- Buttons that were pressed today, by random ids that stand nowhere else: pressing one twice counts once.
create table pressed (
  day text not null,
  id blob not null,
  primary key (day, id)
) without rowid;

-- +goose Down
drop table pressed;
drop table call_day;
drop table letter;
drop table delivery;
