package store

import (
	"time"

	"github.com/undersigned/undersigned"
)

// Site is everything the public pages are made of, as it stood at one revision. It is never changed once made, so that
// any number of requests may read it at the same time.
type Site struct {
	Revision int64
	Contents []*undersigned.Content // open and archived issues, by slug
}

// Issue finds an issue's content by its slug, nil where there is none.
func (s *Site) Issue(slug string) *undersigned.Content {
	for _, c := range s.Contents {
		if c.Issue.Slug == slug {
			return c
		}
	}
	return nil
}

// ByPID finds the signable action that the public log knows as pid, nil where there is none.
func (s *Site) ByPID(pid string) (*undersigned.Content, *undersigned.Action) {
	for _, c := range s.Contents {
		for i := range c.Actions {
			if c.Actions[i].PID == pid && pid != "" {
				return c, &c.Actions[i]
			}
		}
	}
	return nil, nil
}

// Count is the number under a petition or pledge as it is shown: one stored row, written when a checkpoint of the public
// log is published.
type Count struct {
	Counted  int64
	AsOf     time.Time // zero before the first checkpoint
	TreeSize int64     // entries of the public log it was counted from
}
