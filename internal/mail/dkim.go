package mail

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/emersion/go-msgauth/dkim"
)

// DKIM signs mails in the name of a domain (RFC 6376), so that whoever gets one can tell that it is ours and was not changed.
// Nil signs nothing.
type DKIM struct{ options dkim.SignOptions }

// signedFields are signed where they are there. What is named twice cannot be added once more on the way. Both of RFC 8058 are
// among them, or no mail program would press the button.
var signedFields = []string{"From", "From", "To", "To", "Subject", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type",
	"Content-Transfer-Encoding", "Content-Language", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post"}

// NewDKIM signs in the name of a domain with the key whose public half stands in the DNS under a selector.
func NewDKIM(domain, selector string, key crypto.Signer) (*DKIM, error) {
	d := &DKIM{dkim.SignOptions{Domain: domain, Selector: selector, Signer: key, HeaderKeys: signedFields,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed}}
	probe := &envelope{text: []byte("From: probe@" + domain + "\r\n\r\n")}
	return d, d.sign(probe)
}

// Name is under which the DNS must have the public half.
func (d *DKIM) Name() string { return d.options.Selector + "._domainkey." + d.options.Domain }

// Record is what the DNS must say there.
func (d *DKIM) Record() (string, error) {
	der, err := x509.MarshalPKIXPublicKey(d.options.Signer.Public())
	if err != nil {
		return "", fmt.Errorf("write the public key: %w", err)
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der), nil
}

// sign puts the signature before a mail that is ready.
func (d *DKIM) sign(e *envelope) error {
	if d == nil {
		return nil
	}
	signed := bytes.NewBuffer(make([]byte, 0, len(e.text)+1024))
	if err := dkim.Sign(signed, bytes.NewReader(e.text), &d.options); err != nil {
		return errors.New("sign a mail: the library refused it")
	}
	e.text = signed.Bytes()
	return nil
}
