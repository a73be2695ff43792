package pack

import (
	"slices"
	"strings"

	"github.com/undersigned/undersigned"
)

// maxAddressees is how many targets of its own an ask may have: each gets a letter of every writer.
const maxAddressees = 50

// readAddressees reads the targets of an ask that sit in no seat of Congress. Columns of a list that were swapped are told
// apart: a name with an @ in it is an address, a telephone number has digits.
func readAddressees(m *mapping) (list []undersigned.Addressee) {
	subs := m.subs("addressees")
	if len(subs) > maxAddressees {
		m.fault("addressees", "want.addressees_most", "n", maxAddressees)
		return nil
	}
	for _, s := range subs {
		s.require("slug", "name", "role")
		t := undersigned.Addressee{Slug: s.slug("slug"), Name: s.called("name", "want.name_in_words"), Role: s.called("role", "want.role_in_words"), Email: s.one("email"),
			Phone: s.phone("phone"), Address: s.one("address"), URL: s.url("url")}
		switch {
		case t.Email != "" && !undersigned.ValidEmail(t.Email):
			s.fault("email", "want.email")
		case strings.Contains(t.Address, "@"):
			s.fault("address", "want.paper_address")
		case !s.has("email") && !s.has("phone") && !s.has("address") && !s.has("url"):
			s.fault("email", "want.way")
		case slices.ContainsFunc(list, func(other undersigned.Addressee) bool { return other.Slug == t.Slug }):
			s.fault("slug", "want.once")
		}
		s.done()
		list = append(list, t)
	}
	return list
}

// called takes the name of a person or an office.
func (m *mapping) called(key, expected string) string {
	s := m.one(key)
	if strings.Contains(s, "@") || s != "" && strings.Trim(s, "0123456789+()-. ") == "" {
		m.fault(key, expected)
	}
	return s
}

func writeAddressees(f *front, list []undersigned.Addressee) {
	f.list("addressees", len(list), func(i int, f *front) {
		t := list[i]
		f.one("slug", t.Slug)
		f.one("name", t.Name)
		f.one("role", t.Role)
		f.one("email", t.Email)
		f.one("phone", t.Phone)
		f.one("address", t.Address)
		f.one("url", t.URL)
	})
}
