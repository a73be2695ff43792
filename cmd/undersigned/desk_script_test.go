package main

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// signsIn opens the link that user link has printed, in a browser that is called Firefox: signs-in ADDR FILE.
func signsIn(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: signs-in ADDR FILE")
	}
	_, token, _ := strings.Cut(strings.TrimSpace(ts.ReadFile(args[1])), "/admin/sign-in/")
	a, err := newVisitor(args[0]).do(http.MethodPost, "/admin/sign-in/"+token, "go=1", "User-Agent", "Firefox, Linux")
	if err != nil || a.status != http.StatusSeeOther {
		ts.Fatalf("sign in: %+v %v", a, err)
	}
}

// linkMoved notes that a link was found to lead elsewhere, as a look at it would: link-moved DATA FROM TO.
func linkMoved(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: link-moved DATA FROM TO")
	}
	db, err := store.Open(context.Background(), store.Options{Dir: ts.MkAbs(args[0])})
	ts.Check(err)
	moved := undersigned.Link{State: undersigned.LinkMoved, Finding: undersigned.FoundMoved, MovedTo: args[2], CheckedAt: time.Now(), WorkedAt: time.Now()}
	ts.Check(db.Update(context.Background(), store.Client, func(tx *store.Tx) error { return tx.PutLink(args[1], moved) }))
	ts.Check(db.Close())
}
