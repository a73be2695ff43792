// Package store keeps the rows. [DB] and [Tx] have one set of methods and one SQL text for SQLite and PostgreSQL; what
// truly differs stands in dialect.go. A method is named for what it does to rows and knows no rules: whether a petition
// may be signed is decided in the rooms above.
//
// Reads go through [DB.View]. Every write is a function handed to the one writer by [DB.Update], which commits many of
// them together; see writer.go.
package store
