package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/undersigned/undersigned/translog"
)

// source is a public log as outsiders reach it, and the site around it, if there is one.
type source struct {
	log    string // a URL or a folder
	root   string // the site's URL without a slash at its end; empty for a log alone
	client *translog.Client
	report *translog.Report // nil before the log is verified
}

// openSource takes a site's URL, its log's URL, or the folder of a mirror.
func openSource(location string) (*source, error) {
	s := &source{log: location}
	if u, err := url.Parse(location); err == nil && strings.Contains(location, "://") {
		switch {
		case strings.Trim(u.Path, "/") == "":
			s.root = strings.TrimRight(location, "/")
			s.log = s.root + "/log"
		case strings.TrimRight(u.Path, "/") == "/log":
			s.log = strings.TrimRight(location, "/")
			s.root = strings.TrimSuffix(s.log, "/log")
		}
	}
	var err error
	s.client, err = translog.NewClient(s.log)
	return s, err
}

// count is what a page of the site prints.
type count struct {
	Count    int64 `json:"count"`
	TreeSize int64 `json:"tree_size"`
}

// page is a petition's page, the number on it, and what the log says that number must be.
type page struct {
	PID     string `json:"pid"`
	Path    string `json:"page"`
	printed count
	logged  int64
	known   bool // logged is set
}

// maxJSON bounds what is read of a site that may send anything.
const maxJSON = 8 << 20

var errNotServed = errors.New("not served")

// printed reads which petitions the site has and the number that it prints under each. A log without a site prints none.
func (s *source) printed(ctx context.Context) ([]page, error) {
	if s.root == "" {
		return nil, nil
	}
	var list struct {
		Petitions []page `json:"petitions"`
	}
	err := s.getJSON(ctx, "/log/petitions.json", &list)
	if errors.Is(err, errNotServed) {
		return nil, nil // a mirror
	}
	for i := range list.Petitions {
		p := &list.Petitions[i]
		if err == nil && (!strings.HasPrefix(p.Path, "/") || strings.HasPrefix(p.Path, "//")) {
			err = errors.New("read the site's petitions: a page is not a path of the site")
		}
		if err == nil {
			err = s.getJSON(ctx, p.Path+"/count.json", &p.printed)
		}
	}
	return list.Petitions, err
}

func (s *source) getJSON(ctx context.Context, path string, to any) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.root+path, nil)
	if err != nil {
		return fmt.Errorf("read %s: it is not a path", path)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNotFound {
		return fmt.Errorf("read %s: %w", path, errNotServed)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("read %s: the server answered %s", path, response.Status)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxJSON)).Decode(to); err != nil {
		return fmt.Errorf("read %s: it is not the JSON that it should be", path)
	}
	return nil
}

// keepPrinted notes what the log says of each page's petition at the size for which the page prints its number.
func keepPrinted(pages []page) translog.Watch {
	at := map[int64][]*page{}
	for i := range pages {
		pages[i].known, pages[i].logged = pages[i].printed.TreeSize == 0, 0
		at[pages[i].printed.TreeSize] = append(at[pages[i].printed.TreeSize], &pages[i])
	}
	return func(f *translog.Fold, _ []byte, _ int64) error {
		wanted := at[f.Size()]
		if wanted == nil {
			return nil
		}
		counted := map[string]int64{}
		for _, p := range f.Petitions() {
			counted[p.PID.String()] = p.Counts.Counted
		}
		for _, p := range wanted {
			p.logged, p.known = counted[p.PID], true
		}
		return nil
	}
}

func printedLater(pages []page, size int64) bool {
	for _, p := range pages {
		if p.printed.TreeSize > size {
			return true
		}
	}
	return false
}

// compare holds the printed numbers against the log.
func (v *verdict) compare(pages []page, r *translog.Report) {
	for _, p := range pages {
		switch {
		case !p.known:
			v.fault("%s: its number is said to be that of %d entries, and the log has only %d", p.Path, p.printed.TreeSize, r.Checkpoint.N)
		case p.logged != p.printed.Count:
			v.fault("%s: the site prints %d, the log of %d entries says %d", p.Path, p.printed.Count, p.printed.TreeSize, p.logged)
		}
		for i := range v.Petitions {
			if v.Petitions[i].PID == p.PID {
				v.Petitions[i].Page, v.Petitions[i].Printed = p.Path, &p.printed
			}
		}
	}
}
