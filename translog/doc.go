// Package translog is the public log of signatures, seen from outside: all
// that an auditor, a mirror, a witness or a signer with a receipt needs in
// order to check a count without trusting the site that published it.
//
// One site keeps one log. Its entries say that a petition opened, that
// somebody signed, that a signature no longer counts, and why; never who. The
// rules by which entries make a count are on [Fold]. The bytes of an entry are
// on [Entry], those of what a signature commits to on [Commit], those of a
// receipt on [Receipt]. Files named golden in testdata pin all of them; within
// a version they never change.
//
// The log itself follows the formats of c2sp.org, so that verifiers which we
// did not write can check it: tlog-tiles for the files, tlog-checkpoint and
// signed-note for the signed head, tlog-cosignature for witnesses, tlog-policy
// for who is trusted, tlog-proof for receipts. Hashes are those of RFC 6962
// with SHA-256, signatures are Ed25519.
//
// Reading a log:
//
//	policy, err := translog.ParsePolicy(text) // keys come from you, never from the log
//	client, err := translog.NewClient("https://example.org/log")
//	report, err := translog.Verify(ctx, client, policy)
//
// Writing one is three steps, and the database transaction is the caller's:
// [Entry.Bytes], [Grow], [Checkpoint.Sign].
package translog
