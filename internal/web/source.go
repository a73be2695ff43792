package web

import (
	"context"
	"net/http"

	"github.com/undersigned/undersigned/internal/store"
)

// sourceQuery is how a link to an ask says where it stood. The tag travels in the address of the form, and then inside the
// sealed mail; no browser keeps it, and no row.
const sourceQuery = "s"

// sourceOf is the tag of a request; empty where it has none that staff have made known.
func sourceOf(site *store.Site, r *http.Request) string {
	if r.URL.RawQuery == "" {
		return ""
	}
	if tag := r.URL.Query().Get(sourceQuery); site.Sources[tag] {
		return tag
	}
	return ""
}

// sourced is public for pages that exist once more for each tag that is known: the same to everyone who comes by it. There are
// few, and links with any other lead to the page itself. A page is told the tag that it is kept under: by the time it is made,
// another may be known.
func (s *Server) sourced(build func(ctx context.Context, v *visit, r *http.Request, tag string) (*draft, error)) http.Handler {
	of := func(tag string) func(context.Context, *visit, *http.Request) (*draft, error) {
		return func(ctx context.Context, v *visit, r *http.Request) (*draft, error) { return build(ctx, v, r, tag) }
	}
	plain := of("")
	return s.handle(func(v *visit, r *http.Request) error {
		if r.URL.RawQuery != "" {
			site, err := s.db.Site(r.Context())
			if err != nil {
				return err
			}
			if tag := sourceOf(site, r); tag != "" {
				return s.keep(v, r, v.path+"?"+sourceQuery+"="+tag, of(tag))
			}
		}
		return s.keep(v, r, v.path, plain)
	})
}

// from keeps a tag in the address of the form, and in the links to the same page in other languages. What readers share is the
// page without it.
func (v *actionView) from(tag string) {
	if tag == "" || v.Form == nil {
		return
	}
	query := "?" + sourceQuery + "=" + tag
	v.Form.Action += query
	for i := range v.Languages {
		v.Languages[i].Link += query
	}
}
