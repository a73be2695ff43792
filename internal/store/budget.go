package store

// MailBrake stands among the brakes, whose other names are pids, while mails have to wait for the budget.
const MailBrake = "mail"

// MailUse is what was sent in a time: in all, of one lane, and how many lanes had something to send.
type MailUse struct{ Total, Own, Lanes int }

// MailUse reads what was sent after a slot. The lane asked for is one of the lanes, whether it has sent before or not.
func (tx *Tx) MailUse(lane []byte, after int64) (u MailUse, err error) {
	_, err = tx.one(`select cast(coalesce(sum(n), 0) as bigint), cast(coalesce(sum(case when lane = $2 then n else 0 end), 0) as bigint),
		1 + count(distinct case when lane <> $2 then lane end) from mail_slot where slot > $1`, []any{after, lane}, &u.Total, &u.Own, &u.Lanes)
	return u, err
}

// MailSent counts the mails of all lanes that went out after a slot.
func (tx *Tx) MailSent(after int64) (n int, err error) {
	_, err = tx.one("select cast(coalesce(sum(n), 0) as bigint) from mail_slot where slot > $1", []any{after}, &n)
	return n, err
}

// MailWaits tells whether a mail was told to wait after a slot.
func (tx *Tx) MailWaits(after int64) (bool, error) {
	var n int
	_, err := tx.one("select count(*) from mail_slot where slot > $1 and waiting > 0", []any{after}, &n)
	return n > 0, err
}

// SpendMail counts one more mail of a lane in a slot.
func (tx *Tx) SpendMail(slot int64, lane []byte) error { return tx.SpendMails(slot, lane, 1) }

// SpendMails counts n more.
func (tx *Tx) SpendMails(slot int64, lane []byte, n int) error {
	_, err := tx.exec(`insert into mail_slot (slot, lane, n, waiting) values ($1, $2, $3, 0)
		on conflict (slot, lane) do update set n = mail_slot.n + $3`, slot, lane, n)
	return err
}

// DeferMail counts one more mail of a lane that was told to wait in a slot, and gives how many that makes.
func (tx *Tx) DeferMail(slot int64, lane []byte) (n int, err error) {
	_, err = tx.one(`insert into mail_slot (slot, lane, n, waiting) values ($1, $2, 0, 1)
		on conflict (slot, lane) do update set waiting = mail_slot.waiting + 1 returning waiting`, []any{slot, lane}, &n)
	return n, err
}

// ForgetMailSlots erases the slots before one.
func (tx *Tx) ForgetMailSlots(before int64) (int64, error) {
	return tx.exec("delete from mail_slot where slot < $1", before)
}
