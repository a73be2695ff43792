package web

import (
	"context"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/undersigned/undersigned"
)

// staticFile is a file whose URL holds the hash of its bytes, so that a browser may keep it for ever.
type staticFile struct {
	hash string
	page *readyPage
}

func newStaticFiles(assets map[string]asset) map[string]staticFile {
	files := map[string]staticFile{}
	for name, a := range assets {
		files[name] = newStaticFile(name, a)
	}
	return files
}

func newStaticFile(name string, a asset) staticFile {
	return staticFile{hash: path.Base(path.Dir(a.Path)), page: newReadyPage(&draft{body: a.Body, contentType: contentType(name)})}
}

// contentType does not ask the machine: what it knows differs from one to the next.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}

var forEver = []string{"public, max-age=31536000, immutable"}

func (s *Server) static(v *visit, r *http.Request) error {
	name, hash := r.PathValue("file"), r.PathValue("hash")
	f, ok := s.files[name]
	if !ok || f.hash != hash {
		if f, ok = s.views.design.Load().file(name, hash); !ok {
			return undersigned.Fail(undersigned.NotFound, "")
		}
	}
	f.page.send(v, r, forEver)
	return nil
}

// robots keeps search engines away from what is about one person.
func (s *Server) robots(context.Context, *visit, *http.Request) (*draft, error) {
	var b strings.Builder
	b.WriteString("User-agent: *\n")
	for _, lang := range s.catalogue.Languages() {
		for _, private := range personalPaths {
			b.WriteString("Disallow: " + LocalPath(lang, private) + "\n")
		}
	}
	return &draft{contentType: "text/plain; charset=utf-8", body: []byte(b.String())}, nil
}
