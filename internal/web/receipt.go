package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/locale"
)

// receiptView is the pair of buttons that ask for the receipt of one signature.
type receiptView struct {
	*locale.Locale
	Action  string // where the forms are posted
	ID      string
	Heading phrase // of the ask
	Sealed  bool   // there is no full receipt: the seed is not ours to give
}

func newReceipt(c chrome, myToken, id string, heading phrase, sealed bool) *receiptView {
	return &receiptView{Locale: c.Locale, Action: c.Link("/my/" + myToken + "/receipt"), ID: id, Heading: heading, Sealed: sealed}
}

// receipt is a download, only because somebody asked: it is never mailed and never kept by us.
func (s *Server) receipt(v *visit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	token := r.PathValue("token")
	text, index, err := s.actions.Receipt(r.Context(), token, form.Get("id"), form.Get("full") != "")
	if soon := errors.Is(err, action.ErrNotLogged); soon || errors.Is(err, action.ErrSealed) {
		mine, err := s.actions.Mine(r.Context(), token)
		if err != nil {
			return err
		}
		page := newMy(s.chrome(v), token, mine)
		page.Done = page.T("receipt.sealed")
		if soon {
			page.Done = page.T("receipt.soon")
		}
		return s.show(v, http.StatusConflict, "my", page)
	}
	if err != nil {
		return err
	}
	h := v.Header()
	h["Cache-Control"] = noStore
	h.Set("Content-Type", plainType)
	h.Set("Content-Disposition", `attachment; filename="receipt-`+strconv.FormatInt(index, 10)+`.txt"`)
	h.Set("Content-Length", strconv.Itoa(len(text)))
	v.WriteHeader(http.StatusOK)
	v.Write(text) // the reader may have gone
	return nil
}
