package links

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undersigned/undersigned"
)

// noRobots is a site without a robots.txt.
func noRobots(page http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		page(w, r)
	}
}

func status(code int) http.HandlerFunc {
	return noRobots(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(code) })
}

func redirect(code int, to string) http.HandlerFunc {
	return noRobots(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(code)
	})
}

func hang(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// works is a host that answers, so that a failure of another is that one's own.
func (i *internet) works() { i.serve("works.example", status(http.StatusOK)) }

func TestEachWayToMisbehaveIsFound(t *testing.T) {
	for _, test := range []struct {
		name string
		url  string
		set  func(*internet)
		want undersigned.Finding
		to   string
	}{
		{"answers", "http://a.example/x", func(i *internet) { i.serve("a.example", status(200)) }, undersigned.FoundWorking, ""},
		{"not there", "http://a.example/x", func(i *internet) { i.serve("a.example", status(404)) }, undersigned.FoundNothing, ""},
		{"gone", "http://a.example/x", func(i *internet) { i.serve("a.example", status(410)) }, undersigned.FoundNothing, ""},
		{"fails", "http://a.example/x", func(i *internet) { i.serve("a.example", status(500)) }, undersigned.FoundError, ""},
		{"fails even for robots.txt", "http://a.example/x", func(i *internet) {
			i.serve("a.example", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) })
		}, undersigned.FoundRobots, ""},
		{"fails for robots.txt alone", "http://a.example/x", func(i *internet) {
			i.serve("a.example", func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/robots.txt" {
					w.WriteHeader(http.StatusInternalServerError)
				}
			})
		}, undersigned.FoundRobots, ""},
		{"a wall", "http://a.example/x", func(i *internet) { i.serve("a.example", status(403)) }, undersigned.FoundWall, ""},
		{"asks to wait", "http://a.example/x", func(i *internet) { i.serve("a.example", status(429)) }, undersigned.FoundWall, ""},
		{"no such host", "http://nowhere.example/x", func(*internet) {}, undersigned.FoundNoHost, ""},
		{"nobody listens", "http://a.example/x", func(i *internet) { i.name("a.example") }, undersigned.FoundNoAnswer, ""},
		{"never answers", "http://a.example/x", func(i *internet) { i.serve("a.example", hang) }, undersigned.FoundNoAnswer, ""},
		{"never answers but for robots.txt", "http://a.example/x", func(i *internet) { i.serve("a.example", noRobots(hang)) }, undersigned.FoundNoAnswer, ""},
		{"redirects for ever", "http://a.example/x", func(i *internet) {
			i.serve("a.example", noRobots(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path+"x", http.StatusFound) }))
		}, undersigned.FoundLoop, ""},
		{"redirects who keeps no cookie", "http://a.example/x", func(i *internet) {
			i.serve("a.example", noRobots(func(w http.ResponseWriter, r *http.Request) {
				if _, err := r.Cookie("seen"); err != nil {
					http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1"})
					http.Redirect(w, r, r.URL.Path, http.StatusFound)
				}
			}))
		}, undersigned.FoundWorking, ""},
		{"moved for good", "http://a.example/x", func(i *internet) {
			i.serve("a.example", redirect(301, "http://b.example/y"))
			i.serve("b.example", redirect(308, "http://c.example/z"))
			i.serve("c.example", status(200))
		}, undersigned.FoundMoved, "http://c.example/z"},
		{"moved for good, at one place in it", "http://a.example/x#sign", func(i *internet) {
			i.serve("a.example", noRobots(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/x" {
					http.Redirect(w, r, "/y", http.StatusMovedPermanently)
				}
			}))
		}, undersigned.FoundMoved, "http://a.example/y#sign"},
		{"elsewhere for now", "http://a.example/x", func(i *internet) {
			i.serve("a.example", redirect(301, "http://b.example/y"))
			i.serve("b.example", redirect(302, "http://c.example/z"))
			i.serve("c.example", status(200))
		}, undersigned.FoundWorking, ""},
		{"moved, and gone there", "http://a.example/x", func(i *internet) {
			i.serve("a.example", redirect(301, "http://b.example/y"))
			i.serve("b.example", status(404))
		}, undersigned.FoundNothing, "http://b.example/y"},
		{"leads to the front page", "http://a.example/petition", func(i *internet) {
			i.serve("a.example", noRobots(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/" {
					http.Redirect(w, r, "/", http.StatusFound)
				}
			}))
		}, undersigned.FoundFrontPage, "http://a.example/"},
		{"into this machine", "http://a.example/x", func(i *internet) { i.serve("a.example", redirect(302, "http://127.0.0.1:8080/admin")) }, undersigned.FoundPrivate, "http://127.0.0.1:8080/admin"},
		{"into the network around", "http://a.example/x", func(i *internet) { i.serve("a.example", redirect(302, "http://10.1.2.3/")) }, undersigned.FoundPrivate, "http://10.1.2.3/"},
		{"into another kind of address", "http://a.example/x", func(i *internet) { i.serve("a.example", redirect(302, "file:///etc/passwd")) }, undersigned.FoundError, ""},
		{"a private address behind the name", "http://inside.example/x", func(i *internet) { i.names["inside.example"] = []string{"192.168.1.1"} }, undersigned.FoundPrivate, ""},
		{"a private address the second time", "http://a.example/x", func(i *internet) {
			i.serve("a.example", status(200))
			i.names["a.example"] = []string{i.names["a.example"][0], "127.0.0.1"}
		}, undersigned.FoundPrivate, ""},
		{"a private address in numbers", "http://[::ffff:169.254.169.254]/latest/meta-data", func(*internet) {}, undersigned.FoundPrivate, ""},
		{"2 GB", "http://a.example/x", func(i *internet) {
			i.serve("a.example", func(w http.ResponseWriter, r *http.Request) { // its robots.txt too
				if r.Method == http.MethodHead && r.URL.Path == "/x" {
					w.WriteHeader(http.StatusMethodNotAllowed)
					return
				}
				w.Header().Set("Content-Length", "2147483648")
				chunk := []byte(strings.Repeat("Allow: /\n", 4096))
				for range 2 << 30 / len(chunk) {
					if _, err := w.Write(chunk); err != nil {
						return
					}
				}
			})
		}, undersigned.FoundWorking, ""},
		{"endless headers", "http://a.example/x", func(i *internet) {
			i.serve("a.example", noRobots(func(w http.ResponseWriter, r *http.Request) {
				for n := range 4000 {
					w.Header().Set(fmt.Sprint("X-", n), strings.Repeat("x", 100))
				}
			}))
		}, undersigned.FoundNoAnswer, ""},
		{"a certificate", "https://a.example/x", func(i *internet) {
			i.serveTLS("a.example", "a.example", time.Now().AddDate(0, 1, 0), status(200))
		}, undersigned.FoundWorking, ""},
		{"a certificate for another name", "https://a.example/x", func(i *internet) {
			i.serveTLS("a.example", "b.example", time.Now().AddDate(0, 1, 0), status(200))
		}, undersigned.FoundOtherName, ""},
		{"a certificate of last year", "https://a.example/x", func(i *internet) {
			i.serveTLS("a.example", "a.example", time.Now().AddDate(-1, 0, 0), status(200))
		}, undersigned.FoundCertificate, ""},
		{"a certificate of nobody we know", "https://a.example/x", func(i *internet) {
			i.serveTLS("a.example", "a.example", time.Now().AddDate(0, 1, 0), status(200))
			*i.trust = *newInternet(i.t).trust
		}, undersigned.FoundCertificate, ""},
		{"HEAD is not known", "http://a.example/x", func(i *internet) {
			i.serve("a.example", noRobots(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodHead {
					w.WriteHeader(http.StatusMethodNotAllowed)
				}
			}))
		}, undersigned.FoundWorking, ""},
		{"robots stay away", "http://a.example/private/x", func(i *internet) {
			i.serve("a.example", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "User-agent: *\nDisallow: /private") })
		}, undersigned.FoundRobots, ""},
		{"robots stay away from where it leads", "http://a.example/x", func(i *internet) {
			i.serve("a.example", redirect(301, "http://b.example/y"))
			i.serve("b.example", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "User-agent: *\nDisallow: /") })
		}, undersigned.FoundRobots, "http://b.example/y"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newInternet(t)
				i.works()
				test.set(i)
				looks := i.checker(Options{}).Look(t.Context(), []Target{{URL: test.url}, {URL: "http://works.example/"}}, nil)
				for _, l := range looks {
					if l.URL == test.url && (l.Finding != test.want || l.To != test.to) {
						t.Errorf("found %s to %q, want %s to %q; asked %q", l.Finding, l.To, test.want, test.to, i.log)
					}
				}
				if len(looks) != 2 {
					t.Errorf("%d looks", len(looks))
				}
				if slices.Contains(i.asked(), "HEAD a.example/private/x") {
					t.Error("asked for what robots.txt forbids")
				}
			})
		})
	}
}

func TestOneRequestAHostAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInternet(t)
		slow := noRobots(func(http.ResponseWriter, *http.Request) { time.Sleep(3 * time.Second) })
		for _, name := range []string{"a.example", "b.example", "c.example"} {
			i.serve(name, slow)
		}
		i.serve("d.example", redirect(302, "http://a.example/from-d"))
		var targets []Target
		for n := range 5 {
			for _, name := range []string{"a", "b", "c", "d"} {
				targets = append(targets, Target{URL: fmt.Sprintf("http://%s.example/%d", name, n)})
			}
		}
		if looks := i.checker(Options{}).Look(t.Context(), targets, nil); len(looks) != len(targets) {
			t.Errorf("%d looks at %d links", len(looks), len(targets))
		}
		if i.most != 1 {
			t.Errorf("a host had %d requests at once", i.most)
		}
	})
}

func TestToWaitForAHostsTurnIsNoStrike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInternet(t)
		i.serve("a.example", noRobots(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(19 * time.Second)
			if r.Method == http.MethodHead {
				w.WriteHeader(http.StatusMethodNotAllowed)
			}
		}))
		var targets []Target
		for _, name := range []string{"a", "b", "c", "d"} {
			if name != "a" {
				i.serve(name+".example", redirect(302, "http://a.example/from-"+name))
			}
			targets = append(targets, Target{URL: "http://" + name + ".example/x"})
		}
		for _, look := range i.checker(Options{}).Look(t.Context(), targets, nil) {
			if look.Finding != undersigned.FoundWorking {
				t.Errorf("%s: %s", look.URL, look.Finding)
			}
		}
	})
}

func TestSecondLookAsksWhetherAnythingHasChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInternet(t)
		var conditions []string
		i.serve("a.example", noRobots(func(w http.ResponseWriter, r *http.Request) {
			conditions = append(conditions, r.Header.Get("If-None-Match"))
			w.Header().Set("ETag", `"v1"`)
			if r.Header.Get("If-None-Match") == `"v1"` {
				w.WriteHeader(http.StatusNotModified)
			}
		}))
		c, target := i.checker(Options{}), Target{URL: "http://a.example/x"}
		for range 3 {
			look := c.Look(t.Context(), []Target{target}, nil)[0]
			if look.Finding != undersigned.FoundWorking || look.ETag != `"v1"` {
				t.Fatalf("%+v", look)
			}
			target.Link = target.After(look)
		}
		if want := []string{"", `"v1"`, `"v1"`}; !slices.Equal(conditions, want) {
			t.Errorf("asked with %q, want %q", conditions, want)
		}
	})
}

func TestOfflineIsNobodysFault(t *testing.T) {
	at := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	dead := []Target{{URL: "http://dead.example/x"}, {URL: "http://gone.example/y"}}
	worked := Target{URL: "http://works.example/z", Link: undersigned.Link{State: undersigned.LinkWorks, WorkedAt: at}}
	for _, test := range []struct {
		name      string
		alive     string
		others    []Target
		witnesses []string
		want      undersigned.Finding
	}{
		{"nothing answers at all", "", []Target{worked}, []string{"http://witness.example/"}, undersigned.FoundOffline},
		{"another link answers", "works.example", []Target{worked}, nil, undersigned.FoundNoHost},
		{"a witness answers", "witness.example", []Target{worked}, []string{"http://witness.example/"}, undersigned.FoundNoHost},
		{"there is nobody else to ask", "", nil, nil, undersigned.FoundOffline},
		{"another page of the same host is no proof", "", []Target{{URL: "http://dead.example/z", Link: worked.Link}}, nil, undersigned.FoundOffline},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newInternet(t)
				if test.alive != "" {
					i.serve(test.alive, status(http.StatusOK))
				}
				c := i.checker(Options{Witnesses: test.witnesses})
				for _, look := range c.Look(t.Context(), dead, test.others) {
					if look.Finding != test.want {
						t.Errorf("%s: %s, want %s", look.URL, look.Finding, test.want)
					}
				}
			})
		})
	}
}

func TestLookEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInternet(t)
		i.serve("a.example", noRobots(hang))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if looks := i.checker(Options{}).Look(ctx, []Target{{URL: "http://a.example/x"}}, nil); len(looks) != 0 {
			t.Errorf("a look that was cut short is told as %+v", looks)
		}
	})
}

// The dialer itself, on a real network: no name and no way to write a number reaches this machine.
func TestThisMachineIsNeverAsked(t *testing.T) {
	reached := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	c := New(Options{})
	for _, host := range []string{"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.0.0.1", "0", "[::1]", "[::ffff:127.0.0.1]", "[::]"} {
		look, answered := c.look(t.Context(), Target{URL: "http://" + net.JoinHostPort(strings.Trim(host, "[]"), port) + "/"})
		if answered || !look.Finding.Strike() {
			t.Errorf("%s: %+v", host, look)
		}
	}
	if reached {
		t.Error("the server on this machine was asked")
	}
}

func TestOnlyPublicAddressesPass(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "93.184.215.14": true, "2606:4700::1111": true, "::ffff:8.8.8.8": true, "172.15.255.255": true, "100.63.0.1": true,
		"127.0.0.1": false, "127.255.0.9": false, "10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.0.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "100.127.255.255": false, "0.0.0.0": false, "0.1.2.3": false, "224.0.0.1": false,
		"239.1.1.1": false, "240.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false, "192.0.2.1": false,
		"::1": false, "::": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd12:3456::1": false, "ff02::1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "64:ff9b::7f00:1": false, "64:ff9b::a00:1": false, "64:ff9b::808:808": true, "64:ff9b:1::808:808": false,
		"::ffff:0:127.0.0.1": false, "::ffff:0:8.8.8.8": false, "100::1": false, "5f00::1": false, "fec0::1": false, "4000::1": false, "2002:7f00:1::": false, "2001:db8::1": false,
		"::127.0.0.1": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is public: %v", address, got)
		}
	}
	if err := guard("tcp", "no-address", nil); err == nil {
		t.Error("what is no address passes")
	}
}
