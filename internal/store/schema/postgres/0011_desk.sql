-- +goose Up

-- The staff. What says who they are is sealed; an address is found by its keyed hash, which somebody who was removed has no more.
create table site_user (
  id bytea not null primary key,
  role text collate "C" not null,
  removed bigint not null,
  added text collate "C" not null,
  email_hash bytea,
  sealed bytea not null
);
create unique index site_user_email on site_user (email_hash) where email_hash is not null;

-- What somebody signs in with in place of a mail. id is a hash of the credential's; the rest is sealed.
create table passkey (
  id bytea not null primary key,
  user_id bytea not null,
  at bigint not null,
  sealed bytea not null
);
create index passkey_of on passkey (user_id);

-- secret and former are hashes: of what the browser has now, and of what it had before that was renewed.
create table session (
  id bytea not null primary key,
  user_id bytea not null,
  secret bytea not null,
  former bytea,
  renewed bigint not null,
  arrived bigint not null,
  since bigint not null,
  seen bigint not null,
  proved bigint not null,
  browser text collate "C" not null,
  agent bytea not null
);
create index session_of on session (user_id);

-- Who did what to which. user_id is sixteen zeros for the command line.
create table audit (
  at bigint not null,
  id bytea not null,
  user_id bytea not null,
  verb text collate "C" not null,
  subject text collate "C" not null,
  detail text collate "C" not null,
  primary key (at, id)
);

-- +goose Down
drop table audit;
drop table session;
drop table passkey;
drop table site_user;
