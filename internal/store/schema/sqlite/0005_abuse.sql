-- +goose Up

-- Why a signature is held, where its mailbox is (by keyed hash), and by which decision it was removed; zero bytes while it is
-- held. All three are null in a row that nobody doubts.
alter table signature add column doubt bigint;
alter table signature add column domain blob;
alter table signature add column review blob;
create index signature_review on signature (review, pid) where review is not null;

-- Of those confirmed in an hour: how many were held, and how many were not though their domain is little known.
alter table action_hour add column held bigint not null default 0;
alter table action_hour add column strange bigint not null default 0;

-- How many signatures of an action came from a little-known domain, by hash under the action's key for duplicates, and what
-- staff have decided about it.
create table mail_domain (
  pid text not null,
  hash blob not null,
  n bigint not null,
  verdict bigint not null,
  primary key (pid, hash)
) without rowid;

-- What staff decided about signatures. It names no person.
create table review (
  id blob not null primary key,
  at bigint not null,
  pid text not null,
  verb text not null,
  reason text not null,
  rule text not null,
  n bigint not null
) without rowid;

-- Actions whose doubtful signatures are held because very many come at once.
create table brake (
  pid text not null primary key,
  since bigint not null,
  waiting bigint not null
) without rowid;

-- Domains that have no mail server, by keyed hash, and until when that is believed.
create table no_mail (
  hash blob not null primary key,
  until bigint not null
) without rowid;

-- +goose Down
drop table no_mail;
drop table brake;
drop table review;
drop table mail_domain;
alter table action_hour drop column strange;
alter table action_hour drop column held;
drop index signature_review;
alter table signature drop column review;
alter table signature drop column domain;
alter table signature drop column doubt;
