package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

func submissionRow(id byte, mailbox string, state undersigned.SubmissionState, day, moved undersigned.Day) *store.SubmissionRow {
	return &store.SubmissionRow{ID: undersigned.SubmissionID{id}, PID: "aa", State: state, Day: day, Moved: moved,
		EmailHash: []byte(mailbox), Sealed: []byte{id}}
}

func insertSubmission(t *testing.T, db *store.DB, row *store.SubmissionRow, want bool) {
	t.Helper()
	update(t, db, func(tx *store.Tx) error {
		done, err := tx.InsertSubmission(row)
		if err == nil && done != want {
			t.Errorf("%x inserted: %v", row.ID[0], done)
		}
		return err
	})
}

func submissionIDs(rows []*store.SubmissionRow) (ids []byte) {
	for _, row := range rows {
		ids = append(ids, row.ID[0])
	}
	return ids
}

func TestMailboxHasOneOpenOfferAtATime(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		insertSubmission(t, db, submissionRow(1, "ana", undersigned.SubmissionReceived, "2026-11-01", "2026-11-01"), true)
		insertSubmission(t, db, submissionRow(1, "bo", undersigned.SubmissionReceived, "2026-11-01", "2026-11-01"), false)
		insertSubmission(t, db, submissionRow(2, "ana", undersigned.SubmissionReceived, "2026-11-02", "2026-11-02"), false)
		update(t, db, func(tx *store.Tx) error {
			if moved, err := tx.MoveSubmission(undersigned.SubmissionID{1}, undersigned.SubmissionActive, undersigned.SubmissionDone); err != nil || moved {
				t.Errorf("moved from a state that it does not have: %v %v", moved, err)
			}
			moved, err := tx.MoveSubmission(undersigned.SubmissionID{1}, undersigned.SubmissionReceived, undersigned.SubmissionDeclined)
			if !moved {
				t.Error("not moved")
			}
			return err
		})
		insertSubmission(t, db, submissionRow(2, "ana", undersigned.SubmissionReceived, "2026-11-02", "2026-11-02"), true)
		update(t, db, func(tx *store.Tx) error {
			rows, err := tx.SubmissionsByEmail([]byte("ana"))
			if got := submissionIDs(rows); !slices.Equal(got, []byte{1, 2}) || rows[0].Moved != undersigned.DayOf(clock.Now()) {
				t.Errorf("found %v: %+v", got, rows)
			}
			return err
		})
	})
}

func TestOfferThatIsTakenBackLeavesATombstone(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		insertSubmission(t, db, submissionRow(1, "ana", undersigned.SubmissionActive, "2026-11-01", "2026-11-01"), true)
		for _, want := range []bool{true, false} {
			update(t, db, func(tx *store.Tx) error {
				done, err := tx.WithdrawSubmission(undersigned.SubmissionID{1})
				if done != want {
					t.Errorf("withdrawn: %v, want %v", done, want)
				}
				return err
			})
		}
		update(t, db, func(tx *store.Tx) error {
			row, err := tx.Submission(undersigned.SubmissionID{1})
			if row == nil || row.State != undersigned.SubmissionWithdrawn || row.Sealed != nil || row.EmailHash != nil {
				t.Errorf("left: %+v", row)
			}
			return err
		})
	})
}

func TestReminderIsCountedOnce(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		insertSubmission(t, db, submissionRow(1, "ana", undersigned.SubmissionReceived, "2026-11-01", "2026-11-01"), true)
		insertSubmission(t, db, submissionRow(2, "bo", undersigned.SubmissionReceived, "2026-11-10", "2026-11-10"), true)
		insertSubmission(t, db, submissionRow(3, "cy", undersigned.SubmissionInTouch, "2026-11-01", "2026-11-01"), true)
		update(t, db, func(tx *store.Tx) error {
			left, err := tx.SubmissionsLeft(undersigned.SubmissionReceived, "2026-11-10", 1)
			if err != nil || !slices.Equal(submissionIDs(left), []byte{1}) {
				t.Fatalf("left: %v, %v", submissionIDs(left), err)
			}
			for _, want := range []bool{true, false} {
				if counted, err := tx.CountReminder(left[0]); err != nil || counted != want {
					t.Errorf("counted: %v, %v", counted, err)
				}
			}
			left, err = tx.SubmissionsLeft(undersigned.SubmissionReceived, "2026-11-10", 1)
			if len(left) != 0 {
				t.Errorf("still left: %v", submissionIDs(left))
			}
			return err
		})
	})
}

func TestOffersAreErasedByTheirDays(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		insertSubmission(t, db, submissionRow(1, "1", undersigned.SubmissionActive, "2025-01-01", "2026-01-01"), true)
		insertSubmission(t, db, submissionRow(2, "2", undersigned.SubmissionActive, "2025-01-02", "2025-01-02"), true)
		insertSubmission(t, db, submissionRow(3, "3", undersigned.SubmissionDone, "2026-01-01", "2026-02-01"), true)
		insertSubmission(t, db, submissionRow(4, "4", undersigned.SubmissionDeclined, "2026-01-01", "2026-02-02"), true)
		insertSubmission(t, db, submissionRow(5, "5", undersigned.SubmissionInTouch, "2026-01-01", "2026-01-01"), true)
		update(t, db, func(tx *store.Tx) error { return tx.EraseSubmissionsEnded("2025-01-02", "2026-02-02") })
		update(t, db, func(tx *store.Tx) error {
			rows, err := tx.Submissions()
			if got := submissionIDs(rows); !slices.Equal(got, []byte{2, 4, 5}) {
				t.Errorf("left: %v", got)
			}
			return err
		})
	})
}

func TestOfferWaitsUntilItsTimeIsOver(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		update(t, db, func(tx *store.Tx) error {
			for i, day := range []undersigned.Day{"2026-11-01", "2026-11-02"} {
				if err := tx.InsertWaitingSubmission(undersigned.SubmissionID{byte(i)}, day, []byte("sealed")); err != nil {
					return err
				}
			}
			if n, err := tx.CountWaitingSubmissionsBefore("2026-11-02"); err != nil || n != 1 {
				t.Errorf("%d are over, %v", n, err)
			}
			return tx.ForgetWaitingSubmissionsBefore("2026-11-02")
		})
		update(t, db, func(tx *store.Tx) error {
			for i, want := range []string{"", "sealed"} {
				if got, err := tx.WaitingSubmission(undersigned.SubmissionID{byte(i)}); err != nil || string(got) != want {
					t.Errorf("%d: %q, %v", i, got, err)
				}
			}
			return tx.ForgetWaitingSubmission(undersigned.SubmissionID{1})
		})
		update(t, db, func(tx *store.Tx) error {
			got, err := tx.WaitingSubmission(undersigned.SubmissionID{1})
			if got != nil {
				t.Error("still there")
			}
			return err
		})
	})
}

func TestOpportunityGivesItsActionAPID(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		content := &undersigned.Content{Issue: undersigned.Issue{Slug: "cause", State: undersigned.IssueOpen, Languages: []string{"en"}, Timezone: "UTC"},
			Actions: []undersigned.Action{{Issue: "cause", Slug: "help", Kind: undersigned.Volunteer, State: undersigned.ActionOpen}}}
		update(t, db, func(tx *store.Tx) error {
			if err := tx.InsertOpportunity(store.OpportunityRow{PID: "0123456789abcdef", Issue: "cause", Slug: "help"}); err != nil {
				return err
			}
			if err := tx.SetOpportunityClosed("0123456789abcdef", clock.Now()); err != nil {
				return err
			}
			return tx.PutContent(content, store.By{})
		})
		update(t, db, func(tx *store.Tx) error {
			rows, err := tx.Opportunities()
			if row := rows[[2]string{"cause", "help"}]; row.PID != "0123456789abcdef" || !row.ClosedAt.Equal(clock.Now().Truncate(time.Microsecond)) {
				t.Errorf("row: %+v", row)
			}
			return err
		})
		pid := func() string {
			if _, _, err := db.Poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			site, err := db.Site(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return site.Contents[0].Actions[0].PID
		}
		if got := pid(); got != "0123456789abcdef" {
			t.Errorf("the action's pid is %q", got)
		}
		update(t, db, func(tx *store.Tx) error { return tx.DeleteOpportunity("0123456789abcdef") })
		if got := pid(); got != "" {
			t.Errorf("it still has the pid %q", got)
		}
	})
}
