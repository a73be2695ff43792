package web

import (
	"strconv"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/pack"
)

// versionsView lists the texts that a noun has had, the last one first.
type versionsView struct {
	deskChrome
	endsView // with TakeOff
	Heading  string
	Crumbs   []deskLink
	Edit     string
	State    nounState
	Problem  string
	Mistakes []mistake
	Versions []versionEntry
	TakeOff  string // where it is posted; empty where nothing is on the site, or it is an issue
	Version  int    // that is on the site
}

type versionEntry struct {
	Number          int
	How, Who, When  string
	Link, BringBack string // what it changed; where bringing it back is posted, empty for what is there
}

func newVersions(c deskChrome, id undersigned.NounID, e *action.Editing, names namer) versionsView {
	v := versionsView{Heading: c.nounTitle(id, e.Fields), Crumbs: writeCrumbs(c, e.Content), Edit: c.Link(nounPath(id)), State: newNounState(c.chrome, e, names)}
	v.deskChrome = c.named(c.T("write.versions.title", "title", v.Heading))
	for i, version := range e.Versions {
		entry := newVersionEntry(c, id, e, names, version)
		if entry.Link = c.Link(versionPath(id, version.Number)); (i > 0 || e.Noun == nil) && version.How != undersigned.ChangeRemove {
			entry.BringBack = entry.Link
		}
		v.Versions = append(v.Versions, entry)
	}
	if e.Noun != nil && id.Kind != undersigned.IssueNoun && len(e.Versions) > 0 {
		v.TakeOff, v.Version = c.Link(nounPath(id)+"/take-off"), e.Versions[0].Number
	}
	return v
}

func versionPath(id undersigned.NounID, number int) string {
	return nounPath(id) + "/versions/" + strconv.Itoa(number)
}

func newVersionEntry(c deskChrome, id undersigned.NounID, e *action.Editing, names namer, version undersigned.Version) versionEntry {
	entry := versionEntry{Number: version.Number, How: c.T("version.how." + string(version.How)), Who: names(version.By)}
	if version.At.IsZero() {
		entry.Who = ""
	} else {
		entry.When = c.DateTime(version.At.In(zoneFor(e.Content)))
	}
	return entry
}

func (v *versionsView) failed(problem *undersigned.Error) {
	v.Problem = v.T(problem.Key)
	for _, f := range v.untold(v.chrome, problem.Fields) {
		v.Mistakes = append(v.Mistakes, mistake{Label: f.Field, Text: v.wanted(f)})
	}
}

// versionView is what one version changed, or how it differs from another one.
type versionView struct {
	deskChrome
	Heading   string
	Crumbs    []deskLink
	All       string // the page of all versions
	This      versionEntry
	With      string // which one it is compared with
	Others    []formOption
	Changes   []compared
	BringBack string
}

func newVersionPage(c deskChrome, id undersigned.NounID, e *action.Editing, names namer, number, with int, fields [2]pack.Fields) (versionView, bool) {
	v := versionView{Heading: c.nounTitle(id, fields[1]), Crumbs: writeCrumbs(c, e.Content), All: c.Link(nounPath(id) + "/versions"),
		Changes: c.compareFields(id.Kind, fields[0], fields[1])}
	v.deskChrome = c.named(c.T("write.version.title", "n", number, "title", v.Heading))
	found := false
	for i, version := range e.Versions {
		v.Others = append(v.Others, formOption{Value: strconv.Itoa(version.Number), Label: c.T("write.version.n", "n", version.Number), Selected: version.Number == with})
		if version.Number != number {
			continue
		}
		found = true
		v.This = newVersionEntry(c, id, e, names, version)
		if (i > 0 || e.Noun == nil) && version.How != undersigned.ChangeRemove {
			v.BringBack = c.Link(versionPath(id, number))
		}
	}
	v.With = c.T("write.version.first")
	if with > 0 {
		v.With = c.T("write.version.n", "n", with)
	}
	return v, found
}
