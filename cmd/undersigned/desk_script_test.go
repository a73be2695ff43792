package main

import (
	"net/http"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
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
