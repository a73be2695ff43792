package action

import (
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// found saves what was found of the ask's link.
func (s *testSite) found(finding undersigned.Finding, to string) {
	s.t.Helper()
	must(s.t, s.SaveLooks(s.t.Context(), []undersigned.Look{{URL: askURL, At: s.clock.Now(), Finding: finding, To: to}}))
}

func (s *testSite) linkOf(url string) *WatchedLink {
	s.t.Helper()
	list, err := s.WatchedLinks(s.t.Context())
	must(s.t, err)
	for i := range list {
		if list[i].URL == url {
			return &list[i]
		}
	}
	return nil
}

func TestNewAddressOfALinkIsTakenWhereverItStands(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.loadLinks()
		const moved = "https://other.example/now-here"
		s.found(undersigned.FoundMoved, moved)
		must(t, s.MoveLink(t.Context(), ana, askURL, moved))
		if l := s.linkOf(moved); s.linkOf(askURL) != nil || l == nil || len(l.Places) != 2 || l.State != undersigned.LinkWorks || l.CheckedAt.IsZero() {
			t.Fatalf("now it is %+v", l)
		}
		if a := s.action("elsewhere"); a.URL != moved || a.Link.State != undersigned.LinkWorks {
			t.Errorf("the ask leads to %s, %+v", a.URL, a.Link)
		}
		if n := s.audited(undersigned.AuditLinkMoved); n != 2 {
			t.Errorf("%d lines in the audit log", n)
		}
		id := askID("elsewhere")
		versions := s.versions(id)
		if len(versions) != 2 || versions[0].By != ana || versions[0].How != undersigned.ChangeEdit {
			t.Errorf("its versions are %+v", versions)
		}
		wantKind(t, s.MoveLink(t.Context(), ana, askURL, moved), undersigned.NotFound, "error.not_found")
		must(t, s.BringBack(t.Context(), bea, id, 1))
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
			d, err := tx.Draft(id)
			if d == nil || d.Fields["url"] != askURL {
				t.Errorf("brought back is %+v", d)
			}
			return err
		}))
	})
}

func TestOnlyTheAddressThatWasSeenIsTaken(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.loadLinks()
		for _, known := range []struct {
			finding undersigned.Finding
			to      string
		}{{undersigned.FoundWorking, ""}, {undersigned.FoundMoved, "https://other.example/a"}, {undersigned.FoundFrontPage, "https://other.example/"}, {undersigned.FoundNothing, ""}} {
			s.found(known.finding, known.to)
			for _, to := range []string{"https://evil.example/", "javascript:alert(1)", "", askURL} {
				wantKind(t, s.MoveLink(t.Context(), ana, askURL, to), undersigned.Invalid, "error.edit.changed")
			}
		}
		s.found(undersigned.FoundMoved, "javascript:alert(1)") // no checker of ours says that
		wantKind(t, s.MoveLink(t.Context(), ana, askURL, "javascript:alert(1)"), undersigned.Invalid, "error.edit.misfit")
		wantKind(t, s.MoveLink(t.Context(), ana, "https://nowhere.example/", "https://other.example/a"), undersigned.NotFound, "error.not_found")
		if s.linkOf(askURL) == nil {
			t.Error("the link has changed")
		}
	})
}
