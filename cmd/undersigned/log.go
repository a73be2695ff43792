package main

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/undersigned/undersigned/internal/sequencer"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/web"
	"github.com/undersigned/undersigned/translog"
)

// publicLog gives the write side of the public log, named by the base URL, and what outsiders are told of it.
func (x *site) publicLog() (*sequencer.Sequencer, web.PublicLog, error) {
	var public web.PublicLog
	signer, witnesses, policy, err := x.witnesses()
	if err != nil {
		return nil, public, err
	}
	seq := sequencer.New(sequencer.Options{DB: x.db, Signer: signer, Witnesses: witnesses, Now: time.Now, Log: x.log})
	return seq, web.PublicLog{Key: policy.Log.String(), Policy: policy.String(), Halted: seq.Halted}, nil
}

// logPolicy is what outsiders are told to ask of the log: its key alone, or with it the witnesses.
func (x *site) logPolicy() (translog.Policy, error) {
	_, _, policy, err := x.witnesses()
	return policy, err
}

// witnesses reads the policy of the settings; nil without one.
func (x *site) witnesses() (signer note.Signer, w *sequencer.Witnesses, policy translog.Policy, err error) {
	signer, vkey, err := sequencer.Signer(x.keys.LogKey(), x.settings.Base().Host+"/log")
	if err != nil {
		return nil, nil, policy, err
	}
	if x.settings.LogPolicy == "" {
		policy.Log, err = translog.ParseLogKey(vkey)
		return signer, nil, policy, err
	}
	text, err := os.ReadFile(x.settings.LogPolicy)
	if err != nil {
		return nil, nil, policy, fmt.Errorf("log-policy: %w", err)
	}
	if w, err = sequencer.ParseWitnesses(string(text), vkey); err != nil {
		return nil, nil, policy, fmt.Errorf("log-policy: %w", err)
	}
	return signer, w, w.Policy, nil
}

// checkWitnesses says whether those whose word is needed give it.
func (x *site) checkWitnesses(tx *store.Tx, r *report) error {
	_, w, policy, err := x.witnesses()
	if err != nil {
		r.warn("witnesses: %v", err)
		return nil
	}
	at, trouble, err := tx.Duty(sequencer.WitnessDuty)
	if w == nil && err == nil && trouble != "" {
		r.warn("log: %s (%s)", trouble, at.Format(time.RFC3339))
		return nil
	}
	if w == nil && err == nil {
		r.ok("witnesses: none (--log-policy); a copy of the log shown to some and another to others would not be noticed")
		return nil
	}
	switch {
	case err != nil:
		return err
	case trouble != "":
		r.warn("witnesses: %s (%s)", trouble, at.Format(time.RFC3339))
	case at.IsZero():
		r.warn("witnesses: %d of %d are needed, and none was asked yet: is serve running?", policy.Quorum, len(policy.Witnesses))
	default:
		r.ok("witnesses: %d of %d are needed, and answered at %s", policy.Quorum, len(policy.Witnesses), at.Format(time.RFC3339))
	}
	return nil
}
