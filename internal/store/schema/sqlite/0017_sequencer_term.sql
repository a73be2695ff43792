-- +goose Up

-- How often a node has begun to sequence the public log. One that another has taken over from, unaware of it because it was
-- frozen or cut off, carries an older number, and its writes change nothing.
alter table site add column sequencer_term bigint not null default 0;

-- +goose Down
alter table site drop column sequencer_term;
