-- +goose Up

-- unanswered: 1 where a letter was handed over and nobody waits for an answer any more. again: the day on which its writer
-- had it sent once more, which they can once.
alter table delivery add column unanswered bigint not null default 0;
alter table delivery add column again text collate "C" not null default '';
update delivery set unanswered = 1 where state = 'handed over';

-- +goose Down
alter table delivery drop column again;
alter table delivery drop column unanswered;
