-- +goose Up

-- How a petition reached an office: in_person, post, email or form; empty where nobody said.
alter table handover add column how text collate "C" not null default '';

-- +goose Down
alter table handover drop column how;
