-- +goose Up

-- What owners have set for the site, as a document. There is one row, or none while nothing is set.
create table settings (
  id bigint not null primary key,
  doc text collate "C" not null
);

-- What coordinators have written down about an offer, sealed as the offer is.
alter table submission add column notes bytea;

-- +goose Down
alter table submission drop column notes;
drop table settings;
