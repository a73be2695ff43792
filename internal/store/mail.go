package store

// CountMail counts one more mail to an address, known by its keyed hash, on a day and says how many that makes.
func (tx *Tx) CountMail(day string, hash []byte) (n int, err error) {
	_, err = tx.one(`insert into mail_day (day, hash, n) values ($1, $2, 1)
		on conflict (day, hash) do update set n = mail_day.n + 1 returning n`, []any{day, hash}, &n)
	return n, err
}

// ForgetMailBefore erases the counts of days before day.
func (tx *Tx) ForgetMailBefore(day string) (int64, error) {
	return tx.exec("delete from mail_day where day < $1", day)
}

// NeverMail notes that an address, by keyed hash, wants no mail from us again.
func (tx *Tx) NeverMail(hash []byte) error {
	_, err := tx.exec("insert into mail_never (hash) values ($1) on conflict do nothing", hash)
	return err
}

// MailAgain takes that back.
func (tx *Tx) MailAgain(hash []byte) error {
	_, err := tx.exec("delete from mail_never where hash = $1", hash)
	return err
}

// MayMail tells whether an address may be written to.
func (tx *Tx) MayMail(hash []byte) (bool, error) {
	var n int
	_, err := tx.one("select count(*) from mail_never where hash = $1", []any{hash}, &n)
	return n == 0, err
}
