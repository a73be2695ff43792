package action

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// device is an authenticator with one passkey (WebAuthn level 3, 6.1 and 8.7; ES256).
type device struct {
	key    *ecdsa.PrivateKey
	id     []byte
	user   []byte
	count  uint32
	origin string
}

func newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	id := make([]byte, 32)
	rand.Read(id)
	return &device{key: key, id: id, origin: "https://cause.example"}
}

var b64 = base64.RawURLEncoding

func (d *device) clientData(kind string, asking *Asking) []byte {
	var options struct {
		PublicKey struct {
			Challenge string
			User      struct{ ID string }
		}
	}
	if json.Unmarshal(asking.Options, &options) != nil {
		panic("options that are none")
	}
	if options.PublicKey.User.ID != "" {
		d.user, _ = b64.DecodeString(options.PublicKey.User.ID)
	}
	text, _ := json.Marshal(map[string]any{"type": kind, "challenge": options.PublicKey.Challenge, "origin": d.origin, "crossOrigin": false})
	return text
}

// data is the authenticator data: for which host, present and verified, how often used.
func (d *device) data(flags byte) []byte {
	host := sha256.Sum256([]byte("cause.example"))
	d.count++
	return binary.BigEndian.AppendUint32(append(host[:], flags), d.count)
}

func cborBytes(b []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0x59}, uint16(len(b))), b...)
}

// create answers a request for a new passkey.
func (d *device) create(asking *Asking) []byte {
	client := d.clientData("webauthn.create", asking)
	public, _ := d.key.PublicKey.Bytes() // 4, x, y
	cose := slices.Concat([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21}, cborBytes(public[1:33]), []byte{0x22}, cborBytes(public[33:]))
	data := slices.Concat(d.data(0x45), make([]byte, 16), binary.BigEndian.AppendUint16(nil, uint16(len(d.id))), d.id, cose)
	object := slices.Concat([]byte{0xa3, 0x63}, []byte("fmt"), []byte{0x64}, []byte("none"), []byte{0x67}, []byte("attStmt"), []byte{0xa0, 0x68}, []byte("authData"), cborBytes(data))
	return d.answer(map[string]string{"clientDataJSON": b64.EncodeToString(client), "attestationObject": b64.EncodeToString(object)})
}

// get answers a request for one that is there.
func (d *device) get(asking *Asking) []byte {
	client, data := d.clientData("webauthn.get", asking), d.data(0x05)
	clientHash := sha256.Sum256(client)
	digest := sha256.Sum256(append(slices.Clone(data), clientHash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, digest[:])
	if err != nil {
		panic(err)
	}
	return d.answer(map[string]string{"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(data),
		"signature": b64.EncodeToString(signature), "userHandle": b64.EncodeToString(d.user)})
}

func (d *device) answer(response map[string]string) []byte {
	text, _ := json.Marshal(map[string]any{"id": b64.EncodeToString(d.id), "rawId": b64.EncodeToString(d.id), "type": "public-key",
		"response": response, "clientExtensionResults": map[string]any{}})
	return text
}

var firefox = Browser{Agent: "Mozilla/5.0 Firefox/140.0", Name: "Firefox"}

// hire adds one of the staff, who is signed in.
func (s *testSite) hire(role undersigned.Role, email string) *Staff {
	s.t.Helper()
	u, err := s.AddUser(s.t.Context(), undersigned.UserID{}, undersigned.UserForm{Email: email, Role: string(role), Language: "en"}, true)
	must(s.t, err)
	return s.signIn(u)
}

// signIn begins another session.
func (s *testSite) signIn(u *undersigned.User) *Staff {
	s.t.Helper()
	cookie, err := s.SignIn(s.t.Context(), s.SignInToken(u.ID), firefox)
	must(s.t, err)
	return s.entered(cookie)
}

func (s *testSite) entered(cookie string) *Staff {
	s.t.Helper()
	staff, _, err := s.Enter(s.t.Context(), cookie, firefox)
	must(s.t, err)
	return staff
}

func (s *testSite) addPasskey(staff *Staff) *device {
	s.t.Helper()
	d := newDevice(s.t.(*testing.T))
	asking, err := s.AskForNewPasskey(s.t.Context(), staff)
	must(s.t, err)
	must(s.t, s.AddPasskey(s.t.Context(), staff, asking.Token, "my phone", d.create(asking)))
	return d
}

func (s *testSite) askPasskey() *Asking {
	s.t.Helper()
	asking, err := s.AskForPasskey()
	must(s.t, err)
	return asking
}

func TestPasskeySignsItsOwnerInUntilItIsTakenAway(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		ana := s.hire(undersigned.RoleOwner, "ana@staff.example")
		d := s.addPasskey(ana)
		asking := s.askPasskey()
		cookie, err := s.SignInWithPasskey(t.Context(), nil, asking.Token, d.get(asking), firefox)
		must(t, err)
		if in := s.entered(cookie); in == nil || in.User.ID != ana.User.ID || in.Session.ID == ana.Session.ID {
			t.Fatalf("signed in: %+v", in)
		}
		list, err := s.Passkeys(t.Context(), ana.User.ID)
		must(t, err)
		if len(list) != 1 || list[0].Name != "my phone" {
			t.Errorf("passkeys: %+v", list)
		}
		bo := s.hire(undersigned.RoleEditor, "bo@staff.example")
		if err := s.RemovePasskey(t.Context(), bo.User.ID, bo.User.ID, list[0].ID); undersigned.KindOf(err) != undersigned.NotFound {
			t.Errorf("somebody else takes it away: %v", err)
		}
		terminal := undersigned.UserID{}
		must(t, s.RemovePasskey(t.Context(), terminal, ana.User.ID, list[0].ID))
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
			lines, err := tx.Audit(store.AuditFilter{By: &terminal, Verb: undersigned.AuditPasskeyGone}, 2)
			if err == nil && (len(lines) != 1 || lines[0].Subject != UserName(ana.User.ID)) {
				t.Errorf("the log says %+v", lines)
			}
			return err
		}))
		asking = s.askPasskey()
		if _, err := s.SignInWithPasskey(t.Context(), nil, asking.Token, d.get(asking), firefox); undersigned.KindOf(err) != undersigned.Invalid {
			t.Errorf("it still signs in: %v", err)
		}
	})
}

func TestPasskeysThatAreRefused(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		ana, bo := s.hire(undersigned.RoleOwner, "ana@staff.example"), s.hire(undersigned.RoleEditor, "bo@staff.example")
		d := s.addPasskey(ana)
		try := func(name string, staff *Staff, token string, answer []byte) {
			t.Helper()
			if _, err := s.SignInWithPasskey(t.Context(), staff, token, answer, firefox); undersigned.KindOf(err) != undersigned.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		asking := s.askPasskey()
		answer := d.get(asking)
		if _, err := s.SignInWithPasskey(t.Context(), nil, asking.Token, answer, firefox); err != nil {
			t.Fatal(err)
		}
		try("the same answer again", nil, asking.Token, answer)
		try("an answer to another question", nil, s.askPasskey().Token, d.get(asking))
		try("no answer", nil, s.askPasskey().Token, []byte("{}"))
		try("no token", nil, "nonsense", answer)

		late := s.askPasskey()
		s.clock.Move(passkeyLife)
		try("five minutes later", nil, late.Token, d.get(late))

		d.origin = "https://cause.example.evil.example"
		asking = s.askPasskey()
		try("from another site's page", nil, asking.Token, d.get(asking))
		d.origin = "https://cause.example"

		asking = s.askPasskey()
		try("to show that one is somebody else", bo, asking.Token, d.get(asking))

		thief := newDevice(t)
		thief.id, thief.user = d.id, d.user
		asking = s.askPasskey()
		try("with another key", nil, asking.Token, thief.get(asking))

		d.count = 0
		asking = s.askPasskey()
		try("by a copy of the device", nil, asking.Token, d.get(asking))
		d.count = 100

		must(t, s.RemoveUser(t.Context(), undersigned.UserID{}, bo.User.ID))
		_, err := s.AddUser(t.Context(), undersigned.UserID{}, undersigned.UserForm{Email: "cy@staff.example", Role: "owner"}, true)
		must(t, err)
		must(t, s.RemoveUser(t.Context(), undersigned.UserID{}, ana.User.ID))
		asking = s.askPasskey()
		try("of somebody who was removed", nil, asking.Token, d.get(asking))
	})
}

func TestShowingAgainWhoOneIsMakesTheSessionFresh(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		u, err := s.AddUser(t.Context(), undersigned.UserID{}, undersigned.UserForm{Email: "ana@staff.example", Role: "owner"}, true)
		must(t, err)
		cookie, err := s.SignIn(t.Context(), s.SignInToken(u.ID), firefox)
		must(t, err)
		ana := s.entered(cookie)
		d := s.addPasskey(ana)
		s.clock.Move(undersigned.SessionProof)
		asking := s.askPasskey()
		again, err := s.SignInWithPasskey(t.Context(), ana, asking.Token, d.get(asking), firefox)
		must(t, err)
		if other := s.entered(again); other.Session.ID != ana.Session.ID || again == cookie {
			t.Error("it is not the session that it was, with another secret")
		}
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
			session, err := tx.Session(ana.Session.ID)
			if !session.Fresh(s.clock.Now()) {
				t.Error("the session is not fresh")
			}
			return err
		}))
		s.clock.Move(undersigned.SessionGrace)
		if staff, _, err := s.Enter(t.Context(), cookie, firefox); staff != nil || err != nil {
			t.Errorf("the cookie of before still opens: %v", err)
		}
	})
}

func TestUsersKeysAndSessionsAreUnreadableInTheDatabase(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		ana := s.hire(undersigned.RoleOwner, "ana@staff.example")
		d := s.addPasskey(ana)
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
			rows, err := tx.Users()
			if err != nil {
				return err
			}
			keys, err := tx.Passkeys(ana.User.ID)
			for _, sealed := range [][]byte{rows[0].Sealed, keys[0].Sealed, keys[0].ID} {
				for _, secret := range []string{"ana@", "my phone", string(d.id), ana.User.Email} {
					if bytes.Contains(sealed, []byte(secret)) {
						t.Errorf("a row holds %q", secret)
					}
				}
			}
			return err
		}))
	})
}

func TestStaffSealedForOneUserOpensNothingElse(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		ana := s.hire(undersigned.RoleOwner, "ana@staff.example")
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
			row, err := tx.User(ana.User.ID)
			if err != nil {
				return err
			}
			row.ID[0] ^= 1
			if _, err := s.openUser(row); err == nil {
				t.Error("a row opens under another id")
			}
			return nil
		}))
	})
}
