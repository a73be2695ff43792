package translog

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// MaxEntrySize is the most bytes that an entry may have, both line ends included.
const MaxEntrySize = 256

// MaxSize is the largest log size, index, version or count that this package
// reads: 2^60. It is far beyond any real log and keeps the arithmetic of
// sumdb/tlog, which doubles such numbers, inside an int64.
const MaxSize = 1 << 60

const entryHeader = "undersigned-log/v1\n"

// Kind says what an entry records.
type Kind uint8

// The kinds of entry, each with the fields that its line carries.
const (
	KindOpen    Kind = iota + 1 // PID Version Hash Closes: a petition's text, or a changed one
	KindSign                    // PID Version Hash: one signature
	KindVoid                    // PID Index Reason: the signature at Index counts no longer
	KindRestore                 // PID Index: it counts again
	KindShred                   // PID Index: its opening is destroyed; it still counts
	KindTally                   // PID Size Counts: what the fold of everything before says
	KindClose                   // PID: no more signatures
	KindDestroy                 // PID: all openings are destroyed
)

var kindNames = [...]string{"", "open", "sign", "void", "restore", "shred", "tally", "close", "destroy"}

// String returns the word that begins an entry's second line, or "" for no kind.
func (k Kind) String() string { return wordOf(kindNames[:], int(k)) }

// Reason says why a signature was voided.
type Reason uint8

// The reasons. The last six are called fraud in the counts, and a restore can undo them.
const (
	ReasonWithdrawn Reason = iota + 1 // the signer took it back
	ReasonErased                      // the signer had it erased
	ReasonDup                         // the same person again
	ReasonBot                         // no person
	ReasonDomain                      // an address of a domain that fakes people
	ReasonBounce                      // the mailbox does not exist
	ReasonLegal                       // a court or a law
	ReasonError                       // a mistake of the site
)

var reasonNames = [...]string{"", "withdrawn", "erased", "dup", "bot", "domain", "bounce", "legal", "error"}

// String returns the reason's word, or "" for no reason.
func (r Reason) String() string { return wordOf(reasonNames[:], int(r)) }

// Fraud reports whether the reason is one of those that the site decides and
// can undo, not the signer.
func (r Reason) Fraud() bool { return r >= ReasonDup && r <= ReasonError }

// ParseReason reads a reason's word.
func ParseReason(word string) (Reason, error) {
	if n := numberOf(reasonNames[:], []byte(word)); n > 0 {
		return Reason(n), nil
	}
	return 0, errors.New("parse a reason: unknown word")
}

// PID is the public, random identifier of a petition or pledge. Its text is 16
// lower-case hexadecimal digits.
type PID [8]byte

// ParsePID reads 16 lower-case hexadecimal digits.
func ParsePID(text string) (PID, error) {
	if pid, ok := parsePID([]byte(text)); ok {
		return pid, nil
	}
	return PID{}, errors.New("parse a petition's pid: it must be 16 lower-case hexadecimal digits")
}

// String returns the 16 digits.
func (p PID) String() string { return hex.EncodeToString(p[:]) }

// Counts are the numbers of one petition. Every sign is exactly one of
// counted, withdrawn, erased and fraud; Shredded says how many of the counted
// can no longer be opened.
type Counts struct {
	Counted, Withdrawn, Erased, Fraud, Shredded int64
}

// Entry is one leaf of the log. Its bytes are ASCII: the line
// "undersigned-log/v1", then one line with the kind and its fields,
//
//	open    <pid> <version> <hash> <closes>
//	sign    <pid> <version> <hash>
//	void    <pid> <index> <reason>
//	restore <pid> <index>
//	shred   <pid> <index>
//	tally   <pid> <size> <counted> <withdrawn> <erased> <fraud> <shredded>
//	close   <pid>
//	destroy <pid>
//
// with single spaces. Both lines end with LF, the last one too. Numbers are
// decimal without leading zeros, at most [MaxSize]; versions begin at 1. A hash
// is 32 bytes in standard, padded base64. There is one encoding of each entry:
// whatever differs from it by a byte is refused.
//
// Fields that a kind does not carry are zero.
type Entry struct {
	Kind    Kind
	PID     PID
	Version int64
	Hash    tlog.Hash // open: SHA-256 of the canonical text; sign: the commitment
	Closes  string    // open: YYYY-MM-DD, the last day for signing; "" is written "-"
	Index   int64
	Reason  Reason
	Size    int64
	Counts  Counts
}

// Bytes returns the entry's bytes. An entry that would not come back the same
// from [ParseEntry] is refused.
func (e Entry) Bytes() ([]byte, error) {
	b := append(make([]byte, 0, 128), entryHeader...)
	b = append(b, e.Kind.String()...)
	b = append(b, ' ')
	b = hex.AppendEncode(b, e.PID[:])
	switch e.Kind {
	case KindOpen:
		b = appendHash(appendNumbers(b, e.Version), e.Hash)
		b = append(b, ' ')
		if e.Closes == "" {
			b = append(b, '-')
		}
		b = append(b, e.Closes...)
	case KindSign:
		b = appendHash(appendNumbers(b, e.Version), e.Hash)
	case KindVoid:
		b = append(appendNumbers(b, e.Index), ' ')
		b = append(b, e.Reason.String()...)
	case KindRestore, KindShred:
		b = appendNumbers(b, e.Index)
	case KindTally:
		n := e.Counts
		b = appendNumbers(b, e.Size, n.Counted, n.Withdrawn, n.Erased, n.Fraud, n.Shredded)
	}
	b = append(b, '\n')
	back, err := ParseEntry(b)
	if err != nil {
		return nil, fmt.Errorf("format a log entry: %w", err)
	}
	if back != e {
		return nil, fmt.Errorf("format a log entry: a %s entry has a field that it cannot carry", e.Kind)
	}
	return b, nil
}

// ParseEntry reads the bytes of one entry. It keeps nothing of b and, except
// for an open entry with a closing date, allocates nothing.
func ParseEntry(b []byte) (Entry, error) {
	if len(b) > MaxEntrySize {
		return Entry{}, errors.New("the entry has more than 256 bytes")
	}
	if len(b) <= len(entryHeader) || string(b[:len(entryHeader)]) != entryHeader {
		return Entry{}, errors.New("the entry does not begin with undersigned-log/v1")
	}
	text := b[len(entryHeader):]
	if bytes.IndexByte(text, '\n') != len(text)-1 {
		return Entry{}, errors.New("the entry is not two lines that end with LF")
	}
	l := line{rest: text[:len(text)-1]}
	e := Entry{Kind: Kind(numberOf(kindNames[:], l.word()))}
	if e.Kind == 0 {
		return Entry{}, errors.New("the entry is of an unknown kind")
	}
	e.PID = l.pid()
	switch e.Kind {
	case KindOpen:
		e.Version, e.Hash, e.Closes = l.version(), l.hash(), l.day()
	case KindSign:
		e.Version, e.Hash = l.version(), l.hash()
	case KindVoid:
		e.Index, e.Reason = l.number(), l.reason()
	case KindRestore, KindShred:
		e.Index = l.number()
	case KindTally:
		e.Size = l.number()
		e.Counts = Counts{l.number(), l.number(), l.number(), l.number(), l.number()}
	}
	if !l.end && l.wrong == "" {
		l.wrong = "words after the last one"
	}
	if l.wrong != "" {
		return Entry{}, fmt.Errorf("the %s entry has a malformed line: %s", e.Kind, l.wrong)
	}
	return e, nil
}

// LeafHash is the RFC 6962 hash of an entry, the same as tlog.RecordHash, but
// does not allocate.
func LeafHash(entry []byte) tlog.Hash {
	var buf [1 + MaxEntrySize]byte // buf[0] is the 0x00 that marks a leaf
	if len(entry) > MaxEntrySize {
		return tlog.RecordHash(entry)
	}
	return sha256.Sum256(buf[:1+copy(buf[1:], entry)])
}

// line takes words off an entry's second line. It remembers the first thing
// that was wrong, so that callers read field after field and look once.
type line struct {
	rest  []byte
	end   bool
	wrong string
}

func (l *line) word() []byte {
	if l.end {
		l.fail("a word is missing")
		return nil
	}
	word, rest, more := bytes.Cut(l.rest, []byte(" "))
	l.rest, l.end = rest, !more
	return word
}

func (l *line) fail(why string) {
	if l.wrong == "" {
		l.wrong = why
	}
}

func (l *line) pid() PID {
	pid, ok := parsePID(l.word())
	if !ok {
		l.fail("the pid is not 16 lower-case hexadecimal digits")
	}
	return pid
}

func (l *line) number() int64 {
	n, ok := parseNumber(l.word())
	if !ok {
		l.fail("a number is not a decimal without leading zeros, at most 2^60")
	}
	return n
}

func (l *line) version() int64 {
	n := l.number()
	if n < 1 {
		l.fail("versions begin at 1")
	}
	return n
}

func (l *line) hash() tlog.Hash {
	h, ok := parseHash(l.word())
	if !ok {
		l.fail("a hash is not 32 bytes in standard, padded base64")
	}
	return h
}

func (l *line) day() string {
	word := l.word()
	if string(word) == "-" {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, string(word)); err != nil {
		l.fail("the closing day is neither YYYY-MM-DD nor -")
	}
	return string(word)
}

func (l *line) reason() Reason {
	n := numberOf(reasonNames[:], l.word())
	if n == 0 {
		l.fail("the reason is unknown")
	}
	return Reason(n)
}

func parsePID(word []byte) (pid PID, ok bool) {
	if len(word) != 2*len(pid) {
		return PID{}, false
	}
	for _, c := range word {
		if c >= 'A' && c <= 'F' {
			return PID{}, false
		}
	}
	_, err := hex.Decode(pid[:], word)
	return pid, err == nil
}

// parseNumber reads a canonical decimal from 0 to MaxSize.
func parseNumber(word []byte) (n int64, ok bool) {
	if len(word) == 0 || len(word) > 19 || word[0] == '0' && len(word) > 1 {
		return 0, false
	}
	for _, c := range word {
		if c < '0' || c > '9' || n > MaxSize/10 {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, n <= MaxSize
}

// parseHash reads the one base64 text of 32 bytes: the decoder is strict about
// the unused last bits, and the length leaves no room for the line breaks that
// it would skip.
func parseHash(word []byte) (h tlog.Hash, ok bool) {
	var buf [33]byte
	if len(word) != 44 {
		return h, false
	}
	n, err := strictBase64.Decode(buf[:], word)
	if n != len(h) || err != nil {
		return h, false
	}
	return tlog.Hash(buf[:len(h)]), true
}

var strictBase64 = base64.StdEncoding.Strict()

func appendNumbers(b []byte, numbers ...int64) []byte {
	for _, n := range numbers {
		b = strconv.AppendInt(append(b, ' '), n, 10)
	}
	return b
}

func appendHash(b []byte, h tlog.Hash) []byte {
	return base64.StdEncoding.AppendEncode(append(b, ' '), h[:])
}

func wordOf(names []string, n int) string {
	if n < len(names) {
		return names[n]
	}
	return ""
}

// numberOf returns the place of word among names, of which the first is no
// name, or 0.
func numberOf(names []string, word []byte) int {
	for n, name := range names[1:] {
		if string(word) == name {
			return n + 1
		}
	}
	return 0
}
