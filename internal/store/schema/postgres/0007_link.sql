-- +goose Up

-- What the link checker knows of each URL, as its noun. Of one that content no longer has, the row stays: it is known
-- again if it comes back.
create table link (
  url text collate "C" not null primary key,
  doc text collate "C" not null
);

-- +goose Down
drop table link;
