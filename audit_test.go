package undersigned

import (
	"testing"
	"time"
)

func FuzzParseAuditMark(f *testing.F) {
	f.Add(AuditMark{At: time.UnixMicro(1795000000000001), ID: [16]byte{1, 15: 255}}.String())
	f.Add("1-")
	f.Add("-1-00000000000000000000000000000000")
	f.Add("1-000000000000000000000000000000000")
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseAuditMark(s)
		if err != nil {
			if KindOf(err) != Invalid || m != (AuditMark{}) {
				t.Errorf("%v, %v", m, err)
			}
			return
		}
		if again, err := ParseAuditMark(m.String()); err != nil || !again.At.Equal(m.At) || again.ID != m.ID {
			t.Errorf("%q became %v, then %v, %v", s, m, again, err)
		}
	})
}
