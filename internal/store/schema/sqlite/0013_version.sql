-- +goose Up

-- Every text that a noun has had: its document as it was published, by whom and when. The last row is what content has; a
-- noun that was taken off the site ends in a row without a document. user_id is sixteen zeros for the command line.
create table content_version (
  issue text not null,
  kind text not null,
  slug text not null,
  version bigint not null,
  doc text not null,
  user_id blob not null,
  at bigint not null,
  how text not null,
  primary key (issue, kind, slug, version)
) without rowid;
insert into content_version (issue, kind, slug, version, doc, user_id, at, how)
  select issue, kind, slug, 1, doc, zeroblob(16), 0, 'there' from content;

-- What is being written, as it stands in its form: the last save of a noun is its draft. The earlier ones tell who changed
-- what when two write at the same time.
create table draft (
  issue text not null,
  kind text not null,
  slug text not null,
  save bigint not null,
  base bigint not null,
  fields text not null,
  user_id blob not null,
  at bigint not null,
  publish_at bigint not null,
  publish_by blob not null,
  primary key (issue, kind, slug, save)
) without rowid;

-- What organisations say of their own entries. What nobody has confirmed by mail is sealed under a key that the mail carries
-- alone and has no month; the rest waits for a person, sealed under the key of its month.
create table correction (
  id blob not null primary key,
  issue text not null,
  slug text not null,
  day text not null,
  month text not null,
  sealed blob not null
) without rowid;

-- +goose Down
drop table correction;
drop table draft;
drop table content_version;
