package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// readyPages are those that are compared with nginx, each with its goal in goals.tsv.
var readyPages = []struct{ goal, what, path string }{
	{"page", "page of the petition, gzip", petition},
	{"count", "count.json", petition + "/count.json"},
	{"directory", "directory, gzip", "/organizations"},
	{"choice", "directory, one kind, gzip", "/organizations?kind=coalition"},
	{"library", "library, gzip", "/learn"},
	{"fact", "a fact, gzip", "/facts/people-held"},
}

// page compares ready pages with nginx serving the same compressed bytes and headers from files, and with the bare handler.
// All but that write an access log, through a buffer that is written out once a second.
func (b *bench) page(ctx context.Context) error {
	site, err := b.openSite(ctx, product)
	if err != nil {
		return err
	}
	defer site.stop()
	var pages []page
	for _, p := range readyPages {
		made, wire, err := fetch(site, p.path)
		if err != nil {
			return err
		}
		if p.path == petition {
			b.table.add("page/bytes", float64(wire), "page of the petition: bytes on the wire, gzip, headers and CSS included")
		}
		pages = append(pages, made)
	}
	return b.peers(ctx, site, pages, func(i int) (what, goal string) { return readyPages[i].what, readyPages[i].goal })
}

// peers compares the pages of a site with nginx and the bare handler, as far as there are goals.
func (b *bench) peers(ctx context.Context, site *server, pages []page, name func(i int) (what, goal string)) error {
	nginx, err := openNginx(ctx, pages)
	if nginx != nil {
		defer nginx.stop()
	}
	if err != nil {
		return err
	}
	bare, err := b.openBare(ctx, pages)
	if bare != nil {
		defer bare.stop()
	}
	if err != nil {
		return err
	}
	for i, p := range pages {
		what, goal := name(i)
		var others []*contender
		for _, s := range []*server{nginx, bare} {
			peer := goal + "/" + strings.TrimPrefix(s.name, "the bare handler")
			if s == bare {
				peer = goal + "/bare"
			}
			if b.table.goals[peer] == nil {
				continue
			}
			if _, same, _, err := get(s.addr, "/"+p.name(i), "Accept-Encoding: gzip\r\n"); err != nil || string(same) != string(p.body) {
				return fmt.Errorf("%s does not serve the same bytes: %w", s.name, err)
			}
			others = append(others, getting(s.name+", the same bytes", peer, s, "/"+p.name(i)))
		}
		if err := b.compare(ctx, what, getting(product.name, "", site, p.path), others...); err != nil {
			return err
		}
	}
	return nil
}

const nginxConf = `daemon off;
worker_processes auto;
pid nginx.pid;
error_log stderr;
events { worker_connections 1024; }
http {
	access_log access.log combined buffer=64k flush=1s;
	client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
	sendfile on;
	tcp_nopush on;
	keepalive_requests 100000000;
	open_file_cache max=20;
	default_type "text/html; charset=utf-8";
	server {
		listen %s;
		root files;
%s	}
}
`

// openNginx starts nginx with the pages, each with its own headers.
func openNginx(ctx context.Context, pages []page) (*server, error) {
	s, err := newServer("nginx")
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(filepath.Join(s.dir, "files"), 0o755); err != nil {
		return s, err
	}
	var places strings.Builder
	for i, p := range pages {
		file := filepath.Join(s.dir, "files", p.name(i))
		fmt.Fprintf(&places, "\t\tlocation = /%s {\n", p.name(i))
		for _, line := range strings.Split(p.head, "\r\n")[1:] {
			switch name, value, _ := strings.Cut(line, ": "); name {
			case "Content-Encoding":
				fmt.Fprintf(&places, "\t\t\tgzip_static on;\n")
				if err := os.WriteFile(file+".gz", p.body, 0o644); err != nil {
					return s, err
				}
			case "Content-Type", "Content-Length", "Etag", "Date", "Connection": // nginx makes them itself
			default:
				fmt.Fprintf(&places, "\t\t\tadd_header %s %q;\n", name, value)
			}
		}
		places.WriteString("\t\t}\n")
		if err := os.WriteFile(file, p.body, 0o644); err != nil {
			return s, err
		}
	}
	if err := os.WriteFile(filepath.Join(s.dir, "nginx.conf"), fmt.Appendf(nil, nginxConf, s.addr, places.String()), 0o644); err != nil {
		return s, err
	}
	// As root, nginx runs its workers as somebody else, who must be able to come here.
	if err := os.Chmod(s.dir, 0o755); err != nil {
		return s, err
	}
	return s, s.start(ctx, nginxPath(), "-p", s.dir, "-c", "nginx.conf", "-e", "stderr")
}

// nginxPath finds nginx, which Debian keeps where only root looks.
func nginxPath() string {
	if path, err := exec.LookPath("nginx"); err == nil {
		return path
	}
	return "/usr/sbin/nginx"
}
