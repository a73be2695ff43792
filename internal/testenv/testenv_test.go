package testenv

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestRequiredPartsAreKnownByName(t *testing.T) {
	for _, c := range []struct {
		list string
		want bool
	}{
		{"", false},
		{"postgres", false},
		{"chromium", true},
		{"postgres,chromium", true},
	} {
		t.Setenv("UNDERSIGNED_TEST_REQUIRE", c.list)
		if got := required(PartChromium); got != c.want {
			t.Errorf("with %q chromium is required: %v", c.list, got)
		}
	}
}

func TestRequiringAnUnknownPartPanics(t *testing.T) {
	t.Setenv("UNDERSIGNED_TEST_REQUIRE", "postgresql")
	defer func() {
		if recover() == nil {
			t.Error("a misspelt part was accepted")
		}
	}()
	required(PartPostgres)
}

func TestDataFolderIsRelativeToTheTopOfTheRepository(t *testing.T) {
	t.Setenv("UNDERSIGNED_TEST_DATA", "no/such/folder")
	if dir := dataDir(); !strings.HasSuffix(filepath.Dir(filepath.Dir(filepath.Dir(dir))), top) {
		t.Errorf("the data folder is %s", dir)
	}
	if missingData() == "" {
		t.Error("a data folder that is not there counts as data")
	}
}

// TestMissingPartShowsInWhatGoTestPrints runs `go test` on a package under
// with/ on a machine that lacks its part, which an unset variable makes this one.
func TestMissingPartShowsInWhatGoTestPrints(t *testing.T) {
	t.Setenv("UNDERSIGNED_TEST_DATA", "")

	t.Setenv("UNDERSIGNED_TEST_REQUIRE", "")
	out, err := exec.Command("go", "test", "../../with/data").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "with/data") || !strings.Contains(string(out), "[no tests to run]") {
		t.Errorf("go test ended with %v and printed:\n%s", err, out)
	}

	t.Setenv("UNDERSIGNED_TEST_REQUIRE", "data")
	out, err = exec.Command("go", "test", "../../with/data").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "asks for data") {
		t.Errorf("with data required go test ended with %v and printed:\n%s", err, out)
	}
}

func TestRequestsElsewhere(t *testing.T) {
	r := &Requests{urls: []string{
		"http://127.0.0.1:8080/",
		"data:image/png;base64,AA==",
		"https://tracker.example/pixel",
		"http://127.0.0.1:9090/",
	}}
	want := []string{"https://tracker.example/pixel", "http://127.0.0.1:9090/"}
	if got := r.Elsewhere("http://127.0.0.1:8080/some/page"); !slices.Equal(got, want) {
		t.Errorf("elsewhere: %q", got)
	}
}
