package web

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// What can be done at the desk can be done on the command line: the table of commands names every route, with the command that
// does the same or with the reason why there is none. That the commands are there is for the tests of cmd/undersigned to say.
func TestEveryRouteOfTheDeskHasItsCommandOrAReason(t *testing.T) {
	raw, err := os.ReadFile("../../cmd/undersigned/testdata/desk.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for line := range strings.Lines(string(raw)) {
		route, command, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || command == "" || slices.Contains(named, route) {
			t.Errorf("%q has no command, or stands there twice", route)
		}
		named = append(named, route)
	}
	var routes []string
	for _, route := range newSite(t).deskRoutes() {
		routes = append(routes, route.pattern)
		if !slices.Contains(named, route.pattern) {
			t.Errorf("%s is not in cmd/undersigned/testdata/desk.tsv: give it the command that does the same, or after - why there can be none", route.pattern)
		}
	}
	for _, route := range named {
		if !slices.Contains(routes, route) {
			t.Errorf("%s is no route of the desk any more", route)
		}
	}
}
