// Package testenv is where a test says what it needs beyond Go itself.
//
// Three parts of the test suite need more than that, and `make setup` installs
// what they need:
//
//	postgres   PostgreSQL's server programs      Postgres, PostgresClone
//	chromium   a Chromium browser and axe-core   Chromium, Axe
//	data       a copy of the public data         Data
//
// A test calls the function on the right and gets the thing, or is left out.
// UNDERSIGNED_TEST_REQUIRE names the parts that must be there, separated by
// commas: a test that would be left out for want of one of them fails instead.
//
// `go test ./...` hides what a passing package prints. What it always prints is
// one line a package, with "[no tests to run]" where nothing ran, in the order
// of their paths. So each part has a small package of its own under with/,
// whose path sorts last and whose tests try the part itself, through Main:
//
//	ok  	github.com/undersigned/undersigned/with/chromium	0.004s [no tests to run]
//
// among the last lines says that the tests with Chromium were left out;
// `go test -v ./with/...` says why.
//
// Only tests import this package, and it alone may call Skip: a test keeps that.
package testenv

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The parts of the test suite that need more than Go.
const (
	PartPostgres = "postgres"
	PartChromium = "chromium"
	PartData     = "data"
)

// missing says, for each part, what this machine lacks for it; "" where nothing.
var missing = map[string]func() string{
	PartPostgres: missingPostgres,
	PartChromium: missingChromium,
	PartData:     missingData,
}

// Main is the TestMain of the package under with/ that tries a part: where the
// part is missing, and may be, it runs no test at all, so that `go test` says
// "[no tests to run]" beside the part's name.
func Main(m *testing.M, part string) {
	flag.Parse()
	if why := missing[part](); why != "" && !required(part) {
		fmt.Printf("Left out: every test that needs %s. %s\n", part, why)
		// Without the log of what the tests looked at, `go test` does not
		// keep this outcome for the day when the part is there.
		err := errors.Join(flag.Set("test.run", "^$"), flag.Set("test.testlogfile", ""))
		if err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// need leaves the test out when the machine lacks something for the part.
func need(t testing.TB, part string) {
	t.Helper()
	if why := missing[part](); why != "" {
		LeaveOut(t, part, why)
	}
}

// LeaveOut skips the test for want of something, and is the only way to skip
// one. It fails the test instead where UNDERSIGNED_TEST_REQUIRE names what is
// wanting, and leaves an attribute for readers of `go test -json`.
func LeaveOut(t testing.TB, wanting, why string) {
	t.Helper()
	if required(wanting) {
		t.Fatalf("UNDERSIGNED_TEST_REQUIRE asks for %s. %s", wanting, why)
	}
	t.Attr("left-out", wanting)
	t.Skipf("left out, needs %s. %s", wanting, why)
}

// required tells whether a missing part fails the test. A name that is no part
// would switch the guarantee off without a word, so it panics.
func required(part string) bool {
	list := os.Getenv("UNDERSIGNED_TEST_REQUIRE")
	if list == "" {
		return false
	}
	names := strings.Split(list, ",")
	for _, name := range names {
		if _, ok := missing[name]; !ok {
			panic(fmt.Sprintf("UNDERSIGNED_TEST_REQUIRE: there is no part %q", name))
		}
	}
	return slices.Contains(names, part)
}

// Data returns the folder with a copy of the public data: UNDERSIGNED_TEST_DATA,
// which may be relative to the top of the repository. Its www/HOST/PATH holds
// what https://HOST/PATH served.
func Data(t testing.TB) string {
	t.Helper()
	need(t, PartData)
	return dataDir()
}

func missingData() string {
	switch dir := dataDir(); {
	case dir == "":
		return "Set UNDERSIGNED_TEST_DATA to a folder with a copy of the public data."
	case !isDir(filepath.Join(dir, "www")):
		return "There is no folder www in UNDERSIGNED_TEST_DATA."
	}
	return ""
}

func dataDir() string {
	dir := os.Getenv("UNDERSIGNED_TEST_DATA")
	if dir == "" || filepath.IsAbs(dir) {
		return dir
	}
	return filepath.Join(top, dir)
}

// top is the top of the repository, found before any test changes its folder:
// `go test` starts each package's tests in the package's own folder.
var top = func() string {
	dir, err := os.Getwd()
	if err != nil {
		return "."
	}
	for up := dir; up != filepath.Dir(up); up = filepath.Dir(up) {
		if _, err := os.Stat(filepath.Join(up, "go.mod")); err == nil {
			return up
		}
	}
	return dir
}()

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
