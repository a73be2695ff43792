package store

import (
	"database/sql"
	"fmt"

	"github.com/undersigned/undersigned"
)

const deliveryColumns = "outreach, target, method, issue, action, day, rewritten, state, reply, unanswered, again"

// InsertDelivery adds a delivery, or tells that this outreach has one to the target by the method already.
func (tx *Tx) InsertDelivery(d undersigned.Delivery) (inserted bool, err error) {
	n, err := tx.exec("insert into delivery ("+deliveryColumns+") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, '') on conflict do nothing",
		d.ID[:], d.Target, d.Method, d.Issue, d.Action, d.Day, d.Rewritten, d.State, d.Reply)
	if err != nil {
		return false, fmt.Errorf("insert a delivery: %w", err)
	}
	return n == 1, nil
}

// Deliveries reads those of one outreach, by target and method.
func (tx *Tx) Deliveries(id undersigned.OutreachID) (found []undersigned.Delivery, err error) {
	err = tx.each("select "+deliveryColumns+" from delivery where outreach = $1 order by target, method", []any{id[:]}, func(r *sql.Rows) error {
		var d undersigned.Delivery
		var raw []byte
		err := r.Scan(&raw, &d.Target, &d.Method, &d.Issue, &d.Action, &d.Day, &d.Rewritten, &d.State, &d.Reply, &d.Unanswered, &d.Again)
		copy(d.ID[:], raw)
		found = append(found, d)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	return found, nil
}

// MoveDelivery moves the e-mail to a target from one state to another, with the mail server's reply. False where it stands
// elsewhere.
func (tx *Tx) MoveDelivery(id undersigned.OutreachID, target string, from, to undersigned.DeliveryState, reply string) (moved bool, err error) {
	n, err := tx.exec("update delivery set state = $5, reply = $6, unanswered = 0 where outreach = $1 and target = $2 and method = $3 and state = $4",
		id[:], target, undersigned.ByEmail, from, to, reply)
	if err != nil {
		return false, fmt.Errorf("move a delivery: %w", err)
	}
	return n == 1, nil
}

// LeaveUnanswered notes that nobody waits for an answer to the e-mail to a target any more, where it was handed over.
func (tx *Tx) LeaveUnanswered(id undersigned.OutreachID, target string) error {
	_, err := tx.exec("update delivery set unanswered = 1 where outreach = $1 and target = $2 and method = $3 and state = $4",
		id[:], target, undersigned.ByEmail, undersigned.DeliveryHandedOver)
	if err != nil {
		return fmt.Errorf("leave a delivery unanswered: %w", err)
	}
	return nil
}

// QueueAgain promises the e-mail to a target once more; false where it stands elsewhere than it was read, or that was done
// before.
func (tx *Tx) QueueAgain(d undersigned.Delivery, day undersigned.Day) (queued bool, err error) {
	n, err := tx.exec(`update delivery set state = $5, reply = '', unanswered = 0, again = $6
		where outreach = $1 and target = $2 and method = $3 and state = $4 and (state <> $7 or unanswered = 1) and again = ''`,
		d.ID[:], d.Target, d.Method, d.State, undersigned.DeliveryQueued, day, undersigned.DeliveryHandedOver)
	if err != nil {
		return false, fmt.Errorf("queue a delivery again: %w", err)
	}
	return n == 1, nil
}

// DeliveryCount is how many messages went to a target on one day, by one way and with one result.
type DeliveryCount struct {
	Issue, Action string // slugs
	Method        undersigned.Method
	State         undersigned.DeliveryState
	Day           undersigned.Day
	N             int64
}

// CountDeliveries counts those to one target, the earliest day first.
func (tx *Tx) CountDeliveries(target string) (counts []DeliveryCount, err error) {
	err = tx.each(`select issue, action, method, state, day, count(*) from delivery where target = $1
		group by day, issue, action, method, state order by day, issue, action, method, state`, []any{target}, func(r *sql.Rows) error {
		var c DeliveryCount
		err := r.Scan(&c.Issue, &c.Action, &c.Method, &c.State, &c.Day, &c.N)
		counts = append(counts, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count deliveries: %w", err)
	}
	return counts, nil
}

// DeliveryTargets lists whom anything went to: letters, calls, petitions.
func (tx *Tx) DeliveryTargets() (targets []string, err error) {
	err = tx.each(`select target from delivery union select target from call_day union select bioguide from handover union select bioguide from answer
		order by 1`, nil, func(r *sql.Rows) error {
		var target string
		err := r.Scan(&target)
		targets = append(targets, target)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the targets: %w", err)
	}
	return targets, nil
}

// CountCall counts one more call to a target that ended in a way.
func (tx *Tx) CountCall(issue, action, target, day string, outcome undersigned.CallOutcome) error {
	_, err := tx.exec(`insert into call_day (issue, action, target, day, outcome, n) values ($1, $2, $3, $4, $5, 1)
		on conflict (target, issue, action, day, outcome) do update set n = call_day.n + 1`, issue, action, target, day, outcome)
	if err != nil {
		return fmt.Errorf("count a call: %w", err)
	}
	return nil
}

// CallCount is how many calls to a target ended in one way on one day.
type CallCount struct {
	Issue, Action string // slugs
	Outcome       undersigned.CallOutcome
	Day           undersigned.Day
	N             int64
}

// Calls reads the numbers of one target, the earliest day first.
func (tx *Tx) Calls(target string) (counts []CallCount, err error) {
	err = tx.each("select issue, action, outcome, day, n from call_day where target = $1 order by day, issue, action, outcome", []any{target},
		func(r *sql.Rows) error {
			var c CallCount
			err := r.Scan(&c.Issue, &c.Action, &c.Outcome, &c.Day, &c.N)
			counts = append(counts, c)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read the calls: %w", err)
	}
	return counts, nil
}

// Press notes a button by its random id, and tells whether it was not pressed yet on that day.
func (tx *Tx) Press(day string, id []byte) (first bool, err error) {
	n, err := tx.exec("insert into pressed (day, id) values ($1, $2) on conflict do nothing", day, id)
	return n == 1, err
}

// WasPressed tells whether a button was pressed, and notes nothing.
func (tx *Tx) WasPressed(day string, id []byte) (bool, error) {
	var n int64
	return tx.one("select 1 from pressed where day = $1 and id = $2", []any{day, id}, &n)
}

// ForgetPressedBefore erases the ids of days before day.
func (tx *Tx) ForgetPressedBefore(day string) (int64, error) {
	return tx.exec("delete from pressed where day < $1", day)
}
