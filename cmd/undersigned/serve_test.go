package main

import (
	"io"
	"testing"
	"time"
)

func TestDutyThatDestroysAKeyNotesWhen(t *testing.T) {
	p := newProgram(t)
	x, err := makeSite(t.Context(), p.settings(), io.Discard)
	must(t, err)
	defer func() { must(t, x.close()) }()
	must(t, x.keys.Prepare(t.Context(), time.Now().AddDate(0, 0, -7)))
	for _, duty := range x.duties() {
		if duty.Name == "keys" {
			must(t, duty.Do(t.Context()))
		}
	}
	found, err := x.actions.IfSeized(t.Context())
	must(t, err)
	if found.LastDestroyed.IsZero() || found.FormsEnd.Before(time.Now()) {
		t.Errorf("a key was destroyed: %+v", found)
	}
}
