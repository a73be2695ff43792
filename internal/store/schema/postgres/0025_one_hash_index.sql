-- +goose Up

-- Nothing changes here: the index is what keeps two nodes from counting one name twice. SQLite, where one writer decides, does without.

-- +goose Down
