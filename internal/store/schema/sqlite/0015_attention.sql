-- +goose Up

-- keep_days: how many days after an action closed what its signers told us is kept. attended_at: when its owner last said that it
-- goes on, 0 where that was when it opened. asked_at: since when its owner is asked, 0 while nobody is; asked_times: how many mails
-- went out about it. ended_at: when its owner answered that it is over.
alter table action add column keep_days bigint not null default 90;
alter table action add column attended_at bigint not null default 0;
alter table action add column asked_at bigint not null default 0;
alter table action add column asked_times bigint not null default 0;
alter table action add column ended_at bigint not null default 0;

-- +goose Down
alter table action drop column ended_at;
alter table action drop column asked_times;
alter table action drop column asked_at;
alter table action drop column attended_at;
alter table action drop column keep_days;
