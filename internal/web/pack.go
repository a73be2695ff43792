package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
)

// packZip is an issue as a pack, for whoever wants a page like it: what readers see, and nothing of the site's own.
func (s *Server) packZip(ctx context.Context, _ *visit, r *http.Request) (*draft, error) {
	content, err := s.content(ctx, r.PathValue("issue"))
	if err == nil && content.Issue.State == undersigned.IssueDraft {
		err = undersigned.Fail(undersigned.NotFound, "")
	}
	if err != nil {
		return nil, err
	}
	var zip bytes.Buffer
	err = pack.WriteZip(&zip, pack.Public(content))
	if errors.As(err, new(pack.Errors)) { // of an older time, when other rules held
		err = undersigned.Fail(undersigned.NotFound, "")
	}
	if err != nil {
		return nil, err
	}
	return &draft{contentType: "application/zip", body: zip.Bytes()}, nil
}

// importPack takes a pack that was uploaded. An issue that is new comes as a draft, and what would open in one that is there
// does too: before something opens, its list is gone through. What ends with it is told first. No page keeps a file, so that it
// has to be chosen again: the tick names the asks that were listed, and another file is not taken for that one.
func (s *Server) importPack(d *deskVisit, r *http.Request) error {
	in, err := readUpload(r)
	if err == nil {
		err = s.tame(r.Context(), in.content, in.replace)
	}
	var ends endsView
	if err == nil {
		ends, err = s.endsWith(d, r, in.content)
	}
	fresh := d.staff.Session.Fresh(s.now())
	if err == nil && ends.Known != "" && !fresh {
		return s.askAgainBefore(d, r, nil)
	}
	if err == nil {
		_, err = s.actions.Import(r.Context(), d.by(), in.content, fresh && in.ends != "" && in.ends == ends.Known)
	}
	var faults pack.Errors
	if errors.As(err, &faults) || undersigned.KindOf(err) == undersigned.Invalid {
		return s.issuesPage(d, r, err, ends)
	}
	if err != nil {
		return err
	}
	return seeOther(d.visit, "/admin/issues/"+in.content.Issue.Slug+"?done=imported")
}

// endsWith says what ends for good if the content of an issue becomes another one.
func (s *Server) endsWith(d *deskVisit, r *http.Request, next *undersigned.Content) (endsView, error) {
	ends, err := s.actions.EndsWith(r.Context(), next)
	if err != nil {
		return endsView{}, err
	}
	return newEnds(s.deskChrome(d.visit, d.staff), ends, next.Issue.Languages), nil
}

// upload is what the form of a pack sends.
type upload struct {
	content *undersigned.Content
	replace bool
	ends    string
}

func readUpload(r *http.Request) (in upload, err error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return in, &undersigned.Error{Kind: undersigned.Invalid, Key: "error.pack.none", Err: err}
	}
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF) && in.content == nil:
			return in, undersigned.Fail(undersigned.Invalid, "error.pack.none")
		case errors.Is(err, io.EOF):
			return in, nil
		case err != nil:
			return in, uploadError(err)
		}
		switch part.FormName() {
		case "replace":
			in.replace = true
		case "ends":
			known, err := io.ReadAll(part)
			if err != nil {
				return in, uploadError(err)
			}
			in.ends = string(known)
		case "pack":
			if in.content, err = readZipPart(part); err != nil {
				return in, err
			}
		}
	}
}

func readZipPart(part *multipart.Part) (*undersigned.Content, error) {
	data, err := io.ReadAll(part) // as much as a request to the desk may hold
	if err != nil {
		return nil, uploadError(err)
	}
	if len(data) == 0 {
		return nil, undersigned.Fail(undersigned.Invalid, "error.pack.none")
	}
	return pack.ReadZip(bytes.NewReader(data), int64(len(data)))
}

func uploadError(err error) error {
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return &undersigned.Error{Kind: undersigned.TooLarge, Err: err}
	}
	return &undersigned.Error{Kind: undersigned.Invalid, Key: "error.pack.none", Err: err}
}

// tame keeps a pack from opening anything by itself, and from replacing an issue that nobody meant.
func (s *Server) tame(ctx context.Context, content *undersigned.Content, replace bool) error {
	var now *undersigned.Content
	err := s.db.View(ctx, func(tx *store.Tx) (err error) { now, err = tx.Content(content.Issue.Slug); return err })
	switch {
	case err != nil:
		return err
	case now == nil:
		content.Issue.State = undersigned.IssueDraft
		return nil
	case !replace:
		return undersigned.Fail(undersigned.Invalid, "error.pack.there")
	}
	content.Issue.State = now.Issue.State
	for i := range content.Actions {
		a := &content.Actions[i]
		if was := now.Action(a.Slug); a.State == undersigned.ActionOpen && (was == nil || was.State != undersigned.ActionOpen) {
			a.State = undersigned.ActionDraft
		}
	}
	return nil
}
