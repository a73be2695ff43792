-- +goose Up

-- What people agreed to when they asked for news: the words, and the day on which somebody first did.
create table consent (
  id blob not null primary key,
  issue text not null,
  language text not null,
  words text not null,
  day text not null
) without rowid;

-- Who asked for news of an issue. Address, language and consent are in sealed, under the key of month, and so is the keyed
-- hash; day is when they asked. Of one that has left only id, issue, state and the day of leaving remain. bounces, bounced and
-- bounced_by: how many updates in a row came back, and the last.
create table subscriber (
  id blob not null primary key,
  issue text not null,
  state text not null,
  day text not null,
  month text not null,
  bounces bigint not null,
  bounced text not null,
  bounced_by blob,
  hash blob,
  sealed blob
) without rowid;
create unique index subscriber_hash on subscriber (hash) where hash is not null;

-- An update: its words by language as a document, and how far it has come. run_at is when its next batch is due and, while one
-- is being sent, when the lease of its sender ends. Every subscriber whose id is not above reached has had it.
-- seen_bad and seen_all: what had come back, and of how many, when somebody last looked and let it go on.
create table news (
  id blob not null primary key,
  issue text not null,
  state text not null,
  cause text not null,
  about text not null,
  detail text not null,
  texts text not null,
  at bigint not null,
  run_at bigint not null,
  reached blob not null,
  stop text not null,
  made bigint not null,
  begun bigint not null,
  ended bigint not null,
  sent bigint not null,
  refused bigint not null,
  bounced bigint not null,
  complained bigint not null,
  departed bigint not null,
  seen_bad bigint not null,
  seen_all bigint not null
) without rowid;
create unique index news_cause on news (issue, cause, about, detail) where cause in ('bill', 'erasing');

-- The private keys that sign our mails, sealed under a key of the keyring, by the name under which the DNS has the public half.
create table dkim (
  selector text not null primary key,
  day text not null,
  sealed blob not null
) without rowid;

-- +goose Down
drop table dkim;
drop table news;
drop table subscriber;
drop table consent;
