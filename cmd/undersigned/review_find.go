package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
)

type reviewFindCmd struct {
	Email string `arg:"" help:"Exactly this address; - reads it from standard input, so that it stands in no history of a shell."`
}

func (c *reviewFindCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	email := c.Email
	if email == "-" {
		typed, err := readText("address", email, 1000)
		if err != nil {
			return err
		}
		email = strings.TrimSpace(typed)
	}
	return withSite(ctx, s, t, func(x *site) error {
		found, err := x.actions.FindAddress(ctx, terminalUser, email)
		if err != nil {
			return inEnglish(err)
		}
		if len(found) == 0 {
			fmt.Fprintln(t.out, "There is none.")
			return nil
		}
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ASK\tID\tSTATE\tNAME")
		for _, f := range found {
			fmt.Fprintf(w, "%s/%s\t%s\t%s\t%s\n", f.Action.Issue, f.Action.Slug, f.ID, signatureStates[f.State], whoseName(f.Selected))
		}
		return w.Flush()
	})
}

// signatureStates are the words of the terminal for how a signature stands.
var signatureStates = map[undersigned.SignatureState]string{
	undersigned.SignatureWaiting:     "waiting",
	undersigned.SignatureCounted:     "counted",
	undersigned.SignatureHeld:        "held",
	undersigned.SignatureWithdrawn:   "withdrawn",
	undersigned.SignatureErased:      "erased",
	undersigned.SignatureShredded:    "shredded",
	undersigned.SignatureInvalidated: "removed",
}

// whoseName is the name of a signature as far as it can be read here.
func whoseName(one action.Selected) string {
	if one.Sealed {
		return "(sealed)"
	}
	return nameOf(one.Person)
}
