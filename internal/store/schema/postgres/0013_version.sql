-- +goose Up

-- Every text that a noun has had: its document as it was published, by whom and when. The last row is what content has; a
-- noun that was taken off the site ends in a row without a document. user_id is sixteen zeros for the command line.
create table content_version (
  issue text collate "C" not null,
  kind text collate "C" not null,
  slug text collate "C" not null,
  version bigint not null,
  doc text collate "C" not null,
  user_id bytea not null,
  at bigint not null,
  how text collate "C" not null,
  primary key (issue, kind, slug, version)
);
insert into content_version (issue, kind, slug, version, doc, user_id, at, how)
  select issue, kind, slug, 1, doc, decode(repeat('00', 16), 'hex'), 0, 'there' from content;

-- What is being written, as it stands in its form: the last save of a noun is its draft. The earlier ones tell who changed
-- what when two write at the same time.
create table draft (
  issue text collate "C" not null,
  kind text collate "C" not null,
  slug text collate "C" not null,
  save bigint not null,
  base bigint not null,
  fields text collate "C" not null,
  user_id bytea not null,
  at bigint not null,
  publish_at bigint not null,
  publish_by bytea not null,
  primary key (issue, kind, slug, save)
);

-- What organisations say of their own entries. What nobody has confirmed by mail is sealed under a key that the mail carries
-- alone and has no month; the rest waits for a person, sealed under the key of its month.
create table correction (
  id bytea not null primary key,
  issue text collate "C" not null,
  slug text collate "C" not null,
  day text collate "C" not null,
  month text collate "C" not null,
  sealed bytea not null
);

-- +goose Down
drop table correction;
drop table draft;
drop table content_version;
