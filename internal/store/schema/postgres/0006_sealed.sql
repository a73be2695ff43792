-- +goose Up
-- Whether what an action's signers tell us is sealed to offline identities; it stays as it is once somebody has signed.
alter table action add column sealed bigint not null default 0;

-- +goose Down
alter table action drop column sealed;
