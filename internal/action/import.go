package action

import (
	"context"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// Imported says what an import did, for the terminal.
type Imported struct {
	Issue  string
	Opened []string // petitions and pledges that are new to the public log
	Newer  []string // those whose text, or closing day, is a new version
	Kept   []string // those that the pack no longer has: closed, because people have signed them
}

// Import puts a pack's content in place of what the site has of the same issue, all of it or nothing. A petition or
// pledge that is there already keeps its pid and its signatures; one that the pack no longer has is closed, not deleted.
// by is one of the staff, or the command line. Invalid where something ends for good that ends does not know of.
func (s *Service) Import(ctx context.Context, by undersigned.UserID, c *undersigned.Content, ends bool) (*Imported, error) {
	return s.change(ctx, changing{by: store.By{User: by, How: undersigned.ChangeImport}, rank: store.Bulk, issue: c.Issue.Slug,
		make: func(tx *store.Tx, now *undersigned.Content) (*undersigned.Content, []undersigned.NounID, error) {
			return c.Clone(), nil, refuseEnds(tx, now, c, ends)
		}, also: func(tx *store.Tx) error {
			return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditImported, Subject: c.Issue.Slug})
		}})
}
