package web

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
)

// bounceEvent is what a mail service says of a mail of ours, in our own words: docs/operations.md tells how to get there
// from theirs.
type bounceEvent struct {
	MessageID string `json:"message_id"`
	Event     string `json:"event"` // hard, soft or complaint
}

// takeBounces takes reports about news that did not arrive: one mail as it came (message/rfc822), or a list of events. Whoever
// does not know the secret finds nothing here. What is not ours is passed over.
func (s *Server) takeBounces(v *visit, r *http.Request) error {
	if s.bounceSecret == "" || subtle.ConstantTimeCompare([]byte(r.PathValue("secret")), []byte(s.bounceSecret)) != 1 {
		return undersigned.Fail(undersigned.NotFound, "")
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	switch kind {
	case "message/rfc822":
		err = s.takeBounceMail(r)
	case "application/json":
		err = s.takeBounceEvents(r)
	default:
		err = &undersigned.Error{Kind: undersigned.Invalid, Err: errors.New("neither message/rfc822 nor application/json")}
	}
	if err != nil {
		return err
	}
	v.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) takeBounceMail(r *http.Request) error {
	report, err := mail.ReadReport(r.Body)
	if errors.Is(err, mail.ErrNoReport) {
		return &undersigned.Error{Kind: undersigned.Invalid, Err: err}
	}
	if err == nil {
		_, err = s.actions.TakeMail(r.Context(), report)
	}
	return err
}

func (s *Server) takeBounceEvents(r *http.Request) error {
	events, err := readBounceEvents(r.Body)
	if err != nil {
		return err
	}
	for _, e := range events {
		report := undersigned.Report(e.Event)
		if err := s.actions.TakeEvent(r.Context(), e.MessageID, report); err != nil {
			return err
		}
	}
	return nil
}

// readBounceEvents reads a list of events, all of which must be understood.
func readBounceEvents(body io.Reader) (events []bounceEvent, err error) {
	raw, err := io.ReadAll(body)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, &undersigned.Error{Kind: undersigned.TooLarge, Err: err}
	}
	if err == nil {
		err = json.Unmarshal(raw, &events)
	}
	if err != nil { // it may quote what was sent
		return nil, &undersigned.Error{Kind: undersigned.Invalid, Err: errors.New("not a list of events")}
	}
	for _, e := range events {
		switch undersigned.Report(e.Event) {
		case undersigned.HardBounce, undersigned.SoftBounce, undersigned.Complaint:
		default:
			return nil, &undersigned.Error{Kind: undersigned.Invalid, Err: errors.New("an event is none of hard, soft and complaint")}
		}
	}
	return events, nil
}
