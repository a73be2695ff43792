package main

import (
	"net/http"
	"sync"
	"testing"
)

// Whoever wants to fill a stranger's mailbox through our form: 10,000 forms about one address, as fast as they are taken.
func TestTenThousandFormsAboutOneAddressSendThreeMails(t *testing.T) {
	t.Parallel()
	const forms, at = 10_000, 16
	mails := newMailServer(t)
	p := newProgram(t, "--smtp-url", mails.url())
	p.start()
	form := p.form(t, petition, "victim@gmail.com")
	var strangers sync.WaitGroup
	for range at {
		strangers.Go(func() {
			for range forms / at {
				if a, err := p.post(petition, form); err != nil || a.status != http.StatusSeeOther {
					t.Errorf("a form was answered %+v %v", a, err)
					return
				}
			}
		})
	}
	strangers.Wait()
	db := p.rows()
	eventually(t, "no mail is promised any more", func() bool { return number(t, db, "select count(*) from job") == 0 })
	if n := len(mails.all()); n != 3 {
		t.Errorf("%d mails came", n)
	}
	p.terminate()
	p.wantNoErrors()
}
