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
		m.fault("addressees", "at most 50 of them")
		return nil
	}
	for _, s := range subs {
		s.require("slug", "name", "role")
		t := undersigned.Addressee{Slug: s.slug("slug"), Name: s.called("name"), Role: s.called("role"), Email: s.one("email"),
			Phone: s.phone("phone"), Address: s.one("address"), URL: s.url("url")}
		switch {
		case t.Email != "" && !undersigned.ValidEmail(t.Email):
			s.fault("email", "an e-mail address, such as office@example.org")
		case strings.Contains(t.Address, "@"):
			s.fault("address", "an address for letters on paper; an e-mail address belongs to email")
		case !s.has("email") && !s.has("phone") && !s.has("address") && !s.has("url"):
			s.fault("email", "a way to reach them: email, phone, address or url")
		case slices.ContainsFunc(list, func(other undersigned.Addressee) bool { return other.Slug == t.Slug }):
			s.fault("slug", "each addressee once")
		}
		s.done()
		list = append(list, t)
	}
	return list
}

// called takes the name of a person or an office.
func (m *mapping) called(key string) string {
	s := m.one(key)
	if strings.Contains(s, "@") || s != "" && strings.Trim(s, "0123456789+()-. ") == "" {
		m.fault(key, "the "+key+" in words, not an address or a number")
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
