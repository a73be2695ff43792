package web

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// logView explains the public log, lists what it counts, and offers the check to whoever reads it.
type logView struct {
	chrome
	Petitions []loggedPetition
	Size      string // "The log has 1,234 entries"
	AsOf      string // empty before anything was published
	AsOfTime  string
	Log       string // path of the log
	Command   string
	Key       string
	Spec      string
}

// loggedPetition is one line of the list. Count and Size are what the script compares with the log.
type loggedPetition struct {
	PID         string
	Heading     string
	Lang, Link  string
	Number      string
	Count, Size int64
}

func newLog(c chrome, site *store.Site, counts store.Counts, checkpoint store.Checkpoint, key string) logView {
	v := logView{chrome: c.titled(c.T("log.title"), c.T("log.lead")), Size: c.N("log.size", int(checkpoint.Size)), Log: "/log",
		Command: "undersigned verify " + c.BaseURL + " --vkey '" + key + "'", Key: key, Spec: "/log/spec"}
	if !checkpoint.At.IsZero() {
		v.AsOf = c.DateTime(checkpoint.At.In(undersigned.Eastern))
		v.AsOfTime = checkpoint.At.UTC().Format(time.RFC3339)
	}
	for _, content := range site.Contents {
		for i := range content.Actions {
			a := &content.Actions[i]
			count, logged := counts[a.PID]
			if a.PID == "" || !logged || a.State == undersigned.ActionDraft {
				continue
			}
			text, lang := a.Text(c.Lang(), content.Issue.Languages)
			v.Petitions = append(v.Petitions, loggedPetition{PID: a.PID, Heading: text.Title, Lang: c.other(lang),
				Link: c.Link(actionPath(a)), Number: c.Number(int(count.Counted)), Count: count.Counted, Size: count.TreeSize})
		}
	}
	return v
}

func (s *Server) showLog(ctx context.Context, v *visit, _ *http.Request) (*draft, error) {
	site, counts, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	var checkpoint store.Checkpoint
	err = s.db.View(ctx, func(tx *store.Tx) (err error) { checkpoint, err = tx.Checkpoint(); return err })
	if err != nil {
		return nil, err
	}
	return counting(s.html("log", newLog(s.chrome(v), site, counts, checkpoint, s.publicLog.Key)))
}

// logPetitions tells programs which page prints the number of which petition. It is no part of the log, and nothing that
// a verifier believes: it says where to look for what the log contradicts.
func (s *Server) logPetitions(ctx context.Context, v *visit, _ *http.Request) (*draft, error) {
	type petition struct {
		PID  string `json:"pid"`
		Page string `json:"page"`
	}
	site, counts, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	petitions := []petition{}
	for _, p := range newLog(s.views.chrome(v.lang, s.baseURL, v.path), site, counts, store.Checkpoint{}, "").Petitions {
		petitions = append(petitions, petition{p.PID, p.Link})
	}
	body, err := json.Marshal(map[string]any{"petitions": petitions})
	return &draft{body: append(body, '\n'), contentType: "application/json", counts: true}, err
}
