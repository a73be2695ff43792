package sequencer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/undersigned/undersigned/translog"
)

// witnessTime is how long all witnesses together have for their answers.
const witnessTime = 5 * time.Second

// Witnesses are those who watch that the log only grows, each from a machine of its own (c2sp.org/tlog-witness). Nothing
// is published before as many as the policy wants have signed it.
type Witnesses struct {
	Policy translog.Policy
	urls   []string // of each of the policy's witnesses
	http   *http.Client

	mu    sync.Mutex
	sizes []int64 // what each is known to have signed
}

// ParseWitnesses reads a c2sp.org/tlog-policy whose witnesses have URLs, and whose log is ours.
func ParseWitnesses(text, vkey string) (*Witnesses, error) {
	policy, err := translog.ParsePolicy(text)
	if err != nil {
		return nil, err
	}
	if policy.Log.String() != vkey {
		return nil, fmt.Errorf("the policy is another log's: the key of this one is %s", vkey)
	}
	if policy.Quorum == 0 {
		return nil, errors.New("the policy's quorum is none: name the witnesses whose word is needed, or do without a policy")
	}
	w := &Witnesses{Policy: policy, urls: make([]string, len(policy.Witnesses)), sizes: make([]int64, len(policy.Witnesses)),
		http: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	for i, key := range policy.Witnesses {
		if w.urls[i], err = witnessURL(text, key.String()); err != nil {
			return nil, fmt.Errorf("the witness %s: %w", key.Name(), err)
		}
	}
	return w, nil
}

// witnessURL finds the URL in the line of a key: witness <name> <vkey> <URL>.
func witnessURL(text, vkey string) (string, error) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) != 4 || words[0] != "witness" || words[2] != vkey {
			continue
		}
		u, err := url.Parse(words[3])
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.User != nil {
			return "", errors.New("its URL is not http or https, or has more than host and path")
		}
		return strings.TrimRight(words[3], "/"), nil
	}
	return "", errors.New("its line has no URL")
}

// haltError is a reason to sign nothing more: what a witness remembers and what we have are not one log that grows.
type haltError struct{ text string }

func (e *haltError) Error() string { return e.text }

func errAhead(witness string, seen, ours int64) error {
	return &haltError{fmt.Sprintf("witness %s has seen %d entries of this log, which has %d: an older copy of the database is in use. "+
		"Nothing is signed until the newer one is back or its entries are restored (undersigned restore --log); signatures are still accepted", witness, seen, ours)}
}

func errForked(witness string) error {
	return &haltError{fmt.Sprintf("witness %s remembers a log that this one does not continue: another copy of the database has signed as well. "+
		"Nothing is signed; signatures are still accepted", witness)}
}

// head is what witnesses are asked to sign.
type head struct {
	translog.Checkpoint
	signed []byte
	read   translog.ReadTile
	ours   int64 // entries that the database has, published or not
}

type witnessAnswer struct {
	witness int
	lines   []byte // nil where it has seen more than the head, and no more than we have
	err     error
}

// ask asks all at once; the channel gets one answer from each.
func (w *Witnesses) ask(ctx context.Context, h head) <-chan witnessAnswer {
	answers := make(chan witnessAnswer, len(w.urls))
	for i := range w.urls {
		go func() {
			lines, err := w.askOne(ctx, i, h)
			if err != nil {
				var halt *haltError
				if !errors.As(err, &halt) {
					err = fmt.Errorf("witness %s: %w", w.Policy.Witnesses[i].Name(), err)
				}
			}
			answers <- witnessAnswer{i, lines, err}
		}()
	}
	return answers
}

// cosign collects cosignatures and returns the checkpoint with them as soon as there are enough. Where one remembers what
// we do not have, the error is a haltError, however many others sign.
func (w *Witnesses) cosign(ctx context.Context, h head) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, witnessTime)
	defer cancel()
	answers := w.ask(ctx, h)
	signed, have := h.signed, 0
	var failed []error
	for range w.urls {
		a := <-answers
		if a.err == nil {
			signed, a.err = w.add(signed, a)
		}
		var halt *haltError
		if errors.As(a.err, &halt) {
			return nil, a.err
		}
		if a.err != nil {
			failed = append(failed, a.err)
			continue
		}
		if have++; have == w.Policy.Quorum {
			return signed, nil
		}
	}
	return nil, fmt.Errorf("%d of %d witnesses have signed, %d are needed: %w", have, len(w.urls), w.Policy.Quorum, errors.Join(failed...))
}

// add checks that an answer is the witness's own cosignature, and adds it.
func (w *Witnesses) add(signed []byte, a witnessAnswer) ([]byte, error) {
	key := w.Policy.Witnesses[a.witness]
	alone := translog.Policy{Log: w.Policy.Log, Witnesses: []*translog.Key{key}, Quorum: 1}
	next, err := alone.AddCosignatures(signed, a.lines)
	if err == nil {
		_, _, err = alone.Open(next)
	}
	if err != nil {
		return signed, fmt.Errorf("witness %s: it says yes without its signature", key.Name())
	}
	// AddCosignatures of one key alone would drop those of the others.
	return w.Policy.AddCosignatures(signed, a.lines)
}

// compare asks whether anybody remembers more than we have. It is satisfied once so many have answered that at least one
// of them has signed whatever was published last: a quorum of q among n has a member in any n-q+1 of them.
func (w *Witnesses) compare(ctx context.Context, h head) error {
	ctx, cancel := context.WithTimeout(ctx, witnessTime)
	defer cancel()
	answers := w.ask(ctx, h)
	need, have := len(w.urls)-w.Policy.Quorum+1, 0
	var failed []error
	for range w.urls {
		a := <-answers
		var halt *haltError
		if errors.As(a.err, &halt) {
			return a.err
		}
		if a.err == nil && a.lines != nil {
			_, a.err = w.add(h.signed, a)
		}
		if a.err != nil {
			failed = append(failed, a.err)
		} else {
			have++
		}
	}
	if have < need {
		return fmt.Errorf("compare the log with its witnesses: %d of %d answer, %d are needed before the first signing: %w", have,
			len(w.urls), need, errors.Join(failed...))
	}
	return nil
}

// askOne asks one witness: add-checkpoint of c2sp.org/tlog-witness. A first 409 tells from which size to prove; a second is
// a witness that another of our nodes has just asked.
func (w *Witnesses) askOne(ctx context.Context, i int, h head) (lines []byte, err error) {
	old := w.known(i, -1)
	for range 3 {
		name := w.Policy.Witnesses[i].Name()
		switch {
		case old > h.ours:
			return nil, errAhead(name, old, h.ours)
		case old > h.N:
			return nil, nil
		}
		proof, err := translog.ProveConsistency(ctx, h.Tree, old, h.read)
		if err != nil {
			return nil, err
		}
		body := fmt.Appendf(nil, "old %d\n", old)
		for _, hash := range proof {
			body = fmt.Appendln(body, hash)
		}
		status, answer, err := w.post(ctx, w.urls[i]+"/add-checkpoint", append(append(body, '\n'), h.signed...))
		switch {
		case err != nil:
			return nil, err
		case status == http.StatusOK:
			w.known(i, h.N)
			return answer, nil
		case status == http.StatusUnprocessableEntity:
			return nil, errForked(name)
		case status != http.StatusConflict:
			return nil, fmt.Errorf("it answers %d", status)
		}
		seen, err := strconv.ParseInt(strings.TrimSuffix(string(answer), "\n"), 10, 64)
		if err != nil || seen < 0 || seen > translog.MaxSize {
			return nil, errors.New("its 409 does not say a size")
		}
		if seen == old && old == h.N {
			return nil, errForked(name) // the same size and another root
		}
		old = w.known(i, seen)
	}
	return nil, errors.New("it changes its mind about the size")
}

// known notes what a witness has signed, if size is not negative, and tells it.
func (w *Witnesses) known(i int, size int64) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if size >= 0 {
		w.sizes[i] = size
	}
	return w.sizes[i]
}

// maxAnswer is more than a cosignature line has, in bytes.
const maxAnswer = 16 << 10

func (w *Witnesses) post(ctx context.Context, url string, body []byte) (status int, answer []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	response, err := w.http.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return 0, nil, errors.New("it does not answer in time")
		}
		return 0, nil, errors.New("it cannot be reached")
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return 0, nil, errors.New("its answer is cut short")
	case len(answer) > maxAnswer:
		return 0, nil, errors.New("its answer is too long")
	}
	return response.StatusCode, answer, nil
}
