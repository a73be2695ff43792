package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// readyPages are those that are compared with nginx, each with its goal in goals.tsv.
var readyPages = []struct{ goal, what, path string }{
	{"page/nginx", "page, gzip", petition},
	{"directory/nginx", "directory, gzip", "/organizations"},
	{"choice/nginx", "directory, one kind, gzip", "/organizations?kind=coalition"},
	{"library/nginx", "library, gzip", "/learn"},
	{"fact/nginx", "fact, gzip", "/facts/people-held"},
}

// page compares the petition's page, the directory, the library and a fact with nginx serving the same compressed bytes and
// headers from files. Both write an access log, through a buffer that is written out once a second.
func (b *bench) page(ctx context.Context) error {
	binary, err := product.build(ctx, b.root, b.dir)
	if err != nil {
		return err
	}
	site, err := openSite(ctx, product, binary, b.mails)
	defer site.stop()
	if err != nil {
		return err
	}
	const gzip = "Accept-Encoding: gzip\r\n"
	bodies := make([][]byte, len(readyPages))
	var head string
	for i, p := range readyPages {
		h, body, wire, err := get(site.addr, p.path, gzip)
		if err != nil {
			return err
		}
		if bodies[i] = body; p.path == petition {
			head = h
			b.table.add("page/bytes", float64(wire))
		}
	}
	server, err := openNginx(ctx, head, bodies)
	defer server.stop()
	if err != nil {
		return err
	}
	all := []*rates{{server: site, what: "count.json", path: petition + "/count.json"}}
	for i, p := range readyPages {
		file := fmt.Sprintf("/%d", i)
		if _, same, _, err := get(server.addr, file, gzip); err != nil || string(same) != string(bodies[i]) {
			return fmt.Errorf("nginx does not serve the same bytes: %w", err)
		}
		all = append(all, &rates{server: site, what: p.what, path: p.path}, &rates{server: server, what: p.what, path: file})
	}
	for range b.rounds {
		for _, r := range all {
			if err := r.round(ctx, b.round); err != nil {
				return err
			}
		}
	}
	for _, r := range all {
		b.table.note("%-34s %-28s %7.0f a second   %4.0f µs of the server's processor time each",
			r.what, r.server.name, median(r.found), median(r.cpus))
	}
	for i, p := range readyPages {
		b.table.add(p.goal, median(all[1+2*i].found)/median(all[2+2*i].found))
	}
	return nil
}

// rates are how often a path was answered, a second, in each round.
type rates struct {
	server      *server
	what, path  string
	found, cpus []float64
}

func (r *rates) round(ctx context.Context, during time.Duration) error {
	before := r.server.cpu()
	rate, err := wrk(ctx, "http://"+r.server.addr+r.path, during)
	if err != nil {
		return err
	}
	used := r.server.cpu() - before
	r.found = append(r.found, rate)
	r.cpus = append(r.cpus, float64(used.Microseconds())/(rate*during.Seconds()))
	return nil
}

// wrk loads a URL with 64 connections and gives the answers a second. It is for what is answered faster than our own
// load can ask.
func wrk(ctx context.Context, url string, during time.Duration) (float64, error) {
	out, err := run(ctx, "", "wrk", "-t2", "-c"+strconv.Itoa(callers), fmt.Sprintf("-d%.0fs", during.Seconds()), "-H", "Accept-Encoding: gzip", url)
	if err != nil {
		return 0, err
	}
	found := regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`).FindStringSubmatch(out)
	if found == nil || strings.Contains(out, "Non-2xx") || strings.Contains(out, "Socket errors") {
		return 0, fmt.Errorf("load %s:\n%s", url, out)
	}
	return strconv.ParseFloat(found[1], 64)
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
	gzip_static on;
	default_type "text/html; charset=utf-8";
	server {
		listen %s;
		root files;
%s	}
}
`

// openNginx starts nginx with pages of these gzip bodies, named by their number, and these headers.
func openNginx(ctx context.Context, head string, bodies [][]byte) (*server, error) {
	s, err := newServer("nginx")
	if err != nil {
		return nil, err
	}
	var headers strings.Builder
	for _, line := range strings.Split(head, "\r\n")[1:] {
		name, value, _ := strings.Cut(line, ": ")
		switch name {
		case "Content-Type", "Content-Length", "Content-Encoding", "Etag", "Date", "Connection": // nginx makes them itself
		default:
			fmt.Fprintf(&headers, "\t\tadd_header %s %q;\n", name, value)
		}
	}
	if err := os.Mkdir(filepath.Join(s.dir, "files"), 0o755); err != nil {
		return s, err
	}
	files := map[string][]byte{"nginx.conf": fmt.Appendf(nil, nginxConf, s.addr, headers.String())}
	for i, body := range bodies {
		name := fmt.Sprintf("files/%d", i)
		files[name], files[name+".gz"] = nil, body
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(s.dir, name), content, 0o644); err != nil {
			return s, err
		}
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
