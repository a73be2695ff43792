// Package external checks a log that the built program has made with verifiers which we did not write: tessera's fsck for
// the whole log, litewitness for growth, rollback and fork, torchwood for receipts. Each of them, and ours, must notice
// every tampering.
//
// It is a module of its own, so that none of them enters the program. `make verify-external` runs it.
package external
