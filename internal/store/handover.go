package store

import (
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/undersigned/undersigned"
)

// PutHandover notes what was handed to an office, in place of what was noted for the same day, and makes a new revision of
// the site; again tells that something was noted.
func (tx *Tx) PutHandover(h *undersigned.Handover) (again bool, err error) {
	member, err := json.Marshal(h.Member)
	if err != nil {
		return false, err
	}
	n, err := tx.exec(`delete from handover where bioguide = $1 and issue = $2 and action = $3 and day = $4`,
		h.Member.Bioguide, h.Issue, h.Action, h.Day)
	if err == nil {
		_, err = tx.exec("insert into handover (bioguide, issue, action, day, how, paper, member) values ($1, $2, $3, $4, $5, $6, $7)",
			h.Member.Bioguide, h.Issue, h.Action, h.Day, h.How, h.Paper, string(member))
	}
	return n > 0, tx.changedOffice("note a hand-over", err)
}

// PutAnswer notes what an office answered, in place of what was noted for the same day, and makes a new revision of the
// site; again tells that something was noted.
func (tx *Tx) PutAnswer(a *undersigned.Answer) (again bool, err error) {
	member, err := json.Marshal(a.Member)
	if err != nil {
		return false, err
	}
	n, err := tx.exec(`delete from answer where bioguide = $1 and issue = $2 and action = $3 and day = $4`,
		a.Member.Bioguide, a.Issue, a.Action, a.Day)
	if err == nil {
		_, err = tx.exec("insert into answer (bioguide, issue, action, day, lang, words, member) values ($1, $2, $3, $4, $5, $6, $7)",
			a.Member.Bioguide, a.Issue, a.Action, a.Day, a.Lang, a.Text, string(member))
	}
	return n > 0, tx.changedOffice("note an answer", err)
}

// DropHandover forgets that something was handed to an office on a day, and what the diary said of it; false where nothing was
// noted.
func (tx *Tx) DropHandover(bioguide, issue, action string, day undersigned.Day) (bool, error) {
	return tx.dropPassed("delete from handover where bioguide = $1 and issue = $2 and action = $3 and day = $4", undersigned.HandedOver, bioguide, issue, action, day)
}

// DropAnswer is DropHandover for what an office answered.
func (tx *Tx) DropAnswer(bioguide, issue, action string, day undersigned.Day) (bool, error) {
	return tx.dropPassed("delete from answer where bioguide = $1 and issue = $2 and action = $3 and day = $4", undersigned.Answered, bioguide, issue, action, day)
}

func (tx *Tx) dropPassed(query string, told undersigned.EventKind, bioguide, issue, action string, day undersigned.Day) (bool, error) {
	n, err := tx.exec(query, bioguide, issue, action, day)
	if err == nil && n == 0 {
		return false, nil
	}
	if err == nil {
		_, err = tx.exec("delete from event where kind = $1 and issue = $2 and subject = $3 and at = $4 and detail like $5",
			told, issue, action, micros(day.Begin(undersigned.Eastern)), bioguide+" %")
	}
	return true, tx.changedOffice("take back what passed with an office", err)
}

func (tx *Tx) changedOffice(doing string, err error) error {
	if err == nil {
		_, err = tx.exec("update site set revision = revision + 1")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// Correspondence reads what passed between each action, by issue and slug, and one office.
func (tx *Tx) Correspondence(bioguide string) (map[[2]string]*undersigned.Correspondence, error) {
	all := map[[2]string]*undersigned.Correspondence{}
	err := tx.passed("bioguide = $1", []any{bioguide}, func(_, issue, action string) *undersigned.Correspondence {
		key := [2]string{issue, action}
		if all[key] == nil {
			all[key] = &undersigned.Correspondence{}
		}
		return all[key]
	})
	return all, err
}

// CorrespondenceOf reads what passed between one action and each office, by bioguide id.
func (tx *Tx) CorrespondenceOf(issue, action string) (map[string]*undersigned.Correspondence, error) {
	all := map[string]*undersigned.Correspondence{}
	err := tx.passed("issue = $1 and action = $2", []any{issue, action}, func(bioguide, _, _ string) *undersigned.Correspondence {
		if all[bioguide] == nil {
			all[bioguide] = &undersigned.Correspondence{}
		}
		return all[bioguide]
	})
	return all, err
}

// Answers reads what all offices have answered, by day.
func (tx *Tx) Answers() (answers []undersigned.Answer, err error) {
	all := &undersigned.Correspondence{}
	err = tx.passed("1 = 1", nil, func(_, _, _ string) *undersigned.Correspondence { return all })
	return all.Answers, err
}

// passed reads hand-overs and answers, each in the order of their days, into what of gives for them.
func (tx *Tx) passed(where string, args []any, of func(bioguide, issue, action string) *undersigned.Correspondence) error {
	err := tx.each("select bioguide, issue, action, day, how, paper, member from handover where "+where+" order by day", args,
		func(r *sql.Rows) error {
			var h undersigned.Handover
			var bioguide, member string
			if err := r.Scan(&bioguide, &h.Issue, &h.Action, &h.Day, &h.How, &h.Paper, &member); err != nil {
				return err
			}
			c := of(bioguide, h.Issue, h.Action)
			err := json.Unmarshal([]byte(member), &h.Member)
			c.Handovers = append(c.Handovers, h)
			return err
		})
	if err == nil {
		err = tx.each("select bioguide, issue, action, day, lang, words, member from answer where "+where+" order by day", args,
			func(r *sql.Rows) error {
				var a undersigned.Answer
				var bioguide, member string
				if err := r.Scan(&bioguide, &a.Issue, &a.Action, &a.Day, &a.Lang, &a.Text, &member); err != nil {
					return err
				}
				c := of(bioguide, a.Issue, a.Action)
				err := json.Unmarshal([]byte(member), &a.Member)
				c.Answers = append(c.Answers, a)
				return err
			})
	}
	if err != nil {
		return fmt.Errorf("read what passed with an office: %w", err)
	}
	return nil
}

// OfficesHandedOver lists the legislators to whose offices anything was ever handed over, as they were then.
func (tx *Tx) OfficesHandedOver() (members []undersigned.Legislator, err error) {
	seen := map[string]bool{}
	err = tx.each("select bioguide, member from handover order by day desc, bioguide", nil, func(r *sql.Rows) error {
		var bioguide, doc string
		if err := r.Scan(&bioguide, &doc); err != nil || seen[bioguide] {
			return err
		}
		seen[bioguide] = true
		var l undersigned.Legislator
		err := json.Unmarshal([]byte(doc), &l)
		members = append(members, l)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read to whom was handed over: %w", err)
	}
	return members, nil
}
