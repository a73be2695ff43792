package translog

import (
	"encoding/base64"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// A second parser and a second count, written from the words of the
// specification alone and in another manner: regular expressions and maps. The
// fuzz targets compare the two.

const (
	rePID    = `([0-9a-f]{16})`
	reNumber = `(0|[1-9][0-9]*)`
	reHash   = `([A-Za-z0-9+/]{43}=)`
)

var grammar = map[string]*regexp.Regexp{
	"open":    secondLine(rePID, reNumber, reHash, `(-|\d{4}-\d\d-\d\d)`),
	"sign":    secondLine(rePID, reNumber, reHash),
	"void":    secondLine(rePID, reNumber, `(withdrawn|erased|dup|bot|domain|bounce|legal|error)`),
	"restore": secondLine(rePID, reNumber),
	"shred":   secondLine(rePID, reNumber),
	"tally":   secondLine(rePID, reNumber, reNumber, reNumber, reNumber, reNumber, reNumber),
	"close":   secondLine(rePID),
	"destroy": secondLine(rePID),
}

func secondLine(words ...string) *regexp.Regexp {
	return regexp.MustCompile(`\Aundersigned-log/v1\n[a-z]+ ` + strings.Join(words, " ") + `\n\z`)
}

var (
	onlyNumber = regexp.MustCompile(`\A` + reNumber + `\z`)
	onlyHash   = regexp.MustCompile(`\A` + reHash + `\z`)
	onlyDate   = regexp.MustCompile(`\A\d{4}-\d\d-\d\d\z`)
	most       = new(big.Int).Lsh(big.NewInt(1), 60)
)

// readEntry returns the words of an entry's second line, or nil.
func readEntry(b []byte) []string {
	if len(b) > 256 {
		return nil
	}
	_, second, _ := strings.Cut(string(b), "\n")
	kind, _, _ := strings.Cut(second, " ")
	re := grammar[kind]
	if re == nil || !re.Match(b) {
		return nil
	}
	words := append([]string{kind}, re.FindStringSubmatch(string(b))[1:]...)
	for i, w := range words[2:] {
		switch {
		case onlyNumber.MatchString(w):
			n, _ := new(big.Int).SetString(w, 10)
			if n.Cmp(most) > 0 || i == 0 && (kind == "open" || kind == "sign") && n.Sign() == 0 {
				return nil
			}
		case onlyHash.MatchString(w):
			raw, err := base64.StdEncoding.DecodeString(w)
			if err != nil || base64.StdEncoding.EncodeToString(raw) != w {
				return nil
			}
		case onlyDate.MatchString(w):
			var y, m, d int
			fmt.Sscanf(w, "%d-%d-%d", &y, &m, &d)
			if time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Format("2006-01-02") != w {
				return nil
			}
		}
	}
	return words
}

// secondFold keeps a record for each sign and counts by walking over them all.
type secondFold struct {
	size      int
	versions  map[string]int
	closed    map[string]bool
	destroyed map[string]bool
	signs     map[string]map[string]string // pid, index: "", or the reason
	shredded  map[string]bool              // pid and index
}

func newSecondFold() *secondFold {
	return &secondFold{
		versions: map[string]int{}, closed: map[string]bool{}, destroyed: map[string]bool{},
		signs: map[string]map[string]string{}, shredded: map[string]bool{},
	}
}

// add reports whether the entry is allowed.
func (f *secondFold) add(b []byte) bool {
	w := readEntry(b)
	if w == nil {
		return false
	}
	kind, pid := w[0], w[1]
	if f.destroyed[pid] && kind != "tally" || f.versions[pid] == 0 && kind != "open" {
		return false
	}
	if slices.Contains([]string{"open", "sign", "close"}, kind) && f.closed[pid] {
		return false
	}
	index := fmt.Sprint(f.size)
	f.size++
	switch kind {
	case "open":
		f.versions[pid]++
		return w[2] == fmt.Sprint(f.versions[pid])
	case "sign":
		if f.signs[pid] == nil {
			f.signs[pid] = map[string]string{}
		}
		f.signs[pid][index] = ""
		version, _ := new(big.Int).SetString(w[2], 10)
		return version.Cmp(big.NewInt(int64(f.versions[pid]))) <= 0
	case "tally":
		return w[2] == index && strings.Join(w[3:], " ") == f.counts(pid)
	case "close":
		f.closed[pid] = true
		return true
	case "destroy":
		f.destroyed[pid] = true
		return f.closed[pid]
	}
	state, isSign := f.signs[pid][w[2]]
	if !isSign {
		return false
	}
	gone := state == "withdrawn" || state == "erased"
	switch kind {
	case "void":
		f.signs[pid][w[2]] = w[3]
		return state == ""
	case "restore":
		f.signs[pid][w[2]] = ""
		return state != "" && !gone
	default:
		key := pid + " " + w[2]
		already := f.shredded[key]
		f.shredded[key] = true
		return !gone && !already
	}
}

// counts returns the last five words of a tally.
func (f *secondFold) counts(pid string) string {
	var counted, withdrawn, erased, fraud, shredded int
	for index, state := range f.signs[pid] {
		switch state {
		case "":
			counted++
			if f.shredded[pid+" "+index] {
				shredded++
			}
		case "withdrawn":
			withdrawn++
		case "erased":
			erased++
		default:
			fraud++
		}
	}
	return fmt.Sprint(counted, withdrawn, erased, fraud, shredded)
}

// fuzzedLog makes a log of two petitions from bytes: mostly what is allowed,
// some of what is not.
func fuzzedLog(data []byte) [][]byte {
	var log [][]byte
	pids := []PID{pidA, pidB}
	versions := map[PID]int64{}
	model := newSecondFold()
	for ; len(data) >= 3; data = data[3:] {
		what, which, index := data[0], data[1], int64(data[2])
		pid := pids[which&1]
		e := Entry{PID: pid}
		switch what % 16 {
		case 0:
			e = Entry{Kind: KindOpen, PID: pid, Version: versions[pid] + 1, Hash: testHash(int(index))}
			versions[pid]++
		case 1, 2, 3, 4, 5, 6:
			e = Entry{Kind: KindSign, PID: pid, Version: max(1, versions[pid]-index%2), Hash: testHash(len(log))}
		case 7, 8:
			e = Entry{Kind: KindVoid, PID: pid, Index: index, Reason: Reason(1 + which>>1%8)}
		case 9:
			e = Entry{Kind: KindRestore, PID: pid, Index: index}
		case 10:
			e = Entry{Kind: KindShred, PID: pid, Index: index}
		case 11, 12:
			var c Counts
			fmt.Sscan(model.counts(pid.String()), &c.Counted, &c.Withdrawn, &c.Erased, &c.Fraud, &c.Shredded)
			if index == 255 {
				c.Fraud++
			}
			e = Entry{Kind: KindTally, PID: pid, Size: int64(len(log)) + int64(which>>7), Counts: c}
		case 13:
			e.Kind = KindClose
		case 14:
			e.Kind = KindDestroy
		case 15:
			log = append(log, slices.Concat([]byte("undersigned-log/v1\nclose "), []byte(pid.String()), data[1:3]))
			continue
		}
		b, err := e.Bytes()
		if err != nil {
			panic(err)
		}
		if index%4 != 0 { // leave most of what is not allowed out, so that logs grow long
			if !model.clone().add(b) {
				continue
			}
		}
		model.add(b)
		log = append(log, b)
	}
	return log
}

func (f *secondFold) clone() *secondFold {
	c := &secondFold{f.size, maps.Clone(f.versions), maps.Clone(f.closed), maps.Clone(f.destroyed), map[string]map[string]string{}, maps.Clone(f.shredded)}
	for pid, signs := range f.signs {
		c.signs[pid] = maps.Clone(signs)
	}
	return c
}

func FuzzTwoCountsAgree(f *testing.F) {
	f.Add([]byte("\x00\x00\x01\x01\x00\x01\x02\x00\x02\x07\x02\x01\x09\x00\x01\x0b\x00\x01"))
	f.Add([]byte("\x00\x00\x01\x01\x00\x01\x0a\x00\x01\x07\x04\x01\x0b\x00\x01\x09\x00\x01\x0b\x00\x01\x0d\x00\x01\x0e\x00\x01\x0b\x00\x02\x07\x00\x04"))
	f.Add([]byte("\x00\x01\x01\x00\x00\x01\x01\x00\x01\x01\x01\x01\x07\x01\x02\x0a\x01\x03\x0f\x00\x0a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 600 {
			return
		}
		var first Fold
		second := newSecondFold()
		for i, entry := range fuzzedLog(data) {
			err := first.Add(entry)
			if second.add(entry) != (err == nil) {
				t.Fatalf("entry %d, %q: the counts disagree: %v", i, entry, err)
			}
			if err != nil {
				return
			}
			for _, p := range first.Petitions() {
				c := p.Counts
				got := fmt.Sprint(c.Counted, c.Withdrawn, c.Erased, c.Fraud, c.Shredded)
				if want := second.counts(p.PID.String()); got != want {
					t.Fatalf("after entry %d, %q: %s, not %s", i, entry, got, want)
				}
			}
		}
	})
}
