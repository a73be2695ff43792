-- +goose Up

-- One writer decides who has signed already, and finds it by the address alone: at most two rows have one. A second index of
-- random hashes cost as much as the first, a page of it for each signature. PostgreSQL, where several nodes write, keeps it.
drop index signature_email_name;

-- +goose Down
create unique index signature_email_name on signature (email_name_hash) where email_name_hash is not null;
