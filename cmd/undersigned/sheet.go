package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
)

// sheetCmd takes a list out, as the desk does.
type sheetCmd struct {
	What       string `arg:"" help:"signatures (of one petition or pledge), offers, deliveries, numbers or audit." enum:"signatures,offers,deliveries,numbers,audit"`
	File       string `arg:"" help:"The CSV file to write; an older one is replaced when the new one is whole. It may hold names, so keep it as carefully."`
	Of         string `help:"The ask, or all asks of an issue; signatures are of one ask." placeholder:"ISSUE[/ACTION]"`
	auditLines `embed:"" prefix:"audit-"`
	Reason     string `required:"" help:"Why: it stands in the log of who did what, and in a mail to each owner." placeholder:"TEXT"`
}

func (c *sheetCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	if c.auditLines != (auditLines{}) && c.What != string(undersigned.ExportAudit) {
		return config.UsageError{Err: fmt.Errorf("--audit-by, --audit-verb and --audit-subject choose lines of the audit log, not of %s", c.What)}
	}
	issue, slug, _ := strings.Cut(c.Of, "/")
	order := action.ExportOrder{Kind: undersigned.ExportKind(c.What), Issue: issue, Action: slug, Reason: c.Reason}
	return withSite(ctx, s, t, func(x *site) error {
		var err error
		if order.Audit, err = c.filter(ctx, x); err != nil {
			return err
		}
		e, err := x.actions.Export(ctx, order)
		if err != nil {
			return inEnglish(err)
		}
		err = writeWhole(c.File, func(w io.Writer) error { return e.Write(ctx, w) })
		if err := first(err, e.Close()); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "%s: %d rows\n", c.File, e.N)
		return nil
	})
}
