-- +goose Up

-- How many mails went out in each twelfth of an hour since 1970, and how many were told to wait, by what they are about (a
-- keyed hash of the ask): the budget that all asks share. Kept for two hours.
create table mail_slot (
  slot bigint not null,
  lane blob not null,
  n bigint not null,
  waiting bigint not null,
  primary key (slot, lane)
) without rowid;

-- +goose Down
drop table mail_slot;
