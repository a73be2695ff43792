package store

import (
	"database/sql"
	"fmt"
	"time"
)

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

// NoteNoMail notes that a domain, by keyed hash, has no mail server, and until when that is believed.
func (tx *Tx) NoteNoMail(hash []byte, until time.Time) error {
	_, err := tx.exec("insert into no_mail (hash, until) values ($1, $2) on conflict (hash) do update set until = $2", hash, micros(until))
	return err
}

// NoMail tells whether that is believed of a domain now.
func (tx *Tx) NoMail(hash []byte) (bool, error) {
	var n int
	_, err := tx.one("select count(*) from no_mail where hash = $1 and until > $2", []any{hash, micros(tx.Now)}, &n)
	return n > 0, err
}

// CountNoMail counts the domains of which that is believed no more.
func (tx *Tx) CountNoMail() (n int64, err error) {
	_, err = tx.one("select count(*) from no_mail where until <= $1", []any{micros(tx.Now)}, &n)
	return n, err
}

// ForgetNoMail erases those.
func (tx *Tx) ForgetNoMail() (int64, error) {
	return tx.exec("delete from no_mail where until <= $1", micros(tx.Now))
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

// MailHour is a UTC hour in which so many tries to send a mail came to the same.
type MailHour struct {
	Hour    int64 // since 1970
	Outcome string
	N       int
}

// MailHours reads what came of mails since an hour.
func (tx *Tx) MailHours(from int64) (list []MailHour, err error) {
	err = tx.each("select hour, outcome, n from mail_hour where hour >= $1 order by hour, outcome", []any{from}, func(r *sql.Rows) error {
		var m MailHour
		err := r.Scan(&m.Hour, &m.Outcome, &m.N)
		list = append(list, m)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read what came of mails: %w", err)
	}
	return list, nil
}

// ForgetMailHours erases the hours before one.
func (tx *Tx) ForgetMailHours(before int64) (int64, error) {
	return tx.exec("delete from mail_hour where hour < $1", before)
}
