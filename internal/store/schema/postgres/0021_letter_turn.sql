-- +goose Up

-- When the next letter may go to an address (a keyed hash), and to any: the pace that all nodes keep together, and over restarts.
create table letter_turn (
  address bytea not null primary key,
  next bigint not null
);

-- Where it is run_at, the job waits for its turn, and no restart makes it due.
alter table job add column not_before bigint not null default 0;

-- +goose Down
alter table job drop column not_before;
drop table letter_turn;
