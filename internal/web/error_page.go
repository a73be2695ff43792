package web

import (
	"fmt"
	"net/http"
)

// problemView says what went wrong and what to do next: every answer that is not a page.
type problemView struct {
	chrome
	Status      int
	Explanation string // what went wrong
	Help        string // what to do about it
	ID          string // of the request, to quote; only where the fault is ours
	NextLink    string
	NextLabel   string
}

// problems are the answers we know by their status; any other is told as a 500.
var problems = []int{http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone,
	http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusTooManyRequests,
	http.StatusInternalServerError, http.StatusServiceUnavailable}

// newProblem makes the page of a status. key is the message of an undersigned.Error and replaces the general
// explanation; it may be empty. id is the request's.
func newProblem(c chrome, status int, key, id string) problemView {
	known := http.StatusInternalServerError
	for _, s := range problems {
		if s == status {
			known = status
		}
	}
	name := fmt.Sprintf("problem.%d", known)
	v := problemView{chrome: c.private().titled(c.T(name+".title"), ""), Status: status,
		Explanation: c.T(name + ".what"), Help: c.T(name + ".help"),
		NextLink: c.Link("/"), NextLabel: c.T("problem.home")}
	if key != "" && c.Has(key) {
		v.Explanation = c.T(key)
	}
	switch known {
	case http.StatusInternalServerError:
		v.ID = id
	case http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusUnprocessableEntity, http.StatusTooManyRequests,
		http.StatusServiceUnavailable:
		v.NextLink, v.NextLabel = c.Link(c.Path), c.T("problem.again")
	}
	return v
}
