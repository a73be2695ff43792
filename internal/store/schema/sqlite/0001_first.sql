-- +goose Up

-- One row: what every node looks at once a second.
create table site (
  id integer not null primary key check (id = 1),
  revision bigint not null,
  log_size bigint not null,
  published_size bigint not null
);
insert into site (id, revision, log_size, published_size) values (1, 0, 0, 0);

-- Content as its nouns, one document a row. What rules and joins need of an action stands in action.
create table content (
  issue text not null,
  kind text not null,
  slug text not null,
  doc text not null,
  primary key (issue, kind, slug)
) without rowid;

-- What the updater knows of bills, as their noun.
create table bill (
  id text not null primary key,
  doc text not null
) without rowid;

-- How each ask stood when that was last looked at.
create table ask (
  issue text not null,
  slug text not null,
  state text not null,
  reason text not null,
  primary key (issue, slug)
) without rowid;

-- What the diary tells: what changed, and when.
create table event (
  at bigint not null,
  id blob not null,
  kind text not null,
  issue text not null,
  subject text not null,
  detail text not null,
  primary key (at, id)
) without rowid;

-- A petition or pledge as the public log knows it. counted … shredded stand at site.log_size; public_* are the numbers
-- that are shown, written when a checkpoint is published.
create table action (
  pid text not null primary key,
  issue text not null,
  slug text not null,
  version bigint not null,
  publish text not null,
  closes text not null,
  log_state bigint not null,
  closed_at bigint not null,
  counted bigint not null,
  withdrawn bigint not null,
  erased bigint not null,
  fraud bigint not null,
  shredded bigint not null,
  public_counted bigint not null,
  public_at bigint not null,
  public_size bigint not null,
  unique (issue, slug)
) without rowid;

create table action_version (
  pid text not null,
  version bigint not null,
  body text not null,
  at bigint not null,
  primary key (pid, version)
) without rowid;

-- Hours live here and nowhere else: no personal row has a time finer than its day.
create table action_hour (
  pid text not null,
  hour bigint not null,
  pending bigint not null,
  confirmed bigint not null,
  primary key (pid, hour)
) without rowid;

-- Random ids and no rowid: nothing tells in which order people signed.
create table signature (
  id blob not null primary key,
  pid text not null,
  version bigint not null,
  state bigint not null,
  slot bigint not null,
  email_hash blob,
  email_name_hash blob,
  commitment blob,
  log_index bigint,
  sealed blob
) without rowid;
create unique index signature_email on signature (email_hash, slot) where email_hash is not null;
create unique index signature_email_name on signature (email_name_hash) where email_name_hash is not null;
create index signature_waiting on signature (pid) where state = 0;
create index signature_log on signature (log_index) where log_index is not null;

-- Entries other than signatures that wait for their place in the public log.
create table log_wait (
  at bigint not null,
  id blob not null,
  pid text not null,
  kind text not null,
  version bigint not null,
  log_index bigint not null,
  detail text not null,
  primary key (at, id)
) without rowid;

create table log_entry (
  log_index bigint not null primary key,
  entry text not null
) without rowid;

-- Hashes of the log's tree, 256 a row; the last row of each level grows.
create table log_tile (
  level bigint not null,
  n bigint not null,
  hashes blob not null,
  primary key (level, n)
) without rowid;

create table log_checkpoint (
  id integer not null primary key check (id = 1),
  size bigint not null,
  at bigint not null,
  note text not null
);

-- run_at is the lease too: claiming a job moves it into the future, so that a dead worker's job comes due again.
create table job (
  queue text not null,
  run_at bigint not null,
  id blob not null,
  attempt bigint not null,
  args blob not null,
  primary key (queue, run_at, id)
) without rowid;

-- How many mails an address got on a day, by keyed hash.
create table mail_day (
  day text not null,
  hash blob not null,
  n bigint not null,
  primary key (day, hash)
) without rowid;

-- Addresses that never want a mail from us again, by keyed hash.
create table mail_never (
  hash blob not null primary key
) without rowid;

-- Wrapped keys, on PostgreSQL only; SQLite keeps them as files. Both have the table so that the schemas stay the same.
create table keyring (
  name text not null primary key,
  wrapped blob not null
) without rowid;

-- When each of the program's regular duties was last done.
create table duty (
  name text not null primary key,
  done_at bigint not null,
  note text not null
) without rowid;

-- +goose Down
drop table duty;
drop table keyring;
drop table mail_never;
drop table mail_day;
drop table job;
drop table log_checkpoint;
drop table log_tile;
drop table log_entry;
drop table log_wait;
drop table signature;
drop table action_hour;
drop table action_version;
drop table event;
drop table ask;
drop table bill;
drop table action;
drop table content;
drop table site;
